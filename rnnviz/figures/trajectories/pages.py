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

_NARROW = 4  # pages beside the first one to a panel's width


class Page(NamedTuple):
    """Some timesteps of a panel.

    Attributes:
        box: where they are drawn, at the panel's left.
        x_range: the timesteps at its edges, counted from 1.
        shift: px to the right by which they are seen moved.
        seen: the part of the panel in which they are seen.
    """

    box: Box
    x_range: Range
    shift: float
    seen: Box

    @property
    def per_step(self) -> float:
        """px of a timestep."""
        return self.box.width / max(self.x_range[1] - self.x_range[0], 1e-9)

    def place(self, t: float) -> float:
        """Where timestep t, counted from 1, is drawn."""
        return self.box.x + (t - self.x_range[0]) * self.per_step

    def columns(self, start: int, stop: int) -> int:
        """The px that some timesteps have."""
        return max(1, round((stop - start) * self.per_step))


def on_whole_px(series: Series, x_range: Range, width: float) -> Range:
    """The timesteps nearest to some at which the pages of a panel are moved by whole px."""
    if not series.stable:
        return x_range
    span = float(f"{x_range[1] - x_range[0]:.9g}")  # panning leaves it but for rounding
    first = _first(series, x_range[0], span, width)
    start = first + round((x_range[0] - first) * width / span) * span / width
    return start, start + span


def pages(series: Series, box: Box, x_range: Range) -> list[Page]:
    """The pages of a panel on which something is seen, in the order of time.

    Args:
        x_range: the timesteps at its edges, as `on_whole_px` gives them.
    """
    if not series.stable:
        return [Page(box, x_range, 0.0, box)]
    span = float(f"{x_range[1] - x_range[0]:.9g}")
    per_step = box.width / span
    first = _first(series, x_range[0], span, box.width)
    offset = round((x_range[0] - first) * per_step)
    found = []
    for start, width in _spans(offset, math.ceil(box.width)):
        left, right = max(start - offset, 0.0), min(start + width - offset, box.width)
        if right > left:
            found.append(
                Page(
                    replace(box, width=float(width)),
                    (first + start / per_step, first + (start + width) / per_step),
                    float(start - offset),
                    replace(box, x=box.x + left, width=right - left),
                )
            )
    return found


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
