"""How much is drawn: it depends on the px per step, not on the number of steps."""

from __future__ import annotations

from enum import Enum

STEP = 134.0  # px from one step to the next at 100 %
_CARDS_FROM = 90.0
_COLUMNS_FROM = 8.0
SMALLEST = _CARDS_FROM / STEP  # scale of the furniture where cards give way to columns
LABELS_EVERY = 50


class Level(Enum):
    """The levels of detail, from close up to far out."""

    CARDS = "cards"
    COLUMNS = "columns"
    RASTER = "raster"


def pitch(zoom: float) -> float:
    """Px from one step to the next."""
    return STEP * zoom


def level_of(zoom: float) -> Level:
    """The level of detail at a zoom."""
    if pitch(zoom) >= _CARDS_FROM - 1e-9:
        return Level.CARDS
    return Level.COLUMNS if pitch(zoom) >= _COLUMNS_FROM - 1e-9 else Level.RASTER


def furniture_scale(zoom: float, natural: float, pane: float) -> float:
    """The scale of everything but the time axis.

    Cards scale with the zoom. Further out only time is squeezed: the rest keeps a readable
    size, and grows into a pane that has room for it.

    Args:
        zoom: of the frame.
        natural: the content's height at scale 1.
        pane: the height there is.
    """
    if level_of(zoom) is Level.CARDS:
        return zoom
    return min(max(pane / max(natural, 1.0), SMALLEST), 1.0)


def steps_per_column(zoom: float) -> int:
    """How many steps share one column of a raster."""
    return max(1, -int(-1 // max(pitch(zoom), 1e-9))) if pitch(zoom) < 1 else 1
