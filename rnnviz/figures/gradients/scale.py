"""The colours of sizes: by powers of ten, or plain, with a bar that says so."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.colorbar import bar, colorbar, end_labels
from rnnviz.figures.gradients.flows import Sizes
from rnnviz.figures.gradients.numbers import number, power, width_of
from rnnviz.figures.ranges import largest_magnitude, round_limit
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.style import Style

_DECADES = 6  # that the colours tell apart, or more where two runs lie far apart
_MOST_DECADES = 10
_FEWEST_DECADES = 2
_BELOW = 3  # the largest of each picture


@dataclass(frozen=True)
class Scale:
    """What the ends of the colours stand for: powers of ten, or 0 and a number."""

    log: bool
    low: float
    high: float

    def colors(self, sizes: Sizes, style: Style) -> NDArray[np.uint8]:
        """Of sizes; what lies below the scale is paper."""
        if not self.log:
            clean = np.where(sizes > self.high / 255, sizes, np.nan)
            return style.gradient.colors(clean, self.high)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = (np.log10(sizes) - self.low) / (self.high - self.low)
        return style.gradient.colors(np.where(shares >= 0, shares, np.nan), 1.0)

    def bar(self, right: float, y: float, width: float, style: Style) -> tuple[list[Mark], float]:
        """The key to the colours, its numbers included, ending at `right`; and where it begins."""
        if not self.log:
            ends = end_labels(self.high, signed=False)
            x = right - width - 34
            return colorbar(x, y, width, style.gradient, ends, style), x - 16
        low, high = power(int(self.low)), power(int(self.high))
        ink, decades = style.ui.text_secondary, int(self.high - self.low)
        x = right - width_of(high, 11) - 7 - width
        marks: list[Mark] = [bar(x, y, width, 8, style.gradient)]
        marks += [
            Rect(x + width * k / decades - 0.5, y + 8, 1, 3, fill=style.ui.border_strong)
            for k in range(decades + 1)
        ]
        marks.append(number(low, x - 7, y + 8, ink))
        marks.append(number(high, x + width + 7, y + 8, ink, anchor="start"))
        return marks, x - 14 - width_of(low, 11)


def scale_of(matrices: list[Sizes], log: bool) -> Scale:
    """One scale for all that is coloured."""
    each = [largest for m in matrices if (largest := largest_magnitude(m)) > 0]
    if not log:
        return Scale(False, 0.0, round_limit(max(each, default=0.0)))
    if not each:
        return Scale(True, float(-_DECADES), 0.0)
    high = math.ceil(math.log10(max(each)) - 1e-9)
    low = min(high - _DECADES, math.floor(math.log10(min(each))) - _BELOW)
    low = max(low, high - _MOST_DECADES, min(_least(matrices), high - _FEWEST_DECADES))
    return Scale(True, float(low), float(high))


def _least(matrices: list[Sizes]) -> int:
    """The power of ten that nearly all sizes lie above."""
    known = np.concatenate([m[np.isfinite(m) & (m > 0)] for m in matrices])
    return math.floor(math.log10(float(np.percentile(known, 2))))
