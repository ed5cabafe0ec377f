"""PySide6 builds that lose a reference to None end the process: this one must not."""

from __future__ import annotations

import subprocess
import sys

CALLS = 300_000

_CODE = f"""
import sys
from PySide6.QtCore import QObject
thing = QObject()
before = sys.getrefcount(None)
for _ in range({CALLS}):
    thing.setObjectName("x")
print(before - sys.getrefcount(None))
"""


def test_void_calls_keep_their_reference_to_none() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CODE], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    # Immortal from Python 3.12 on; before that a build at fault loses one a call.
    assert int(done.stdout) < 1000
