"""A vertical scale, of logarithms or of plain numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.plots import Box
from rnnviz.scene.axes import nice_ticks, tick_labels, write_number

_ROOM = 0.06  # of the range, above the largest value and below the least
_ROUND = ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))


@dataclass(frozen=True)
class Scale:
    """What the upper and lower edge of a box stand for; of a logarithmic one, powers of ten."""

    box: Box
    log: bool
    low: float
    high: float

    def y(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Where values stand; NaN for what has no place."""
        heights = np.asarray(values, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            heights = np.log10(heights) if self.log else heights
            y = self.box.low - (heights - self.low) / (self.high - self.low) * self.box.height
        placed: NDArray[np.float64] = np.where(np.isfinite(y), y, np.nan)
        return placed

    def ticks(self) -> list[tuple[float, str]]:
        """Round values, few enough for the box to label, and how they are written."""
        most = max(2, int(self.box.height / 26))
        if not self.log:
            found = nice_ticks(self.low, self.high, most)
            return list(zip(found, tick_labels(found), strict=True))
        found = self._powers(most)
        if found:
            return [(value, write_number(value, 3)) for value in found]
        found = nice_ticks(10.0**self.low, 10.0**self.high, most)
        return list(zip(found, tick_labels(found), strict=True))

    def _powers(self, most: int) -> tuple[float, ...]:
        """Powers of ten, with twice and five times as much between where there is room."""
        powers = [10.0**power for power in range(math.floor(self.low), math.ceil(self.high) + 1)]
        for steps in _ROUND:
            known = self._within([step * power for power in powers for step in steps])
            if 1 < len(known) <= most:
                return tuple(known)
        return tuple(known[:: math.ceil(len(known) / most)] if len(known) > most else ())

    def _within(self, values: list[float]) -> list[float]:
        return [value for value in values if self.low <= math.log10(value) <= self.high]


def scale_of(values: NDArray[np.floating], log: bool, box: Box) -> Scale:
    """A scale that shows values."""
    known = values[np.isfinite(values) & ((values > 0) | (not log))]
    if not len(known):
        return Scale(box, log, 0.0, 1.0)
    low, high = float(known.min()), float(known.max())
    if log:
        low, high = math.log10(low), math.log10(high)
    elif low > 0:
        low = 0.0
    room = max(high - low, 1e-9 * max(abs(high), 1.0), 0.05 if log else 0.0) * _ROOM
    return Scale(box, log, low - (room if log or low < 0 else 0.0), high + room)
