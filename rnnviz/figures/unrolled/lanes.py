"""The lanes: h and c from step to step, entering as h_0 and leaving as h_n."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rnnviz.element import Element
from rnnviz.figures.unrolled.places import end_box, ends_left, is_card, step_edges, wire_height
from rnnviz.figures.unrolled.sheet import Lane
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.wires import ink, straight
from rnnviz.scene.marks import Anchor, Mark, Run, Text
from rnnviz.scene.text import runs_width, symbol

_ABOVE, _BELOW = 8.0, 17.0  # from a wire to its label's baseline
_ROOM = 26.0  # between two cards


def lane_wires(stage: Stage, lane: Lane, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """What leaves the card of each step, with its name, and what enters the first card."""
    states = [(row.tensor, wire_height(stage, lane, row.tensor)) for row in stage.card.states]
    first = stage.length - 1 if lane.direction else 0
    found: dict[int, list[Mark]] = {}
    for t in steps:
        marks: list[Mark] = []
        if t < stage.length and _is_open(stage, lane, t):
            for tensor, y in states:
                between = stage.layout.elided or _is_between_cards(stage, lane, t)
                if tensor == "c" and not between:
                    continue
                marks += _leaving(stage, lane, tensor, t, y)
                if t == first and is_card(stage, t):
                    marks.append(_entering(stage, lane, tensor, t, y))
        found[t] = marks
    return found


def _is_open(stage: Stage, lane: Lane, t: int) -> bool:
    """Whether a step or the one after it is a card, so that an arrow joins them."""
    return is_card(stage, t) or is_card(stage, t + (-1 if lane.direction else 1))


def _is_between_cards(stage: Stage, lane: Lane, t: int) -> bool:
    """Whether a step and what comes after it, if anything, are both cards."""
    after = t + (-1 if lane.direction else 1)
    return is_card(stage, t) and (is_card(stage, after) or not 0 <= after < stage.length)


def _leaving(stage: Stage, lane: Lane, tensor: str, t: int, y: float) -> list[Mark]:
    """The arrow from a step to the next one, or to h_n."""
    back = lane.direction == 1
    computed = stage.is_computed(lane.layer, lane.direction, t)
    pen = ink(stage, tensor, computed=computed, active=_is_active(stage, lane, tensor, t))
    start = step_edges(stage, t)[0 if back else 1]
    if t == (0 if back else stage.length - 1):
        end = _face(stage, lane, tensor + "_n")
    else:
        end = step_edges(stage, t - 1)[1] if back else step_edges(stage, t + 1)[0]
    arrow = straight((start, y), (end, y), pen)
    if not computed or stage.compact or not is_card(stage, t):
        return [arrow]
    if not _is_between_cards(stage, lane, t) and abs(end - start) < _ROOM * stage.scale:
        return [arrow]
    return [arrow, *_label(stage, lane, tensor, t, (start, y))]


def _entering(stage: Stage, lane: Lane, tensor: str, t: int, y: float) -> Mark:
    """The arrow from h_0 to the first card."""
    end = step_edges(stage, t)[1 if lane.direction else 0]
    active = _carries(stage, Element(tensor + "_0", lane.layer, lane.direction, None))
    pen = ink(stage, tensor, computed=True, active=active)
    start = _face(stage, lane, tensor + "_0")
    return straight((start, y), (end, y), pen)


def _face(stage: Stage, lane: Lane, end: str) -> float:
    """The side of the strip at a lane's end that its wire touches."""
    box = end_box(stage, lane, end)
    return box[0] + box[2] if ends_left(lane, end) else box[0]


def _is_active(stage: Stage, lane: Lane, tensor: str, t: int) -> bool:
    """Whether the selected value was computed from what leaves this step."""
    if not stage.ringed:
        return False
    return _carries(stage, Element(tensor, lane.layer, lane.direction, t))


def _carries(stage: Stage, carried: Element) -> bool:
    chosen = stage.selection
    carried = carried._replace(sequence=stage.sequence)
    if chosen is None or carried not in stage.ringed:
        return False
    return chosen.t != carried.t


def _label(stage: Stage, lane: Lane, tensor: str, t: int, start: tuple[float, float]) -> list[Mark]:
    k, size = stage.scale, stage.size(13)
    runs, width = _name(tensor, t + 1)
    split = stage.run.num_directions == 2
    if width * size > (_ROOM - (12 if split else 2)) * k:
        return []
    x, y = start
    sign = -1 if lane.direction else 1
    place = x + sign * (9 if split else 13) * k
    base = y - _ABOVE * k if tensor == "h" else y + max(_BELOW * k, size * 1.2)
    anchor: Anchor = "middle"
    if split:
        anchor = "end" if lane.direction else "start"
    color = stage.style.role(tensor).text
    return [Text(place, base, runs, color, size, "math", anchor=anchor)]


@lru_cache(maxsize=4096)
def _name(tensor: str, t: int) -> tuple[tuple[Run, ...], float]:
    """The name of a state and its width at size 1."""
    runs = symbol(tensor, sub=str(t))
    return runs, runs_width(Text(0, 0, runs, "", 1.0, "math"))
