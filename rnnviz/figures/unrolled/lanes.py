"""The lanes: h and c from step to step, entering as h_0 and leaving as h_n."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.figures.unrolled.places import card_box, end_box, ends_left, wire_height
from rnnviz.figures.unrolled.sheet import Lane
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.wires import Ink, ink, wire
from rnnviz.scene.marks import Mark, Text
from rnnviz.scene.text import runs_width, symbol

_ABOVE, _BELOW = 8.0, 17.0  # from a wire to its label's baseline
_ROOM = 26.0  # between two cards


def lane_wires(stage: Stage, lane: Lane, steps: list[int]) -> list[Mark]:
    """The arrows that touch the cards of the given steps, with their labels."""
    marks: list[Mark] = []
    for row in stage.card.states:
        for source in _sources(stage, lane, steps):
            marks += _arrow(stage, lane, row.tensor, source)
    return marks


def _sources(stage: Stage, lane: Lane, steps: list[int]) -> list[int]:
    """The steps whose states set off within or just outside the given steps."""
    back = 1 if lane.direction else -1
    found = {t for t in steps} | {t + back for t in steps}
    return sorted(t for t in found if -1 <= t <= stage.length)


def _arrow(stage: Stage, lane: Lane, tensor: str, source: int) -> list[Mark]:
    """From one step to the next, from h_0 to the first, or from the last to h_n."""
    forward = lane.direction == 0
    target = source + (1 if forward else -1)
    length = stage.length
    begins = source == (-1 if forward else length)
    ends = target == (length if forward else -1)
    inside = begins or 0 <= source < length
    if not inside or (begins and ends):
        return []
    computed = begins or stage.is_computed(lane.layer, lane.direction, source)
    pen = ink(stage, tensor, computed=computed, active=_is_active(stage, lane, tensor, source))
    start = _edge(stage, lane, source, tensor + "_0" if begins else None, leaving=True)
    end = _edge(stage, lane, target, tensor + "_n" if ends else None, leaving=False)
    y = wire_height(stage, lane, tensor)
    marks = [wire([(start, y), (end, y)], pen)]
    if not begins and not stage.compact:
        marks += _label(stage, lane, tensor, source, (start, y), pen)
    return marks


def _edge(stage: Stage, lane: Lane, t: int, end: str | None, *, leaving: bool) -> float:
    """Where an arrow leaves or reaches the card of a step, or the strip at the lane's end."""
    if end is not None:
        box = end_box(stage, lane, end)
        return box[0] + box[2] if ends_left(lane, end) else box[0]
    x, _, width, _ = card_box(stage, lane, t)
    right = leaving == (lane.direction == 0)
    return x + width if right else x


def _is_active(stage: Stage, lane: Lane, tensor: str, source: int) -> bool:
    """Whether the selected value was computed from what this wire carries."""
    if stage.selection is None:
        return False
    carried = Element(tensor, lane.layer, lane.direction, source, stage.sequence)
    return carried in stage.ringed and carried != stage.selection.vector()


def _label(
    stage: Stage, lane: Lane, tensor: str, source: int, start: tuple[float, float], pen: Ink
) -> list[Mark]:
    if pen.dash:
        return []
    k, size = stage.scale, stage.size(13)
    x, y = start
    split = stage.run.num_directions == 2
    sign = 1 if lane.direction == 0 else -1
    text = Text(
        x + sign * (9 if split else 13) * k,
        y - _ABOVE * k if tensor == "h" else y + max(_BELOW * k, size * 1.2),
        symbol(tensor, sub=str(source + 1)),
        stage.style.role(tensor).text,
        size,
        "math",
        anchor=("start" if sign > 0 else "end") if split else "middle",
    )
    return [text] if runs_width(text) <= (_ROOM - (11 if split else 0)) * k else []
