"""The lines of the units on show: up to now in full, what is to come faint."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.reduce import reduced, reduced_evenly
from rnnviz.figures.trajectories.layout import FUTURE
from rnnviz.figures.trajectories.options import Range
from rnnviz.figures.trajectories.pages import pages
from rnnviz.figures.trajectories.progress import Looks, through_time
from rnnviz.figures.trajectories.rows import Row
from rnnviz.figures.trajectories.series import Series
from rnnviz.figures.trajectories.time_axis import TimeAxis
from rnnviz.scene.marks import Circle, Clip, Mark, Path, Polyline, Segment
from rnnviz.scene.style import Style

GHOST = 0.6
_DENSE = 400
_BEYOND = 6.0  # px
_FILLED = 160  # points up to which the area to the baseline is tinted

Points = NDArray[np.float64]


class Plot(NamedTuple):
    """Where the lines are drawn, and how."""

    axis: TimeAxis
    rows: tuple[Row, ...]
    overlaid: bool
    style: Style

    def reduced(
        self, values: NDArray[np.floating], first: int, last: int
    ) -> tuple[Points, NDArray[np.floating]]:
        """Some timesteps in px, and their values `(m, rows)`: no more than there is room for."""
        t, shown = reduced(values, first, last, max(8, int(self.axis.per_step * (last - first))))
        return self.axis.place(t + 1), shown


def strokes(series: Series, plot: Plot, seen: float) -> list[Mark]:
    """The lines of all rows.

    Args:
        seen: px of them that are seen together.
    """
    box, span = plot.axis.box, _span(series, plot.axis.x_range)
    if not span:
        return []
    ghosts = _ghosts(series, plot, (span.start, span.stop))
    if not series.stable:
        tints, lines = _cut(series, plot, (span.start, span.stop))
        return [Clip(*box.sides, (*tints, *ghosts, *lines))]
    marks: list[Mark] = [Clip(*box.sides, ghosts)] if ghosts else []
    done = _done(series, plot, span.start)
    for page in pages(series, *plot.axis):
        there = plot._replace(axis=page.axis)
        looks = series.drawn(
            ("lines", there, series.selected, seen), partial(_whole, series, there, seen)
        )
        marks += through_time(page.seen, done, looks, page.shift)
    return marks


def _span(series: Series, x_range: Range, beyond: int = 0) -> range:
    """The timesteps whose lines are seen, from 0."""
    start = max(0, int(x_range[0] - 1) - beyond)
    return range(start, max(min(series.length, int(x_range[1]) + 1 + beyond), start))


def _ghosts(series: Series, plot: Plot, span: tuple[int, int]) -> tuple[Mark, ...]:
    """The lines of the run before it was edited, behind the others."""
    if series.ghost is None:
        return ()
    x, values = plot.reduced(series.ghost[:, [row.unit for row in plot.rows]], *span)
    color = plot.style.ui.muted
    return tuple(
        Polyline(_points(x, row, values[:, index]), color, 1.5, opacity=GHOST)
        for index, row in enumerate(plot.rows)
    )


def _cut(
    series: Series, plot: Plot, span: tuple[int, int]
) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
    """The tints and the lines, in pieces of what is to come and what has been."""
    tints: list[Mark] = []
    lines: list[Mark] = []
    for first, last, past in _pieces(series, *span):
        for row, points in _placed(series, plot, (first, last)):
            tints += _tints(series, plot, row, points, len(points)) if past else ()
            lines += _line(series, plot, row, points, past, len(points))
    return tuple(tints), tuple(lines)


def _whole(series: Series, plot: Plot, seen: float) -> Looks:
    """The lines of a page in both looks, and so much beyond it that the next page goes on.

    Args:
        seen: px of all pages that are seen together; they look alike.
    """
    count = int(seen / max(plot.axis.per_step, 1))
    span = _span(series, plot.axis.x_range, math.ceil(_BEYOND / plot.axis.per_step))
    tints: list[Mark] = []
    come: list[Mark] = []
    been: list[Mark] = []
    if span:
        values = series.columns(tuple(row.unit for row in plot.rows))
        t, shown = reduced_evenly(values, span.start, span.stop, plot.axis.per_step)
        for row, points in _rows(plot, plot.axis.place(t + 1), shown):
            tints += _tints(series, plot, row, points, count)
            come += _line(series, plot, row, points, False, count)
            been += _line(series, plot, row, points, True, count)
    return tuple(come), (*tints, *been)


def _placed(series: Series, plot: Plot, span: tuple[int, int]) -> Iterable[tuple[Row, Points]]:
    """Each row with the points of its line in px."""
    x, values = plot.reduced(series.columns(tuple(row.unit for row in plot.rows)), *span)
    return _rows(plot, x, values)


def _rows(plot: Plot, x: Points, values: NDArray[np.floating]) -> Iterable[tuple[Row, Points]]:
    """Each row with the points of its line, NaN where there is none, so that it breaks."""
    return ((row, _points(x, row, values[:, n])) for n, row in enumerate(plot.rows))


def _points(x: Points, row: Row, values: NDArray[np.floating]) -> Points:
    y = row.y(values)
    return np.column_stack([x, np.where(np.isfinite(y), y, np.nan)])


def _done(series: Series, plot: Plot, start: int) -> tuple[float, float] | None:
    """From where to where what has been computed stands, in px."""
    if series.stop <= series.first:
        return None
    box = plot.axis.box
    left, right = (plot.axis.place(float(t)) for t in (series.first + 1, series.stop))
    whole = series.stop == series.length
    return box.x if series.first <= start else left, box.right if whole else right


def _pieces(series: Series, start: int, stop: int) -> list[tuple[int, int, bool]]:
    """The visible timesteps cut into what is to come and what has been, in painting order."""
    first, last = max(series.first, start), min(series.stop, stop)
    if last <= first:
        return [(start, stop, False)]
    pieces = [(first, last, True)]
    if start < first:
        pieces.insert(0, (start, first + 1, False))
    if last < stop:
        pieces.insert(0, (last - 1, stop, False))
    return pieces


def _line(
    series: Series, plot: Plot, row: Row, points: Points, past: bool, count: int
) -> list[Mark]:
    """A line in one look.

    Args:
        count: of the points that are seen together.
    """
    role, chosen = plot.style.role(series.tensor), row.unit == series.selected
    marks: list[Mark] = []
    plain = 1.5 if count <= _DENSE else 1.0  # many points in a column read as one stroke
    width = 2.25 if chosen else plain
    opacity = 1.0 if past else FUTURE
    if plot.overlaid and series.selected is not None and not chosen:
        opacity *= 0.6
    x, y = points[0].tolist()
    if len(points) == 1 and np.isfinite(y):
        marks.append(Circle(x, y, 3, fill=role.line, opacity=opacity))
    key = series.key._replace(unit=row.unit)
    width = width if past else min(plain, 1.25)
    return [*marks, Polyline(points, role.line, width, opacity=opacity, key=key)]


def _tints(series: Series, plot: Plot, row: Row, points: Points, count: int) -> list[Mark]:
    """The tint between a line and its 0, one piece for every unbroken part."""
    if plot.overlaid or count > _FILLED:
        return []
    marks: list[Mark] = []
    zero, fill = row.zero, plot.style.role(series.tensor).fill
    for part in np.split(points, np.flatnonzero(np.isnan(points[:, 1]))):
        part = part[np.isfinite(part[:, 1])]
        if len(part) < 2:
            continue
        segments: list[Segment] = [("M", float(part[0, 0]), zero)]
        segments += [("L", x, y) for x, y in part.tolist()]
        segments += [("L", float(part[-1, 0]), zero), ("Z",)]
        marks.append(Path(tuple(segments), fill=fill))
    return marks
