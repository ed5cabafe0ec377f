"""From a point to an element, and back."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rnnviz.element import Element
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.marks import (
    Apertures,
    Cells,
    Circle,
    Clip,
    Mark,
    Path,
    Polyline,
    Rect,
    Run,
    Scene,
    Text,
)

H = Element("h", layer=0, direction=0, t=2, sequence=0)
C = Element("c", layer=0, direction=0, t=2, sequence=0)


def scene(*marks: Mark) -> Scene:
    return Scene(200, 200, marks)


def strip(**changes: object) -> Cells:
    given: dict[str, object] = {"key": H, "colors": np.zeros((1, 8, 3), np.uint8)} | changes
    return Cells(10, 10, 80, 16, **given)  # type: ignore[arg-type]


def test_the_topmost_key_is_hit() -> None:
    marks = (Rect(0, 0, 100, 100, key=C), Rect(20, 20, 20, 20, key=H), Rect(0, 0, 100, 100))
    assert hit(scene(*marks), 25, 25) == H
    assert hit(scene(*marks), 70, 70) == C
    assert hit(scene(*marks), 150, 70) is None


def test_a_strip_knows_its_units() -> None:
    assert hit(scene(strip()), 10.5, 12) == H._replace(unit=0)
    assert hit(scene(strip()), 89.9, 12) == H._replace(unit=7)
    assert hit(scene(strip()), 90.1, 12) is None


@pytest.mark.parametrize("gap", [0.0, 1.0])
def test_every_cell_is_where_it_says(gap: float) -> None:
    picture = scene(strip(gap=gap))
    for unit in range(8):
        box = hit_rect(picture, H._replace(unit=unit))
        assert box is not None
        assert hit(picture, box[0] + box[2] / 2, box[1] + box[3] / 2) == H._replace(unit=unit)


def test_a_raster_counts_from_its_origin_by_its_stride() -> None:
    raster = Cells(
        0, 0, 100, 40, np.zeros((4, 10, 3), np.uint8),
        key=Element("h", layer=0, direction=0, sequence=0),
        axes=("unit", "t"), origin=(0, 300), stride=(2, 5),
    )  # fmt: skip
    found = hit(scene(raster), 35, 25)
    assert found == Element("h", layer=0, direction=0, sequence=0, t=315, unit=4)
    assert hit_rect(scene(raster), found._replace(t=318)) == (30.0, 20.0, 10.0, 10.0)
    assert hit_rect(scene(raster), found._replace(unit=None, t=318)) == (30.0, 0.0, 10.0, 40)
    assert hit_rect(scene(raster), found._replace(t=0)) is None


def test_apertures_are_strips_too() -> None:
    gate = Apertures(0, 0, 40, 14, np.ones(4), "#000000", "#FFFFFF", key=C)
    assert hit(scene(gate), 39, 1) == C._replace(unit=3)
    assert hit_rect(scene(gate), C) == (0.0, 0.0, 40, 14)


def test_lines_are_hit_nearby() -> None:
    wire = Path((("M", 0, 50), ("L", 100, 50)), stroke="#000000", key=H)
    assert hit(scene(wire), 50, 53) == H
    assert hit(scene(wire), 50, 57) is None
    curve = Path((("M", 0, 0), ("C", 0, 100, 100, 100, 100, 0)), stroke="#000000", key=C)
    assert hit(scene(curve), 50, 75) == C
    assert hit(scene(curve), 50, 20) is None


def test_filled_paths_are_hit_inside() -> None:
    corners: tuple[tuple[str, float, float], ...] = (("M", 0, 0), ("L", 100, 0), ("L", 0, 100))
    filled = Path((*corners, ("Z",)), fill="#000000", key=H)  # type: ignore[arg-type]
    assert hit(scene(filled), 30, 30) == H
    assert hit(scene(filled), 80, 80) is None


def test_a_broken_line_is_not_hit_in_its_break() -> None:
    points = np.array([[0, 0], [40, 0], [math.nan, math.nan], [60, 0], [100, 0]], dtype=float)
    line = Polyline(points, "#000000", key=H)
    assert hit(scene(line), 20, 2) == H
    assert hit(scene(line), 50, 2) is None
    assert hit_rect(scene(line), H) == (0, 0, 100, 0)


def test_circles_and_text() -> None:
    word = Text(50, 50, (Run("output"),), "#000000", key=C)
    marks = (Circle(20, 20, 5, fill="#000000", key=H), word)
    assert hit(scene(*marks), 23, 23) == H
    assert hit(scene(*marks), 60, 47) == C
    assert hit(scene(*marks), 60, 60) is None


def test_turned_text_is_hit_where_it_stands() -> None:
    word = Text(50, 150, (Run("weight_hh_l0"),), "#000000", rotation=-90, key=C)
    assert hit(scene(word), 46, 120) == C
    assert hit(scene(word), 90, 146) is None


def test_what_is_clipped_away_is_not_hit() -> None:
    clip = Clip(0, 0, 50, 50, (Rect(0, 0, 100, 100, key=H),))
    assert hit(scene(clip), 20, 20) == H
    assert hit(scene(clip), 80, 80) is None
    assert hit_rect(scene(clip), H) == (0, 0, 100, 100)


def test_what_is_seen_moved_is_hit_where_it_is_seen() -> None:
    clip = Clip(0, 0, 50, 50, (Rect(60, 0, 20, 20, key=H),), shift=-40.0)
    assert hit(scene(clip), 30, 10) == H
    assert hit(scene(clip), 70, 10) is None
    assert hit_rect(scene(clip), H) == (20, 0, 20, 20)


def test_an_empty_strip_is_no_trouble() -> None:
    assert hit(scene(strip(colors=np.zeros((1, 0, 3), np.uint8))), 12, 12) == H
