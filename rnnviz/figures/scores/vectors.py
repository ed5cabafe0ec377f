"""A row of C numbers, wherever it stands: coloured cells, or windows for probabilities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.numerals import difference_digits, fitted
from rnnviz.figures.scores.subject import FEW
from rnnviz.figures.strips import (
    aperture_strip,
    cell_box,
    crosses,
    merge_units,
    numerals_fit,
    signed_numerals,
    signed_strip,
    units_per_cell,
)
from rnnviz.scene.colormap import contrasting_text
from rnnviz.scene.marks import Mark, Rect, Text
from rnnviz.scene.style import Role, Style
from rnnviz.scene.text import label

Box = tuple[float, float, float, float]
FAINT = 0.55


def signed_row(
    box: Box,
    values: NDArray[np.floating],
    limit: float,
    role: Role,
    key: Element,
    style: Style,
    *,
    zoom: float = 1.0,
    numbers: bool = True,
    difference: bool = False,
    axis: str = "unit",
    opacity: float = 1.0,
) -> Iterator[Mark]:
    """Signed values, with numbers where there is room for them."""
    stride = units_per_cell(len(values), box[2] * zoom)
    merged = merge_units(values, stride)
    colors = style.signed.colors(merged, limit)
    yield from signed_strip(
        box,
        colors,
        role,
        key,
        stride=stride,
        axes=("", axis),  # type: ignore[arg-type]
        crossed=crosses(values, stride),
        opacity=opacity,
    )
    if numbers and stride == 1 and numerals_fit(box[2], box[3], len(values)):
        digits = difference_digits(limit) if difference else None
        yield from signed_numerals(box, merged, colors, digits)


def probability_row(
    box: Box,
    values: NDArray[np.floating],
    limit: float,
    key: Element,
    style: Style,
    *,
    zoom: float = 1.0,
) -> Iterator[Mark]:
    """Numbers from 0 to a limit: windows filled from the bottom."""
    stride = units_per_cell(len(values), box[2] * zoom)
    levels, role = merge_units(values, stride), style.role("y")
    yield from aperture_strip(box, levels / limit, role, key, stride=stride)
    if stride == 1 and len(values) <= FEW:
        yield from _window_numerals(box, levels, role, style)


def _window_numerals(
    box: Box, levels: NDArray[np.floating], role: Role, style: Style
) -> Iterator[Text]:
    """The numbers of windows: above what fills them, or within it."""
    x, y, width, height = box
    cell = width / len(levels)
    for index, level in enumerate(levels.tolist()):
        text = fitted(level, cell - 3)
        is_open = level >= 0.5
        color = contrasting_text(role.line) if is_open else style.ui.text
        base = y + (height - 4 if is_open else 12)
        if text and np.isfinite(level):
            middle = x + (index + 0.5) * cell
            yield label(text, middle, base, color, 10.5, anchor="middle")


def target_marks(
    box: Box, unit: int, count: int, style: Style, zoom: float = 1.0
) -> tuple[Rect, Rect]:
    """Ink around the target's cell, and a line below it."""
    x, y, width, height = cell_box(box, unit, count, units_per_cell(count, box[2] * zoom))
    middle, wide = x + width / 2, max(width, 5.0)
    left, wide, ink = middle - wide / 2 - 1, wide + 2, style.ui.text
    return (
        Rect(left, y - 2, wide, height + 4, stroke=ink, stroke_width=1.5, radius=3.0),
        Rect(left, y + height + 1, wide, 2.5, fill=ink, radius=1.0),
    )
