"""The heights of everything: lanes, gaps, input and output rows, block by block.

Data flows upwards: the input lies at the bottom, layer 0 above it, `output` on top. A
bidirectional layer has two lanes, forward above and reverse below.
"""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.figures.unrolled.level import Level
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

_FULL = {"name": 20.0, "title": 0.0, "output": 38.0, "layer": 60.0, "input": 50.0, "end": 16.0}
_COMPACT = {"name": 8.0, "title": 22.0, "output": 24.0, "layer": 30.0, "input": 26.0, "end": 20.0}
_BETWEEN = 24.0  # more room between layers for a merge and a split
_MASKED = 24.0  # more room between layers for a mask
_COLUMN = 84.0  # least height of a lane of columns, with and without the line of |c|
_COLUMN_WITH_NORM = 110.0
_ROW_OF_COLUMNS = 36.0


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


@dataclass(frozen=True)
class Sheet:
    """The heights of one sequence's block, at scale 1, from the block's own top.

    Attributes:
        lanes: from the top.
        output, input: top of the two rows; `row_height` is their height.
        height: of the whole block.
        title: height kept for the sequence's label, 0 where one sequence stands alone.
    """

    lanes: tuple[Lane, ...]
    output: float
    input: float
    row_height: float
    height: float
    title: float

    def lane(self, layer: int, direction: int) -> Lane:
        """The lane of a layer and direction."""
        return next(
            lane for lane in self.lanes if lane.layer == layer and lane.direction == direction
        )

    def below(self, layer: int) -> Lane:
        """The lowest lane of a layer: the reverse one if there is one."""
        return [lane for lane in self.lanes if lane.layer == layer][-1]


def sheet_of(run: Trace, card: CardPlan, level: Level, *, compact: bool) -> Sheet:
    """The heights for a run's cards at a level of detail."""
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
    return Sheet(
        tuple(lanes), output, top, row_height, top + row_height + gaps["end"], gaps["title"]
    )
