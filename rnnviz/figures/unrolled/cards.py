"""Cards: a step of a layer, its states and gates as strips in a frame."""

from __future__ import annotations

from collections.abc import Sequence

from rnnviz.element import Element
from rnnviz.figures.strips import (
    aperture_numerals,
    aperture_strip,
    empty_strip,
    future_dash,
    numerals_fit,
    padding_box,
    signed_numerals,
    signed_strip,
)
from rnnviz.figures.unrolled.places import Box, card_box, end_box, row_box
from rnnviz.figures.unrolled.rows import UNPROJECTED, Row
from rnnviz.figures.unrolled.sheet import Lane
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.values import Values, row_values
from rnnviz.scene.marks import Mark, Path, Rect, Run, Text
from rnnviz.scene.text import symbol

_RADIUS = 8.0
_LETTER = 11.0  # middle of the letters' column, px at scale 1


def cards(stage: Stage, lane: Lane, steps: Sequence[int]) -> list[Mark]:
    """The cards of a lane at the given steps: computed, to come, or padding."""
    done0, done1 = stage.computed(lane.layer, lane.direction)
    marks: list[Mark] = []
    for t in steps:
        if t >= stage.length:
            marks.append(_padding(stage, lane, t))
        else:
            marks += _frame(stage, lane, t, done0 <= t < done1)
    computed = [t for t in steps if done0 <= t < done1]
    if computed:
        for row in stage.card.rows:
            marks += _row(stage, lane, row, computed)
    return marks


def _padding(stage: Stage, lane: Lane, t: int) -> Mark:
    x, y, width, height = card_box(stage, lane, t)
    if t == stage.length:  # here the sequence's last states leave: they need the room above
        low = max(end_box(stage, lane, row.tensor + "_n")[1] for row in stage.card.states)
        top = low + 38 * stage.scale
        height, y = y + height - top, top
        if height < 12 * stage.scale:
            return Rect(x, y, 0, 0)
    return padding_box((x, y, width, height), stage.style, radius=_RADIUS * stage.scale)


def _frame(stage: Stage, lane: Lane, t: int, computed: bool) -> list[Mark]:
    x, y, width, height = card_box(stage, lane, t)
    ui, radius = stage.style.ui, _RADIUS * stage.scale
    if not computed:
        dash = future_dash(stage.style)
        frame = Rect(x, y, width, height, stroke=ui.border_strong, radius=radius, dash=dash)
        rows = [_pending_row(stage, lane, t, row) for row in stage.card.rows]
        return [frame, *(mark for row_marks in rows for mark in row_marks)]
    lit = stage.current.get((lane.layer, lane.direction)) == t
    stroke, weight = (ui.accent, 1.75) if lit else (ui.border_strong, 1.25)
    frame = Rect(
        x, y, width, height, fill=ui.card, stroke=stroke, stroke_width=weight, radius=radius
    )
    return [frame, *_divider(stage, x, y, width), *_letters(stage, x, y)]


def _divider(stage: Stage, x: float, y: float, width: float) -> list[Mark]:
    if stage.card.divider is None:
        return []
    k = stage.scale
    at = y + (stage.card.divider - 0.5) * k
    return [Rect(x + 8 * k, at, width - 16 * k, 1, fill=stage.style.ui.border)]


def _letters(stage: Stage, x: float, y: float) -> list[Mark]:
    return [_letter(stage, row, x, y) for row in stage.card.rows]


def _letter(stage: Stage, row: Row, x: float, y: float, color: str | None = None) -> Mark:
    k = stage.scale
    middle = y + (row.top + row.height / 2) * k
    if row.tensor == UNPROJECTED:
        size = max(9.0 * k, 8.5)
        runs, role = symbol("W", sub="hr"), "h"
    else:
        size = max(13.0 * k, 10.5)
        runs, role = _symbol(row.tensor), row.tensor
    color = color or stage.style.role(role).text
    return Text(x + _LETTER * k, middle + 0.26 * size, runs, color, size, "math", anchor="middle")


def _symbol(letter: str) -> tuple[Run, ...]:
    return (Run(letter, italic=True),)


def _pending_row(stage: Stage, lane: Lane, t: int, row: Row) -> list[Mark]:
    x, y, _, _ = card_box(stage, lane, t)
    key = None if row.tensor == UNPROJECTED else _key(stage, lane, t, row)
    return [
        empty_strip(row_box(stage, lane, t, row), stage.style, key=key),
        _letter(stage, row, x, y, stage.style.ui.disabled),
    ]


def _key(stage: Stage, lane: Lane, t: int, row: Row) -> Element:
    return Element(row.tensor, lane.layer, lane.direction, t, stage.sequence)


def _row(stage: Stage, lane: Lane, row: Row, steps: Sequence[int]) -> list[Mark]:
    """One tensor's strips of all computed cards."""
    values = row_values(stage, lane.layer, lane.direction, row, steps)
    marks: list[Mark] = []
    for index, t in enumerate(steps):
        box = row_box(stage, lane, t, row)
        marks += _strip(stage, box, values, index, _key(stage, lane, t, row), row)
        if row.tensor == UNPROJECTED:
            marks.append(_projection(stage, lane, t, box))
    return marks


def _strip(
    stage: Stage, box: Box, values: Values, index: int, key: Element, row: Row
) -> list[Mark]:
    role = stage.style.role("h" if row.tensor == UNPROJECTED else row.tensor)
    numbers = numerals_fit(box[2], box[3], values.values.shape[1])
    if values.colors is None:
        marks = list(aperture_strip(box, values.values[index], role, key, stride=values.stride))
        return marks + (list(aperture_numerals(box, values.values[index], role)) if numbers else [])
    colors = values.colors[index]
    marks = list(
        signed_strip(
            box, colors, role, key, stride=values.stride, crossed=values.crosses_of(index)
        )
    )
    return marks + (
        list(signed_numerals(box, values.values[index], colors)) if numbers else []
    )


def _projection(stage: Stage, lane: Lane, t: int, box: Box) -> Mark:
    """The small arrow from h before the projection up to h."""
    row = stage.card.row("h")
    assert row is not None
    x, y, width, height = row_box(stage, lane, t, row)
    at = x + min(width / 2, 20 * stage.scale)
    return Path(
        (("M", at, box[1]), ("L", at, y + height + 0.5)),
        stroke=stage.style.role("h").line,
        stroke_width=1.0,
        arrow=True,
    )
