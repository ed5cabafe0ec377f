"""How much is drawn: it depends on the px per step, not on the number of steps."""

from __future__ import annotations

from enum import Enum

STEP = 134.0  # px from one step to the next at 100 %
_CARDS_FROM = 90.0
_COLUMNS_FROM = 8.0
_FEW, _FEW_CARDS_FROM = 12, 72.0
SHARE = 0.6  # of the pane that gutters and opened cards may take
LABELS_EVERY = 50


class Level(Enum):
    """The levels of detail, from close up to far out."""

    CARDS = "cards"
    COLUMNS = "columns"
    RASTER = "raster"


def pitch(zoom: float) -> float:
    """Px from one step to the next."""
    return STEP * zoom


def smallest_cards(steps: int) -> float:
    """The zoom below which cards give way to columns; a run of few steps keeps them longer."""
    return (_FEW_CARDS_FROM if steps <= _FEW else _CARDS_FROM) / STEP


def level_of(zoom: float, steps: int) -> Level:
    """The level of detail at a zoom, of a run of so many steps."""
    if zoom >= smallest_cards(steps) - 1e-9:
        return Level.CARDS
    return Level.COLUMNS if pitch(zoom) >= _COLUMNS_FROM - 1e-9 else Level.RASTER


def furniture_scale(least: float, natural: tuple[float, float], room: tuple[float, float]) -> float:
    """The scale of everything but the time axis where steps are columns or images.

    Only time is squeezed there: the rest keeps a readable size, and grows where there is room.

    Args:
        least: the scale of the smallest cards.
        natural: width of what is beside the columns, and height of the content, at scale 1.
        room: width and height for these.
    """
    wide = room[0] / max(natural[0], 1.0)
    high = room[1] / max(natural[1], 1.0)
    return min(max(min(wide, high), least), 1.0)


def steps_per_column(zoom: float) -> int:
    """How many steps share one column of a raster."""
    return max(1, -int(-1 // max(pitch(zoom), 1e-9))) if pitch(zoom) < 1 else 1
