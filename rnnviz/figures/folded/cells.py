"""Cells: a frame with h, and c, at one step or at any."""

from __future__ import annotations

from rnnviz.figures.folded.names import superscript, symbol_runs, with_superscript
from rnnviz.figures.folded.page import CARD, WIRE, Lane
from rnnviz.figures.folded.stage import Stage
from rnnviz.figures.folded.vectors import any_strip, strip, strip_box, strip_width
from rnnviz.figures.folded.wires import line, weight
from rnnviz.figures.strips import future_dash
from rnnviz.scene.marks import Mark, Rect, Run, Text

NAME = 19.0  # size of a state's name
_NAME_AT = 27.0  # its baseline, from the top of its row
_PROJECTION_AT = 75.0  # middle of the box of W_hr
_PROJECTION = 44.0


def folded_cell(stage: Stage, lane: Lane) -> list[Mark]:
    """The cell that stands for any step."""
    x, page = stage.folded, stage.page
    marks: list[Mark] = [_frame(stage, x, lane.top, known=True, lit=False)]
    for tensor in page.rows:
        role = stage.style.role(tensor)
        units = units_of(stage, tensor)
        width = strip_width(units, stage.run.hidden_size)
        box = strip_box(x + CARD / 2, page.wire(lane, tensor), width)
        marks += [
            _name(stage, lane, tensor, "t", x, role.text),
            *any_strip(box, units, role, role.line),
        ]
    return marks + _projection(stage, lane, x)


def cell(stage: Stage, lane: Lane, place: int) -> list[Mark]:
    """The cell of a column: with its values, or a dashed frame where it is yet to come."""
    page, t, x = stage.page, stage.page.shown[place], stage.column(place)
    known = {tensor: stage.state(tensor, lane, t) for tensor in page.rows}
    lit = stage.is_lit(lane, t)
    begun = lit or any(values is not None for values in known.values())
    marks: list[Mark] = [_frame(stage, x, lane.top, known=begun, lit=lit)]
    for tensor, values in known.items():
        role = stage.style.role(tensor)
        width = strip_width(units_of(stage, tensor), stage.run.hidden_size)
        box = strip_box(x + CARD / 2, page.wire(lane, tensor), width)
        color = stage.style.ui.disabled if values is None else role.text
        marks.append(_name(stage, lane, tensor, str(t + 1), x, color))
        marks += strip(stage, box, values, role, stage.key(tensor, lane, t))
    return marks + _projection(stage, lane, x)


def units_of(stage: Stage, tensor: str) -> int:
    """The length of h or c."""
    return stage.run.output_size if tensor == "h" else stage.run.hidden_size


def state_name(stage: Stage, lane: Lane, tensor: str, index: str) -> tuple[Run, ...]:
    """The symbol of a state: `h_{3}^{(1)}`."""
    above = superscript(stage.run, lane.layer, lane.direction)
    return symbol_runs(with_superscript(f"{tensor}_{{{index}}}", above))


def _name(stage: Stage, lane: Lane, tensor: str, index: str, x: float, color: str) -> Text:
    y = stage.page.row_top(lane, tensor) + _NAME_AT
    runs = state_name(stage, lane, tensor, index)
    return Text(x + CARD / 2, y, runs, color, NAME, "math", anchor="middle")


def _frame(stage: Stage, x: float, y: float, *, known: bool, lit: bool) -> Rect:
    ui = stage.style.ui
    if not known:
        dash = future_dash(stage.style)
        return Rect(x, y, CARD, stage.page.card, ui.card, ui.border_strong, 1.0, 9.0, dash)
    return Rect(x, y, CARD, stage.page.card, ui.card, ui.accent, 2.25 if lit else 1.25, 9.0)


def _projection(stage: Stage, lane: Lane, x: float) -> list[Mark]:
    """The box of W_hr, between c and the h that it gives."""
    if not stage.run.spec.proj_size:
        return []
    middle, y = x + CARD / 2, lane.top + _PROJECTION_AT
    foot = lane.top + WIRE + 8.5
    return [
        line(stage, [(middle, y), (middle, foot)], "h"),
        *weight(stage, "hr", lane, middle, y, width=_PROJECTION),
    ]
