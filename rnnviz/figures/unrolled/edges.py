"""The rows at both edges: x_t at the bottom, output[t] on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rnnviz.element import Element
from rnnviz.figures.strips import (
    empty_strip,
    numerals_fit,
    padding_box,
    signed_strip,
)
from rnnviz.figures.unrolled.header import slab_span
from rnnviz.figures.unrolled.level import Level
from rnnviz.figures.unrolled.places import input_box, output_box, output_halves
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.values import Values, input_values, signed_values, top_values
from rnnviz.scene.marks import Mark, Rect, Text
from rnnviz.scene.text import label, runs_width, symbol, text_width

_FAINT = 0.45
_OUTLINE = 3.5


def inputs(stage: Stage, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """The strips of x_t by step: known from the start, faint until they are used."""
    valid = [t for t in steps if t < stage.length]
    marks: dict[int, list[Mark]] = {
        t: [padding_box(input_box(stage, t), stage.style, key=_x(stage, t))]
        for t in steps
        if t >= stage.length
    }
    if not valid:
        return marks
    first = valid[0]
    chosen = input_values(stage, first, valid[-1] + 1)[[t - first for t in valid]]
    width = input_box(stage, valid[0])[2]
    values = signed_values(stage, "x", chosen, width)
    assert values.colors is not None
    for index, t in enumerate(valid):
        box = input_box(stage, t)
        used = any(stage.is_begun(0, d, t) for d in range(stage.run.num_directions))
        opacity = 1.0 if used else _FAINT
        marks[t] = list(_x_label(stage, t, opacity))
        marks[t] += signed_strip(
            box,
            values.colors[index],
            stage.style.role("x"),
            _x(stage, t),
            stride=values.stride,
            crossed=values.crosses_of(index),
            opacity=opacity,
        )
        if numerals_fit(box[2], box[3], values.values.shape[1]):
            marks[t] += values.numbers(index, box)
    return marks


def _x(stage: Stage, t: int) -> Element:
    return Element("x", layer=0, t=t, sequence=stage.sequence)


def _x_label(stage: Stage, t: int, opacity: float) -> list[Text]:
    x, y, width, height = input_box(stage, t)
    size = stage.size(13)
    color = stage.style.role("x").text if opacity == 1.0 else stage.style.ui.disabled
    runs = symbol("x", sub=str(t + 1))
    if stage.layout.level is not Level.CARDS:  # beside an opened card there may be an image
        place = (x + width / 2, y + height + size + 1)
        if stage.rooms.below:  # there a wire comes up
            return [Text(place[0] + 5, place[1], runs, color, size, "math")]
        return [Text(*place, runs, color, size, "math", anchor="middle")]
    place = (x - 7 * stage.scale, y + height / 2 + 0.26 * size)
    name = Text(*place, runs, color, size, "math", anchor="end")
    slab = slab_span(stage.layout, t)[0] + 3
    beyond = max(0.0, slab - (name.x - runs_width(name)))
    return [replace(name, x=min(name.x + beyond, x - 2))]


def outputs(stage: Stage, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """The strips of output[t] by step: both directions of the top layer, outlined together."""
    marks = {t: _outline(stage, t) for t in steps}
    for direction in range(stage.run.num_directions):
        _add_half(marks, stage, direction, steps)
    return marks


def _outline(stage: Stage, t: int) -> list[Mark]:
    x, y, width, height = output_box(stage, t)
    if t >= stage.length:
        return [padding_box((x, y, width, height), stage.style, key=_output(stage, t))]
    m = _OUTLINE * min(stage.scale, 1.0)
    top = stage.run.num_layers - 1
    known = [stage.is_computed(top, d, t) for d in range(stage.run.num_directions)]
    role, ui = stage.style.role("y"), stage.style.ui
    box = (x - m, y - m, width + 2 * m, height + 2 * m)
    if not any(known):
        return [*_output_name(stage, t, ui.disabled), empty_strip(box, stage.style, dashed=True)]
    frame = Rect(*box, fill=role.fill, stroke=role.line, stroke_width=1.5, radius=4)
    return [frame, *_output_name(stage, t, role.text)]


def _output(stage: Stage, t: int) -> Element:
    return Element("output", t=t, sequence=stage.sequence)


def _output_name(stage: Stage, t: int, color: str) -> list[Mark]:
    if stage.compact or stage.rooms.returning:  # there the gradients come down
        return []
    x, y, width, _ = output_box(stage, t)
    text, size = f"output[{t}]", stage.size(11)
    if text_width(text, size, "mono") > stage.timeline.width(t) - 20 * stage.scale:
        return []
    at = (x + width / 2, y - 9 * stage.scale)
    return [label(text, *at, color, size, font="mono", anchor="middle")]


def _add_half(
    marks: dict[int, list[Mark]], stage: Stage, direction: int, steps: Sequence[int]
) -> None:
    done0, done1 = stage.computed(stage.run.num_layers - 1, direction)
    for t in steps:
        if t < stage.length and not done0 <= t < done1:
            box = output_halves(stage, t)[direction]
            marks[t].append(empty_strip(box, stage.style, key=_output(stage, t)))
    computed = [t for t in steps if done0 <= t < done1]
    if not computed:
        return
    first = computed[0]
    chosen = top_values(stage, direction, first, computed[-1] + 1)[[t - first for t in computed]]
    values = signed_values(stage, "output", chosen, output_halves(stage, first)[direction][2])
    for index, t in enumerate(computed):
        marks[t] += _half(stage, direction, t, values, index)


def _half(stage: Stage, direction: int, t: int, values: Values, index: int) -> list[Mark]:
    box = output_halves(stage, t)[direction]
    assert values.colors is not None
    strip = signed_strip(
        box,
        values.colors[index],
        stage.style.role("y"),
        _output(stage, t),
        stride=values.stride,
        origin=direction * stage.run.output_size,
        crossed=values.crosses_of(index),
        frame=1.0,
    )
    if not numerals_fit(box[2], box[3], values.values.shape[1]):
        return list(strip)
    return [*strip, *values.numbers(index, box)]
