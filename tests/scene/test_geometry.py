"""Wires with round corners."""

from __future__ import annotations

import math

import pytest

from rnnviz.scene.geometry import rounded


def test_a_line_without_corners_stays_straight() -> None:
    assert rounded([(1, 2), (5, 2)], 6) == (("M", 1, 2), ("L", 5, 2))


def test_a_corner_begins_and_ends_at_its_radius() -> None:
    segments = rounded([(0, 0), (20, 0), (20, 30)], 6)
    assert [segment[0] for segment in segments] == ["M", "L", "C", "L"]
    assert segments[1] == ("L", 14, 0)
    assert segments[2][-2:] == (20, 6)
    assert segments[3] == ("L", 20, 30)


def test_a_corner_is_nearly_a_quarter_circle() -> None:
    curve = rounded([(0, 0), (20, 0), (20, 30)], 6)[2]
    x, y = (
        (start + 3 * a + 3 * b + end) / 8
        for start, a, b, end in ((14.0, *curve[1::2]), (0.0, *curve[2::2]))
    )
    assert math.hypot(x - 14, y - 6) == pytest.approx(6, abs=0.01)


def test_corners_share_a_short_line() -> None:
    segments = rounded([(0, 0), (20, 0), (20, 8), (40, 8)], 6)
    assert segments[2][-2:] == segments[3][1:] == (20, 4)
