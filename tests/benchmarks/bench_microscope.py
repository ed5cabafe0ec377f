"""How soon a selected number's arithmetic is on the screen, at hidden_size 1024.

Run by `python -m tests.benchmarks.bench_microscope`. Each figure is the time from the intent,
`session.select`, to the end of the paint that shows the equation with its numbers and the terms
of its sum, in the whole window with the unrolled graph beside it.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")
os.environ.setdefault("RNNVIZ_HOME", tempfile.mkdtemp())

import torch
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from rnnviz.app import furnish
from rnnviz.element import Element
from rnnviz.session.opened import of_module
from rnnviz.session.settings import Settings
from rnnviz.ui.window import MainWindow

LIMIT = 50.0  # ms
HIDDEN, STEPS, LAYERS = 1024, 20, 2
ROUNDS = 25


class PaintWatch(QObject):
    """Notes when a widget was last painted."""

    def __init__(self, widget: Any) -> None:
        super().__init__()
        self.painted = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        self.painted += event.type() == QEvent.Type.Paint
        return False


def main() -> int:
    """Measure every kind; 1 where the median of one is over the limit."""
    app = QApplication([])
    window = open_window(app)
    late = 0
    for module in (torch.nn.GRU, torch.nn.LSTM):
        torch.manual_seed(0)
        fill(app, window, module(64, HIDDEN, LAYERS), torch.randn(STEPS, 1, 64))
        names = ("f", "c", "h") if module is torch.nn.LSTM else ("r", "n", "h")
        for name in names:
            times = sorted(measure(app, window, name))
            median, slow = statistics.median(times), times[int(len(times) * 0.95)]
            late += median > LIMIT
            text = f"{module.__name__} {name}, hidden_size {HIDDEN}: median {median:.1f} ms, "
            sys.stdout.write(f"{text}95 % {slow:.1f} ms (limit {LIMIT:.0f})\n")
    window.close_unasked()
    return int(late > 0)


def open_window(app: QApplication) -> MainWindow:
    window = MainWindow(Settings(theme="light"))
    window.resize(1280, 800)
    window.show()
    app.processEvents()
    furnish(window, lambda session: session.open_example("lstm"))
    return window


def fill(app: QApplication, window: MainWindow, module: Any, values: Any) -> None:
    """Opens a module and waits until all of it is computed and shown."""
    assert window.bench is not None
    session = window.bench.session
    wait(app, lambda: session.state.whole is not None and not session.state.busy)
    session.open_several(of_module(module, values))
    kind = type(module).__name__
    wait(app, lambda: session.state.run is not None and session.state.run.kind == kind)
    wait(app, lambda: session.state.run.hidden_size == HIDDEN)
    wait(app, lambda: session.state.whole is not None and not session.state.busy)
    session.last()
    wait(app, lambda: session.state.position == session.state.total)
    window.bench.follower.pinned = True
    rest(app, 1.0)


def measure(app: QApplication, window: MainWindow, name: str) -> list[float]:
    """ms, of another timestep, layer and unit each time."""
    assert window.bench is not None
    session, microscope = window.bench.session, window.bench.inspector.microscope
    watch = PaintWatch(microscope.numbers)
    times = []
    for number in range(ROUNDS):
        element = Element(name, number % LAYERS, 0, number % STEPS, 0, (number * 97) % HIDDEN)
        before, start = watch.painted, time.perf_counter()
        session.select(element)
        wait(app, lambda: watch.painted > before)  # noqa: B023
        times.append((time.perf_counter() - start) * 1000)
        shown = microscope.dissection
        assert shown is not None
        assert shown.element == element
        rest(app)
    return times


def rest(app: QApplication, seconds: float = 0.25) -> None:
    """Lets what follows come to its end: the typesetting."""
    end = time.perf_counter() + seconds
    wait(app, lambda: time.perf_counter() > end)


def wait(app: QApplication, holds: Any) -> None:
    end = time.perf_counter() + 60
    while not holds():
        if time.perf_counter() > end:
            raise TimeoutError
        app.processEvents()


if __name__ == "__main__":
    sys.exit(main())
