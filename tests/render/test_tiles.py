"""Tiles show what painting from scratch shows, wherever they are looked at from."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from rnnviz.render.grids import Box, grid_at
from rnnviz.render.painter import paint
from rnnviz.render.tiles import Tiles
from rnnviz.scene.marks import Mark, Rect, Scene
from tests.golden import assert_same_picture
from tests.render.test_repainting import CONTENT, HEIGHT, WIDTH


class Content:
    """A plane of marks; `asked` are the boxes that it was described for."""

    def __init__(self) -> None:
        self.marks: tuple[Mark, ...] = CONTENT
        self.asked: list[Box] = []

    def __call__(self, box: Box) -> Scene:
        self.asked.append(box)
        return Scene(box[2], box[3], self.marks, "#F5F5F5", x=box[0], y=box[1])


def brought(tiles: Tiles, content: Content, x: float, y: float, ratio: float) -> QImage:
    box = (x, y, float(WIDTH), float(HEIGHT))
    tiles.bring(grid_at("plain", x, y, ratio), box, content)
    image = empty(ratio)
    painter = QPainter(image)
    tiles.paint(painter, box)
    painter.end()
    return image


def anew(content: Content, x: float, y: float, ratio: float) -> QImage:
    image = empty(ratio)
    painter = QPainter(image)
    paint(Scene(WIDTH, HEIGHT, content.marks, "#F5F5F5", x=x, y=y), painter, ratio)
    painter.end()
    return image


def empty(ratio: float) -> QImage:
    image = QImage(round(WIDTH * ratio), round(HEIGHT * ratio), QImage.Format.Format_RGB32)
    image.fill(0)
    image.setDevicePixelRatio(ratio)
    return image


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_any_way_leads_to_the_same_picture(qtbot: QtBot, ratio: float) -> None:
    tiles, content, x, y = Tiles(), Content(), 300.25, 0.0
    for dx, dy in [(0, 0), (17, 0), (-40, 5), (3, -5), (100, 60), (-700, -200), (0.5, 0), (1, 1)]:
        x, y = x + dx, y + dy
        actual = brought(tiles, content, x, y, ratio)
        assert_same_picture("tiles", actual, anew(content, x, y, ratio))


def test_what_was_looked_at_is_not_described_again(qtbot: QtBot) -> None:
    tiles, content = Tiles(), Content()
    for x in (300.0, 310.0, 500.0):
        brought(tiles, content, x, 0.0, 1.0)
    asked = len(content.asked)
    for x in (310.0, 480.0, 300.0):
        brought(tiles, content, x, 0.0, 1.0)
    assert len(content.asked) == asked


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_changes_appear_and_go(qtbot: QtBot, ratio: float) -> None:
    tiles, content = Tiles(), Content()
    ring = Rect(320, 30, 60, 80, stroke="#000000", stroke_width=2, radius=6)
    flood = tuple(Rect(10 * x, 0, 9, 90, fill="#112233") for x in range(400))
    for marks in ((), (ring,), (ring, Rect(480, 5, 9, 9, "#AA0000")), (), flood, ()):
        content.marks = (*CONTENT, *marks)
        tiles.turn_stale()
        actual = brought(tiles, content, 300, 0, ratio)
        assert_same_picture("changed", actual, anew(content, 300, 0, ratio))


def test_what_was_prepared_needs_no_painting(qtbot: QtBot) -> None:
    tiles, content = Tiles(), Content()
    brought(tiles, content, 300, 0, 1.0)
    grid, box = grid_at("plain", 500, 0, 1.0), (500.0, 0.0, float(WIDTH), float(HEIGHT))
    for _ in tiles.prepare(grid, box, content):
        pass
    asked = len(content.asked)
    assert_same_picture("ahead", brought(tiles, content, 500, 0, 1.0), anew(content, 500, 0, 1.0))
    assert len(content.asked) == asked


def test_what_is_under_way_for_the_content_before_is_given_up(qtbot: QtBot) -> None:
    tiles, content = Tiles(), Content()
    grid, box = grid_at("plain", 300, 0, 1.0), (300.0, 0.0, float(WIDTH), float(HEIGHT))
    parts = tiles.prepare(grid, box, content)
    next(parts)
    content.marks = CONTENT[:5]
    tiles.turn_stale()
    assert list(parts) == []
    assert_same_picture("later", brought(tiles, content, 300, 0, 1.0), anew(content, 300, 0, 1.0))


def test_a_change_that_is_out_of_sight_paints_nothing(qtbot: QtBot) -> None:
    tiles, content = Tiles(), Content()
    brought(tiles, content, 300, 0, 1.0)
    for marks in ((), (Rect(5000, 30, 60, 80, fill="#000000"),), ()):
        content.marks = (*CONTENT, *marks)
        tiles.turn_stale()
        actual = brought(tiles, content, 300, 0, 1.0)
        assert_same_picture("out of sight", actual, anew(content, 300, 0, 1.0))


def test_what_was_foreseen_needs_no_painting(qtbot: QtBot) -> None:
    tiles, content, box = Tiles(), Content(), (300.0, 0.0, float(WIDTH), float(HEIGHT))
    before = brought(tiles, content, 300, 0, 1.0)
    content.marks = (*CONTENT[:7], Rect(320, 30, 60, 80, fill="#AA0000"))
    for _ in tiles.foresee(box, content):
        pass
    asked = len(content.asked)
    assert_same_picture("not yet", brought(tiles, content, 300, 0, 1.0), before)
    tiles.turn_as_foreseen()
    assert_same_picture("now", brought(tiles, content, 300, 0, 1.0), anew(content, 300, 0, 1.0))
    assert len(content.asked) == asked


def test_a_foresight_that_was_not_finished_is_of_no_use(qtbot: QtBot) -> None:
    tiles, content, box = Tiles(), Content(), (300.0, 0.0, float(WIDTH), float(HEIGHT))
    brought(tiles, content, 300, 0, 1.0)
    content.marks = CONTENT[:7]
    next(tiles.foresee(box, content))
    tiles.turn_as_foreseen()
    assert_same_picture("half", brought(tiles, content, 300, 0, 1.0), anew(content, 300, 0, 1.0))
