"""What is given: tokens in boxes, or vectors before a Linear layer, and what they become."""

from __future__ import annotations

from collections.abc import Sequence

from rnnviz.element import Element
from rnnviz.figures.strips import (
    crosses,
    merge_units,
    numerals_fit,
    padding_box,
    signed_numerals,
    signed_strip,
    units_per_cell,
)
from rnnviz.figures.unrolled.places import Box, gradient_input_box, input_box
from rnnviz.figures.unrolled.sheet import ROW_HEIGHT, TOKEN_HEIGHT
from rnnviz.figures.unrolled.slices import limit_of, rows_of
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.wires import ink, straight
from rnnviz.scene.marks import Mark, Rect, Run, Text
from rnnviz.scene.text import elide, text_width

FAINT = 0.45
_SIZE = 15.0
_WIDEST = 116.0  # px at scale 1 of a token's box
_CELL, _WIDE = 18.0, 92.0


def given(stage: Stage, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """What is given at each step, known from the start, faint until it is used."""
    draw = _token if stage.rooms.tokens else _vector
    return {t: draw(stage, t) if t < stage.length else _padding(stage, t) for t in steps}


def given_box(stage: Stage, t: int) -> Box:
    """The place of what is given at a timestep."""
    top = stage.sheet.given
    assert top is not None
    k, middle, y = stage.scale, stage.timeline.center(t), stage.y(top)
    if stage.rooms.tokens:
        height = TOKEN_HEIGHT * k * (0.6 if stage.compact else 1.0)
        width = max(height, min(_name_width(stage, t) + 14 * k, _WIDEST * k))
        return middle - width / 2, y, width, height
    width = min(_CELL * stage.rooms.raw, _WIDE) * k
    return middle - width / 2, y, width, ROW_HEIGHT * k


def token_at(stage: Stage, t: int) -> str:
    """The token of a timestep."""
    assert stage.around is not None
    found = rows_of(stage.around.pr, "ids", stage.sequence, t, t + 1)
    return stage.around.token(int(found[0]))


def is_used(stage: Stage, t: int) -> bool:
    """Whether a step of layer 0 has taken its input."""
    return any(stage.is_begun(0, direction, t) for direction in range(stage.run.num_directions))


def _size(stage: Stage) -> float:
    return stage.size(11.0 if stage.compact else _SIZE)


def _name_width(stage: Stage, t: int) -> float:
    return text_width(token_at(stage, t), _size(stage), "mono")


def _key(stage: Stage, t: int) -> Element:
    return Element("ids" if stage.rooms.tokens else "input", t=t, sequence=stage.sequence)


def _token(stage: Stage, t: int) -> list[Mark]:
    x, y, width, height = given_box(stage, t)
    used, ui, role = is_used(stage, t), stage.style.ui, stage.style.role("x")
    size = _size(stage)
    name = elide(token_at(stage, t), width - 4, size, "mono")
    middle = (x + width / 2, y + height / 2 + size * 0.36)
    color = ui.text if used else ui.disabled
    text = Text(*middle, (Run(name),), color, size, "mono", anchor="middle")
    stroke = role.line if used else ui.border_strong
    box = Rect(x, y, width, height, ui.card, stroke, 1.25, 6 * stage.scale, key=_key(stage, t))
    return [_rise(stage, t, used), box, text]


def _vector(stage: Stage, t: int) -> list[Mark]:
    """The vector that a Linear layer takes."""
    assert stage.around is not None
    pr, box, used = stage.around.pr, given_box(stage, t), is_used(stage, t)
    values = rows_of(pr, "input", stage.sequence, t, t + 1)[0]
    stride = units_per_cell(len(values), box[2])
    merged = merge_units(values, stride)
    colors = stage.style.signed.colors(merged, limit_of(pr, "input"))
    strip = signed_strip(
        box,
        colors,
        stage.style.role("x"),
        _key(stage, t),
        stride=stride,
        crossed=crosses(values, stride),
        opacity=1.0 if used else FAINT,
    )
    marks: list[Mark] = [_rise(stage, t, used), *strip]
    if numerals_fit(box[2], box[3], len(merged)):
        marks += signed_numerals(box, merged, colors)
    return marks


def _rise(stage: Stage, t: int, used: bool) -> Mark:
    """The wire from what is given up to x_t."""
    above = gradient_input_box if stage.rooms.returning else input_box
    _, y, _, height = above(stage, t)
    x, low = stage.timeline.center(t), given_box(stage, t)[1]
    return straight((x, low), (x, y + height + 0.5), ink(stage, "x", computed=used), arrow=False)


def _padding(stage: Stage, t: int) -> list[Mark]:
    return [padding_box(given_box(stage, t), stage.style, key=_key(stage, t))]
