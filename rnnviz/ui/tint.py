"""The signed colour map as ready colours: a table asks for thousands of them in a frame."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PySide6.QtGui import QColor

from rnnviz.scene.colormap import contrasting_text, rgb_to_hex
from rnnviz.scene.style import Style

_HALF = 127  # entries on each side of 0


class Tint(NamedTuple):
    """The colour of a cell, and of the number on it."""

    fill: QColor
    ink: QColor


@lru_cache(maxsize=4)
def _tints(style: Style) -> tuple[Tint, ...]:
    fills = style.signed.colors(np.linspace(-1.0, 1.0, 2 * _HALF + 1), 1.0)
    hexes = [rgb_to_hex(fill) for fill in fills]
    return tuple(Tint(QColor(fill), QColor(contrasting_text(fill))) for fill in hexes)


def tint(style: Style, value: float, limit: float) -> Tint:
    """The colour of a finite value, where the map ends at ± limit."""
    share = value / limit if limit > 0 and math.isfinite(limit) else 0.0
    return _tints(style)[_HALF + round(min(max(share, -1.0), 1.0) * _HALF)]
