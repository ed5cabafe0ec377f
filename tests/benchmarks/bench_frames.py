"""How long a frame takes: panning, zooming and playing the unrolled graph, and one step by key.

Run by `python -m tests.benchmarks.bench_frames`; software rendering, offscreen; at another device
pixel ratio with QT_SCALE_FACTOR=2. Targets: 16 ms a frame at any number of timesteps (4 layers),
and as much for each turn of the event loop that a zoom causes until its sharp frame has faded
in; 50 ms from the key press to the painted frame at hidden_size 1024; and while playing, no
longer than 50 ms until the event loop turns again.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from PySide6.QtCore import QEventLoop, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rnnviz.app import furnish
from rnnviz.session import Document
from rnnviz.session.settings import Settings
from rnnviz.ui.canvas import FigureCanvas
from rnnviz.ui.window import MainWindow

FRAME, STEP, STALL = 0.016, 0.050, 0.050  # seconds, the targets
ROUNDS = 60


def open_document(app: QApplication, steps: int, hidden: int, layers: int) -> MainWindow:
    """The real window on an LSTM, its whole run traced, its time cursor in the middle."""
    from rnnviz.model.spec import ModelSpec

    spec = ModelSpec("LSTM", 8, hidden, num_layers=layers)
    values = np.random.default_rng(0).normal(size=(1, steps, 8))
    document = Document(spec, values, (steps,), title="benchmark")
    window = MainWindow(Settings(theme="light"))
    window.resize(1600, 1000)
    window.show()
    app.processEvents()
    furnish(window, lambda session: session._open(document, steps // 2, None, "unrolled"))
    assert window.bench is not None
    session = window.bench.session
    while session.state.whole is None or session.state.busy:
        app.processEvents()
        time.sleep(0.01)
    app.processEvents()
    gc.freeze()  # as the application does once the first run is there
    return window


LOW, HIGH = 0.002, 2.0  # zooms: every level of detail lies between


def pans(app: QApplication, canvas: FigureCanvas) -> Iterator[Callable[[], None]]:
    """Panning at every level of detail."""
    at = QPointF(canvas.width() / 3, canvas.height() / 2)
    for zoom in np.geomspace(LOW, HIGH, 8):
        canvas.zoom_to(float(zoom), at)
        turns(app, canvas)
        yield to_and_fro(canvas)


def zooms(app: QApplication, canvas: FigureCanvas) -> Iterator[tuple[str, Callable[[], None]]]:
    """Zooming through every level of detail."""
    at = QPointF(canvas.width() / 3, canvas.height() / 2)
    for kind, zoom in (("key", canvas.zoom_by), ("wheel", canvas.zoom_along)):
        canvas.zoom_to(LOW, at)
        turns(app, canvas)
        yield kind, partial(zoom, (HIGH / LOW) ** (1 / ROUNDS), at)


def turns(app: QApplication, canvas: FigureCanvas) -> list[float]:
    """CPU time of each turn of the event loop until the picture is sharp."""
    flags = QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents
    times = []
    while canvas.stretches:
        times.append(seconds(partial(app.processEvents, flags)))
    return times


def to_and_fro(canvas: FigureCanvas) -> Callable[[], None]:
    """Pans by 37 px, and turns round at either end."""
    way = 37

    def pan() -> None:
        nonlocal way
        before = canvas.camera
        canvas.pan(way, 0)
        if canvas.camera == before:
            way = -way
            canvas.pan(way, 0)

    return pan


def seconds(deed: Callable[[], None]) -> float:
    """CPU time of one call."""
    start = time.process_time()
    deed()
    return time.process_time() - start


def bench_camera(app: QApplication, steps: int) -> float:
    """The median and the slow end of frames at one number of timesteps."""
    window = open_document(app, steps, 16, 4)
    assert window.bench is not None
    canvas = window.bench.figure.canvas
    worst = 0.0
    for pan in pans(app, canvas):

        def frame(pan: Callable[[], None] = pan) -> None:
            pan()
            canvas.repaint()

        times = [seconds(frame) for _ in range(ROUNDS)]
        worst = max(worst, told(f"T = {steps:6}, pan at {canvas.zoom:7.2%}: a frame", times))
    for kind, zoom in zooms(app, canvas):
        worst = max(worst, bench_zoom(app, canvas, f"T = {steps:6}, zoom by {kind}", zoom))
    window.close()
    return worst


def bench_zoom(
    app: QApplication, canvas: FigureCanvas, name: str, zoom: Callable[[], None]
) -> float:
    """Zooms through every level, to a sharp frame each time."""
    first, longest, whole = [], [], []

    def stretched() -> None:
        zoom()
        canvas.repaint()

    for _ in range(ROUNDS):
        first.append(seconds(stretched))
        rest = turns(app, canvas)
        longest.append(max(first[-1], *rest))
        whole.append(first[-1] + sum(rest))
    told(f"{name}: the first frame", first)
    told(f"{name}: all of its work", whole)
    return told(f"{name}: the longest turn", longest)


def told(name: str, times: list[float]) -> float:
    """The median of some times, which are written out."""
    median, slow = statistics.median(times), sorted(times)[int(0.9 * len(times))]
    sys.stdout.write(f"{name} {median * 1000:5.1f} ms, nine of ten within {slow * 1000:5.1f} ms\n")
    return median


def bench_step(app: QApplication) -> float:
    """From a key press to the frame that shows the step, at hidden_size 1024."""
    window = open_document(app, 60, 1024, 1)
    assert window.bench is not None
    canvas, session = window.bench.figure.canvas, window.bench.session
    session.first()
    app.processEvents()
    times = []
    for _ in range(40):
        painted = canvas.paints
        start = time.perf_counter()
        QTest.keyClick(canvas, Qt.Key.Key_Right)
        while canvas.paints == painted:
            app.processEvents()
        times.append(time.perf_counter() - start)
    window.close()
    median = statistics.median(times)
    sys.stdout.write(f"a step by key at hidden_size 1024: {median * 1000:.1f} ms\n")
    return median


def bench_play(app: QApplication, duration: float = 5.0) -> float:
    """The longest that the event loop stands still while playing, CPU time of its turns."""
    window = open_document(app, 1000, 256, 4)
    assert window.bench is not None
    session = window.bench.session
    session.set_speed(60)
    session.first()
    app.processEvents()
    flags = QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents
    turns: list[float] = []
    session.play()
    begin = time.perf_counter()
    while time.perf_counter() - begin < duration:
        turns.append(seconds(partial(app.processEvents, flags)))
    speed = session.state.position / (time.perf_counter() - begin)
    window.close()
    longest = max(turns)
    told(
        f"playing at 60 steps/s: {speed:.0f} steps/s, at most {longest * 1e3:.0f} ms, a turn", turns
    )
    return longest


def main() -> int:
    """Prints every figure; 1 where a median misses its target."""
    app = QApplication([])
    with tempfile.TemporaryDirectory() as home:
        os.environ["RNNVIZ_HOME"] = home
        worst = max(bench_camera(app, steps) for steps in (10, 1000, 10_000))
        step = bench_step(app)
        stall = bench_play(app)
    sys.stdout.write(f"worst frame {worst * 1000:.1f} ms (target {FRAME * 1000:.0f}), ")
    sys.stdout.write(f"step {step * 1000:.1f} ms (target {STEP * 1000:.0f}), ")
    sys.stdout.write(f"stall {stall * 1000:.1f} ms (target {STALL * 1000:.0f})\n")
    return 0 if worst <= FRAME and step <= STEP and stall <= STALL else 1


if __name__ == "__main__":
    sys.exit(main())
