"""How long the window takes from an edit of one weight to the difference on screen.

Run by `python -m tests.benchmarks.bench_edit`. A 2-layer LSTM of hidden_size 256 over 200
timesteps stands at its end and shows the difference to the run before the edits; then single
weights are changed. Wall time in ms, median and longest, until the figure with the new numbers
has been painted, in a window without a display.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication

from rnnviz.app import open_window
from rnnviz.session import Session, State
from rnnviz.ui.window import MainWindow

EDITS = 20
PATIENCE = 60.0  # seconds


class Paints(QObject):
    """Hears of every paint of a widget, after it."""

    def __init__(self, hear: Callable[[], None]) -> None:
        super().__init__()
        self._hear = hear

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Paint:
            watched.event(event)
            self._hear()
            return True
        return False


def wait_until(holds: Callable[[], bool]) -> None:
    """Runs the window until something holds."""
    end = time.monotonic() + PATIENCE
    awake = QTimer()
    awake.start(200)
    while not holds():
        # Waiting in Qt leaves the interpreter to the thread that computes, as the application does.
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if time.monotonic() > end:
            raise TimeoutError


def settle(session: Session) -> State:
    """Waits until nothing is computed."""
    wait_until(lambda: session.state.run is not None and not session.state.busy)
    return session.state


def prepared(window: MainWindow) -> Session:
    """The window's session, at the end of the run and comparing."""
    wait_until(lambda: window.bench is not None)
    assert window.bench is not None
    session = window.bench.session
    settle(session)
    session.set_model(cell="LSTM", input_size=16, hidden_size=256, num_layers=2)
    session.set_steps(200)
    settle(session)
    session.last()
    session.set_weight("weight_hh_l0", 0, 0, 0.25)
    session.show_comparison("difference")
    settle(session)
    return session


def milliseconds(window: MainWindow, session: Session, edit: Callable[[], None]) -> float:
    """From an intent to the end of the first paint that shows its run."""
    assert window.bench is not None
    canvas, before = window.bench.figure.canvas, session.state.run
    painted: list[float] = []

    def hear() -> None:
        if session.state.run is not before and session.state.view().run.is_difference:
            painted.append(time.perf_counter())

    paints = Paints(hear)
    canvas.installEventFilter(paints)
    start = time.perf_counter()
    edit()
    wait_until(lambda: bool(painted))
    canvas.removeEventFilter(paints)
    settle(session)
    return (painted[0] - start) * 1000


def main() -> int:
    """Measure edits of weights, of an input value late in the run, and undo."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["RNNVIZ_HOME"] = home
        window = open_window("lstm")
        window.resize(1280, 800)
        session = prepared(window)
        edits: dict[str, Callable[[int], None]] = {
            "weight_hh_l0": lambda k: session.set_weight("weight_hh_l0", 3, k, 0.5),
            "weight_hh_l1": lambda k: session.set_weight("weight_hh_l1", 3, k, 0.5),
            "input at t = 151": lambda k: session.set_value(0, 150, 0, float(k + 1)),
            "undo": lambda k: session.undo(),
        }
        for name, edit in edits.items():
            times = [milliseconds(window, session, partial(edit, k)) for k in range(EDITS)]
            sys.stdout.write(f"{name:18} {statistics.median(times):6.1f} {max(times):6.1f}\n")
        window.close_unasked()
    return 0


if __name__ == "__main__":
    sys.exit(main())
