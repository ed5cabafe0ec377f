"""The result of the head: probabilities as bars with their names, scores as a strip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.numerals import difference_digits
from rnnviz.figures.strips import (
    crosses,
    empty_strip,
    future_dash,
    merge_units,
    numerals_fit,
    signed_numerals,
    signed_strip,
    units_per_cell,
)
from rnnviz.figures.unrolled.blocks import (
    Axis,
    axis_of,
    bars_box,
    chosen_classes,
    scored_of,
    scored_steps,
    strip_box,
)
from rnnviz.figures.unrolled.likeliest import (
    BESIDE,
    Block,
    broken,
    listed,
    shares_limit,
    written_share,
)
from rnnviz.figures.unrolled.rooms import Rooms
from rnnviz.figures.unrolled.slices import Floats, limit_of, rows_of, wanted
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.model.pipeline import PipelineRun
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.text import elide, label, text_width

_FRAME = 0.6  # the height of what is not there yet
_FAINT = 0.45


def scores(stage: Stage, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """The results of the head by step, or their empty places."""
    found: dict[int, list[Mark]] = {t: [] for t in steps}
    assert stage.around is not None
    axis = axis_of(stage) if stage.rooms.bars else None
    for t in scored_steps(stage, steps):
        done = stage.scored[0] <= t < stage.scored[1]
        found[t] = _strips(stage, t, done) if axis is None else list(_bars(stage, t, axis, done))
    return found


def _bars(stage: Stage, t: int, axis: Axis, done: bool) -> Iterator[Mark]:
    assert stage.around is not None
    pr = stage.around.pr
    values = rows_of(pr, "probabilities", stage.sequence, t, t + 1)[0]
    target = -1
    if stage.rooms.target == "class":
        target = int(wanted(pr, stage.sequence, t, t + 1)[0])
    classes = chosen_classes(axis, values, target)
    if not done and not axis.all:
        classes = [-1] * (axis.count - 1) + [target]
    block = Block(stage, t, axis, values, classes, target, done)
    if not axis.all:
        yield from listed(block)
        return
    yield from _drawn_bars(block) if done else _frames(block)
    yield from _names(block)
    if stage.rooms.target == "values":
        yield from _ticks(block)


def _drawn_bars(block: Block) -> Iterator[Mark]:
    stage, axis = block.stage, block.axis
    x, y, width, height = bars_box(stage, block.t)
    role, likeliest = stage.style.role("y"), block.likeliest
    difference = stage.run.is_difference
    zero = y + height / 2 if difference else y + height
    unit = height / 2 / shares_limit(stage) if difference else height
    thickness = min(axis.pitch * 0.8, 22 * stage.scale)
    yield Rect(x - 2, zero - 0.5, width + 4, 1, fill=role.line, opacity=0.6)
    for place, index in enumerate(block.classes):
        value = float(block.values[index])
        left = x + (place + 0.5) * axis.pitch - thickness / 2
        if not np.isfinite(value):
            yield broken(block, index, left + thickness / 2, zero - 4)
            continue
        size = unit * value
        opacity = 1.0 if index == likeliest else BESIDE
        top, deep = min(zero, zero - size), max(abs(size), 1.0)
        key = block.key._replace(unit=index)
        yield Rect(left, top, thickness, deep, role.line, radius=1.5, opacity=opacity, key=key)
        if index == likeliest and not stage.compact:
            text, size_ = written_share(stage, value), stage.size(11)
            at = min(top, zero) - 4
            middle = left + thickness / 2
            yield label(text, middle, at, role.text, size_, weight=600, anchor="middle")


def _frames(block: Block) -> Iterator[Mark]:
    """The places of the bars that are not there yet."""
    stage, axis = block.stage, block.axis
    x, y, _, height = bars_box(stage, block.t)
    top, ui = y + height * (1 - _FRAME), stage.style.ui
    for place, index in enumerate(block.classes):
        left, width = x + place * axis.pitch, axis.pitch
        width = min(width, 22 * stage.scale)
        left += (axis.pitch - width) / 2
        key = block.key._replace(unit=index) if index >= 0 else block.key
        dash = future_dash(stage.style)
        deep = height * _FRAME
        yield Rect(left, top, width, deep, stroke=ui.border_strong, dash=dash, key=key)


def _names(block: Block) -> Iterator[Mark]:
    """The classes' names, that of the target strong, and the mark below it."""
    stage, axis, ui = block.stage, block.axis, block.stage.style.ui
    assert stage.around is not None
    x, y, _, height = bars_box(stage, block.t)
    base = y + height + axis.size * 0.98
    for place, index in enumerate(block.classes):
        middle, aimed = x + (place + 0.5) * axis.pitch, index == block.target and index >= 0
        name = stage.around.class_name(index) if index >= 0 else ""
        name = elide(name, axis.pitch - 1, axis.size, "mono")
        color = ui.text if aimed else ui.text_secondary
        color = color if block.done else ui.disabled
        if name and not (stage.compact and axis.pitch < 9):
            key = block.key._replace(unit=index)
            text = label(name, middle, base, color, axis.size, font="mono", anchor="middle")
            yield replace(text, key=key)
        if aimed:
            width = max(min(axis.pitch - 2, text_width(name, axis.size, "mono") + 5), 6.0)
            ink = ui.text if block.done else ui.border_strong
            key = Element("targets", t=block.t, sequence=stage.sequence)
            low = base + axis.size * 0.3
            yield Rect(middle - width / 2, low, width, 2.5, ink, radius=1.25, key=key)


def _ticks(block: Block) -> Iterator[Mark]:
    """The targets of classes that each have a value: a line at its height."""
    stage, axis, ui = block.stage, block.axis, block.stage.style.ui
    assert stage.around is not None
    if stage.run.is_difference:
        return
    x, y, _, height = bars_box(stage, block.t)
    values = rows_of(stage.around.pr, "flat_targets", stage.sequence, block.t, block.t + 1)[0]
    ink = ui.text if block.done else ui.border_strong
    for place, value in enumerate(values.tolist()):
        at = y + height * (1 - min(max(value, 0.0), 1.0))
        width = min(axis.pitch * 0.9, 26 * stage.scale)
        left = x + (place + 0.5) * axis.pitch - width / 2
        key = Element("targets", t=block.t, sequence=stage.sequence, unit=place)
        yield Rect(left, at - 1.25, width, 2.5, ink, radius=1.25, key=key)


def _strips(stage: Stage, t: int, done: bool) -> list[Mark]:
    """Scores without probabilities, and below them targets that are values."""
    assert stage.around is not None
    pr, scored = stage.around.pr, scored_of(stage)
    box, key = strip_box(stage, t, scored.top), Element("scores", t=t, sequence=stage.sequence)
    marks: list[Mark] = [empty_strip(box, stage.style, dashed=True, key=key)]
    if done:
        marks = _strip(stage, box, rows_of(pr, "scores", stage.sequence, t, t + 1)[0], key, "y")
    if scored.target is not None:
        values = rows_of(pr, "flat_targets", stage.sequence, t, t + 1)[0]
        box, key = strip_box(stage, t, scored.target), key._replace(tensor="targets")
        marks += _strip(stage, box, values, key, "x", 1.0 if done else _FAINT)
    return marks


def _strip(
    stage: Stage,
    box: tuple[float, float, float, float],
    values: Floats,
    key: Element,
    role: str,
    opacity: float = 1.0,
) -> list[Mark]:
    assert stage.around is not None
    limit = scores_limit(stage.around.pr, stage.rooms, stage.run.is_difference)
    stride = units_per_cell(len(values), box[2])
    merged = merge_units(values, stride)
    colors, crossed = stage.style.signed.colors(merged, limit), crosses(values, stride)
    marks: list[Mark] = list(
        signed_strip(
            box,
            colors,
            stage.style.role(role),
            key,
            stride=stride,
            crossed=crossed,
            opacity=opacity,
        )
    )
    if numerals_fit(box[2], box[3], len(merged)):
        digits = difference_digits(limit) if stage.run.is_difference else None
        marks += signed_numerals(box, merged, colors, digits)
    return marks


def scores_limit(pr: PipelineRun, rooms: Rooms, difference: bool) -> float:
    """The end of the colours of scores, and of the targets that they are compared with."""
    names = ["scores"]
    if rooms.target == "values" and not difference:
        names.append("flat_targets")
    return limit_of(pr, *names)
