"""Which units have a line, and where each one's values stand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.trajectories import layout as places
from rnnviz.figures.trajectories.density import is_dense
from rnnviz.figures.trajectories.layout import Layout
from rnnviz.figures.trajectories.series import Series

MOST_OVERLAID = 24
_MANY = 1 << 18  # numbers


@dataclass(frozen=True)
class Row:
    """One unit's place: `middle` is where its 0 (or a gate's 0) stands, `scale` px per 1."""

    unit: int
    top: float
    height: float
    zero: float
    scale: float

    def y(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        result: NDArray[np.float64] = self.zero - np.asarray(values, np.float64) * self.scale
        return result


def shown_units(series: Series, most: int) -> tuple[int, ...]:
    """All units where they fit, else the selected one and those that vary most, in order."""
    if series.units <= most:
        return tuple(range(series.units))
    if series.complete:
        order = series.kept("variance", partial(_by_variance, series.values))
    else:
        order = _by_variance(_some(series))
    chosen = [int(unit) for unit in order[:most].tolist()]
    if series.selected is not None and series.selected not in chosen:
        chosen[-1] = series.selected
    return tuple(sorted(chosen))


def _some(series: Series) -> NDArray[np.floating]:
    """Values of a run that is still being computed: as many as cost nothing in each frame."""
    known = series.values[series.first : series.stop]
    if not len(known):
        return series.values[:1]
    return known[:: -(-known.size // _MANY)]


def _by_variance(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Units by falling variance; what is not finite counts nothing."""
    clean = np.where(np.isfinite(values), values, 0.0).astype(np.float64)
    order: NDArray[np.floating] = np.argsort(-clean.var(axis=0), kind="stable").astype(float)
    return order


def rows_of(
    series: Series, layout: Layout, overlaid: bool, value_range: tuple[float, float]
) -> tuple[Row, ...]:
    """The units on show and where each one's values stand."""
    box, (low, high) = layout.lines, value_range
    if overlaid:
        scale = (box.height - 16) / (high - low)
        zero = box.low - 8 + low * scale
        units = shown_units(series, 1 if is_dense(series, overlaid) else MOST_OVERLAID)
        return tuple(Row(unit, box.y, box.height, zero, scale) for unit in units)
    units = shown_units(series, max(1, int(box.height / places.ROW)))
    height = box.height / max(len(units), 1)
    scale = height * 0.8 / (high - low)
    return tuple(
        Row(
            unit,
            box.y + index * height,
            height,
            box.y + (index + 0.9) * height + low * scale,
            scale,
        )
        for index, unit in enumerate(units)
    )
