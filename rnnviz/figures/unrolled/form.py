"""The card in px: what every card of a picture has in common, worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rnnviz.figures.unrolled.rows import (
    GRADIENT,
    STRIP_LEFT,
    STRIP_WIDTH,
    UNPROJECTED,
    WIDTH,
    CardPlan,
    Row,
)
from rnnviz.scene.marks import Run
from rnnviz.scene.style import Role, Style
from rnnviz.scene.text import symbol

LARGEST_TEXT_SCALE = 1.6  # closer up there is more room, and numbers fill it
_WEIGHT_FROM = 0.9  # the scale at which W_hr has room before its strip
_LETTER = 11.0  # middle of the letters' column, px at scale 1


@dataclass(frozen=True, slots=True)
class Letter:
    """The name before a strip; x and baseline from the card's corner."""

    x: float
    y: float
    runs: tuple[Run, ...]
    size: float


@dataclass(frozen=True, slots=True)
class FormRow:
    """A strip's place from the card's corner, px, and its hue."""

    row: Row
    x: float
    y: float
    width: float
    height: float
    role: Role
    letter: Letter | None


@dataclass(frozen=True, slots=True)
class Form:
    """A card's size and strips, px; `divider` is its line's y, None where there is none.

    `returned` are the strips of gradients, `seam` the line above them.
    """

    width: float
    height: float
    radius: float
    divider: float | None
    rows: tuple[FormRow, ...]
    returned: tuple[FormRow, ...] = ()
    seam: float | None = None


@lru_cache(maxsize=64)
def form_of(card: CardPlan, scale: float, style: Style) -> Form:
    """The card's plan at a scale."""
    return Form(
        WIDTH * scale,
        card.height * scale,
        8.0 * scale,
        None if card.divider is None else (card.divider - 0.5) * scale,
        tuple(_row(row, card, scale, style) for row in card.rows),
        tuple(_row(row, card, scale, style) for row in card.returned),
        None if card.seam is None else (card.seam - 0.5) * scale,
    )


def units_width(card: CardPlan, units: int, scale: float) -> float:
    """The width of a vector's strip within a card, px."""
    return STRIP_WIDTH * scale * min(units / max(card.cells, 1), 1.0)


def _row(row: Row, card: CardPlan, scale: float, style: Style) -> FormRow:
    projected = row.tensor == UNPROJECTED
    size = max((10.5 if projected else 13.0) * min(scale, LARGEST_TEXT_SCALE), 10.5)
    state = row.tensor.removeprefix(GRADIENT)
    returned = state != row.tensor
    runs = symbol("W", sub="hr") if projected else (Run(state, italic=True),)
    if returned:
        runs = (Run("∂", italic=False), *runs)
    too_wide = projected and scale < _WEIGHT_FROM
    middle = (row.top + row.height / 2) * scale
    return FormRow(
        row,
        STRIP_LEFT * scale,
        row.top * scale,
        units_width(card, row.units, scale),
        row.height * scale,
        style.role("h" if projected else "gradient" if returned else row.tensor),
        None if too_wide else Letter(_LETTER * scale, middle + 0.26 * size, runs, size),
    )
