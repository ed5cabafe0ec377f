"""Cards: a step of a layer, its states and gates as strips in a frame."""

from __future__ import annotations

from collections.abc import Sequence

from rnnviz.element import Element
from rnnviz.figures.compared import forced_lines, forced_units
from rnnviz.figures.strips import (
    aperture_numerals,
    aperture_strip,
    empty_strip,
    future_dash,
    numerals_fit,
    padding_box,
    signed_strip,
)
from rnnviz.figures.unrolled.ends import CAPTION
from rnnviz.figures.unrolled.form import Form, FormRow
from rnnviz.figures.unrolled.places import end_box, lane_top
from rnnviz.figures.unrolled.rows import UNPROJECTED
from rnnviz.figures.unrolled.sheet import Lane
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.values import Values, inside_values, row_values
from rnnviz.scene.marks import Mark, Path, Rect, Text

_BELOW_CAPTION = 6.0
_PROJECTION_AT = 20.0


def cards(stage: Stage, lane: Lane, steps: Sequence[int]) -> dict[int, list[Mark]]:
    """The cards of a lane by step: computed, to come, or padding."""
    done0, done1 = stage.computed(lane.layer, lane.direction)
    y = lane_top(stage, lane)
    marks: dict[int, list[Mark]] = {}
    for t in steps:
        x = stage.timeline.center(t) - stage.form.width / 2
        if t >= stage.length:
            marks[t] = _padding(stage, lane, t, x, y)
        elif done0 <= t < done1:
            lit = stage.current.get((lane.layer, lane.direction)) == t
            marks[t] = _frame(stage, x, y, lit)
        elif stage.under_way == (lane.layer, lane.direction, t):
            marks[t] = _begun(stage, lane, t, x, y)
        else:
            marks[t] = _pending(stage, lane, t, x, y)
    computed = [t for t in steps if done0 <= t < done1]
    if computed:
        for row in stage.form.rows:
            _add_strips(marks, stage, lane, row, computed, y)
    return marks


def _padding(stage: Stage, lane: Lane, t: int, x: float, y: float) -> list[Mark]:
    form, top = stage.form, y
    if t == stage.length:  # here the sequence's last states leave: they need the room above
        _, low, _, height = end_box(stage, lane, stage.card.states[-1].tensor + "_n")
        top = low + height + CAPTION * max(stage.scale, 0.85) + _BELOW_CAPTION
    height = y + form.height - top
    if height < 12 * stage.scale:
        return []
    return [padding_box((x, top, form.width, height), stage.style, radius=form.radius)]


def _frame(stage: Stage, x: float, y: float, lit: bool, *, letters: bool = True) -> list[Mark]:
    form, ui = stage.form, stage.style.ui
    stroke, weight = (ui.accent, 1.75) if lit else (ui.border_strong, 1.25)
    marks: list[Mark] = [
        Rect(x, y, form.width, form.height, ui.card, stroke, weight, form.radius),
        *_divider(form, x, y, ui.border),
    ]
    for row in form.rows if letters else ():
        marks += _letter(row, x, y, row.role.text)
    return marks


def _divider(form: Form, x: float, y: float, color: str) -> list[Mark]:
    if form.divider is None:
        return []
    return [Rect(x + form.radius, y + form.divider, form.width - 2 * form.radius, 1, color)]


def _letter(row: FormRow, x: float, y: float, color: str) -> list[Text]:
    letter = row.letter
    if letter is None:
        return []
    place = (x + letter.x, y + letter.y)
    return [Text(*place, letter.runs, color, letter.size, "math", anchor="middle")]


def _pending(stage: Stage, lane: Lane, t: int, x: float, y: float) -> list[Mark]:
    form, ui = stage.form, stage.style.ui
    dash = future_dash(stage.style)
    marks: list[Mark] = [
        Rect(x, y, form.width, form.height, None, ui.border_strong, 1.0, form.radius, dash)
    ]
    for row in form.rows:
        box = (x + row.x, y + row.y, row.width, row.height)
        marks.append(empty_strip(box, stage.style, key=_key(stage, lane, t, row)))
        marks += _letter(row, x, y, ui.disabled)
    return marks


def _begun(stage: Stage, lane: Lane, t: int, x: float, y: float) -> list[Mark]:
    """The card of a cell under way: the strips that its operations have given, the rest empty."""
    ui = stage.style.ui
    marks = _frame(stage, x, y, lit=True, letters=False)
    for row in stage.form.rows:
        box = (x + row.x, y + row.y, row.width, row.height)
        key = _key(stage, lane, t, row)
        values = inside_values(stage, lane.layer, lane.direction, t, row.row)
        if values is None:
            marks.append(empty_strip(box, stage.style, dashed=True, key=key))
            marks += _letter(row, x, y, ui.disabled)
            continue
        marks += _strip(values, 0, box, row, key)
        marks += _forced(stage, lane, t, box, row)
        if numerals_fit(row.width, row.height, values.values.shape[1]):
            marks += _numbers(values, 0, box, row)
        marks += _letter(row, x, y, row.role.text)
    return marks


def _key(stage: Stage, lane: Lane, t: int, row: FormRow) -> Element | None:
    tensor = row.row.tensor
    if tensor == UNPROJECTED:
        return None
    return Element(tensor, lane.layer, lane.direction, t, stage.sequence)


def _add_strips(
    marks: dict[int, list[Mark]],
    stage: Stage,
    lane: Lane,
    row: FormRow,
    steps: Sequence[int],
    y: float,
) -> None:
    """One tensor's strips, added to all computed cards."""
    values = row_values(stage, lane.layer, lane.direction, row.row, steps)
    numbers = numerals_fit(row.width, row.height, values.values.shape[1])
    left = row.x - stage.form.width / 2
    for index, t in enumerate(steps):
        box = (stage.timeline.center(t) + left, y + row.y, row.width, row.height)
        marks[t] += _strip(values, index, box, row, _key(stage, lane, t, row))
        marks[t] += _forced(stage, lane, t, box, row)
        if numbers:
            marks[t] += _numbers(values, index, box, row)
        if row.row.tensor == UNPROJECTED:
            marks[t].append(_projection(stage, box))


def _strip(
    values: Values,
    index: int,
    box: tuple[float, float, float, float],
    row: FormRow,
    key: Element | None,
) -> tuple[Mark, ...]:
    if values.colors is None:
        return aperture_strip(box, values.values[index], row.role, key, stride=values.stride)
    crossed = values.crosses_of(index)
    return signed_strip(
        box, values.colors[index], row.role, key, stride=values.stride, crossed=crossed
    )


def _forced(
    stage: Stage, lane: Lane, t: int, box: tuple[float, float, float, float], row: FormRow
) -> list[Rect]:
    """A line below the units that are forced to a value."""
    if not stage.run.clamps:
        return []
    place = (lane.layer, lane.direction, t)
    forced = forced_units(stage.run, row.row.tensor, place, stage.sequence)
    return [] if forced is None else forced_lines(box, forced, stage.style)


def _numbers(
    values: Values, index: int, box: tuple[float, float, float, float], row: FormRow
) -> list[Text]:
    if values.colors is None:
        return aperture_numerals(box, values.values[index], row.role)
    return values.numbers(index, box)


def _projection(stage: Stage, box: tuple[float, float, float, float]) -> Mark:
    """The small arrow from h before the projection up to h."""
    h = stage.form.rows[0]
    at = box[0] + min(h.width / 2, _PROJECTION_AT * stage.scale)
    gap = stage.form.rows[1].y - h.y - h.height
    return Path(
        (("M", at, box[1]), ("L", at, box[1] - gap + 0.5)),
        stroke=stage.style.role("h").line,
        stroke_width=1.0,
        arrow=True,
    )
