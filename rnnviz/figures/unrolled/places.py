"""Where every strip lies: one truth for drawing it, for its wires and for its ring."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.figures.unrolled.form import units_width as vector_width
from rnnviz.figures.unrolled.level import Level
from rnnviz.figures.unrolled.rows import STRIP_LEFT, STRIP_WIDTH, Row
from rnnviz.figures.unrolled.sheet import GRADIENT_HEIGHT, MASK_HEIGHT, ROW_HEIGHT, Lane
from rnnviz.figures.unrolled.stage import Stage

Box = tuple[float, float, float, float]

SLOT_STRIP = 21.0  # from the beginning of a slot to the strip that leaves or enters there
GUTTER_STRIP = 48.0
_LARGEST_CELL = 20.0
_SMALLEST_CELL = 10.0
_HALVES_GAP = 4.0
_BOTH_WIDTH = 104.0


def lane_top(stage: Stage, lane: Lane) -> float:
    """The top of a lane's cards, px."""
    return stage.y(lane.top + card_drop(stage, lane))


def card_box(stage: Stage, lane: Lane, t: int) -> Box:
    """The card of a step."""
    width = stage.form.width
    x = stage.timeline.center(t) - width / 2
    return x, lane_top(stage, lane), width, stage.form.height


def is_card(stage: Stage, t: int) -> bool:
    """Whether a step is drawn as a card."""
    if stage.layout.level is Level.CARDS and not stage.layout.elided:
        return True
    return t in stage.timeline.opened


def step_edges(stage: Stage, t: int) -> tuple[float, float]:
    """The left and right side of a step's card, or of its column."""
    if is_card(stage, t):
        x = stage.timeline.center(t)
        return x - stage.form.width / 2, x + stage.form.width / 2
    left = stage.timeline.left(t)
    return left, left + stage.timeline.width(t)


def card_drop(stage: Stage, lane: Lane) -> float:
    """How far below its lane's top a card lies, at scale 1: cards stand in the middle."""
    return (lane.height - stage.card.height) / 2


def row_box(stage: Stage, lane: Lane, t: int, row: Row) -> Box:
    """A strip of a card."""
    x, y, _, _ = card_box(stage, lane, t)
    k = stage.scale
    return x + STRIP_LEFT * k, y + row.top * k, units_width(stage, row.units), row.height * k


def units_width(stage: Stage, units: int) -> float:
    """The width of a vector's strip within a card."""
    return vector_width(stage.card, units, stage.scale)


def wire_height(stage: Stage, lane: Lane, tensor: str) -> float:
    """The height at which the lane of h or c runs, px."""
    row = stage.card.row(tensor)
    assert row is not None
    return stage.y(lane.top + card_drop(stage, lane) + row.top + row.height / 2)


def input_box(stage: Stage, t: int) -> Box:
    """The strip of x_t."""
    k, count = stage.scale, stage.run.input_size
    cell = min(max(STRIP_WIDTH / stage.card.cells, _SMALLEST_CELL), _LARGEST_CELL)
    width = min(cell * count, STRIP_WIDTH) * k
    y = stage.y(stage.sheet.input + (stage.sheet.row_height - ROW_HEIGHT) / 2)
    return stage.timeline.center(t) - width / 2, y, width, ROW_HEIGHT * k


def gradient_input_box(stage: Stage, t: int) -> Box:
    """The strip of ∂L/∂x_t, below that of x_t."""
    top = stage.sheet.returned
    assert top is not None
    x, _, width, _ = input_box(stage, t)
    return x, stage.y(top), width, GRADIENT_HEIGHT * stage.scale


def output_box(stage: Stage, t: int) -> Box:
    """The strip of output[t], both directions together."""
    width = _both_width(stage)
    y = stage.y(stage.sheet.output + (stage.sheet.row_height - ROW_HEIGHT) / 2)
    return stage.timeline.center(t) - width / 2, y, width, ROW_HEIGHT * stage.scale


def output_halves(stage: Stage, t: int) -> list[Box]:
    """The parts of output[t], one for each direction."""
    x, y, width, height = output_box(stage, t)
    if stage.run.num_directions == 1:
        return [(x, y, width, height)]
    half = (width - _HALVES_GAP * stage.scale) / 2
    return [(x, y, half, height), (x + width - half, y, half, height)]


def mask_box(stage: Stage, layer: int, t: int) -> Box:
    """The dropout mask above a layer."""
    k, width = stage.scale, _both_width(stage)
    above = stage.sheet.below(layer + 1)
    own = stage.sheet.lane(layer, 0)
    middle = (above.bottom + own.top) / 2 + (8 if stage.run.num_directions == 1 else 2)
    y = stage.y(middle - MASK_HEIGHT / 2)
    return stage.timeline.center(t) - width / 2, y, width, MASK_HEIGHT * k


def _both_width(stage: Stage) -> float:
    if stage.run.num_directions == 2:
        return _BOTH_WIDTH * stage.scale
    return units_width(stage, stage.run.output_size)


def end_box(stage: Stage, lane: Lane, tensor: str) -> Box:
    """The strip of h_0, c_0, h_n or c_n of a lane."""
    k = stage.scale
    row = stage.card.row(tensor[0])
    assert row is not None
    x = GUTTER_STRIP * k if ends_left(lane, tensor) else slot(stage) + SLOT_STRIP * k
    y = stage.y(lane.top + card_drop(stage, lane) + row.top)
    return x, y, units_width(stage, row.units), row.height * k


def ends_left(lane: Lane, tensor: str) -> bool:
    """Whether a state enters or leaves at t = 1, the left."""
    return tensor.endswith("_0") != bool(lane.direction)


def slot(stage: Stage) -> float:
    """Where the room begins in which h_n leaves: after the sequence's own last step."""
    return stage.timeline.left(stage.length)


def element_box(stage: Stage, element: Element) -> Box | None:
    """The strip of a vector; None where the picture shows none."""
    tensor, t = element.tensor, element.t
    if tensor in ("h_0", "c_0", "h_n", "c_n"):
        lane = _lane_of(stage, element)
        known = lane is not None and stage.card.row(tensor[0]) is not None
        return end_box(stage, lane, tensor) if lane is not None and known else None
    if t is None or not 0 <= t < stage.run.L:
        return None
    if not is_card(stage, t):
        return column_box(stage, element)
    if tensor == "x" and not element.layer:
        return input_box(stage, t)
    if tensor == "output":
        return output_box(stage, t)
    if tensor == "mask":
        return mask_box(stage, element.layer or 0, t) if element.layer in stage.run.masks else None
    lane, row = _lane_of(stage, element), stage.card.row(tensor)
    return row_box(stage, lane, t, row) if lane is not None and row is not None else None


def column_box(stage: Stage, element: Element) -> Box | None:
    """The column of a vector where steps are drawn as columns."""
    assert element.t is not None
    x, width = stage.timeline.left(element.t), stage.timeline.width(element.t)
    k, sheet = stage.scale, stage.sheet
    if element.tensor in ("x", "output") and not element.layer:
        top = sheet.input if element.tensor == "x" else sheet.output
        return x, stage.y(top), width, sheet.row_height * k
    lane = _lane_of(stage, element)
    if lane is None or element.tensor != "h":
        return None
    return x, stage.y(lane.top), width, lane.height * k


def _lane_of(stage: Stage, element: Element) -> Lane | None:
    if element.layer is None or not 0 <= element.layer < stage.run.num_layers:
        return None
    direction = element.direction or 0
    if not 0 <= direction < stage.run.num_directions:
        return None
    return stage.sheet.lane(element.layer, direction)
