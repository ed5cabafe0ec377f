"""Strips with their names, shapes, numbers and rings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import floor, log10

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.anatomy.plan import Box, Strip
from rnnviz.figures.anatomy.stage import Stage
from rnnviz.figures.anatomy.subject import Floats
from rnnviz.figures.strips import (
    RADIUS,
    aperture_strip,
    cell_box,
    crosses,
    merge_units,
    ring,
    signed_strip,
    units_per_cell,
)
from rnnviz.scene.axes import format_value
from rnnviz.scene.marks import Mark, Rect, Text
from rnnviz.scene.text import label, runs_width, text_width

_NAME, _ROW_NAME = 14.0, 12.0
_NUMBER, _ROW_NUMBER = 11.0, 10.0
_SHAPE = 9.5
_GAP = 5.0
_WIDE_FORMULA = 104.0  # px from which a whole formula and a number stand on one line
_LEAST_HEADING = 64.0  # px that name and number of a short strip may take


def draw_strip(stage: Stage, strip: Strip) -> Iterator[Mark]:
    """A vector: its values where they are known, else an empty dashed frame."""
    key = stage.subject.key(strip.name)
    known = stage.is_known(strip.name)
    if strip.name in stage.operands:
        yield _operand(stage, strip)
    if known:
        values = stage.subject.values[strip.name]
        yield from strip_marks(stage, strip.box, strip.name, values, key)
    else:
        yield _empty(stage, strip.box, key)
    yield from _forced(stage, strip)
    unit = ringed_unit(stage, strip.name) if known else None
    number = "" if unit is None else _number(stage, strip, unit)
    yield from _heading(stage, strip, known, number)
    if unit is not None:
        count = len(stage.subject.values[strip.name])
        yield _unit_ring(stage, strip, unit, count)
    elif known and stage.subject.view.selection == key and strip.name not in stage.operands:
        yield ring(strip.box, stage.style, margin=2.5, radius=4)


def strip_marks(
    stage: Stage, box: Box, name: str, values: Floats, key: Element
) -> tuple[Mark, ...]:
    """Cells or apertures, neighbours merged as far as the screen asks for it."""
    stride = units_per_cell(len(values), box[2] * stage.zoom)
    merged = merge_units(values, stride)
    role = stage.role(name)
    if stage.is_apertures(name):
        return aperture_strip(box, merged, role, key, stride=stride)
    colors = stage.style.signed.colors(merged, stage.scales.limit(name))
    broken = crosses(values, stride)
    return signed_strip(box, colors, role, key, stride=stride, crossed=broken)


def _empty(stage: Stage, box: Box, key: Element) -> Rect:
    ui = stage.style.ui
    return Rect(*box, ui.surface_sunken, ui.border_strong, 1.0, RADIUS, stage.dash, key=key)


def draw_halo(stage: Stage, strip: Strip) -> Iterator[Mark]:
    """The light behind what was computed last, and its name."""
    if strip.name not in stage.results:
        return
    x, y, width, height = strip.box
    if strip.side == "row":
        box = (x - 5, y - 14, width + 10, height + 17)
    else:
        box = (x - 7, y - 23, width + 14, height + 30)
    yield Rect(*box, fill=stage.style.ui.accent_soft, radius=6)


def _operand(stage: Stage, strip: Strip) -> Rect:
    """The ring around what the last operation took."""
    margin = 2.0 if strip.side == "row" else 3.5
    ground = stage.style.ui.card
    return ring(strip.box, stage.style, margin=margin, radius=margin + 1.5, fill=ground)


def ringed_unit(stage: Stage, name: str) -> int | None:
    """The selected unit, in every strip that counts the same units."""
    chosen, subject = stage.subject.view.selection, stage.subject
    if chosen is None or chosen.unit is None or chosen.sequence not in (None, subject.place[3]):
        return None
    here = (subject.place.layer, subject.place.direction)
    if chosen.tensor == "x":
        same = name == "x" and (chosen.layer or 0) == here[0]
    else:
        at = (chosen.layer, chosen.direction or 0)
        same = at == here and _axis(stage, name) == _axis(stage, chosen.tensor)
    inside = chosen.unit < len(subject.values[name]) if same else False
    return chosen.unit if inside else None


def _axis(stage: Stage, name: str) -> str:
    """What a tensor's units count."""
    if name in ("x", "mask", "output") or name.startswith(("weight", "bias")):
        return name
    run = stage.subject.run
    projected = run.output_size != run.hidden_size
    return "H_out" if projected and name in ("h", "h_prev", "h_0", "h_n") else "H_cell"


def _forced(stage: Stage, strip: Strip) -> Iterator[Rect]:
    """A line below every unit that is forced to its value."""
    forced = stage.subject.forced(strip.name)
    if forced is None:
        return
    x, y, width, height = strip.box
    stride = units_per_cell(len(forced), width * stage.zoom)
    cells = merge_units(forced.astype(np.float64), stride) > 0
    pitch = width / len(cells)
    for place in np.flatnonzero(cells):
        left = x + float(place) * pitch
        yield Rect(left, y + height + 1.5, pitch - 1, 2.0, fill=stage.style.ui.text)


def _number(stage: Stage, strip: Strip, unit: int) -> str:
    value = float(stage.subject.values[strip.name][unit])
    digits = 2
    if stage.subject.is_difference:  # small changes are what is looked for
        digits = max(2, 2 - floor(log10(stage.scales.limit(strip.name))))
    return format_value(value, min(digits, 6))


def _unit_ring(stage: Stage, strip: Strip, unit: int, count: int) -> Rect:
    _, y, width, height = strip.box
    stride = units_per_cell(count, width * stage.zoom)
    left, _, cell, _ = cell_box(strip.box, unit, count, stride)
    cell = max(cell, 4.0)
    ink = stage.style.ui.focus_ring
    pen = float(stage.style.tokens["stroke"]["selection"])
    over = 1.0 if strip.side == "row" else 2.0
    box = (left - 0.5, y - over, cell + 1, height + 2 * over)
    return Rect(*box, stroke=ink, stroke_width=pen, radius=3)


def _heading(stage: Stage, strip: Strip, known: bool, number: str) -> Iterator[Mark]:
    """Name, shape and number above a strip; the shape where there is room for it."""
    x, y, width, _ = strip.box
    row, ui = strip.side == "row", stage.style.ui
    names = stage.names if known else stage.pending_names
    ink = ui.text if known else ui.disabled
    size, base = (_ROW_NAME, y - 6.5) if row else (_NAME, y - 9.0)
    runs = names.of(strip.name)
    if strip.side == "beside":
        yield from _beside(stage, strip, Text(x, 0, runs, ink, _NAME, "math"), known)
        return
    figures = text_width(number, _NUMBER, weight=600) + _GAP if number else 0.0
    room = max(width, _LEAST_HEADING)
    name = Text(x, base, runs, ink, size, "math")
    tight = row and bool(number) and width < _WIDE_FORMULA
    if tight or runs_width(name) + figures > room + (2.0 if row else 0.0):
        name = Text(x, base, names.brief(strip.name), ink, size, "math")
        share = (room - figures) / max(runs_width(name), 1.0)
        name = replace(name, size=size * min(max(share, 0.6), 1.0))
    middle = None if row else width / 2
    if middle is not None and runs_width(name) > middle - 3:
        ground = ui.accent_soft if strip.name in stage.results else ui.card
        yield Rect(x - 1, base - 10, runs_width(name) + 3, 13, fill=ground)
    yield name
    if number:
        small = _ROW_NUMBER if row else _NUMBER
        yield label(number, x + room, base, ui.text, small, weight=600, anchor="end")
    at = _shape_place(runs_width(name), room - figures, middle, _shape(stage, strip))
    if at is not None and stage.options.shapes:
        color = ui.muted if known else ui.disabled
        yield label(_shape(stage, strip), x + at, base, color, _SHAPE, font="mono")


def _shape(stage: Stage, strip: Strip) -> str:
    return f"({np.size(stage.subject.values[strip.name])},)"


def _shape_place(name: float, room: float, middle: float | None, shape: str) -> float | None:
    """Where a shape stands after a name: before the wire in the middle, or after it."""
    wide, start = text_width(shape, _SHAPE, "mono"), name + _GAP
    if middle is not None and start + wide > middle - 3 and start < middle + 4:
        start = middle + 4
    return start if start + wide <= room else None


def _beside(stage: Stage, strip: Strip, name: Text, known: bool) -> Iterator[Text]:
    """The name of what enters from below: before its strip, where no wire is."""
    x, y, _, height = strip.box
    ui, base = stage.style.ui, y + height / 2 + 4
    end = x - 8
    if stage.options.shapes:
        color = ui.muted if known else ui.disabled
        yield label(_shape(stage, strip), end, base, color, _SHAPE, font="mono", anchor="end")
        end -= text_width(_shape(stage, strip), _SHAPE, "mono") + _GAP
    yield Text(end, base, name.runs, name.color, name.size, "math", anchor="end")
