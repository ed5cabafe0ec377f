"""The heights of everything: lanes, gaps, input and output rows, block by block.

Data flows upwards: the input lies at the bottom, layer 0 above it, `output` on top. A
bidirectional layer has two lanes, forward above and reverse below.
"""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.figures.unrolled.level import Level
from rnnviz.figures.unrolled.rooms import NONE, Rooms
from rnnviz.figures.unrolled.rows import CardPlan
from rnnviz.model.trace import Trace

HEADER = 46.0  # px, at any scale
TAB = (14.0, 26.0)  # top and height of the ink tab within the header
FOOT = 30.0
MASK_HEIGHT = 10.0
ROW_HEIGHT = 16.0
SIDE_GAP = 40.0  # between the two lanes of a bidirectional layer
MERGE = 16.0  # from the forward card up to where both directions meet
SPLIT = 18.0  # from the reverse card down to where the input parts
NORM_SHARE = 0.22  # of a column's height, for the line of |c|
RETURN_SHARE = 0.3  # for the gradients that have come back

_FULL = {"name": 20.0, "title": 0.0, "output": 38.0, "layer": 60.0, "input": 50.0, "end": 16.0}
_COMPACT = {"name": 8.0, "title": 22.0, "output": 24.0, "layer": 30.0, "input": 26.0, "end": 20.0}
_BETWEEN = 24.0  # more room between layers for a merge and a split
_MASKED = 24.0  # more room between layers for a mask
_COLUMN = 84.0  # least height of a lane of columns, with and without the line of |c|
_COLUMN_WITH_NORM = 110.0
_ROW_OF_COLUMNS = 36.0

TOKEN_HEIGHT = 26.0  # of a token in its box
TOKEN_GAP = 20.0  # from it up to the strip that is made of it
BARS = 46.0  # the height of a probability of 1
VALUE_ROOM = 15.0  # above the bars, for the number of the likeliest
NAMES = 21.0  # below them, for their names and the mark of the target
LOSS_HEIGHT = 20.0
GRADIENT_HEIGHT = 12.0  # of a strip of gradients outside of a card
STRIP_STEP = 24.0  # from the strip of scores to that of targets, or of gradients
_COMPACT_BARS = 0.55
_ABOVE_OUTPUT = 42.0  # from `output` up to what is made of it


@dataclass(frozen=True, slots=True)
class Lane:
    """One layer and direction across all steps; places in px of the block at scale 1."""

    layer: int
    direction: int
    top: float
    height: float

    @property
    def bottom(self) -> float:
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Scored:
    """The rows above `output`; places in px of the block at scale 1.

    Attributes:
        loss: top of the row of losses; None where there is no loss.
        top: of the block of bars, or the strip of scores.
        height: of the bars, or the strip, alone.
        low: where the block ends and wires reach it.
        target: top of the strip of targets that are values; None where there is none.
        gradient: top of the strip of gradients; None while the way forward is on show.
    """

    loss: float | None
    top: float
    height: float
    low: float
    target: float | None = None
    gradient: float | None = None


@dataclass(frozen=True)
class Sheet:
    """The heights of one sequence's block, at scale 1, from the block's own top.

    Attributes:
        lanes: from the top.
        output, input: top of the two rows; `row_height` is their height.
        height: of the whole block.
        title: height kept for the sequence's label, 0 where one sequence stands alone.
        given: top of the row of tokens, or of vectors before a Linear layer; None without one.
        scored: what stands behind the output; None where nothing does.
        returned: top of the gradients of x; None while the way forward is on show.
    """

    lanes: tuple[Lane, ...]
    output: float
    input: float
    row_height: float
    height: float
    title: float
    given: float | None = None
    scored: Scored | None = None
    returned: float | None = None

    def lane(self, layer: int, direction: int) -> Lane:
        """The lane of a layer and direction."""
        return next(
            lane for lane in self.lanes if lane.layer == layer and lane.direction == direction
        )

    def below(self, layer: int) -> Lane:
        """The lowest lane of a layer: the reverse one if there is one."""
        return [lane for lane in self.lanes if lane.layer == layer][-1]


def sheet_of(
    run: Trace, card: CardPlan, level: Level, *, compact: bool, rooms: Rooms = NONE
) -> Sheet:
    """The heights for a run's cards at a level of detail, and for what stands around them."""
    gaps = _COMPACT if compact else _FULL
    lane_height, row_height = card.height, ROW_HEIGHT
    if level is not Level.CARDS:
        least = _COLUMN_WITH_NORM if run.cell.has_c else _COLUMN
        lane_height = max(card.height, least * (0.7 if compact else 1.0))
        row_height = _ROW_OF_COLUMNS * (0.7 if compact else 1.0)
    both = run.num_directions == 2
    side = SIDE_GAP if both else 0.0
    extra = _BETWEEN * (0.6 if compact else 1.0) if both else 0.0
    top = gaps["title"] + gaps["name"]
    scored, top = _scored(rooms, top, compact)
    output = top
    top += row_height + gaps["output"] + (MERGE if both else 0.0)
    lanes: list[Lane] = []
    for layer in reversed(range(run.num_layers)):
        for direction in range(run.num_directions):
            lanes.append(Lane(layer, direction, top, lane_height))
            top += lane_height + (side if direction + 1 < run.num_directions else 0.0)
        masked = _MASKED if layer and (layer - 1) in run.masks else 0.0
        top += gaps["layer"] + extra + masked if layer else 0.0
    top += gaps["input"] + (SPLIT if both else 0.0)
    end, given, returned = top + row_height, None, None
    if rooms.returning:
        returned = end + (5.0 if level is Level.CARDS else 14.0)
        end = returned + GRADIENT_HEIGHT
    if rooms.below:
        given = end + TOKEN_GAP * (0.5 if compact else 1.0)
        end = given + (TOKEN_HEIGHT * (0.6 if compact else 1.0) if rooms.tokens else ROW_HEIGHT)
    return Sheet(
        tuple(lanes),
        output,
        top,
        row_height,
        end + gaps["end"],
        gaps["title"],
        given,
        scored,
        returned,
    )


def _scored(rooms: Rooms, top: float, compact: bool) -> tuple[Scored | None, float]:
    """The rows above the output, and where they end."""
    if not rooms.on and not rooms.loss:
        return None, top
    loss = top if rooms.loss else None
    if rooms.loss:
        top += LOSS_HEIGHT * (0.8 if compact else 1.0)
        top += 6.0 if rooms.returning and not compact else 0.0
    if not rooms.on:
        return Scored(loss, top, 0.0, top), top + _ABOVE_OUTPUT
    height, low, target, gradient = ROW_HEIGHT, ROW_HEIGHT, None, None
    if rooms.bars:
        top += 4.0 if compact else VALUE_ROOM
        height = BARS * (_COMPACT_BARS if compact else 1.0)
        low = height + NAMES * (0.8 if compact else 1.0)
    else:
        top += 0.0 if compact else 8.0
    if rooms.target == "values" and not rooms.bars:
        target = top + STRIP_STEP * (0.8 if compact else 1.0)
        low = target - top + ROW_HEIGHT
    low += top
    if rooms.returning:
        gradient = low + 6.0
        low = gradient + GRADIENT_HEIGHT
    above = _ABOVE_OUTPUT * (0.6 if compact else 1.0)
    return Scored(loss, top, height, low, target, gradient), low + above
