"""Scenes moved, stacked, listed; the shapes that painters share."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from rnnviz.scene.compose import padded, scaled, stack, translate
from rnnviz.scene.geometry import arrow, cell_index, cell_span, effective_gap, enlarged, hatch_lines
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Cells, Clip, Path, Rect, Scene
from rnnviz.scene.style import load_style
from tests.golden import assert_golden_text
from tests.reference_scene import reference_scene


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_listing_of_every_mark(theme: str) -> None:
    style = load_style(theme)  # type: ignore[arg-type]
    assert_golden_text(f"scene/reference-{theme}", listing(reference_scene(style)))


def test_listing_sees_a_changed_colour() -> None:
    colors = np.zeros((2, 2, 3), np.uint8)
    before = listing(Scene(9, 9, (Cells(0, 0, 9, 9, colors),)))
    changed = colors.copy()
    changed[1, 1, 2] = 1
    assert listing(Scene(9, 9, (Cells(0, 0, 9, 9, changed),))) != before


def test_moving_there_and_back_changes_nothing() -> None:
    scene = reference_scene(load_style("light"))
    moved = replace(scene, marks=translate(translate(scene.marks, 30, -7), -30, 7))
    assert listing(moved) == listing(scene)


def test_scaling_in_two_steps_is_scaling_in_one() -> None:
    scene = reference_scene(load_style("light"))
    once = replace(scene, marks=scaled(scene.marks, 4.0))
    assert listing(replace(scene, marks=scaled(scaled(scene.marks, 8.0), 0.5))) == listing(once)
    assert scaled(scene.marks, 1.0) == scene.marks


def test_scaling_takes_lines_and_letters_along() -> None:
    box = Rect(1, 2, 3, 4, "#112233", "#445566", 1.5, 2.0, (3.0, 1.0))
    path = Path((("M", 0, 1), ("L", 2, 3)), "#112233", 1.0, arrow=True)
    twice = scaled((box, path, Clip(0, 0, 5, 5, (box,), 3.0)), 2.0)
    larger = Rect(2, 4, 6, 8, "#112233", "#445566", 3.0, 4.0, (6.0, 2.0))
    assert twice == (
        larger,
        Path((("M", 0, 2), ("L", 4, 6)), "#112233", 2.0, arrow=True),
        Clip(0, 0, 10, 10, (larger,), 6.0),
    )


def test_stack_puts_one_below_the_other() -> None:
    first = Scene(30, 10, (Rect(1, 1, 1, 1),), title="legend")
    second = Scene(50, 20, (Rect(7, 7, 1, 1),), x=5, y=5, background="#FFFFFF", title="figure")
    both = stack(first, second, gap=4)
    assert (both.width, both.height) == (50, 34)
    assert (both.background, both.title) == ("#FFFFFF", "figure")
    assert both.marks[1] == Clip(0, 14, 50, 20, (Rect(2, 16, 1, 1),))


def test_padding_grows_the_visible_part() -> None:
    inner = Scene(10, 20, (Rect(-50, 0, 200, 1),), x=3, y=4)
    outer = padded(inner, 8)
    assert (outer.x, outer.y, outer.width, outer.height) == (-5, -4, 26, 36)
    assert isinstance(outer.marks[0], Clip)


def test_arrowheads_end_on_the_last_point() -> None:
    path = Path((("M", 0, 0), ("L", 30, 0)), stroke="#000000", stroke_width=1.5, arrow=True)
    pointed = arrow(path)
    assert pointed is not None
    assert pointed.head[0] == (30, 0)
    assert pointed.line[-1] == ("L", pointed.head[1][0], 0.0)
    assert pointed.head[1][1] == -pointed.head[2][1]


def test_arrowheads_follow_curves_and_survive_no_length() -> None:
    curve = Path((("M", 0, 0), ("C", 0, 20, 30, 10, 30, 40)), stroke="#000000", arrow=True)
    pointed = arrow(curve)
    assert pointed is not None
    assert pointed.head[1][1] == pytest.approx(pointed.head[2][1])
    assert arrow(Path((("M", 5, 5), ("L", 5, 5)), arrow=True)) is None
    assert arrow(Path((), arrow=True)) is None


def test_cells_fill_their_width() -> None:
    start, length = cell_span(79, 8, 1.0, 7)
    assert start + length == pytest.approx(79)
    assert [cell_index(offset, 79, 8, 1.0) for offset in (0, 9.9, 10.1, 78.9)] == [0, 0, 1, 7]


def test_gaps_vanish_where_cells_are_small() -> None:
    colors = np.zeros((1, 40, 3), np.uint8)
    assert effective_gap(Cells(0, 0, 100, 14, colors, gap=1.0)) == 0.0
    assert effective_gap(Cells(0, 0, 400, 14, colors, gap=1.0)) == 1.0


def test_hatching_stays_within() -> None:
    for start, end in hatch_lines(13.0, 7.0, 40.0, 22.0):
        for x, y in (start, end):
            assert 13 - 1e-9 <= x <= 53 + 1e-9
            assert 7 - 1e-9 <= y <= 29 + 1e-9
        assert math.isclose(start[0] + start[1], end[0] + end[1])


def test_enlarging_repeats_cells() -> None:
    colors = np.arange(12, dtype=np.uint8).reshape(1, 4, 3)
    assert enlarged(colors, 2.0, 1.0).shape == (2, 16, 3)
    assert enlarged(np.zeros((2000, 3000, 3), np.uint8), 5, 5).shape == (2000, 3000, 3)
