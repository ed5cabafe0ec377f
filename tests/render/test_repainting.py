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


def test_parts_are_the_whole_scene_in_its_order() -> None:
    marks = tuple(Circle(number, 0, 1) for number in range(8))
    inner = Clip(1, 0, 9, 9, marks[2:7])
    scene = Scene(10, 10, (*marks[:2], Clip(0, 0, 10, 10, (inner,)), inner, marks[7]), "#FFFFFF")
    found = list(parts.in_parts(scene, 2))
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


def waves(color: str, opacity: float) -> tuple[Mark, ...]:
    x = np.linspace(0, WIDTH, 600)
    lines = [np.column_stack([x, 20 * k + 8 * np.sin(x / 3 + k)]) for k in range(1, 8)]
    return tuple(Polyline(line, color, 1.0, opacity=opacity) for line in lines)


def parted(edge: float, looks: tuple[tuple[Mark, ...], ...], *over: Mark) -> Scene:
    """Lines in one look up to an edge, and in another behind it."""
    before = Clip(0, 10, edge, HEIGHT - 20, looks[0])
    behind = Clip(edge, 10, WIDTH - edge, HEIGHT - 20, looks[1])
    cursor = Rect(edge - 1, 0, 2, HEIGHT, "#000000")
    return Scene(WIDTH, HEIGHT, (before, behind, cursor, *over), "#F5F5F5")


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_an_edge_between_two_looks_may_move(qtbot: QtBot, ratio: float) -> None:
    looks, repainter = (waves("#1D5BCB", 1.0), waves("#1D5BCB", 0.4)), Repainter()
    for edge in (100.0, 103.0, 104.5, 90.0, 90.0, 220.0, 219.0):
        scene = parted(edge, looks)
        assert_same_picture("parted", painted(scene, ratio, repainter), painted(scene, ratio))
    others = waves("#BB2244", 1.0), looks[1]
    scene = parted(219.0, others)
    assert_same_picture("other", painted(scene, ratio, repainter), painted(scene, ratio))


def test_a_mark_that_goes_from_clip_to_clip_is_seen_where_it_is(qtbot: QtBot) -> None:
    repainter, circle = Repainter(), Circle(60, 80, 30, "#FF0000")
    for left, right in (((circle,), ()), ((), (circle,)), ((circle,), ())):
        for width in (50.0, 64.0):
            clips = Clip(0, 0, width, HEIGHT, left), Clip(width, 0, 90, HEIGHT, right)
            scene = Scene(WIDTH, HEIGHT, clips, "#FFFFFF")
            assert_same_picture("hopped", painted(scene, 1.0, repainter), painted(scene, 1.0))


def test_lines_that_stay_are_not_stroked_again(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, repainter = (waves("#1D5BCB", 1.0), waves("#1D5BCB", 0.4)), Repainter()
    counts: list[int] = []

    def counting(scene: Scene, painter: QPainter, ratio: float) -> None:
        clips = [mark for mark in scene.marks if isinstance(mark, Clip)]
        counts.append(sum(isinstance(mark, Polyline) for clip in clips for mark in clip.marks))
        paint(scene, painter, ratio)

    painted(parted(100.0, looks), 1.0, repainter)
    monkeypatch.setattr(changes, "paint", counting)
    for edge in (101.0, 102.0, 103.0):
        painted(parted(edge, looks), 1.0, repainter)
    assert counts
    assert not any(counts)


def test_a_long_line_is_cut_to_what_is_seen(qtbot: QtBot) -> None:
    random = np.random.default_rng(3)
    middle = np.array((WIDTH / 2, HEIGHT / 2))
    walk = middle + np.cumsum(random.normal(0, 14, (900, 2)), axis=0)
    walk[400] = np.nan
    for width, opacity in ((1.0, 1.0), (1.0, 0.4), (2.25, 1.0), (5.0, 1.0)):
        line = Polyline(walk, "#1D5BCB", width, opacity=opacity)
        whole = painted(Scene(WIDTH, HEIGHT, (line,), "#FFFFFF"), 1.0)
        for x, y in ((0, 0), (80, 40), (200, 120)):
            part = Scene(40, 40, (line,), "#FFFFFF", x=x, y=y)
            seen = painted(part, 1.0).copy(0, 0, 40, 40)
            assert_same_picture("cut", seen, whole.copy(x, y, 40, 40))


def test_what_was_foreseen_is_shown_as_it_would_have_been(qtbot: QtBot) -> None:
    repainter, looks = Repainter(), (waves("#1D5BCB", 1.0), waves("#1D5BCB", 0.4))
    now, then, other = (parted(edge, looks) for edge in (100.0, 103.0, 140.0))
    assert_same_picture("now", painted(now, 1.0, repainter), painted(now, 1.0))
    repainter.foresee(then)
    assert_same_picture("still now", painted(now, 1.0, repainter), painted(now, 1.0))
    assert_same_picture("then", painted(then, 1.0, repainter), painted(then, 1.0))
    repainter.foresee(now)
    assert_same_picture("another", painted(other, 1.0, repainter), painted(other, 1.0))
    assert_same_picture("too late", painted(now, 1.0, repainter), painted(now, 1.0))
    repainter.foresee(replace(then, background="#000000"))  # all of it is other
    assert_same_picture("after all", painted(then, 1.0, repainter), painted(then, 1.0))
