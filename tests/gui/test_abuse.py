"""A seeded person in a hurry does everything at once, and nothing breaks; see `tests.gui.abuse`.

Each runs in a process of its own, in which windows are opened and closed as well. A failure names
its seed and what was done last; `python -m tests.gui.abuse EVENTS SEED` does it again.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.gui.xvfb import AVAILABLE

# Of runs that found something once, though what threads do meanwhile is no part of a seed.
_OFFSCREEN, _ON_A_SCREEN = (2, 11), 30


def drive(events: int, seed: int, *options: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.gui.abuse", str(events), str(seed), *options],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("seed", _OFFSCREEN)
def test_nothing_breaks(seed: int) -> None:
    drive(70, seed)


@pytest.mark.skipif(not AVAILABLE, reason="there is no Xvfb")
def test_nothing_breaks_on_a_screen() -> None:
    drive(60, _ON_A_SCREEN, "--xvfb")
