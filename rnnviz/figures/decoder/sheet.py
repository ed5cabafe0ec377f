"""The heights of everything, at scale 1: both halves stand on the same lines.

Data flows upwards: tokens at the bottom, above them what they are looked up as, the layers, and
above the decoder what it thinks comes next and what that costs.
"""

from __future__ import annotations

from dataclasses import dataclass

HEADER = 72.0  # px, at any scale
TAB = (42.0, 24.0)  # top and height of the ink tab within the header
FOOT = 30.0
CARD_WIDTH = 108.0
STRIP = (22.0, 80.0)  # left and width within a card
STRIP_HEIGHT = 16.0
TOKEN_HEIGHT = 24.0
BARS = 62.0
NARROW_LANE = 62.0  # least height of a lane of narrow columns
GRADIENT_BAND = 16.0

_GATE_HEIGHT = 13.0
_GRADIENT_HEIGHT = 13.0
_STATE_STEP, _GATE_STEP = 21.0, 18.0
_NORM = 15.0  # below a gradient's strip, where its size is written
_MARGIN = 10.0
_LAYERS = 40.0
_LOSS = 30.0
_LOOSE_FROM = 0.85  # the scale below which words become no smaller


@dataclass(frozen=True)
class Row:
    """A strip of a card: top and height from the card's top, at scale 1."""

    tensor: str
    top: float
    height: float


@dataclass(frozen=True)
class Card:
    """The strips of every card of both halves.

    Attributes:
        states: of h, and of c where either half has one.
        gradients: of h and c likewise, where the way back is on show.
        gates: by half; as many as its cell has.
        height: of each card.
    """

    states: tuple[Row, ...]
    gradients: tuple[Row, ...]
    gates: tuple[tuple[Row, ...], tuple[Row, ...]]
    height: float

    def row(self, tensor: str, *, gradient: bool = False) -> Row:
        """The row of h or c, or of its gradient."""
        rows = self.gradients if gradient else self.states
        return next(row for row in rows if row.tensor == tensor)


def card_of(
    states: tuple[str, ...],
    gates: tuple[tuple[str, ...], tuple[str, ...]],
    *,
    returning: bool,
    scale: float,
) -> Card:
    """The card of both halves.

    Args:
        states: "h", and "c" where either has one.
        gates: of each half, those that are to be shown.
        returning: whether there are gradients to be shown.
        scale: of the picture; far out words keep their size.
    """
    top = _MARGIN
    rows = []
    for tensor in states:
        rows.append(Row(tensor, top, STRIP_HEIGHT))
        top += _STATE_STEP
    back = []
    for tensor in states if returning else ():
        back.append(Row(tensor, top, _GRADIENT_HEIGHT))
        top += _GRADIENT_HEIGHT + _NORM * max(1.0, _LOOSE_FROM / scale)
    shown = [
        tuple(Row(gate, top + k * _GATE_STEP, _GATE_HEIGHT) for k, gate in enumerate(each))
        for each in gates
    ]
    most = max(len(each) for each in gates)
    low = top + most * _GATE_STEP - (_GATE_STEP - _GATE_HEIGHT)
    if not most:
        low = rows[-1].top + STRIP_HEIGHT if not returning else top - 3
    return Card(tuple(rows), tuple(back), (shown[0], shown[1]), low + _MARGIN)


@dataclass(frozen=True)
class Sheet:
    """The heights of one sequence's block, at scale 1, from the block's own top.

    Attributes:
        title: height kept for the sequence's name, 0 where one stands alone.
        loss: middle of the row of losses; None without targets.
        bars: top of the bars; `names`: baseline of their names.
        feed: where the wires that feed a token back run.
        lanes: top of each layer's cards, layer 0 first; `lane` is their height.
        embedded, tokens: top of the two rows below.
        height: of the whole block.
    """

    title: float
    loss: float | None
    bars: float
    names: float
    feed: float
    lanes: tuple[float, ...]
    lane: float
    embedded: float
    tokens: float
    height: float


def sheet_of(
    card: Card, layers: int, *, losses: bool, narrow: bool, titled: bool, scale: float
) -> Sheet:
    """The heights for so many layers; far out words keep their size, and rows their distance."""
    loose = max(1.0, _LOOSE_FROM / scale)
    title = 24.0 * loose if titled else 0.0
    top = title + 10.0 * loose
    loss = top + 10 * loose if losses else None
    top += _LOSS * loose if losses else 0.0
    bars = top + 16 * loose
    names = bars + BARS + 14 * loose
    feed = names + 16 * loose
    lane = card.height
    if narrow:
        lane = max(lane, NARROW_LANE + (GRADIENT_BAND + 6 if card.gradients else 0.0))
    top = feed + 32
    lanes = [0.0] * layers
    for layer in reversed(range(layers)):
        lanes[layer] = top
        top += lane + (_LAYERS * loose if layer else 0.0)
    embedded = top + 36
    tokens = embedded + STRIP_HEIGHT + 18 * loose
    height = tokens + TOKEN_HEIGHT + 34 * loose
    return Sheet(title, loss, bars, names, feed, tuple(lanes), lane, embedded, tokens, height)
