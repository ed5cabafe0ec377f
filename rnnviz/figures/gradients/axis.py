"""The plot's vertical axis, of powers of ten or of plain numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.gradients.numbers import number, power
from rnnviz.figures.plots import Box
from rnnviz.figures.ranges import round_limit
from rnnviz.scene.axes import nice_ticks, tick_labels
from rnnviz.scene.marks import Mark, Rect, Run
from rnnviz.scene.style import Style

DECADES = 12  # below the largest size, beyond which nothing is drawn
_EDGE = 8.0  # px above the largest value and below the least
_STEPS = (1, 2, 3, 4, 5, 10, 20, 50, 100)


@dataclass(frozen=True)
class Axis:
    """What the plot's upper and lower edges stand for.

    Attributes:
        low, high: values, or of a logarithmic axis whole powers of ten.
    """

    box: Box
    log: bool
    low: float
    high: float

    @property
    def floor(self) -> float:
        """The least size that is told from 0."""
        return float(10.0**self.low) if self.log else 0.0

    def y(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Where sizes stand; NaN for what has no place, as 0 has none among powers of ten."""
        sizes = np.asarray(values, dtype=np.float64)
        heights = sizes
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                heights = np.log10(sizes)
        room = self.box.height - 2 * _EDGE
        y = self.box.low - _EDGE - (heights - self.low) / (self.high - self.low) * room
        placed: NDArray[np.float64] = np.where(np.isfinite(y), y, np.nan)
        return np.clip(placed, self.box.y - 40, self.box.low + 40)


def axis_of(sizes: Iterable[NDArray[np.floating]], log: bool, box: Box) -> Axis:
    """An axis that shows some sizes."""
    known = [values[np.isfinite(values) & (values > 0)] for values in sizes]
    known = [values for values in known if len(values)]
    least = min((float(values.min()) for values in known), default=1e-3)
    largest = max((float(values.max()) for values in known), default=1.0)
    if not log:
        return Axis(box, False, 0.0, round_limit(largest))
    high = math.ceil(math.log10(largest) - 1e-9)
    low = max(math.floor(math.log10(least) + 1e-9), min(-DECADES, high - DECADES))
    return Axis(box, True, float(min(low, high - 2)), float(high))


def grid(axis: Axis, style: Style) -> list[Mark]:
    """Lines across the plot, and their numbers at the left."""
    box = axis.box
    marks: list[Mark] = []
    for value, runs in _ticks(axis):
        y = float(axis.y(np.asarray(value)))
        marks.append(Rect(box.x, y - 0.5, box.width, 1, fill=style.ui.grid))
        marks.append(number(runs, box.x - 8, y + 4, style.ui.muted))
    return marks


def _ticks(axis: Axis) -> list[tuple[float, tuple[Run, ...]]]:
    most = max(2, int(axis.box.height / 40))
    if not axis.log:
        ticks = nice_ticks(axis.low, axis.high, most)
        return [(tick, (Run(text),)) for tick, text in zip(ticks, tick_labels(ticks), strict=True)]
    low, high = int(axis.low), int(axis.high)
    step = next((n for n in _STEPS if (high - low) / n <= most), 100)
    exponents = range(high - (high % step), low - 1, -step)
    return [(float(10.0**exponent), power(exponent)) for exponent in exponents]
