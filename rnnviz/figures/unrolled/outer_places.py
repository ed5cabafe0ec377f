"""Where the strip of every vector lies, in front, within, behind, and on the way back."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.figures.unrolled.blocks import (
    bars_box,
    block_box,
    center_of,
    gradient_box,
    scored_steps,
    strip_box,
)
from rnnviz.figures.unrolled.front import given_box
from rnnviz.figures.unrolled.losses import baseline
from rnnviz.figures.unrolled.places import Box, element_box, gradient_input_box, is_card
from rnnviz.figures.unrolled.rows import GRADIENT
from rnnviz.figures.unrolled.stage import Stage

_GIVEN = frozenset({"ids", "input"})
_BEHIND = frozenset({"scores", "probabilities", "targets", "losses", "grad_scores"})


def vector_box(stage: Stage, element: Element) -> Box | None:
    """The strip of a vector; None where the picture shows none."""
    tensor, t = element.tensor, element.t
    known = tensor in _GIVEN or tensor in _BEHIND or tensor.startswith(GRADIENT)
    if not known:
        return element_box(stage, element)
    if t is None or not 0 <= t < stage.length:
        return None
    if tensor in _BEHIND:
        return _behind(stage, tensor, t)
    if not is_card(stage, t):
        return None
    if tensor in _GIVEN:
        shown = stage.sheet.given is not None and (tensor == "ids") == stage.rooms.tokens
        return given_box(stage, t) if shown else None
    if not stage.rooms.returning:
        return None
    return gradient_input_box(stage, t) if tensor == "grad_x" else element_box(stage, element)


def _behind(stage: Stage, tensor: str, t: int) -> Box | None:
    scored, rooms = stage.sheet.scored, stage.rooms
    if scored is None or not rooms.on or not scored_steps(stage, [t]):
        return None
    if rooms.on == "every" and not is_card(stage, t):
        return None
    if tensor == "losses":
        return _loss_box(stage, t) if scored.loss is not None else None
    if tensor == "grad_scores":
        return gradient_box(stage, t) if scored.gradient is not None else None
    if tensor == "probabilities":
        return bars_box(stage, t) if rooms.bars else None
    if tensor == "scores" and not rooms.bars:
        return strip_box(stage, t, scored.top)
    if tensor == "targets" and scored.target is not None:
        return strip_box(stage, t, scored.target)
    return block_box(stage, t)


def _loss_box(stage: Stage, t: int) -> Box:
    """The number of a timestep's loss."""
    width, height = 44 * stage.scale, stage.size(13)
    return center_of(stage, t) - width / 2, baseline(stage) - height * 0.85, width, height
