"""A process that is the window's own: whatever Python does in it gives way."""

from __future__ import annotations

import gc
import sys
from typing import Any

INTERVAL = 0.0005  # seconds that a thread may compute while another one waits


def prefer_window() -> None:
    """Has this process, which is all the window's own, let the window have its turn soon.

    Threads that compute in Python let others wait for ten times as long by default, and the
    window waits again after many a call of Qt. It is called before the window is imported: that
    is the greater part of what comes before its first paint.
    """
    gc.disable()  # until what is loaded is spared
    sys.setswitchinterval(INTERVAL)
    import PySide6.QtCore  # noqa: F401  (it brings what is told here)

    _spare_sources()


def _spare_sources() -> None:
    """Keeps Qt's binding from reading the source of every module that is imported.

    It looks there for `from __feature__ import`, which nothing in this process uses.
    """
    feature: Any = sys.modules.get("shibokensupport.feature")
    if hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = lambda _: False  # noqa: SLF001
