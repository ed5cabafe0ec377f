"""How each tool records a run and draws it; each is imported only in the process that uses it.

What a tool needs no gradients for is done without them, and every tool draws the graph with one
node per operation that it recorded.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch

from tests.benchmarks.peers.models import CellLoop, fused

LINES = 16  # of h in the figure by hand, as in rnnviz's


class Work(NamedTuple):
    """A job in its two halves.

    Attributes:
        capture: runs the model on an input and records it.
        draw: a picture of that, as SVG, at a path; None where nothing is drawn.
        checked: the recorded h, for comparison with the loop's; None where it is not rnnviz's.
        sequences: whether the input means something to it.
    """

    capture: Callable[[torch.Tensor], Any]
    draw: Callable[[Any, Path], None] | None = None
    checked: Callable[[Any], torch.Tensor] | None = None
    sequences: bool = True


def _rnnviz(loop: CellLoop, steps: int) -> Work:
    import rnnviz
    from tests.benchmarks.peers.models import WrittenOut

    module = fused(loop)

    def capture(values: torch.Tensor) -> Any:
        run = rnnviz.trace(module, values)
        if isinstance(loop, WrittenOut):  # the others record every gate of it
            for t in range(len(values)):
                run.gates(layer=0, direction=0, t=t)
        return run

    def draw(run: Any, path: Path) -> None:
        rnnviz.export(run, path)

    return Work(capture, draw, checked=lambda run: run.output)


def _torchlens(layout: str) -> Callable[[CellLoop, int], Work]:
    def make(loop: CellLoop, steps: int) -> Work:
        import torchlens

        def draw(trace: Any, path: Path) -> None:
            trace.draw(
                vis_outpath=str(path.with_suffix("")),
                vis_fileformat="svg",
                vis_save_only=True,
                layout=layout,
            )

        return Work(lambda values: torchlens.trace(loop, values), draw)

    return make


def _torchview(loop: CellLoop, steps: int) -> Work:
    import torchview

    def capture(values: torch.Tensor) -> Any:
        return torchview.draw_graph(
            loop, input_data=values, device="cpu", depth=10, expand_nested=True
        )

    return Work(capture, lambda graph, path: _render(graph.visual_graph, path))


def _torchviz(loop: CellLoop, steps: int) -> Work:
    import torchviz

    def capture(values: torch.Tensor) -> Any:
        with torch.enable_grad():
            return torchviz.make_dot(loop(values), params=dict(loop.named_parameters()))

    return Work(capture, _render)


def _render(graph: Any, path: Path) -> None:
    graph.render(filename=str(path.with_suffix(".gv")), outfile=str(path), cleanup=True)


def _trajectories(loop: CellLoop, steps: int) -> Work:
    import rnnviz

    module = fused(loop)

    def draw(run: Any, path: Path) -> None:
        rnnviz.export(run, path, figure="trajectories")

    return Work(lambda values: rnnviz.trace(module, values), draw)


def _matplotlib(loop: CellLoop, steps: int) -> Work:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    module = fused(loop)

    def draw(h: Any, path: Path) -> None:
        units = h.var(axis=0).argsort()[-LINES:]
        figure, (lines, heatmap) = pyplot.subplots(2, figsize=(10, 8), gridspec_kw={"hspace": 0.3})
        lines.plot(h[:, units], linewidth=1)
        lines.set(title="Hidden state of each unit", xlabel="t", ylabel="h")
        image = heatmap.imshow(h.T, cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
        heatmap.set(title="All units over time", xlabel="t", ylabel="unit")
        figure.colorbar(image, ax=heatmap)
        figure.savefig(path)
        pyplot.close(figure)

    return Work(lambda values: module(values)[0][:, 0].numpy(), draw)


def _trace(loop: CellLoop, steps: int) -> Work:
    import rnnviz

    module = fused(loop)
    return Work(lambda values: rnnviz.trace(module, values))


def _forward(loop: CellLoop, steps: int) -> Work:
    return Work(fused(loop))


def _frame(loop: CellLoop, steps: int) -> Work:
    """The real window, panned to and fro at 100 %."""
    from PySide6.QtWidgets import QApplication

    from tests.benchmarks.bench_frames import WAY, Stack, look_at, open_document
    from tests.benchmarks.painted import Painted

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    window = open_document(app, steps, loop.cell.hidden_size, 1)
    assert window.bench is not None
    canvas = window.bench.figure.canvas
    look_at(Stack("", window, canvas, app, Painted()), 1.0)
    ways = [WAY]

    def frame(_: Any) -> object:
        before = canvas.camera
        canvas.pan(ways[-1], 0)
        canvas.repaint()
        if canvas.camera == before:
            ways.append(-ways[-1])
        return window  # which is thus kept

    return Work(frame, sequences=False)


def _empty(loop: CellLoop, steps: int) -> Work:
    """A widget as large as the window that paints nothing but its background."""
    from PySide6.QtGui import QPainter, QPaintEvent
    from PySide6.QtWidgets import QApplication, QWidget

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)

    class Empty(QWidget):
        def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's own name)
            QPainter(self).fillRect(self.rect(), self.palette().window())

    widget = Empty()
    widget.resize(1600, 1000)
    widget.show()
    app.processEvents()

    def repaint(_: Any) -> object:
        widget.repaint()
        return widget

    return Work(repaint, sequences=False)


def _window(which: str) -> Callable[[CellLoop, int], Work]:
    def make(loop: CellLoop, steps: int) -> Work:
        from tests.benchmarks import bench_first_paint

        program = {"bare": bench_first_paint.BARE, "ours": bench_first_paint.OURS}[which]
        home = tempfile.mkdtemp(dir=os.environ.get("RNNVIZ_HOME"))
        return Work(lambda _: bench_first_paint.first_paint(program, home), sequences=False)

    return make


TOOLS: dict[str, Callable[[CellLoop, int], Work]] = {
    "rnnviz": _rnnviz,
    "torchlens": _torchlens("auto"),
    "torchlens-rank": _torchlens("rank"),
    "torchview": _torchview,
    "torchviz": _torchviz,
    "trajectories": _trajectories,
    "matplotlib": _matplotlib,
    "trace": _trace,
    "forward": _forward,
    "frame": _frame,
    "empty": _empty,
    "window": _window("ours"),
    "bare-window": _window("bare"),
}
PACKAGES = ("torchlens", "torchview", "torchviz", "matplotlib")
DOT_ONLY = frozenset({"torchview", "torchviz"})  # more steps never take them less
