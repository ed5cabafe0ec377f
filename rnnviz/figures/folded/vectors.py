"""Vectors as strips: with the run's values, empty where they stand for any step, dashed to come."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.folded.page import STRIP, STRIP_HEIGHT
from rnnviz.figures.folded.stage import Stage, Vector
from rnnviz.figures.memo import Memo
from rnnviz.figures.numerals import difference_digits
from rnnviz.figures.strips import (
    cell_box,
    crosses,
    empty_strip,
    merge_units,
    numerals_fit,
    ring,
    signed_numerals,
    signed_strip,
    strip_gap,
    units_per_cell,
)
from rnnviz.scene.compose import scaled
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.style import Role

Box = tuple[float, float, float, float]
Look = tuple[Vector, NDArray[np.uint8], NDArray[np.bool_] | None]
_MEMO = Memo(most=512)  # the same strips are drawn again for every frame on the way
_LARGEST_CELL = 17.0
_MOST_EMPTY = 22  # cells of a strip that stands for any step


def strip_width(units: int, most: int) -> float:
    """The width of a vector's strip, where the longest one has `most` units."""
    cell = min(STRIP / max(most, 1), _LARGEST_CELL)
    return max(min(cell * units, STRIP), 6.0)


def strip_box(middle: float, y: float, width: float) -> Box:
    """A strip's place, y being its middle too."""
    return middle - width / 2, y - STRIP_HEIGHT / 2, width, STRIP_HEIGHT


def strip(
    stage: Stage,
    box: Box,
    values: Vector | None,
    role: Role,
    key: Element,
    *,
    opacity: float = 1.0,
) -> list[Mark]:
    """A vector of the run, ringed where it is selected; dashed where it is yet to come."""
    if values is None:
        marks: list[Mark] = [replace(empty_strip(box, stage.style, dashed=True, key=key))]
        return [*_faded(marks, opacity), *_ring(stage, box, key, 1, 1)]
    stride = units_per_cell(len(values), box[2])
    limit = stage.ranges.limit(key.tensor)
    look = (key, stride, limit, stage.style.name)
    merged, colors, crossed = _MEMO.get(
        stage.run, look, lambda: _looked_up(stage, values, stride, limit)
    )
    marks = list(
        signed_strip(box, colors, role, key, stride=stride, crossed=crossed, opacity=opacity)
    )
    k = stage.zoom
    larger = (box[0] * k, box[1] * k, box[2] * k, box[3] * k)
    if opacity == 1.0 and numerals_fit(larger[2], larger[3], len(merged)):
        digits = difference_digits(limit) if stage.run.is_difference else None
        marks += scaled(signed_numerals(larger, merged, colors, digits), 1 / k)
    return [*marks, *_ring(stage, box, key, len(values), stride)]


def _looked_up(stage: Stage, values: Vector, stride: int, limit: float) -> Look:
    merged = merge_units(values, stride)
    return merged, stage.style.signed.colors(merged, limit), crosses(values, stride)


def any_strip(box: Box, units: int, role: Role, line: str) -> list[Mark]:
    """An empty strip that stands for a vector at any step: a frame and its cells."""
    x, y, width, height = box
    frame = Rect(x, y, width, height, role.fill, role.line, 1.25, 2.0)
    if not strip_gap(width, units) or units > _MOST_EMPTY:
        return [frame]
    cell = width / units
    cuts = [
        Rect(x + cell * place - 0.5, y + 1, 1, height - 2, line, opacity=0.45)
        for place in range(1, units)
    ]
    return [frame, *cuts]


def _faded(marks: list[Mark], opacity: float) -> list[Mark]:
    return [replace(mark, opacity=opacity) for mark in marks if isinstance(mark, Rect)]


def _ring(stage: Stage, box: Box, key: Element, units: int, stride: int) -> list[Mark]:
    chosen = stage.view.selection
    if chosen is None or chosen.vector() != key:
        return []
    marks: list[Mark] = [ring(box, stage.style, margin=2.5, radius=4.5)]
    if chosen.unit is not None and chosen.unit < units:
        x, y, width, height = cell_box(box, chosen.unit, units, stride)
        ink = stage.style.ui.focus_ring
        marks.append(Rect(x - 1, y - 1.5, width + 2, height + 3, None, ink, 2.0, 3.0))
    return marks
