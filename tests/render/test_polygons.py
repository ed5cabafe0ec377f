"""Many points become Qt's polygon at once, and each is where it was."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.render.lines import qpolygon


@pytest.mark.parametrize("count", [0, 1, 2, 1000])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_point_is_there(count: int, dtype: type) -> None:
    points = np.random.default_rng(count).normal(size=(count, 2)).astype(dtype)
    polygon = qpolygon(points)
    assert [polygon.at(place).toTuple() for place in range(len(polygon))] == [
        tuple(point) for point in points.tolist()
    ]


def test_points_of_any_layout() -> None:
    columns = np.arange(14.0).reshape(2, 7)
    polygon = qpolygon(columns.T[::-1])
    assert polygon.at(0).toTuple() == (columns[0, -1], columns[1, -1])


def test_a_polygon_outlives_its_points() -> None:
    polygon = qpolygon(np.full((100, 2), 3.0))
    copies = [polygon.translated(1.0, 0.0) for _ in range(10)]
    del polygon
    assert all(copy.at(99).toTuple() == (4.0, 3.0) for copy in copies)
