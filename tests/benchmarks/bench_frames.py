"""How long a frame takes: panning, zooming, stepping, scrubbing and playing the unrolled graph.

Run by `python -m tests.benchmarks.bench_frames`, a part of it by `--steps 10,1000 --only pan`;
software rendering, offscreen; at another device pixel ratio with QT_SCALE_FACTOR=2.

Targets: 8 ms a frame at any number of timesteps, 1 and 4 layers, both directions too (median; 16
ms at the 99th percentile); 50 ms from the key press to the painted frame, of all panels, and so at
hidden_size 1024; the same for a jump along the ruler, however long the run; and while playing, no
longer than 50 ms until the event loop turns again. A gesture begins a quarter of a second after the
last: a hand goes no faster from the wheel to a drag or a key. The first step after a zoom, which
brings the cursor into view where that left it outside, is a jump and not among the steps.
Beside every figure stands its ratio to an empty repaint of a bare widget of the same size.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEventLoop, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from rnnviz.app import furnish
from rnnviz.session import Document
from rnnviz.session.settings import Settings
from rnnviz.ui.canvas import FigureCanvas
from rnnviz.ui.collecting import spare_collector
from rnnviz.ui.window import MainWindow
from tests.benchmarks.painted import Painted

FRAME, STEP, STALL = 0.008, 0.050, 0.050  # seconds, the targets
STEPS = (10, 100, 1000, 10_000, 100_000)
STACKS = {"1 layer": (1, False), "4 layers": (4, False), "2 layers, both ways": (2, True)}
KINDS = ("pan", "zoom", "step", "scrub", "large", "play")
LOW, HIGH = 0.002, 2.0  # zooms: every level of detail lies between
ZOOMS = (LOW, 0.03, 0.1, 0.25, 0.6, 0.75, 1.0, HIGH)
PANS, ZOOMINGS, KEYS = 100, 20, 40
WAY = 37  # px of a pan
REPEAT = 0.033  # seconds between two presses of a key that is held down
HAND = 0.25  # seconds between two gestures
TURNS = 4  # of the event loop between two frames of a drag: a fast mouse moves every 8 ms


class Row(NamedTuple):
    """What was measured: its median, its 99th percentile, and what the median may be."""

    name: str
    median: float
    slow: float
    target: float

    @property
    def missed(self) -> bool:
        return self.median > self.target or self.slow > 2 * self.target


class Stack(NamedTuple):
    """A document on the screen."""

    name: str
    window: MainWindow
    canvas: FigureCanvas
    app: QApplication
    painted: Painted


def open_document(
    app: QApplication, steps: int, hidden: int, layers: int, *, both: bool = False
) -> MainWindow:
    """The real window on an LSTM, its whole run traced, its time cursor in the middle."""
    from rnnviz.model.spec import ModelSpec

    spec = ModelSpec("LSTM", 8, hidden, num_layers=layers, bidirectional=both)
    values = np.random.default_rng(0).normal(size=(1, steps, 8))
    document = Document(spec, values, (steps,), title="benchmark")
    window = MainWindow(Settings(theme="light"))
    window.resize(1600, 1000)
    window.show()
    app.processEvents()
    furnish(window, lambda session: session._open(document, steps // 2, None, "unrolled"))
    while window.bench is None:
        app.processEvents()
    session = window.bench.session
    while session.state.whole is None or session.state.busy:
        app.processEvents()
        time.sleep(0.01)
    app.processEvents()
    spare_collector()  # as the application does once the first run is there
    return window


def seconds(deed: Callable[[], object]) -> float:
    """CPU time of one call."""
    start = time.process_time()
    deed()
    return time.process_time() - start


def turns(app: QApplication, canvas: FigureCanvas) -> list[float]:
    """CPU time of each turn of the event loop until the picture is sharp."""
    flags = QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents
    times = []
    while canvas.stretches:
        times.append(seconds(partial(app.processEvents, flags)))
    return times


def look_at(stack: Stack, zoom: float) -> None:
    """Turns to a zoom, in the midst of what is computed."""
    canvas = stack.canvas
    canvas.zoom_to(zoom)
    turns(stack.app, canvas)
    canvas.pan(canvas._figure.extent_at(zoom).width * 0.25 - canvas.camera.x, 0)
    canvas.repaint()
    idle(stack.app, HAND)


def pans(stack: Stack) -> Iterator[Row]:
    """A drag to and fro, at every level of detail."""
    canvas = stack.canvas
    for zoom in ZOOMS:
        look_at(stack, zoom)
        way, times, between = WAY, [], []

        def frame(way: int) -> None:
            canvas.pan(way, 0)
            canvas.repaint()

        for _ in range(PANS):
            before = canvas.camera
            times.append(seconds(partial(frame, way)))
            if canvas.camera == before:
                way = -way
            between += [seconds(stack.app.processEvents) for _ in range(TURNS)]
        yield told(f"{stack.name}, pan at {zoom:.1%}: a frame", times)
        yield told(f"{stack.name}, pan at {zoom:.1%}: a turn between", between)


def zooms(stack: Stack) -> Iterator[Row]:
    """Zooming through every level of detail, by wheel and by key."""
    canvas = stack.canvas
    at, factor = QPointF(canvas.width() / 3, canvas.height() / 2), (HIGH / LOW) ** (1 / ZOOMINGS)
    for kind, zoom in (("wheel", canvas.zoom_along), ("key", canvas.zoom_by)):
        canvas.zoom_to(LOW, at)
        turns(stack.app, canvas)
        times, longest = [], []

        def frame(zoom: Callable[[float, QPointF], None] = zoom) -> None:
            zoom(factor, at)
            canvas.repaint()

        for _ in range(ZOOMINGS):
            times.append(seconds(frame))
            longest.append(max(turns(stack.app, canvas), default=0.0))
        yield told(f"{stack.name}, zoom by {kind}: a frame", times)
        yield told(f"{stack.name}, zoom by {kind}: the longest turn until it is sharp", longest)


def keys(stack: Stack) -> Iterator[Row]:
    """Steps by a key that is held down: the frame alone, and all that a step does in its turn."""
    canvas, app = stack.canvas, stack.app
    assert stack.window.bench is not None
    session = stack.window.bench.session

    def key() -> None:
        QTest.keyClick(canvas, Qt.Key.Key_Right)

    for zoom in (0.03, 0.25, 0.75, 1.0):
        session.seek(session.state.total // 2 if session.state.total > 4 * KEYS else 0)
        app.processEvents()
        canvas.zoom_to(zoom)
        turns(app, canvas)
        key()  # brings the cursor into view, where the zoom has left it outside
        canvas.repaint()
        idle(app, HAND)
        frames, wholes = [], []
        for _ in range(min(KEYS, session.state.total - session.state.position - 1)):
            stack.painted.forget()
            before, painting = seconds(key), seconds(canvas.repaint)
            frames.append(stack.painted.by(canvas))
            wholes.append(before + painting + seconds(app.processEvents))
            idle(app, REPEAT)
        yield told(f"{stack.name}, a step at {zoom:.0%}: the frame", frames)
        yield told(f"{stack.name}, a step at {zoom:.0%}: from the key, all panels", wholes, STEP)


def scrubs(stack: Stack) -> Iterator[Row]:
    """Jumps about the whole run, as along the ruler: all of the pane is another one each time."""
    canvas, app = stack.canvas, stack.app
    assert stack.window.bench is not None
    session = stack.window.bench.session
    goals = np.random.default_rng(0).integers(0, session.state.total, KEYS).tolist()
    for zoom in (0.03, 0.25, 1.0):
        canvas.zoom_to(zoom)
        turns(app, canvas)
        idle(app, HAND)
        wholes, longest = [], []
        for goal in goals:
            moving = seconds(partial(session.seek, goal))
            wholes.append(moving + seconds(canvas.repaint) + seconds(app.processEvents))
            longest.append(max(seconds(app.processEvents) for _ in range(TURNS)))
        yield told(f"{stack.name}, a jump at {zoom:.0%}: all panels", wholes, STEP)
        yield told(f"{stack.name}, a jump at {zoom:.0%}: a turn after it", longest, STEP)


def idle(app: QApplication, span: float) -> None:
    """Lets the event loop turn for a time, in which nothing is asked of it."""
    spent, until = 0.0, time.perf_counter() + 4 * span  # on a busy machine it takes longer
    while spent < span and time.perf_counter() < until:
        spent += seconds(app.processEvents) + 0.0005
        time.sleep(0.0005)


MEASURES = {"pan": pans, "zoom": zooms, "step": keys, "scrub": scrubs}


def bench(
    app: QApplication, painted: Painted, steps: int, name: str, kinds: list[str]
) -> Iterator[Row]:
    """Every wanted measure of one document."""
    layers, both = STACKS[name]
    began = time.process_time()
    window = open_document(app, steps, 16, layers, both=both)
    assert window.bench is not None
    canvas = window.bench.figure.canvas
    bare = QWidget()
    bare.resize(canvas.size())
    bare.show()
    app.processEvents()
    empty = statistics.median(seconds(bare.repaint) for _ in range(30))
    bare.close()
    sys.stdout.write(f"T = {steps}, {name}: opened in {time.process_time() - began:.1f} s, ")
    sys.stdout.write(f"an empty repaint takes {empty * 1e3:.2f} ms\n")
    stack = Stack(f"T = {steps}, {name}", window, canvas, app, painted)
    for kind in kinds:
        for row in MEASURES[kind](stack):
            sys.stdout.write(f"{'':70} {row.median / empty:5.1f} × the empty one\n")
            yield row
    window.close()
    app.processEvents()


def told(name: str, times: list[float], target: float = FRAME) -> Row:
    """The median and the slow end of some times, which are written out."""
    median, slow = statistics.median(times), float(np.quantile(times, 0.99))
    sys.stdout.write(f"{name:70} {median * 1e3:5.1f} ms, 99 % within {slow * 1e3:5.1f} ms\n")
    sys.stdout.flush()
    return Row(name, median, slow, target)


def bench_large(app: QApplication) -> float:
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
    return told("a step by key at hidden_size 1024", times, STEP).median


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
    """Prints every figure; 1 where one misses its target."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--steps", default=",".join(map(str, STEPS)), help="numbers of them")
    arguments.add_argument("--stacks", default=";".join(STACKS), help="names, separated by ;")
    arguments.add_argument("--only", default=",".join(KINDS), help=f"of {', '.join(KINDS)}")
    given = arguments.parse_args()
    kinds = given.only.split(",")
    app, painted = QApplication([]), Painted()
    rows: list[Row] = []
    missed = False
    with tempfile.TemporaryDirectory() as home:
        os.environ["RNNVIZ_HOME"] = home
        measures = [kind for kind in kinds if kind in MEASURES]
        for steps in map(int, given.steps.split(",")) if measures else ():
            for name in given.stacks.split(";"):
                rows += bench(app, painted, steps, name, measures)
        if "large" in kinds:
            missed |= bench_large(app) > STEP
        if "play" in kinds:
            missed |= bench_play(app) > STALL
    sys.stdout.write(f"the slowest beside their targets ({FRAME * 1e3:.0f} ms a frame):\n")
    for row in sorted(rows, key=lambda row: -row.median / row.target)[:3]:
        said = f"{row.median * 1e3:.1f} ms, 99 % within {row.slow * 1e3:.1f} ms"
        sys.stdout.write(f"  {row.name}: {said}\n")
    return int(missed or any(row.missed for row in rows))


if __name__ == "__main__":
    sys.exit(main())
