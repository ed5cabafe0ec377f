"""The return flow: dashed arrows from the loss down to x, and back along h and c."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnviz.figures.unrolled.behind import reverse_way, wire_end
from rnnviz.figures.unrolled.blocks import center_of, gradient_box, scored_of, scored_steps
from rnnviz.figures.unrolled.losses import baseline
from rnnviz.figures.unrolled.places import (
    card_box,
    end_box,
    ends_left,
    input_box,
    is_card,
    output_box,
    step_edges,
    wire_height,
)
from rnnviz.figures.unrolled.sheet import Lane
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.wires import gradient_ink, straight, wire
from rnnviz.scene.marks import Mark, Run, Text
from rnnviz.scene.text import runs_width, symbol

_ASIDE = 15.0  # px at scale 1 that what comes back keeps left of what goes forward
_PAST = 9.5  # from a card to what passes it
_CLOSE = 4.5  # from a forward card to what passes it on the way to the reverse one
_PARTS = 11.0  # above a layer, where what falls to it parts for both directions
_GAP = 2.0


def lane_returns(stage: Stage, lane: Lane, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """What each step passes on to the one before it, along h and along c."""
    found: dict[int, list[Mark]] = {t: [] for t in steps}
    for t in steps:
        if not stage.has_arrived(lane.layer, lane.direction, t):
            continue
        for row in stage.card.returned:
            found[t] += _passed(stage, lane, t, row.tensor)
    return found


def _passed(stage: Stage, lane: Lane, t: int, tensor: str) -> Iterator[Mark]:
    """The arrow from a step to where its state came from."""
    y, back = wire_height(stage, lane, tensor), lane.direction == 1
    before = t + (1 if back else -1)
    if not (is_card(stage, t) or is_card(stage, before)):
        return
    start = step_edges(stage, t)[1 if back else 0]
    if 0 <= before < stage.length:
        end = step_edges(stage, before)[0 if back else 1]
    else:
        end = _beyond(stage, lane, start)
    yield straight((start, y), (end, y), gradient_ink(stage))


def _beyond(stage: Stage, lane: Lane, start: float) -> float:
    """Where an arrow ends that leaves the first step, for h_0 and c_0."""
    return start + (1 if lane.direction else -1) * 22 * stage.scale


def from_final(stage: Stage, lane: Lane) -> list[Mark]:
    """From h_n, where the head reads it, into the last step of the top layer."""
    last = 0 if lane.direction else stage.length - 1
    if stage.rooms.on != "h_n" or lane.layer != stage.run.num_layers - 1:
        return []
    box = end_box(stage, lane, "h_n")
    y = wire_height(stage, lane, "grad_h")
    face = box[0] + box[2] / 2
    edge = step_edges(stage, last)[0 if lane.direction else 1]
    low = box[1] + box[3]
    lowest = end_box(stage, lane, "c_n") if stage.run.cell.has_c else box
    side = face + (1 if ends_left(lane, "h_n") else -1) * (box[2] / 2 + 5 * stage.scale)
    if lowest is not box:  # past c_n and what it is called
        points = [(side, box[1] + box[3] / 2), (side, y), (edge, y)]
    else:
        points = [(face, low), (face, y), (edge, y)]
    return [wire(points, gradient_ink(stage), scale=stage.scale)]


def falls(stage: Stage, layer: int, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """What falls to a layer from above, by step; layer −1 stands for x."""
    found: dict[int, list[Mark]] = {t: [] for t in steps}
    for t in steps:
        if t >= stage.length or not _falls(stage, layer, t):
            continue
        if layer == stage.run.num_layers - 1:
            found[t] = _from_output(stage, t)
        else:
            found[t] = list(_from_above(stage, layer, t))
    return found


def _falls(stage: Stage, layer: int, t: int) -> bool:
    top = stage.run.num_layers - 1
    if layer == top:
        return stage.rooms.on in ("every", "") or (
            stage.rooms.on == "last" and t == stage.length - 1
        )
    return all(stage.has_arrived(layer + 1, d, t) for d in range(stage.run.num_directions))


def _from_output(stage: Stage, t: int) -> list[Mark]:
    """From output[t] into the top layer."""
    x, y, _, height = output_box(stage, t)
    x = stage.timeline.center(t) - _ASIDE * stage.scale
    pen = gradient_ink(stage)
    start = y + height + 4.5 * min(stage.scale, 1.0)
    end = _top(stage, stage.run.num_layers - 1, t)
    marks: list[Mark] = [straight((x, start), (x, end), pen)]
    if stage.run.num_directions == 2:
        marks.append(_to_reverse(stage, stage.run.num_layers - 1, t, end - _PARTS * stage.scale))
    return marks + _named(stage, t, "h", x, (start + end) / 2)


def _top(stage: Stage, layer: int, t: int) -> float:
    """Where an arrow down into a layer ends."""
    return card_box(stage, stage.sheet.lane(layer, 0), t)[1] - _GAP


def _from_above(stage: Stage, layer: int, t: int) -> Iterator[Mark]:
    """From the lowest card of the layer above down to a layer, or to x."""
    x, pen = stage.timeline.center(t) - _ASIDE * stage.scale, gradient_ink(stage)
    lowest = stage.sheet.below(layer + 1)
    _, y, _, height = card_box(stage, lowest, t)
    start = y + height
    end = _top(stage, layer, t) if layer >= 0 else input_box(stage, t)[1] - _GAP
    yield straight((x, start), (x, end), pen)
    if stage.run.num_directions == 2:
        yield _past_reverse(stage, layer + 1, t)
        if layer >= 0:
            yield _to_reverse(stage, layer, t, end - _PARTS * stage.scale)
    yield from _named(stage, t, "h" if layer >= 0 else "x", x, (start + end) / 2)


def _past_reverse(stage: Stage, layer: int, t: int) -> Mark:
    """What the forward card gives back, past the reverse one, down to where both are one."""
    k, middle = stage.scale, stage.timeline.center(t) - _ASIDE * stage.scale
    left, low, _, height = card_box(stage, stage.sheet.lane(layer, 1), t)
    _, top, _, above = card_box(stage, stage.sheet.lane(layer, 0), t)
    aside, start = left - _PAST * k, middle - 12 * k
    turn, meet = (top + above + low) / 2 - 5 * k, low + height + 10 * k
    points = [(start, top + above), (start, turn), (aside, turn), (aside, meet), (middle, meet)]
    return wire(points, gradient_ink(stage), arrow=False, scale=k)


def _to_reverse(stage: Stage, layer: int, t: int, y: float) -> Mark:
    """What falls to a layer, past the forward card to the reverse one."""
    k, middle = stage.scale, stage.timeline.center(t) - _ASIDE * stage.scale
    left, top, _, above = card_box(stage, stage.sheet.lane(layer, 0), t)
    low = card_box(stage, stage.sheet.lane(layer, 1), t)[1]
    aside, turn = left - _CLOSE * k, (top + above + low) / 2 + 7 * k
    points = [(middle, y), (aside, y), (aside, turn), (middle, turn), (middle, low - _GAP)]
    return wire(points, gradient_ink(stage), scale=k)


def _named(stage: Stage, t: int, of: str, x: float, y: float) -> list[Mark]:
    """∂L/∂h_t beside the arrow of the step that was reached last."""
    if stage.compact or t not in stage.lit:
        return []
    size, role = stage.size(12.5), stage.style.role("gradient")
    runs = (Run("∂L/∂", italic=False), *symbol(of, sub=str(t + 1)))
    mark = Text(x - 6 * stage.scale, y + size * 0.3, runs, role.text, size, "math", anchor="end")
    room = stage.timeline.width(t) / 2 - (_ASIDE + 10) * stage.scale
    return [mark] if runs_width(mark) <= room else []


def score_falls(stage: Stage, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """From the loss to the scores, and from them down to the output, by step."""
    found: dict[int, list[Mark]] = {t: [] for t in steps}
    pen, scored = gradient_ink(stage), scored_of(stage)
    for t in scored_steps(stage, steps):
        if scored.gradient is None or stage.rooms.on == "h_n":
            continue
        x = stage.timeline.center(t) - _ASIDE * stage.scale
        _, y, _, height = gradient_box(stage, t)
        end = output_box(stage, t)[1] - 5.5 * min(stage.scale, 1.0)
        found[t] = [straight((x, y + height), (x, end), pen)]
    return found


def from_loss(stage: Stage) -> list[Mark]:
    """Where it all begins: from the loss of all back over the timesteps."""
    rooms, scored = stage.rooms, scored_of(stage)
    if scored.loss is None or rooms.on == "h_n" or stage.compact:
        return []
    y = baseline(stage) + 7 * stage.scale
    start = stage.timeline.end + 8 * stage.scale
    first = 0 if rooms.on in ("every", "") else stage.length - 1
    end = stage.timeline.center(first) - (20 if first else 30) * stage.scale
    return [straight((start, y), (max(end, stage.timeline.start), y), gradient_ink(stage))]


def final_falls(stage: Stage) -> list[Mark]:
    """From the scores down to the h_n that they were made of."""
    if stage.rooms.on != "h_n" or scored_of(stage).gradient is None:
        return []
    top, pen = stage.run.num_layers - 1, gradient_ink(stage)
    x = center_of(stage, stage.length - 1) - _ASIDE * stage.scale
    start, end = wire_end(stage), end_box(stage, stage.sheet.lane(top, 0), "h_n")[1] - _GAP
    marks: list[Mark] = [straight((x, start), (x, end), pen)]
    if stage.run.num_directions == 2:
        way = reverse_way(stage, start, shift=-5 * stage.scale)
        marks.append(wire(way[::-1], pen, scale=stage.scale))
    return marks
