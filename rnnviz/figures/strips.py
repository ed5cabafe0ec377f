"""The strip, one grammar for every figure: a vector is a row of cells in its role's frame.

Signed values are coloured cells, gates are apertures, what is yet to come is an empty frame,
padding is a hatch. A strip that is too narrow for its cells merges neighbouring units by
largest magnitude, and says so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.numerals import numerals
from rnnviz.scene.colormap import hex_to_rgb
from rnnviz.scene.marks import Apertures, Cells, ElementField, Mark, Rect, Text
from rnnviz.scene.style import Role, Style

Axes = tuple[ElementField, ElementField]

FRAME = 1.25
RADIUS = 2.0
MIN_CELL = 3.0
GAP_FROM = 4.0  # cells narrower than this stand without a gap
NUMERALS_FROM = (34.0, 15.0)
APERTURE_NUMERALS_FROM = 11.0  # px of half a window, on which its number stands
PADDING_OPACITY = 0.75
_INSET = 0.5  # of the cells in their frame, whose line covers their edge


def units_per_cell(count: int, width: float, minimum: float = MIN_CELL) -> int:
    """How many neighbouring units share a cell so that none is narrower than `minimum` px."""
    room = max(1, int(width / minimum + 1e-9))
    return max(1, -(-count // room))


def units_caption(count: int, stride: int, noun: str = "units") -> str:
    """What a strip says about its cells: `64 units, 2 per cell`; nothing where none is merged."""
    return f"{count} {noun}, {stride} per cell" if stride > 1 else ""


def merge_units(values: NDArray[np.floating], stride: int) -> NDArray[np.floating]:
    """Neighbours on the last axis merged, `stride` each, by largest magnitude, sign kept.

    Args:
        values: `(..., n)`; NaN counts only where a group holds nothing else.
        stride: units per group; the last group may be smaller.

    Returns:
        `(..., ceil(n / stride))`.
    """
    if stride <= 1 or values.shape[-1] == 0:
        return values
    starts = np.arange(0, values.shape[-1], stride, dtype=np.intp)
    high = np.fmax.reduceat(values, starts, axis=-1)
    low = np.fmin.reduceat(values, starts, axis=-1)
    merged: NDArray[np.floating] = np.where(np.abs(low) > np.abs(high), low, high)
    return merged


def crosses(values: NDArray[np.floating], stride: int = 1) -> NDArray[np.bool_] | None:
    """Which cells hold NaN or infinity, `(..., ceil(n / stride))`; None where none does."""
    broken = ~np.isfinite(values)
    if not broken.any():
        return None
    if stride > 1:
        starts = np.arange(0, values.shape[-1], stride, dtype=np.intp)
        broken = np.logical_or.reduceat(broken, starts, axis=-1)
    result: NDArray[np.bool_] = broken
    return result


def strip_gap(width: float, count: int) -> float:
    """The gap between `count` cells: 1 px, or none where the cells are narrow."""
    return 1.0 if count and width / count >= GAP_FROM else 0.0


def signed_strip(
    box: tuple[float, float, float, float],
    colors: NDArray[np.uint8],
    role: Role,
    key: Element | None,
    *,
    stride: int = 1,
    origin: int = 0,
    axes: Axes = ("", "unit"),
    crossed: NDArray[np.bool_] | None = None,
    opacity: float = 1.0,
    frame: float = FRAME,
) -> tuple[Mark, ...]:
    """A vector of signed values.

    Args:
        box: x, y, width, height of the frame, px.
        colors: `(n, 3)` uint8, one colour per cell.
        role: whose frame it stands in.
        key: the vector; its cells are told apart on `axes`.
        stride, origin: units per cell, and the unit of the first one.
        crossed: `(n,)`, cells that hold NaN or infinity.
    """
    x, y, width, height = box
    return (
        Cells(
            x + _INSET,
            y + _INSET,
            width - 2 * _INSET,
            height - 2 * _INSET,
            colors[np.newaxis],
            gap=strip_gap(width, len(colors)),
            crossed=None if crossed is None else crossed[np.newaxis],
            opacity=opacity,
            key=key,
            axes=axes,
            origin=(0, origin),
            stride=(1, stride),
        ),
        _frame(box, role.line, frame, opacity),
    )


def aperture_strip(
    box: tuple[float, float, float, float],
    levels: NDArray[np.floating],
    role: Role,
    key: Element | None,
    *,
    stride: int = 1,
) -> tuple[Mark, ...]:
    """A gate in [0, 1]: a window per unit, filled from the bottom.

    Args:
        box: x, y, width, height of the frame, px.
        levels: `(n,)`, one level per cell.
        role, key, stride: as in `signed_strip`.
    """
    x, y, width, height = box
    return (
        Apertures(
            x,
            y,
            width,
            height,
            np.asarray(levels, dtype=np.float64),
            color=role.line,
            background=role.fill,
            gap=strip_gap(width, len(levels)),
            key=key,
            stride=(1, stride),
        ),
        _frame(box, role.line, FRAME, 1.0),
    )


def empty_strip(
    box: tuple[float, float, float, float],
    style: Style,
    *,
    dashed: bool = False,
    key: Element | None = None,
) -> Rect:
    """The place of a vector that is not computed yet: a frame without values."""
    x, y, width, height = box
    return Rect(
        x,
        y,
        width,
        height,
        stroke=style.ui.border_strong if dashed else style.ui.border,
        radius=RADIUS,
        dash=future_dash(style) if dashed else (),
        key=key,
    )


def padding_box(
    box: tuple[float, float, float, float],
    style: Style,
    *,
    radius: float = RADIUS,
    key: Element | None = None,
) -> Rect:
    """The place of a padded timestep: hatched, neither computed nor to come."""
    x, y, width, height = box
    role = style.role("padding")
    return Rect(
        x,
        y,
        width,
        height,
        fill=role.fill,
        stroke=role.line,
        hatch=role.line,
        radius=radius,
        opacity=PADDING_OPACITY,
        key=key,
    )


def ring(
    box: tuple[float, float, float, float],
    style: Style,
    *,
    margin: float = 3.0,
    radius: float = 5.0,
    fill: str | None = None,
) -> Rect:
    """The ink ring of what is selected, or of what it was computed from."""
    x, y, width, height = box
    return Rect(
        x - margin,
        y - margin,
        width + 2 * margin,
        height + 2 * margin,
        fill=fill,
        stroke=style.ui.focus_ring,
        stroke_width=float(style.tokens["stroke"]["selection"]),
        radius=radius,
    )


def cell_box(
    box: tuple[float, float, float, float], unit: int, count: int, stride: int = 1
) -> tuple[float, float, float, float]:
    """The place of one unit's cell within a strip of `count` units."""
    x, y, width, height = box
    cells = max(1, -(-count // stride))
    cell = width / cells
    return x + cell * (unit // stride), y, cell, height


def numerals_fit(width: float, height: float, count: int) -> bool:
    """Whether the cells of a strip are large enough for numbers."""
    return count > 0 and width / count >= NUMERALS_FROM[0] and height >= NUMERALS_FROM[1]


def aperture_numerals(
    box: tuple[float, float, float, float], levels: NDArray[np.floating], role: Role
) -> list[Text]:
    """The numbers of a gate's strip, each on the half of its window that is all open or shut."""
    x, y, width, height = box
    if height < 2 * APERTURE_NUMERALS_FROM:
        return []
    cell = (width / max(1, len(levels)), height / 2)
    size = _numeral_size(*cell)
    is_open = levels >= 0.5
    marks: list[Text] = []
    for part, color, top in (
        (is_open, role.line, y + height / 2),
        (~is_open, role.fill, y),
    ):
        chosen = np.where(part, levels, np.nan)[np.newaxis]
        behind = np.full((1, len(levels), 3), hex_to_rgb(color), np.uint8)
        marks += numerals(chosen, behind, x, top, cell, size)
    return marks


def signed_numerals(
    box: tuple[float, float, float, float],
    values: NDArray[np.floating],
    colors: NDArray[np.uint8],
    difference: int | None = None,
) -> list[Text]:
    """The numbers of a signed strip, one per cell.

    Args:
        box: the strip's place.
        values: `(n,)`.
        colors: `(n, 3)`, what each number is written on.
        difference: decimals of numbers that are differences, which have their sign.
    """
    x, y, width, height = box
    cell = (width / max(1, len(values)), height)
    size = _numeral_size(*cell)
    pair = values[np.newaxis], colors[np.newaxis]
    if difference is None:
        return numerals(*pair, x, y, cell, size)
    return numerals(*pair, x, y, cell, size, difference, difference=True)


def _numeral_size(width: float, height: float) -> float:
    return min(max(10.5, min(width / 3.8, height * 0.5)), 15.0)


def future_dash(style: Style) -> tuple[float, ...]:
    """The dashes of what is not computed yet."""
    first, second = style.tokens["stroke"]["future_dash"]
    return float(first), float(second)


def _frame(
    box: tuple[float, float, float, float], color: str, stroke_width: float, opacity: float
) -> Rect:
    x, y, width, height = box
    return Rect(
        x,
        y,
        width,
        height,
        stroke=color,
        stroke_width=stroke_width,
        radius=RADIUS,
        opacity=opacity,
    )
