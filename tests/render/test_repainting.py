"""Painting over the frame before shows what painting from scratch shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from rnnviz.render import changes, parts
from rnnviz.render.painter import paint
from rnnviz.render.repainting import Repainter
from rnnviz.scene.marks import Cells, Circle, Clip, Mark, Path, Polyline, Rect, Run, Scene, Text
from tests.golden import assert_same_picture

WIDTH, HEIGHT = 240, 160


def content() -> tuple[Mark, ...]:
    random = np.random.default_rng(0)
    marks: list[Mark] = []
    for column in range(30):
        x = 40.0 * column
        colors = random.integers(0, 256, (1, 6, 3)).astype(np.uint8)
        marks += [
            Rect(x, 40, 32, 60, "#FFFFFF", "#336699", 1.25, 4),
            Cells(x + 4, 50, 24, 8, colors, gap=1.0),
            Text(
                x + 16,
                90,
                (Run(f"h{column}", italic=True),),
                "#000000",
                12,
                "math",
                anchor="middle",
            ),
            Path((("M", x + 32, 70), ("L", x + 40, 70)), "#1D5BCB", 1.25, arrow=True),
            Circle(x, 120, 5, "#FF0000"),
        ]
    line = np.column_stack([np.arange(0, 1200, 10.0), 140 + 10 * np.sin(np.arange(120))])
    return (*marks, Polyline(line, "#008800"))


CONTENT = content()


def scene_at(x: float, y: float = 0.0, extra: tuple[Mark, ...] = ()) -> Scene:
    """The content in a clip, beside a margin that stays where it is on the pane."""
    clip = Clip(x + 30, y, WIDTH - 30, HEIGHT, (*CONTENT, *extra))
    margin = (Rect(x, y, 30, HEIGHT, "#EEEEEE"), Text(x + 2, y + 20, (Run("name"),), "#000000"))
    return Scene(WIDTH, HEIGHT, (clip, *margin), "#F5F5F5", x=x, y=y)


def painted(scene: Scene, ratio: float, by: Repainter | None = None) -> QImage:
    size = round(WIDTH * ratio), round(HEIGHT * ratio)
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(0)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    (by.paint if by else paint)(scene, painter, ratio)
    painter.end()
    image.setDevicePixelRatio(1.0)
    return image


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_panning_shows_what_is_there(qtbot: QtBot, ratio: float) -> None:
    repainter, x, y = Repainter(), 300.0, 0.0
    for dx, dy in [(0, 0), (17, 0), (-40, 5), (3, -5), (100, 60), (-500, 0), (0.5, 0), (1, 1)]:
        x, y = x + dx, y + dy
        scene = scene_at(x, y)
        assert_same_picture("panned", painted(scene, ratio, repainter), painted(scene, ratio))


def test_a_clip_that_moves_with_its_content_is_no_reason_to_paint_all(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    repainter = Repainter()
    content = (Clip(20.5, 30, 150, 100, CONTENT), Rect(500, 0, 10, 10, "#123456"))

    def at(x: float, y: float) -> Scene:
        return Scene(WIDTH, HEIGHT, content, "#F5F5F5", x=x, y=y)

    painted(at(0, 0), 1.0, repainter)
    with monkeypatch.context() as patch:
        patch.setattr(repainter, "_paint_all", lambda _: pytest.fail("all of it was painted"))
        for x, y in ((7, 0), (20, 11), (-15, -20), (100, 5)):
            moved = painted(at(x, y), 1.0, repainter)
            assert_same_picture("moved", moved, painted(at(x, y), 1.0))


def test_changes_appear_and_go(qtbot: QtBot) -> None:
    repainter = Repainter()
    ring = Rect(320, 30, 60, 80, stroke="#000000", stroke_width=2, radius=6)
    for scene in (
        scene_at(300),
        scene_at(300, extra=(ring,)),
        scene_at(310, extra=(ring,)),
        scene_at(310),
        replace(scene_at(310), background="#000000"),
        Scene(WIDTH, HEIGHT, (), "#FFFFFF"),
    ):
        assert_same_picture("changed", painted(scene, 1.0, repainter), painted(scene, 1.0))


def test_a_pan_paints_only_what_came_into_sight(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[int] = []

    def counting(scene: Scene, painter: QPainter, ratio: float) -> None:
        clip = scene.marks[0]
        assert isinstance(clip, Clip)
        counts.append(len(clip.marks))
        paint(scene, painter, ratio)

    monkeypatch.setattr(changes, "paint", counting)
    repainter = Repainter()
    for x in (300.0, 304.0, 308.0):
        painted(scene_at(x), 1.0, repainter)
    assert counts[0] == len(CONTENT)
    assert max(counts[1:]) < 20


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_what_is_painted_in_parts_is_the_same_picture(qtbot: QtBot, ratio: float) -> None:
    repainter, first, second = Repainter(), scene_at(300), scene_at(100)
    painted(first, ratio, repainter)
    before = repainter.picture.copy()
    parts = repainter.prepare(second, ratio)
    assert sum(1 for _ in parts) > len(CONTENT) // 120
    assert repainter.picture != before
    kept = repainter.picture.copy()
    assert_same_picture("parts", painted(second, ratio, repainter), painted(second, ratio))
    assert repainter.picture == kept  # nothing was left to paint


def test_until_the_last_part_is_painted_the_last_frame_stays(qtbot: QtBot) -> None:
    repainter, first, second = Repainter(), scene_at(300), scene_at(310)
    painted(first, 1.0, repainter)
    before = repainter.picture.copy()
    parts = repainter.prepare(second)
    next(parts)
    next(parts)
    assert repainter.picture == before
    assert_same_picture("given up", painted(second, 1.0, repainter), painted(second, 1.0))


def test_parts_are_the_whole_scene_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_MARKS", 2)
    marks = tuple(Circle(number, 0, 1) for number in range(8))
    inner = Clip(1, 0, 9, 9, marks[2:7])
    scene = Scene(10, 10, (*marks[:2], Clip(0, 0, 10, 10, (inner,)), inner, marks[7]), "#FFFFFF")
    found = list(parts.in_parts(scene))
    assert [part.background for part in found] == ["#FFFFFF"] + [None] * (len(found) - 1)
    assert list(_circles(scene.marks)) == [
        circle for part in found for circle in _circles(part.marks)
    ]
    assert all(len(part.marks) <= 2 for part in found)
    assert list(parts.in_parts(Scene(10, 10, (), "#000000"))) == [Scene(10, 10, (), "#000000")]


def _circles(marks: tuple[Mark, ...], clips: tuple[float, ...] = ()) -> Iterator[object]:
    """What is drawn, each with the clips that it lies in."""
    for mark in marks:
        if isinstance(mark, Clip):
            yield from _circles(mark.marks, (*clips, mark.x))
        else:
            yield mark, clips
