"""How the sizes on a ruler turn to colours: evenly, or by their power of ten."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.colorbar import end_labels, plain
from rnnviz.figures.ruler.norms import Row, largest_norm
from rnnviz.scene.style import Style

_MOST_DECADES = 8


@dataclass(frozen=True, slots=True)
class Shades:
    """The colours of sizes.

    Attributes:
        limit: the size of the full colour.
        decades: how many powers of ten lie below it; None where colours go evenly from 0.
    """

    limit: float
    decades: int | None = None

    @property
    def ends(self) -> tuple[str, str]:
        """What is written at the two ends of the colour bar."""
        if self.decades is None:
            return end_labels(self.limit, signed=False)
        return plain(self.limit / 10.0**self.decades), plain(self.limit)

    def colors(self, sizes: NDArray[np.floating], style: Style) -> NDArray[np.uint8]:
        """The colours `(..., 3)` of sizes `(...)`."""
        if self.decades is None:
            return style.magnitude.colors(sizes, self.limit)
        with np.errstate(divide="ignore", invalid="ignore"):
            powers = np.log10(sizes / self.limit) / self.decades + 1
        return style.magnitude.colors(np.maximum(powers, 0.0), 1.0)


def shades_of(rows: list[Row], by_power: bool) -> Shades:
    """The shades of some rows.

    Args:
        by_power: gradients, whose sizes differ by powers of ten.
    """
    if not by_power:
        return Shades(largest_norm(rows))
    sizes = np.concatenate([row.norms for row in rows])
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    if not sizes.size:
        return Shades(1.0)
    high = math.ceil(math.log10(float(sizes.max())) - 1e-9)
    low = math.floor(math.log10(float(sizes.min())))
    return Shades(10.0**high, min(max(high - low, 1), _MOST_DECADES))
