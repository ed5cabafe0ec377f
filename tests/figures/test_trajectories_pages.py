"""A long run that is panned: what is moved is what would be drawn there."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from rnnviz.figures.plots import Box
from rnnviz.figures.trajectories import FIGURE, TrajectoriesOptions
from rnnviz.figures.trajectories.pages import on_whole_px, pages
from rnnviz.figures.trajectories.series import series
from rnnviz.figures.view import Frame, View
from rnnviz.model.trace import Trace, trace
from rnnviz.render.painter import paint
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.marks import Clip, Mark, Scene
from rnnviz.scene.style import load_style
from tests.golden import assert_same_picture

STEPS, UNITS = 3000, 72
FRAME = Frame(0, 0, 900, 640)
BOX = Box(61.5, 64.0, 503.7, 300.0)
STYLE = load_style("light")
LOOKS = {
    "lines": TrajectoriesOptions(),
    "density": TrajectoriesOptions(arrangement="overlaid"),
}
SPANS = (2500.0, 700.0, 150.0, 12.0)  # many to a px, and many px to one


def long_run() -> Trace:
    torch.manual_seed(7)
    return trace(torch.nn.GRU(2, UNITS).eval(), torch.randn(STEPS, 1, 2))


@cache
def looked_at() -> Trace:
    return long_run()


def described(run: Trace, options: TrajectoriesOptions, start: float, span: float) -> Scene:
    view = View(run.at(STEPS // 2), run)
    return FIGURE.build(view, replace(options, t_range=(start, start + span)), FRAME, STYLE)


def painted(scene: Scene) -> QImage:
    picture = QImage(int(scene.width), int(scene.height), QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    paint(scene, painter)
    painter.end()
    return picture


def starts(span: float) -> list[float]:
    """Where a pan to and fro goes: onto a narrow page, beyond it, and back past the beginning."""
    middle, room = STEPS / 2 - span * 0.6, min(span, (STEPS - span) / 4)
    found = [middle + share * room for share in (0.0, 0.1, 0.3, 1.3, -0.2, -1.1)]
    return [min(max(start, 0.5), STEPS + 0.5 - span) for start in found]


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("look", LOOKS)
def test_what_is_panned_is_what_would_be_drawn(qtbot: QtBot, look: str, span: float) -> None:
    run, moved = looked_at(), 0
    for number, start in enumerate(starts(span)):
        panned = described(run, LOOKS[look], start, span)
        moved += sum(bool(clip.shift) for clip in clips(panned.marks))
        other = long_run()  # nothing has been looked at of this one
        options = replace(LOOKS[look], t_range=(start, start + span))
        width = FIGURE.panels(View(run, run), options, FRAME)["lines"].rect[2]
        shown = series(View(run, run), options)
        begins, _ = on_whole_px(shown, (start, start + span), width)
        anew = described(other, LOOKS[look], begins, span)
        assert not any(clip.shift for clip in clips(anew.marks))
        name = f"panned-{look}-{span:g}-{number}"
        assert_same_picture(name, painted(panned), painted(anew))
    assert moved


@pytest.mark.parametrize("span", SPANS)
def test_an_element_is_found_where_it_is_seen(span: float) -> None:
    run, style = looked_at(), load_style("light")
    for start in starts(span):
        options = TrajectoriesOptions(t_range=(start, start + span))
        view = View(run.at(2), run)
        scene = FIGURE.build(view, options, FRAME, style)
        left, top, width, height = FIGURE.panels(view, options, FRAME)["heatmap"].rect
        for share in (0.02, 0.3, 0.55, 0.8, 0.97):
            x, y = left + share * width, top + height / 3
            found = hit(scene, x, y)
            assert found is not None
            assert found.t is not None
            assert abs(found.t + 1 - (start + share * span)) <= max(1.0, 3 * span / width)
            box = hit_rect(scene, found)
            assert box is not None
            assert box[0] - 1 <= x <= box[0] + box[2] + 1


def test_panning_draws_no_page_twice() -> None:
    run = looked_at()
    first, *others = (described(run, LOOKS["lines"], 1000.0 + n, 400.0) for n in range(0, 40, 4))
    known = {id(clip.marks) for clip in clips(first.marks)}
    for scene in others:
        now = {id(clip.marks) for clip in clips(scene.marks)}
        assert len(now & known) >= 2
        assert len(now - known) <= 3  # the bands, and a page of the lines and of the raster
        known |= now


@given(
    start=some.floats(0.5, STEPS - 1.0),
    span=some.floats(1.0, STEPS - 0.0),
    way=some.lists(some.floats(-3.0, 3.0), max_size=4),
)
def test_pages_leave_no_gap(start: float, span: float, way: list[float]) -> None:
    shown = series(View(looked_at(), looked_at()), TrajectoriesOptions())
    for share in (0.0, *way):
        place = start + share * span
        x_range = on_whole_px(shown, (place, place + span), BOX.width)
        per_step = BOX.width / span
        assert abs(x_range[0] - place) * per_step <= 0.51
        found = pages(shown, BOX, x_range)
        edges = [(page.seen.x, page.seen.right) for page in found]
        assert edges[0][0] == pytest.approx(BOX.x)
        assert edges[-1][1] == pytest.approx(BOX.right)
        for (_, end), (begin, _) in pairwise(edges):
            assert end == pytest.approx(begin)
        for page in found:
            assert page.axis.box.x + page.shift <= page.seen.x + 1e-6
            assert page.seen.right <= page.axis.box.right + page.shift + 1e-6
            assert page.shift == round(page.shift)
            t = x_range[0] + (page.seen.x - BOX.x) / per_step
            assert page.axis.place(t) + page.shift == pytest.approx(page.seen.x, abs=1e-3)


def clips(marks: tuple[Mark, ...]) -> list[Clip]:
    return [mark for mark in marks if isinstance(mark, Clip)]
