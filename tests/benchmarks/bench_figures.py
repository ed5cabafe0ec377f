"""How long frames of the other figures take where what they show is large.

Run by `python -m tests.benchmarks.bench_figures`, with names of its cases for a part; `--list`
names them. In the real window, offscreen: until the first frame of a figure, the longest turn of
the event loop; then a frame of panning, of zooming and of stepping, each begun a quarter of a
second after the last: a hand goes no faster from the wheel to a drag or a key. Targets: no turn
over 100 ms, and a frame within 8 ms (median; 16 ms at the 99th percentile); all that a step causes
in the window, and the longest turn until a frame is sharp, within 50 ms. All times are the GUI
thread's CPU time; a frame of a step is what the figure's pane does.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QEventLoop, QPointF, QTimer
from PySide6.QtWidgets import QApplication

from rnnviz.app import furnish
from rnnviz.session import Document
from rnnviz.session.parts import FrontPart, HeadPart
from rnnviz.session.settings import Settings
from rnnviz.session.state import State
from rnnviz.ui.canvas import FigureCanvas
from rnnviz.ui.collecting import spare_collector
from rnnviz.ui.window import MainWindow
from tests.benchmarks.painted import Painted

TURN, FRAME, WHOLE = 0.100, 0.008, 0.050  # seconds, the targets
ROUNDS = 60
REPEAT = 0.033  # seconds between two presses of a key that is held down
HAND = 0.25  # seconds between two gestures
TURNS = 4  # of the event loop between two frames of a drag
_ALL = QEventLoop.ProcessEventsFlag.AllEvents
_WAITING = _ALL | QEventLoop.ProcessEventsFlag.WaitForMoreEvents


def recurrent(cell: str, inputs: int, hidden: int, steps: int, batch: int = 1) -> Document:
    """A model of recurrent layers alone, on noise."""
    from rnnviz.model.spec import ModelSpec

    values = np.random.default_rng(0).normal(size=(batch, steps, inputs))
    return Document(ModelSpec(cell, inputs, hidden), values, (steps,) * batch, title="large")


def packed(batch: int, steps: int) -> Document:
    """A packed batch of sequences of many lengths."""
    from dataclasses import replace

    lengths = np.random.default_rng(1).integers(steps // 20, steps, batch)
    lengths = -np.sort(-lengths)
    lengths[0] = steps
    document = recurrent("RNN", 4, 8, steps, batch)
    return replace(document, lengths=tuple(map(int, lengths)), packed=True)


def tokens(batch: int, steps: int, hidden: int, vocabulary: int = 50) -> Document:
    """Tokens, scores at every timestep, and their loss."""
    from dataclasses import replace

    draw = np.random.default_rng(2).integers
    document = recurrent("LSTM", 16, hidden, steps, batch)
    return replace(
        document,
        values=draw(0, vocabulary, (batch, steps, 1)).astype(float),
        front=FrontPart("embedding", vocabulary, 16),
        head=HeadPart(vocabulary),
        loss="cross_entropy",
        targets=draw(0, vocabulary, (batch, steps)),
    )


def table(vocabulary: int, width: int) -> Document:
    """A large table of vectors, and nothing behind it."""
    from rnnviz.model.spec import ModelSpec

    ids = np.random.default_rng(3).integers(0, vocabulary, (4, 20, 1)).astype(float)
    front = FrontPart("one_hot", vocabulary, width)
    spec = ModelSpec("LSTM", width, 8)
    return Document(spec, ids, (20,) * 4, title="large", recurrent=False, front=front)


@dataclass(frozen=True)
class Case:
    """A figure on something large.

    Attributes:
        figure: its name; "ruler" is the transport's.
        document: makes what is opened.
        options: chosen of it before it is shown.
    """

    figure: str
    document: Callable[[], Document]
    options: dict[str, Any] = field(default_factory=dict)


def long() -> Document:
    return recurrent("LSTM", 8, 1024, 10_000)


def wide() -> Document:
    return recurrent("LSTM", 1024, 1024, 20)


CASES = {
    "weights": Case("weights", wide),
    "weights-matrix": Case("weights", wide, {"arrangement": "matrix"}),
    "folded": Case("folded", wide),
    "anatomy": Case("anatomy", wide),
    "trajectories": Case("trajectories", long),
    "trajectories-overlaid": Case("trajectories", long, {"arrangement": "overlaid"}),
    "trajectories-gate": Case("trajectories", long, {"tensor": "f"}),
    "packed": Case("packed", lambda: packed(512, 2000)),
    "ruler": Case("ruler", lambda: recurrent("RNN", 4, 16, 100_000)),
    "gradients": Case("gradients", lambda: tokens(1, 10_000, 64)),
    "gradients-weights": Case("gradients", lambda: tokens(1, 10_000, 64), {"quantity": "weights"}),
    "scores": Case("scores", lambda: tokens(100, 1000, 16)),
    "scores-loss": Case("scores", lambda: tokens(100, 1000, 16), {"order": "loss"}),
    "rows": Case("rows", lambda: tokens(100, 1000, 16)),
    "lookup": Case("lookup", lambda: table(50_000, 100)),
    "lookup-all": Case("lookup", lambda: table(50_000, 100), {"show": "all"}),
    "linear": Case("linear", lambda: tokens(100, 1000, 16)),
}


class Stalls:
    """Every turn of the event loop, by the thread's own CPU time and by the clock."""

    def __init__(self, app: QApplication) -> None:
        self._app = app

    def until(self, done: Callable[[], bool], most: float = 120.0) -> tuple[list[float], float]:
        """The CPU times of the turns until `done`, and how long it took by the clock."""
        begin, times = time.perf_counter(), []
        ticking = QTimer()
        ticking.start(5)
        while True:
            times.append(seconds(lambda: self._app.processEvents(_WAITING)))
            if done():
                break
            if time.perf_counter() - begin > most:
                sys.stdout.write("  never done\n")
                break
        return times, time.perf_counter() - begin


def seconds(deed: Callable[[], object]) -> float:
    """This thread's CPU time of one call."""
    start = time.thread_time()
    deed()
    return time.thread_time() - start


def open_window(app: QApplication, document: Document) -> MainWindow:
    """The real window on a document, its whole run traced, its time cursor in the middle."""
    window = MainWindow(Settings(theme="light"))
    window.resize(1600, 1000)
    window.show()
    app.processEvents()
    steps = document.L // 2
    furnish(window, lambda session: session._open(document, steps, None, "unrolled"))
    assert window.bench is not None
    session = window.bench.session
    while not is_there(document, session.state):
        app.processEvents()
        time.sleep(0.01)
    settle(app)
    spare_collector()  # as the application does once the first run is there
    return window


def is_there(document: Document, state: State) -> bool:
    """Whether all that follows from a document is known."""
    wanted = [state.ready]
    wanted += [state.whole is not None] if document.recurrent else []
    wanted += [state.pr is not None] if document.front is not None else []
    wanted += [state.gradients is not None] if document.loss is not None else []
    return all(wanted) and not state.busy


def settle(app: QApplication, duration: float = 0.5) -> None:
    """Lets the window do what it puts off."""
    end = time.perf_counter() + duration
    while time.perf_counter() < end:
        app.processEvents()
        time.sleep(0.001)


def told(name: str, times: list[float], target: float = FRAME) -> bool:
    """Whether some frames are fast enough: a few may take twice as long. They are written out."""
    median = statistics.median(times)
    slow = sorted(times)[min(int(0.99 * len(times)), len(times) - 1)]
    good = median <= target and slow <= 2 * target
    sys.stdout.write(
        f"  {name:18} {median * 1e3:7.1f} ms, 99th percentile {slow * 1e3:7.1f} ms"
        f"{'' if good else '   MISSED'}\n"
    )
    return good


def panned(app: QApplication, canvas: FigureCanvas) -> list[float]:
    """Frames of panning, to and fro; between two of them a fast mouse leaves some turns."""
    way, times = 37, []

    def frame() -> None:
        nonlocal way
        before = canvas.camera
        canvas.pan(way, way // 3)
        if canvas.camera == before:
            way = -way
        canvas.repaint()

    for _ in range(ROUNDS):
        times.append(seconds(frame))
        for _ in range(TURNS):
            app.processEvents()
    return times


class Bench:
    """One case, in a window of its own."""

    def __init__(self, app: QApplication, name: str, painted: Painted) -> None:
        self._app, self._case, self._name, self._painted = app, CASES[name], name, painted
        self._good = True

    def run(self) -> bool:
        """Whether all of it is within its targets."""
        sys.stdout.write(f"{self._name}\n")
        sys.stdout.flush()
        self._window = open_window(self._app, self._case.document())
        assert self._window.bench is not None
        self._bench = self._window.bench
        self._session = self._bench.session
        self._first()
        if self._case.figure == "trajectories":
            self._plots()
        elif self._case.figure != "ruler":
            self._camera()
        self._steps()
        self._window.close()
        settle(self._app, 0.1)
        return self._good

    def _pane(self) -> Any:
        if self._case.figure == "ruler":
            return self._bench.transport.ruler
        view = self._bench.figure
        return view.plots if view.shows_plots else view.canvas

    def _sharp(self) -> bool:
        pane = self._pane()
        if self._case.figure == "ruler":
            return True
        return not getattr(pane, "waits", False) and not getattr(pane, "stretches", False)

    def _first(self) -> None:
        """The first frame: whatever is derived of the data is derived now."""
        case, session = self._case, self._session
        if case.figure == "ruler":
            times, _ = [seconds(self._pane().repaint)], 0.0
            self._tell_turns("repaint", times, 0.0)
            return
        for name, value in case.options.items():
            session.set_option(case.figure, name, value)
        shown = seconds(lambda: session.show_figure(case.figure))
        times, took = Stalls(self._app).until(self._sharp)
        self._tell_turns("first frame", [shown, *times], took)
        settle(self._app)

    def _tell_turns(self, name: str, times: list[float], took: float) -> None:
        longest = max(times)
        good = longest <= TURN
        self._good &= good
        sys.stdout.write(
            f"  {name:18} longest turn {longest * 1e3:7.1f} ms, there after {took * 1e3:7.0f} ms"
            f"{'' if good else '   MISSED'}\n"
        )
        sys.stdout.flush()

    def _told(self, name: str, times: list[float], target: float = FRAME) -> None:
        self._good &= told(name, times, target)
        sys.stdout.flush()

    def _camera(self) -> None:
        """Panning at several zooms, and zooming through all of them."""
        canvas = self._bench.figure.canvas
        at = QPointF(canvas.width() / 3, canvas.height() / 2)
        low, high = canvas._figure.zoom_range
        low = max(low, canvas.zoom / 4)
        for zoom in np.geomspace(low, high, 5):
            canvas.zoom_to(float(zoom), at)
            Stalls(self._app).until(self._sharp)
            settle(self._app, HAND)
            self._told(f"pan at {canvas.zoom:.1%}", panned(self._app, canvas))
        canvas.zoom_to(low, at)
        Stalls(self._app).until(self._sharp)
        factor = (high / low) ** (1 / ROUNDS)
        frames, sharp = [], []

        def zoomed() -> None:
            canvas.zoom_along(factor, at)
            canvas.repaint()

        for _ in range(ROUNDS):
            frames.append(seconds(zoomed))
            turns, _ = Stalls(self._app).until(self._sharp)
            sharp.append(max(turns))
        self._told("zoom", frames)
        self._told("zoom, until sharp", sharp, WHOLE)
        canvas.fit()
        Stalls(self._app).until(self._sharp)
        settle(self._app, HAND)

    def _plots(self) -> None:
        """The trajectories' own panning and zooming; between two frames a hand leaves turns."""
        steps = self._session.state.document.L
        for name, widths in (
            ("pan", np.full(ROUNDS, steps / 5)),
            ("pan close", np.full(ROUNDS, 60.0)),
            ("zoom", np.geomspace(steps - 2, 30, ROUNDS)),
        ):
            frames: list[float] = []
            turns: list[float] = []
            for number, width in enumerate(widths):
                start = 1 + (steps - width) * 0.4 + number * width / 50
                span = (float(start), float(min(start + width, steps)))
                frames.append(seconds(partial(self._plots_at, span)))
                if number == 0:  # it begins with a sharp frame
                    frames.clear()
                    Stalls(self._app).until(self._sharp)
                    settle(self._app)
                turns += [seconds(self._app.processEvents) for _ in range(TURNS)]
            self._told(name, frames)
            sharp, _ = Stalls(self._app).until(self._sharp)
            self._told(f"{name}, until sharp", [max(turns + sharp)], WHOLE)
        self._session.set_option("trajectories", "t_range", None)
        Stalls(self._app).until(self._sharp)

    def _plots_at(self, span: tuple[float, float]) -> None:
        self._session.set_option("trajectories", "t_range", span)
        self._pane().viewport().repaint()

    def _steps(self) -> None:
        """Steps, the figure's pane alone and all of the window."""
        pane, view, session = self._pane(), self._bench.figure, self._session
        spent = [0.0]
        owner = pane if self._case.figure == "ruler" else view
        refresh = owner.refresh

        def timed(*states: Any) -> None:
            spent[0] += seconds(lambda: refresh(*states))

        setattr(owner, "refresh", timed)  # noqa: B010 (an instance alone, for a while)
        alone, window = [], []
        move = session.step
        for _ in range(ROUNDS):
            self._painted.forget()
            spent[0] = 0.0
            begin, before = time.thread_time(), session.state.position
            move()
            if session.state.position in (before, 0, session.state.total):
                move = session.back if move == session.step else session.step
            (pane.viewport() if view.shows_plots and pane is not owner else pane).repaint()
            drawn = self._painted.by(pane)
            self._app.processEvents()
            window.append(time.thread_time() - begin)
            alone.append(spent[0] + drawn)
            settle(self._app, REPEAT)
        self._told("step", alone)
        self._told("step, window", window, WHOLE)


def main() -> int:
    """Prints every figure; 1 where a target is missed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("cases", nargs="*", help="names of cases; all by default")
    arguments.add_argument("--list", action="store_true", help="name the cases")
    given = arguments.parse_args()
    if given.list:
        sys.stdout.write("\n".join(CASES) + "\n")
        return 0
    unknown = set(given.cases) - set(CASES)
    if unknown:
        arguments.error(f"there is no case {', '.join(sorted(unknown))}")
    app = QApplication([])
    with tempfile.TemporaryDirectory() as home:
        os.environ["RNNVIZ_HOME"] = home
        painted = Painted()
        good = [Bench(app, name, painted).run() for name in given.cases or CASES]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
