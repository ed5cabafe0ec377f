"""How long the window stalls while a model learns in it.

Run by `python -m tests.benchmarks.bench_training_window`, on whatever screen there is, offscreen
without one. A timer of 2 ms ticks in the window's own thread while each task is learned with
another figure on show; the longest time from one tick to the next is a stall. What of it the
thread was ready to run and had no core, because the machine did something else, is told apart.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "xcb" if os.environ.get("DISPLAY") else "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the window does before torch is loaded
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from rnnviz.app import furnish
from rnnviz.session import Session
from rnnviz.session.settings import Settings
from rnnviz.ui.collecting import spare_collector
from rnnviz.ui.window import MainWindow
from tests.gui.stalls import LONGEST, Gap, Heartbeat

SIZES = ((1280, 800), (1920, 1080))
TASKS = {
    "next word": "unrolled",
    "copy": "weights",
    "adding": "trajectories",
    "parity": "gradients",
    "sine": "unrolled",
}


def wait(app: QApplication, holds: Callable[[], bool]) -> None:
    """Lets the window live until something holds."""
    until = time.monotonic() + 300
    while not holds() and time.monotonic() < until:
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)


def rest(app: QApplication, seconds: float) -> None:
    """Lets the window live for a while."""
    until = time.monotonic() + seconds
    wait(app, lambda: time.monotonic() > until)


def learn(app: QApplication, session: Session, watch: Heartbeat, task: str, figure: str) -> Gap:
    """Trains on a task with a figure on show; the longest stall."""
    session.set_task(task)
    rest(app, 1.0)
    session.show_figure(figure)
    rest(app, 1.0)
    watch.clear()
    session.train(steps=300, lr=0.01, clip=1.0)
    wait(app, lambda: not session.state.learns)
    return watch.longest


def main() -> int:
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    window = MainWindow(Settings(theme="light"))
    window.painted.connect(lambda: furnish(window, lambda session: session.open_example("lstm")))
    window.show()
    wait(app, lambda: window.bench is not None and window.bench.session.state.whole is not None)
    assert window.bench is not None
    session, watch, longest = window.bench.session, Heartbeat(), 0.0
    gc.collect()
    spare_collector()  # as the window does once everything is loaded
    window.bench.training.toggle()
    for width, height in SIZES:
        window.resize(width, height)
        for task, figure in TASKS.items():
            gap = learn(app, session, watch, task, figure)
            longest = max(longest, gap.own)
            told = f"{gap.own * 1e3:.0f} ms, {gap.seconds * 1e3:.0f} with the wait for a core"
            sys.stdout.write(f"{width}x{height} {task}, {figure}: longest stall {told}\n")
    watch.stop()
    window.close_unasked()
    held = longest <= LONGEST
    verdict = "held" if held else "missed"
    sys.stdout.write(f"target: no stall over {LONGEST * 1e3:.0f} ms: {verdict}\n")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
