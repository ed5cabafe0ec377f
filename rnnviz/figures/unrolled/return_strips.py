"""The gradients that have come back, in strips of their own: of states, of x and of scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.strips import (
    RADIUS,
    crosses,
    empty_strip,
    merge_units,
    numerals_fit,
    signed_numerals,
    strip_gap,
    units_per_cell,
)
from rnnviz.figures.unrolled.blocks import gradient_box, scored_steps
from rnnviz.figures.unrolled.form import FormRow
from rnnviz.figures.unrolled.places import Box, gradient_input_box, lane_top
from rnnviz.figures.unrolled.returned import gradient_limit, gradient_values
from rnnviz.figures.unrolled.rows import GRADIENT, STRIP_WIDTH
from rnnviz.figures.unrolled.sheet import Lane
from rnnviz.figures.unrolled.slices import Floats, at_end, has_steps, over_time
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.wires import gradient_dash
from rnnviz.model.gradients import Gradients
from rnnviz.scene.axes import format_exponent, format_value
from rnnviz.scene.marks import Cells, Mark, Rect, Run, Text
from rnnviz.scene.text import runs_width

_SIZE = 10.5
_DIGITS_FROM = 0.001  # smaller norms have an exponent


def returned_rows(stage: Stage, lane: Lane, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """The strips of ∂L/∂h_t and ∂L/∂c_t on the cards of a lane, by step, with their norms."""
    found: dict[int, list[Mark]] = {}
    y = lane_top(stage, lane)
    for t in steps:
        if t >= stage.length:
            found[t] = []
            continue
        x = stage.timeline.center(t) - stage.form.width / 2
        marks: list[Mark] = [_seam(stage, x, y)]
        for row in stage.form.returned:
            marks += _row(stage, lane, t, row, x, y)
        found[t] = marks
    return found


def _seam(stage: Stage, x: float, y: float) -> Mark:
    form = stage.form
    assert form.seam is not None
    inner = form.width - 2 * form.radius
    return Rect(x + form.radius, y + form.seam, inner, 1, stage.style.ui.border)


def _row(stage: Stage, lane: Lane, t: int, row: FormRow, x: float, y: float) -> Iterator[Mark]:
    box = (x + row.x, y + row.y, row.width, row.height)
    tensor = row.row.tensor
    key = Element(tensor, lane.layer, lane.direction, t, stage.sequence)
    there = stage.has_arrived(lane.layer, lane.direction, t)
    assert row.letter is not None
    color = row.role.text if there else stage.style.ui.disabled
    place = (x + row.letter.x, y + row.letter.y)
    yield Text(*place, row.letter.runs, color, row.letter.size, "math", anchor="middle")
    if not there:
        yield empty_strip(box, stage.style, dashed=True, key=key)
        return
    lane_key, name = (lane.layer, lane.direction), tensor.removeprefix(GRADIENT)
    values = gradient_values(recurrent_of(stage), name, lane_key, stage.sequence, t, t + 1)[0]
    yield from gradient_strip(stage, box, values, key)
    if not stage.compact:
        yield from _norm(stage, box, values, tensor.removeprefix(GRADIENT))


def _norm(stage: Stage, box: Box, values: Floats, name: str) -> Iterator[Mark]:
    """The size of a gradient, below its strip."""
    size, role = max(_SIZE, _SIZE * min(stage.scale, 1.3)), stage.style.role("gradient")
    number = Run(written_norm(values), italic=False)
    bar, base = Run("|", italic=False), box[1] + box[3] + size * 1.02
    name_runs = (bar, Run("∂", italic=False), Run(name, italic=True), bar)
    right = box[0] + STRIP_WIDTH * stage.scale  # of a shorter strip too
    brief = Text(right, base, (number,), role.text, size, anchor="end")
    left = right - runs_width(brief) - 5
    letters = Text(left, base, name_runs, stage.style.ui.muted, size, "math", anchor="end")
    yield brief
    if left - runs_width(letters) > box[0] - 2 * stage.scale:
        yield letters


def written_norm(values: Floats) -> str:
    """The norm of a gradient, in as few signs as tell its size."""
    with np.errstate(over="ignore", invalid="ignore"):
        norm = float(np.linalg.norm(values.astype(np.float64)))
    if norm == 0 or norm >= _DIGITS_FROM or not np.isfinite(norm):
        return format_value(norm, 0 if norm == 0 else 4 if norm < 0.1 else 3 if norm < 1 else 2)
    return format_exponent(norm)


def gradient_strip(
    stage: Stage, box: Box, values: Floats, key: Element, of: str = "states"
) -> Iterator[Mark]:
    """A vector of gradients, signed, in a dashed frame."""
    assert stage.around is not None
    assert stage.around.gradients is not None
    x, y, width, height = box
    stride = units_per_cell(len(values), width)
    merged, crossed = merge_units(values, stride), crosses(values, stride)
    colors = stage.style.signed.colors(merged, gradient_limit(stage.around.gradients, of))
    yield Cells(
        x + 0.5,
        y + 0.5,
        width - 1,
        height - 1,
        colors[None],
        gap=strip_gap(width, len(merged)),
        crossed=None if crossed is None else crossed[None],
        key=key,
        stride=(1, stride),
    )
    line, dash = stage.style.role("gradient").line, gradient_dash(stage.style)
    yield Rect(*box, stroke=line, stroke_width=1.25, radius=RADIUS, dash=dash)
    if numerals_fit(width, height, len(merged)):
        yield from signed_numerals(box, merged, colors, 4)


def returned_inputs(stage: Stage, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """The strips of ∂L/∂x_t, by step."""
    found: dict[int, list[Mark]] = {t: [] for t in steps}
    for t in steps:
        if t >= stage.length:
            continue
        box, key = gradient_input_box(stage, t), Element("grad_x", 0, None, t, stage.sequence)
        if input_has_arrived(stage, t):
            values = gradient_values(recurrent_of(stage), "x", (0, 0), stage.sequence, t, t + 1)[0]
            found[t] = list(gradient_strip(stage, box, values, key))
        else:
            found[t] = [empty_strip(box, stage.style, dashed=True, key=key)]
    return found


def input_has_arrived(stage: Stage, t: int) -> bool:
    """Whether all of ∂L/∂x_t has come back."""
    return all(stage.has_arrived(0, d, t) for d in range(stage.run.num_directions))


def returned_scores(stage: Stage, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """The strips of ∂L/∂scores, by step: with the loss they are all there."""
    found: dict[int, list[Mark]] = {t: [] for t in steps}
    assert stage.around is not None
    assert stage.around.gradients is not None
    pr, named = stage.around.pr, stage.around.gradients.tensors.get("scores")
    if named is None:
        return found
    for t in scored_steps(stage, steps):
        cut = over_time(pr, named, stage.sequence, t, t + 1) if has_steps(pr, named) else None
        values = (at_end(pr, named, stage.sequence) if cut is None else cut)[0]
        key = Element("grad_scores", t=t, sequence=stage.sequence)
        found[t] = list(gradient_strip(stage, gradient_box(stage, t), values, key, "scores"))
    return found


def recurrent_of(stage: Stage) -> Gradients:
    """The gradients in the recurrent layers, all of them."""
    assert stage.around is not None
    assert stage.around.gradients is not None
    assert stage.around.gradients.recurrent is not None
    return stage.around.gradients.recurrent
