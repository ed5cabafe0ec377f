"""The ids of a batch as the grid that they are: where its cards stand."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.figures.axis import Axis, even, spread
from rnnviz.figures.lookup.subject import Subject
from rnnviz.scene.text import text_width

MARGIN = 24.0
LANE = 5.0  # px from one wire to the next
MOST_WIRES = 8  # of a step
CARD_APART = 6.0
CARD = 38.0  # px of a card's width
_WIDEST = 84.0


@dataclass(frozen=True, eq=False)
class Grid:
    """The ids as they are given: a card for each.

    Attributes:
        x: of the first card; `gutter`: px before it.
        lines, columns: the tensor's two axes; a lone axis is across.
        card: width and height.
    """

    x: float
    gutter: float
    lines: Axis
    columns: Axis
    card: tuple[float, float]

    @property
    def right(self) -> float:
        return self.x + self.columns.length - CARD_APART


def grid_of(
    subject: Subject,
    lines: tuple[tuple[int, ...], tuple[int, ...]],
    lit: int,
    least: float = CARD,
) -> Grid:
    """The grid of some sequences and timesteps, with room for the wires of a step.

    Args:
        lines: the sequences, and the timesteps.
        lit: how many ids are being read.
        least: px of a card at least.
    """
    form, (sequences, steps) = subject.form, lines
    across_steps = form.batch_first or form.axes == ("L",)
    shown = {int(subject.ids[t, n]) for n in sequences for t in steps}
    wide = max(text_width(subject.token(i) or str(i), 12.5, "mono") for i in shown) + (
        16 if least == CARD else 12
    )
    card = min(max(wide, least), _WIDEST), 36.0 if subject.names_tokens else 26.0
    lanes = 13.0 if across_steps else 6.0 + LANE * min(lit, MOST_WIRES)
    width, height = card[0] + CARD_APART, card[1] + lanes
    inner = spread(form.L if across_steps else form.N, width, steps if across_steps else sequences)
    outer = spread(form.N if across_steps else form.L, height, sequences if across_steps else steps)
    gutter = 34.0 if across_steps else text_width(f"t = {form.L}", 13, "math") + 12
    if len(form.axes) < 2:
        gutter = 0.0
        outer = even(1, height)
    return Grid(MARGIN + gutter, gutter, outer, inner, card)
