"""What has been computed in full, what is to come faint.

Of a long run both are drawn whole, each seen through its part: a step then moves but the edge
between the two, and next to nothing is painted anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import partial

from rnnviz.figures.plots import Box
from rnnviz.figures.trajectories.layout import FUTURE
from rnnviz.figures.trajectories.options import Range
from rnnviz.figures.trajectories.pages import Page, pages
from rnnviz.figures.trajectories.series import Series
from rnnviz.figures.trajectories.time_axis import TimeAxis
from rnnviz.scene.marks import Cells, Clip, Mark

Looks = tuple[tuple[Mark, ...], tuple[Mark, ...]]  # as it is to come, and as it has been


def through_time(
    box: Box, done: tuple[float, float] | None, looks: Looks, shift: float = 0.0
) -> list[Mark]:
    """Both looks of a panel's content, each seen where it holds; what has been lies above.

    Args:
        box: the panel, or a part of it.
        done: from where to where in px it has been computed; None before the first timestep.
        looks: the content twice.
        shift: px to the right by which it is seen moved.
    """
    left, right = (box.x, box.x) if done is None else (_within(edge, box) for edge in done)
    spans = ((box.x, left, 0), (right, box.right, 0), (left, right, 1))
    return [
        Clip(start, box.y, stop - start, box.height, looks[look], shift)
        for start, stop, look in spans
        if stop > start
    ]


def _within(edge: float, box: Box) -> float:
    return min(max(edge, box.x), box.right)


def cells_over_time(
    series: Series, box: Box, x_range: Range, key: Hashable, make: Callable[[Page, int, int], Cells]
) -> list[Mark]:
    """Cells with a column for each timestep, or for some; one that holds some past is past.

    Args:
        box: what they are seen through, up to the end of the sequence.
        x_range: the timesteps at its edges, counted from 1.
        key: what the cells follow from beside these.
        make: gives those of some timesteps of a page, from and to, all in full.
    """
    marks: list[Mark] = []
    end = TimeAxis(box, x_range).place(series.length + 0.5)
    for page in pages(series, box, x_range):
        start = max(0, math.floor(page.axis.x_range[0] - 0.5))
        stop = min(series.length, math.ceil(page.axis.x_range[1] - 0.5))
        seen = replace(page.seen, width=min(page.seen.right, end) - page.seen.x)
        if stop <= start or seen.width <= 0:
            continue
        draw = partial(make, page, start, stop)
        if not series.stable:
            marks.append(Clip(*seen.sides, tuple(_cut(draw(), series))))
            continue
        looks = series.drawn((key, page.axis), partial(_both, draw))
        cells = looks[1][0]
        assert isinstance(cells, Cells)
        left, right = (
            cells.x + page.shift + edge * _column(cells) for edge in _done(cells, series)
        )
        done = (left, right) if right > left else None
        marks += through_time(seen, done, looks, page.shift)
    return marks


def _both(draw: Callable[[], Cells]) -> Looks:
    cells = draw()
    return (replace(cells, opacity=FUTURE),), (cells,)


def _column(cells: Cells) -> float:
    return cells.width / int(cells.colors.shape[1])


def _done(cells: Cells, series: Series) -> tuple[int, int]:
    """The columns of what has been computed, first and last + 1."""
    if series.stop <= series.first:
        return 0, 0
    first, step, count = cells.origin[1], cells.stride[1], cells.colors.shape[1]
    start, stop = (series.first - first) // step, -(-(series.stop - first) // step)
    return min(max(start, 0), count), min(max(stop, 0), count)


def _cut(cells: Cells, series: Series) -> list[Cells]:
    """The cells in pieces, each of one look."""
    start, stop = _done(cells, series)
    spans = ((0, start, FUTURE), (start, stop, 1.0), (stop, cells.colors.shape[1], FUTURE))
    return [_part(cells, a, b, opacity) for a, b, opacity in spans if b > a]


def _part(cells: Cells, start: int, stop: int, opacity: float) -> Cells:
    crossed = None if cells.crossed is None else cells.crossed[:, start:stop]
    return replace(
        cells,
        x=cells.x + start * _column(cells),
        width=(stop - start) * _column(cells),
        colors=cells.colors[:, start:stop],
        crossed=crossed,
        opacity=opacity,
        origin=(0, cells.origin[1] + start * cells.stride[1]),
    )
