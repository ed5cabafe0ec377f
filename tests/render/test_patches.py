"""A few boxes hold all of many, and little else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rnnviz.render.patches import Patch, area, patches

SIDES = st.tuples(*(st.integers(0, 60) for _ in range(2)), *(st.integers(1, 12) for _ in range(2)))
BOXES = SIDES.map(lambda s: (16 * s[0], 16 * s[1], 16 * (s[0] + s[2]), 16 * (s[1] + s[3])))


@given(st.lists(BOXES, max_size=40))
def test_every_box_lies_in_one_of_them(boxes: list[Patch]) -> None:
    found = patches(boxes)
    assert len(found) <= len(boxes)
    for left, top, right, low in boxes:
        assert any(a <= left and b <= top and c >= right and d >= low for a, b, c, d in found)


def test_what_lies_together_becomes_one() -> None:
    column = [(16, 16 * row, 64, 16 * row + 16) for row in range(0, 20, 2)]
    assert patches(column) == [(16, 0, 64, 304)]


def test_what_lies_apart_stays_apart() -> None:
    corners = [(0, 0, 32, 32), (900, 0, 932, 32), (0, 600, 32, 632)]
    assert sorted(patches(corners)) == sorted(corners)
    assert sum(map(area, patches(corners))) == 3 * 32 * 32
