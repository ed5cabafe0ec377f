"""Where lines could not be told apart: how many units are at each value, over time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.plots import Box
from rnnviz.figures.trajectories.layout import Layout
from rnnviz.figures.trajectories.pages import Page
from rnnviz.figures.trajectories.progress import cells_over_time
from rnnviz.figures.trajectories.series import Series
from rnnviz.scene.colormap import Colormap
from rnnviz.scene.marks import Cells, Mark
from rnnviz.scene.style import Style

DENSE_FROM = 64  # units, more of which on one axis are drawn as density
BINS = 192  # of values, over the range of the series
_TOGETHER = 1 << 18  # numbers that are counted at once
_FULL = 0.995  # of the places where units are, those that are not in full colour

Counts = NDArray[np.float16]


@dataclass(frozen=True, eq=False)
class Density:
    """How many units lie in each bin of values.

    Attributes:
        levels: `(T / 2**k, BINS)`, the mean count of 2**k timesteps, least value first.
        full: the count that is drawn in full colour.
    """

    levels: tuple[Counts, ...]
    full: float

    def window(self, start: int, stop: int, columns: int) -> tuple[Counts, int, int]:
        """What lies between two timesteps, no more than twice as many columns as there is room for.

        Returns:
            counts `(n, BINS)`, the first timestep, and timesteps per column.
        """
        wish = max(stop - start, 1) // max(columns, 1)
        depth = min(max(wish.bit_length() - 1, 0), len(self.levels) - 1)
        first, last = start >> depth, -(-stop >> depth)
        return self.levels[depth][first:last], first << depth, 1 << depth


def is_dense(series: Series, overlaid: bool) -> bool:
    """Whether all units on one axis are drawn as density."""
    return overlaid and series.units > DENSE_FROM


def density(
    series: Series,
    layout: Layout,
    x_range: tuple[float, float],
    value_range: tuple[float, float],
    style: Style,
) -> list[Mark]:
    """All units over time: up to now in full, what is to come faint."""
    box = layout.lines
    make = partial(_cells, series, box, value_range, style)
    within = Box(box.x, box.y + 1, box.width, box.height - 2)
    return cells_over_time(series, within, x_range, ("density", value_range, style), make)


def _cells(
    series: Series,
    box: Box,
    value_range: tuple[float, float],
    style: Style,
    page: Page,
    start: int,
    stop: int,
) -> Cells:
    """How many units are where, at some timesteps, in full."""
    found = series.kept("density", partial(_counted, series.values, series.low, series.high))
    counts, first, step = found.window(start, stop, page.columns(start, stop))
    scale = (box.height - 16) / (value_range[1] - value_range[0])
    return Cells(
        page.axis.place(first + 0.5),
        box.y + 8 + (value_range[1] - series.high) * scale,
        len(counts) * step * page.axis.per_step,
        (series.high - series.low) * scale,
        _colors(counts, found.full, series, style),
        axes=("", ""),
        origin=(0, first),
        stride=(1, step),
    )


def _colors(counts: Counts, full: float, series: Series, style: Style) -> NDArray[np.uint8]:
    """Few units are seen too: the root of their number counts."""
    shares = np.sqrt(counts.astype(np.float32) / np.float32(full)).T[::-1]
    ink = Colormap("density", (style.ui.card, style.role(series.tensor).line), False, style.ui.card)
    return ink.colors(shares, 1.0)


def _counted(values: NDArray[np.floating], low: float, high: float) -> Density:
    finest = np.empty((len(values), BINS), dtype=np.float16)
    rows = max(1, _TOGETHER // max(values.shape[1], 1))
    for start in range(0, len(values), rows):
        finest[start : start + rows] = _histograms(values[start : start + rows], low, high)
    levels = [finest]
    while len(levels[-1]) > 1:
        levels.append(_halved(levels[-1]))
    seen = levels[min(len(levels) - 1, max(len(values).bit_length() - 10, 0))]
    there = seen[seen > 0]
    full = float(np.quantile(there.astype(np.float32), _FULL)) if there.size else 1.0
    return Density(tuple(levels), max(full, 1e-6))


def _histograms(values: NDArray[np.floating], low: float, high: float) -> NDArray[np.intp]:
    """How many values of each row lie in each bin; those that are not finite in none."""
    with np.errstate(invalid="ignore", over="ignore"):
        bins = (values - low) * (BINS / (high - low))
        places = np.clip(np.nan_to_num(bins), 0, BINS - 1).astype(np.intp)
    places += np.arange(len(values), dtype=np.intp)[:, None] * BINS
    finite = np.isfinite(values)
    flat = places.ravel() if finite.all() else places[finite]
    return np.bincount(flat, minlength=len(values) * BINS).reshape(len(values), BINS)


def _halved(counts: Counts) -> Counts:
    """The mean of each two timesteps; the last odd one stays."""
    even = len(counts) // 2 * 2
    means = (counts[0:even:2].astype(np.float32) + counts[1:even:2]) / 2
    halved = np.empty(((len(counts) + 1) // 2, counts.shape[1]), dtype=np.float16)
    halved[: even // 2] = means
    if even < len(counts):
        halved[-1] = counts[-1]
    return halved
