"""Starts and exits of the real command: each ends with status 0, and says nothing.

`python -m tests.gui.starts N` does it N times offscreen, and N times on a virtual screen.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from tests.gui.xvfb import AVAILABLE, screen

# What runs inside the command: it is closed as a user closes it, once it has shown something, or at
# the moment that is asked for.
_BEGIN = """
import sys
from PySide6.QtCore import QTimer, Qt
from PySide6.QtTest import QTest
from rnnviz import app
from rnnviz.__main__ import main
from rnnviz.ui.window import MainWindow

when, how = sys.argv[1:3]

def end():
    for window in tuple(app._windows):
        if how == "key" and window.bench is not None:
            window.activateWindow()  # a key of a menu is heard there alone: pressed until it is
            QTimer.singleShot(100, end)
            QTest.keyClick(window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
        else:
            window.close()

def is_there(window):
    state = window.bench.session.state if window.bench is not None else None
    return state is not None and state.whole is not None and not state.busy

def look():
    if all(map(is_there, app._windows)):
        end()
    else:
        QTimer.singleShot(20, look)

began = MainWindow.showEvent

def shown(window, event):
    began(window, event)
    if when == "alive":
        look()
    else:
        QTimer.singleShot(int(when), end)

MainWindow.showEvent = shown
sys.exit(main(sys.argv[3:]))
"""
MOMENTS = ("alive", "0", "100", "300", "700", "1500")  # ms after it is shown


def start(
    when: str, how: str, home: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Starts the command, and ends it.

    Args:
        when: "alive", or ms after it is shown.
        how: "key" for Ctrl Q, where the window hears it by then, or "button".
        home: for settings.
        arguments: of the command.
        environment: what is to be different from this process.
    """
    given = {**os.environ, "RNNVIZ_HOME": str(home), **environment}
    return subprocess.run(
        [sys.executable, "-c", _BEGIN, when, how, *arguments],
        capture_output=True,
        text=True,
        env=given,
        timeout=120,
        check=False,
    )


def start_often(times: int, **environment: str) -> list[str]:
    """Starts and ends it many times, with the same settings; what was wrong with any of them."""
    wrong = []
    with tempfile.TemporaryDirectory() as place:
        for number in range(times):
            when = MOMENTS[number % len(MOMENTS)]
            how = ("button", "key")[number // len(MOMENTS) % 2]
            done = start(when, how, Path(place), **environment)
            if (done.returncode, done.stdout, done.stderr) != (0, "", ""):
                told = f"status {done.returncode}: {done.stdout}{done.stderr}"
                wrong.append(f"start {number} ({when}, {how}): {told}")
        log = Path(place) / "rnnviz.log"
        if log.exists():
            wrong.append(f"in the log: {log.read_text('utf-8')}")
    return wrong


def main() -> int:
    times, failed = int(sys.argv[1]), 0
    for name, place in (("offscreen", nullcontext("")), ("xcb", screen() if AVAILABLE else None)):
        if place is None:
            continue
        with place as display:
            found = start_often(times, QT_QPA_PLATFORM=name, DISPLAY=display)
        failed += len(found)
        print(f"{name}: {times} starts, {len(found)} faults")  # noqa: T201
        for told in found:
            print(f"  {told}")  # noqa: T201
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
