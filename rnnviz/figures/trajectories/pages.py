"""A long run in pages: where it is panned they are moved, and only a new one is drawn.

At a zoom, the first look is one page of the panel's width. What comes into sight beside it is on
narrow ones, so that no frame has much to draw.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

from rnnviz.figures.plots import Box
from rnnviz.figures.trajectories.options import Range
from rnnviz.figures.trajectories.series import Series
from rnnviz.figures.trajectories.time_axis import TimeAxis

_NARROW = 4  # pages beside the first one to a panel's width


class Page(NamedTuple):
    """Some timesteps of a panel.

    Attributes:
        axis: where they are drawn, at the panel's left.
        shift: px to the right by which they are seen moved.
        seen: the part of the panel in which they are seen.
    """

    axis: TimeAxis
    shift: float
    seen: Box

    def columns(self, start: int, stop: int) -> int:
        """The px that some timesteps have."""
        return max(1, round((stop - start) * self.axis.per_step))


def on_whole_px(series: Series, x_range: Range, width: float) -> Range:
    """The timesteps nearest to some at which the pages of a panel are moved by whole px."""
    if not series.stable:
        return x_range
    span = _span(x_range)
    first = _first(series, x_range[0], span, width)
    start = first + round((x_range[0] - first) * width / span) * span / width
    return start, start + span


def pages(series: Series, box: Box, x_range: Range) -> list[Page]:
    """The pages of a panel on which something is seen, in the order of time.

    Args:
        x_range: the timesteps at its edges, as `on_whole_px` gives them.
    """
    if not series.stable:
        return [Page(TimeAxis(box, x_range), 0.0, box)]
    span = _span(x_range)
    per_step = box.width / span
    first = _first(series, x_range[0], span, box.width)
    offset = round((x_range[0] - first) * per_step)
    found = []
    for start, width in _spans(offset, math.ceil(box.width)):
        left, right = max(start - offset, 0.0), min(start + width - offset, box.width)
        if right > left:
            found.append(
                Page(
                    TimeAxis(
                        replace(box, width=float(width)),
                        (first + start / per_step, first + (start + width) / per_step),
                    ),
                    float(start - offset),
                    replace(box, x=box.x + left, width=right - left),
                )
            )
    return found


def _span(x_range: Range) -> float:
    """How many timesteps are on show; panning leaves that but for rounding."""
    return float(f"{x_range[1] - x_range[0]:.9g}")


def _first(series: Series, start: float, span: float, width: float) -> float:
    """The timestep at which the first look at a zoom began."""
    return series.drawn(("first look", span, width), lambda: start)


def _spans(offset: int, width: int) -> list[tuple[int, int]]:
    """Where the pages begin that a panel's width reaches, and how wide they are, in px.

    Args:
        offset: where the panel begins; the first page begins at 0.
    """
    narrow = math.ceil(width / _NARROW)
    spans = [(0, width)] if -width < offset < width else []
    before = range(math.floor(offset / narrow), min(math.ceil((offset + width) / narrow), 0))
    behind = range(max((offset - width) // narrow, 0), max(math.ceil(offset / narrow), 0))
    return [
        *((number * narrow, narrow) for number in before),
        *spans,
        *((width + number * narrow, narrow) for number in behind),
    ]
