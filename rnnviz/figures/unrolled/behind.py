"""The wires from the output, or from h_n, up to the scores."""

from __future__ import annotations

from collections.abc import Sequence

from rnnviz.figures.unrolled.blocks import center_of, output_top, scored_of, scored_steps
from rnnviz.figures.unrolled.places import end_box, is_card
from rnnviz.figures.unrolled.sheet import Lane
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.wires import ink, straight, wire
from rnnviz.scene.geometry import Point
from rnnviz.scene.marks import Mark

ABOVE_LABEL = 24.0  # px at scale 1 from output[t] to where a wire above its name sets off
_BEFORE_CARDS = 12.0
_ASIDE = 10.0
_ACROSS = 12.0  # below the block, the height at which the reverse direction's h_n goes across


def score_wires(stage: Stage, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """The wire from output[t] up to its scores, by step."""
    found: dict[int, list[Mark]] = {t: [] for t in steps}
    if stage.rooms.on == "h_n":
        return found
    for t in scored_steps(stage, steps):
        done = stage.scored[0] <= t < stage.scored[1]
        x = stage.timeline.center(t)
        pen = ink(stage, "y", computed=done)
        found[t] = [straight((x, wire_start(stage, t)), (x, wire_end(stage)), pen)]
    return found


def wire_start(stage: Stage, t: int) -> float:
    """Where the wire from output[t] sets off: above its name, where that is written."""
    if stage.compact or stage.rooms.returning or not is_card(stage, t):
        return output_top(stage, t)
    return output_top(stage, t) - (ABOVE_LABEL - 4.5) * stage.scale


def wire_end(stage: Stage) -> float:
    """The height at which wires reach the block of scores, px."""
    return stage.y(scored_of(stage).low) + 2.5


def final_wires(stage: Stage) -> list[Mark]:
    """From the h_n of the top layer to the scores: of both directions, if there are two."""
    top = stage.run.num_layers - 1
    forward = stage.sheet.lane(top, 0)
    x, y, width, _ = end_box(stage, forward, "h_n")
    middle, end = x + width / 2, wire_end(stage)
    known = stage.is_computed(top, 0, stage.length - 1)
    marks: list[Mark] = [straight((middle, y), (middle, end), ink(stage, "h", computed=known))]
    if stage.run.num_directions == 2:
        pen = ink(stage, "h", computed=stage.is_computed(top, 1, 0))
        marks.append(wire(reverse_way(stage, end), pen, scale=stage.scale))
    return marks


def reverse_way(stage: Stage, end: float, shift: float = 0.0) -> list[Point]:
    """From the reverse direction's h_n, at t = 1, past the forward cards to the block."""
    k, top = stage.scale, stage.run.num_layers - 1
    lane: Lane = stage.sheet.lane(top, 1)
    x, y, width, _ = end_box(stage, lane, "h_n")
    aside = stage.timeline.start - _BEFORE_CARDS * k + shift
    across = stage.y(scored_of(stage).low + _ACROSS) + shift
    turn = y - _ASIDE * k
    target = center_of(stage, stage.length - 1) - 12 * k + shift
    start = x + width - 8 * k
    return [
        (start, y),
        (start, turn),
        (aside, turn),
        (aside, across),
        (target, across),
        (target, end),
    ]
