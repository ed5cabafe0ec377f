"""How long one frame of the unrolled graph takes while it is panned and zoomed.

Run by `python -m tests.benchmarks.bench_paint`. Frames of 1000 × 700 px of a 4-layer LSTM are
built and painted in software, without a display; "moved" paints only what a pan has changed.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator

import torch
from PySide6.QtGui import QImage, QPainter
from torch import nn

from rnnviz.figures import get_figure
from rnnviz.figures.view import Frame, View
from rnnviz.model.trace import trace
from rnnviz.render.application import ensure_gui
from rnnviz.render.painter import paint
from rnnviz.render.repainting import Repainter
from rnnviz.scene.marks import Scene
from rnnviz.scene.style import load_style

WIDTH, HEIGHT = 1000, 700
STEPS = (10, 1000, 10_000)
ZOOMS = (1.0, 0.7, 0.55, 0.3, 0.1)
Painting = Callable[[Scene, QPainter, float], None]


def view_of(steps: int, hidden_size: int) -> View:
    module = nn.LSTM(4, hidden_size, num_layers=4).eval()
    run = trace(module, torch.randn(steps, 1, 4))
    return View(run, whole=run)


def panned(view: View, zoom: float, frames: int) -> Iterator[Frame]:
    figure = get_figure("unrolled")
    extent = figure.extent(view, figure.options_type(), Frame(0, 0, WIDTH, HEIGHT, zoom))
    start = max(extent.width / 2 - WIDTH, 0.0)
    return (Frame(start + 17.0 * number, 0, WIDTH, HEIGHT, zoom) for number in range(frames))


def zoomed(zoom: float, frames: int) -> Iterator[Frame]:
    return (Frame(0, 0, WIDTH, HEIGHT, zoom * 1.004**number) for number in range(frames))


def milliseconds(view: View, frames: Iterator[Frame], painting: Painting) -> tuple[float, float]:
    """Medians of building and of painting one frame, CPU time."""
    figure, style = get_figure("unrolled"), load_style("light")
    options, image = figure.options_type(), QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    built, painted = [], []
    for frame in frames:
        painter = QPainter(image)
        started = time.process_time()
        scene = figure.build(view, options, frame, style)
        halfway = time.process_time()
        painting(scene, painter, 1.0)
        painted.append(time.process_time() - halfway)
        built.append(halfway - started)
        painter.end()
    return statistics.median(built[2:]) * 1e3, statistics.median(painted[2:]) * 1e3


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--frames", type=int, default=30)
    arguments.add_argument("--hidden-size", type=int, default=16)
    given = arguments.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    application = ensure_gui()
    sys.stdout.write("CPU ms a frame       pan: build  paint  moved   zoom: build  paint\n")
    for steps in STEPS:
        view = view_of(steps, given.hidden_size)
        for zoom in ZOOMS:
            build, whole = milliseconds(view, panned(view, zoom, given.frames), paint)
            _, moved = milliseconds(view, panned(view, zoom, given.frames), Repainter().paint)
            fresh, painted = milliseconds(view, zoomed(zoom, given.frames), paint)
            sys.stdout.write(
                f"{steps:6} steps, {zoom:4.0%}         {build:6.1f} {whole:6.1f} {moved:6.1f}"
                f"         {fresh:6.1f} {painted:6.1f}\n"
            )
    del application
    return 0


if __name__ == "__main__":
    sys.exit(main())
