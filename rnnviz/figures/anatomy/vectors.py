"""Strips with their rings and lights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.anatomy.headings import draw_heading
from rnnviz.figures.anatomy.plan import Box, Strip
from rnnviz.figures.anatomy.scaled import scaled
from rnnviz.figures.anatomy.stage import Stage
from rnnviz.figures.anatomy.subject import Floats
from rnnviz.figures.compared import forced_lines
from rnnviz.figures.numerals import difference_digits, signed
from rnnviz.figures.strips import (
    RADIUS,
    aperture_numerals,
    aperture_strip,
    cell_box,
    crosses,
    merge_units,
    numerals_fit,
    ring,
    signed_numerals,
    signed_strip,
    units_per_cell,
)
from rnnviz.scene.axes import format_value
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.style import Role


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
    yield from draw_heading(stage, strip, known, number)
    if unit is not None:
        count = len(stage.subject.values[strip.name])
        yield _unit_ring(stage, strip, unit, count)
    told = strip.name in stage.operands or (unit is not None and strip.name in stage.results)
    if strip.name == stage.selected and not told:
        yield ring(strip.box, stage.style, margin=2.5, radius=4)


def strip_marks(
    stage: Stage, box: Box, name: str, values: Floats, key: Element
) -> tuple[Mark, ...]:
    """Cells or apertures, neighbours merged as far as the screen asks for it."""
    stride = units_per_cell(len(values), box[2] * stage.zoom)
    merged = merge_units(values, stride)
    role = stage.role(name)
    if stage.is_apertures(name):
        strip = aperture_strip(box, merged, role, key, stride=stride)
        return (*strip, *_numerals(stage, box, merged, None, role, None))
    colors = stage.style.signed.colors(merged, stage.scales.limit(name))
    broken = crosses(values, stride)
    strip = signed_strip(box, colors, role, key, stride=stride, crossed=broken)
    digits = _digits(stage, name)
    return (*strip, *_numerals(stage, box, merged, colors, role, digits))


def _numerals(
    stage: Stage,
    box: Box,
    values: Floats,
    colors: NDArray[np.uint8] | None,
    role: Role,
    digits: int | None,
) -> Iterator[Mark]:
    """Numbers in the cells, as soon as these are large enough on the screen."""
    x, y, width, height = (part * stage.zoom for part in box)
    if not numerals_fit(width, height, len(values)):
        return
    large = (x, y, width, height)
    if colors is None:
        found = aperture_numerals(large, values, role)
    else:
        found = signed_numerals(large, values, colors, digits)
    yield from scaled(found, 1 / stage.zoom)


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
    subject = stage.subject
    chosen = subject.chosen
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
    if forced is not None:
        yield from forced_lines(strip.box, forced, stage.style, stage.zoom)


def _number(stage: Stage, strip: Strip, unit: int) -> str:
    value = float(stage.subject.values[strip.name][unit])
    digits = _digits(stage, strip.name)
    return format_value(value, 2) if digits is None else signed(value, digits)


def _digits(stage: Stage, name: str) -> int | None:
    """The decimals of differences; None of plain values."""
    is_difference = stage.subject.is_difference
    return difference_digits(stage.scales.limit(name)) if is_difference else None


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
