"""What a step leaves as it was is the same mark as before; what is painted anew is no other."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from rnnviz.element import Element
from rnnviz.figures.packed import FIGURE, PackedOptions
from rnnviz.figures.view import Frame, View
from rnnviz.model.trace import trace
from rnnviz.render.grids import Box, grid_at
from rnnviz.render.painter import paint
from rnnviz.render.tiles import Tiles
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Scene
from rnnviz.scene.style import load_style
from tests.figures.test_packed import unsorted_batch
from tests.golden import assert_same_picture

FRAME = Frame(0.0, 0.0, 900.0, 700.0)
STEPS = (0, 1, 2, 40, 41, 42, 60, 61, 39)
CHOSEN = Element("x", layer=0, t=40, sequence=3)


def made(bidirectional: bool = False) -> Any:
    """More sequences and timesteps than there is room for cards."""
    lengths = np.random.default_rng(5).integers(10, 70, 40)
    return unsorted_batch(tuple(lengths.tolist()), bidirectional)


def described(view: View, zoom: float, box: Box) -> Scene:
    frame = Frame(box[0], box[1], FRAME.width, FRAME.height, zoom)
    part = Frame(*box, zoom)
    return FIGURE.content(view, PackedOptions(), frame, part, load_style("light"))


@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_step_describes_what_it_would_from_nothing(bidirectional: bool) -> None:
    run, box = trace(*made(bidirectional)), (0.0, 0.0, FRAME.width, 1200.0)
    for position in STEPS:
        anew = trace(*made(bidirectional))  # nothing of another run is known
        views = (View(one.at(position), one, selection=CHOSEN) for one in (run, anew))
        after_others, alone = (described(view, 1.0, box) for view in views)
        assert listing(after_others) == listing(alone)


def test_a_step_makes_a_few_marks_alone() -> None:
    run, box = trace(*made()), (0.0, 0.0, FRAME.width, 1200.0)
    before = described(View(run.at(20), run), 1.0, box)
    after = described(View(run.at(21), run), 1.0, box)
    known = {id(mark) for mark in before.marks}
    made_anew = [mark for mark in after.marks if id(mark) not in known]
    assert len(after.marks) > 250
    assert len(made_anew) < 90


@pytest.mark.parametrize(("ratio", "zoom"), [(1.0, 1.0), (2.0, 1.0), (1.0, 3.0)])
def test_tiles_show_a_step_as_painting_from_nothing_does(
    qtbot: QtBot, ratio: float, zoom: float
) -> None:
    run, tiles = trace(*made()), Tiles()
    x, y = 0.0, 0.0
    for number, position in enumerate(STEPS):
        view = View(run.at(position), run, selection=CHOSEN if number > 4 else None)
        y += 30.0 * (number % 3 == 2)  # panned, now and then
        box = (x, y, FRAME.width, FRAME.height)
        tiles.turn_stale()
        tiles.bring(grid_at(zoom, x, y, ratio), box, partial(described, view, zoom))
        image = empty(ratio)
        painter = QPainter(image)
        tiles.paint(painter, box)
        painter.end()
        anew = empty(ratio)
        painter = QPainter(anew)
        paint(described(view, zoom, box), painter, ratio)
        painter.end()
        assert_same_picture("stepped", image, anew)


def empty(ratio: float) -> QImage:
    size = round(FRAME.width * ratio), round(FRAME.height * ratio)
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(0)
    image.setDevicePixelRatio(ratio)
    return image
