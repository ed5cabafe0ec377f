"""A table of numbers: cells, pooled where they are small, numbered where they are large."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.element import Element
from rnnviz.figures.axis import Axis, visible
from rnnviz.figures.memo import Memo
from rnnviz.figures.numerals import difference_digits, numerals
from rnnviz.figures.pools import stride, window
from rnnviz.figures.ranges import largest_magnitude, round_limit
from rnnviz.figures.strips import Axes, crosses, merge_units
from rnnviz.figures.table_names import Place, left_out, left_out_across
from rnnviz.figures.view import Frame
from rnnviz.model.trace import as_numpy
from rnnviz.scene.colormap import Colormap
from rnnviz.scene.marks import Cells, Clip, Mark, Rect, Text
from rnnviz.scene.pooling import pool_any
from rnnviz.scene.style import Style

NUMBERED = (34.0, 15.0)  # px of a cell, from which numbers with decimals are written
NUMBERED_WHOLE = 15.0  # px of its width, where all numbers are whole
MOST_CELL = 76.0  # px of a cell at any zoom
_COUNTED = 1 << 20  # numbers among which fractions are looked for
_POOLED_AT_ONCE = 1 << 18  # numbers; pooled copies of more of them are kept
_DIM = 0.4  # opacity of the zeros of one-hot rows
_memo = Memo(8)


@dataclass(frozen=True, eq=False)
class Numbers:
    """A tensor as a table.

    Attributes:
        values: `(rows, columns)`.
        limit: the end of its colours' range.
        digits: after the point: 0 where all numbers are whole.
    """

    values: NDArray[np.floating]
    limit: float
    digits: int

    @property
    def owner(self) -> object:
        """What pooled copies are kept by."""
        return self


@dataclass(frozen=True)
class Look:
    """How tables are drawn.

    Attributes:
        frame: what is visible; marks outside are left out.
        numbers: values are written into cells that are large enough.
        is_difference: numbers have their sign, plus too.
        colormap: None for the style's signed one.
    """

    style: Style
    frame: Frame
    numbers: bool = True
    is_difference: bool = False
    colormap: Colormap | None = None
    dim_zeros: bool = False

    @property
    def colors(self) -> Colormap:
        return self.style.signed if self.colormap is None else self.colormap


def numbers_of(tensor: Tensor, *, turned: bool = False, is_difference: bool = False) -> Numbers:
    """A tensor as a table, its last axis across; kept as long as the tensor is.

    Args:
        turned: the last axis downwards.
        is_difference: so that as many decimals as differences need are written.
    """
    make = partial(_numbers, tensor, turned, is_difference)
    return _memo.get(tensor, (turned, is_difference), make, tensor.numel())


def _numbers(tensor: Tensor, turned: bool, is_difference: bool) -> Numbers:
    values = as_numpy(tensor)
    values = values.reshape(-1, values.shape[-1] if values.ndim else 1)
    limit = round_limit(largest_magnitude(values))
    digits = difference_digits(limit) if is_difference else 2 if limit >= 0.1 else 3
    if not is_difference and _is_whole(values):
        digits = 0
    return Numbers(values.T if turned else values, limit, digits)


def _is_whole(values: NDArray[np.floating]) -> bool:
    if values.size > _COUNTED:
        return False
    finite = values[np.isfinite(values)]
    return bool((finite == np.rint(finite)).all() and (np.abs(finite) < 1e4).all())


def cell_size(base: float, zoom: float, most: float = MOST_CELL) -> float:
    """A cell at a zoom: larger ones grow no further than they need for a number."""
    return min(base * zoom, max(most, base))


def cells(
    numbers: Numbers,
    corner: Place,
    cell: Place,
    rows: tuple[int, int],
    columns: tuple[int, int],
    key: Element | None,
    axes: Axes,
    look: Look,
    opacity: float = 1.0,
) -> list[Mark]:
    """Neighbouring rows and columns of a table, as far as the frame shows them.

    Args:
        corner: where the first of them begins.
        cell: its width and height.
        rows, columns: the first one, and how many.
        key, axes: as of `Cells`.
    """
    (x, y), (width, height), frame = corner, cell, look.frame
    across = visible(x, width, columns[1], (frame.x, frame.x + frame.width))
    down = visible(y, height, rows[1], (frame.y, frame.y + frame.height))
    if across[0] >= across[1] or down[0] >= down[1]:
        return []
    strides = stride(height), stride(width)
    values, crossed, first = _part(numbers, (rows, columns), (down, across), strides)
    colors = look.colors.colors(values, numbers.limit)
    count, many = values.shape
    left, top = x + first[1] * width, y + first[0] * height
    mark = Cells(
        left,
        top,
        many * strides[1] * width,
        count * strides[0] * height,
        colors,
        gap=1.0 if min(width, height) >= 8 else 0.0,
        crossed=crossed,
        opacity=opacity,
        key=key,
        axes=axes,
        origin=(rows[0] + first[0], columns[0] + first[1]),
        stride=strides,
    )
    end = x + columns[1] * width, y + rows[1] * height
    marks: list[Mark] = [_within(mark, end)]
    least = NUMBERED[0] if numbers.digits else NUMBERED_WHOLE
    if look.numbers and width >= least and height >= NUMBERED[1] and strides == (1, 1):
        written = _written(values, colors, (left, top), cell, numbers, look)
        if opacity < 1.0:  # on faint cells, white would not be read
            written = [replace(text, color=look.style.ui.muted) for text in written]
        marks += written
    return marks


def _written(
    values: NDArray[np.floating],
    colors: NDArray[np.uint8],
    corner: Place,
    cell: Place,
    numbers: Numbers,
    look: Look,
) -> list[Text]:
    written = numerals(
        values, colors, *corner, cell, digits=numbers.digits, difference=look.is_difference
    )
    if not look.dim_zeros:
        return written
    return [
        replace(text, opacity=_DIM) if text.runs[0].text == "0" else replace(text, weight=600)
        for text in written
    ]


def _part(
    numbers: Numbers,
    spans: tuple[tuple[int, int], tuple[int, int]],
    seen: tuple[tuple[int, int], tuple[int, int]],
    strides: tuple[int, int],
) -> tuple[NDArray[np.floating], NDArray[np.bool_] | None, tuple[int, int]]:
    """The values to draw, which of them are crossed, and the first row and column within."""
    (row, rows), (column, columns) = spans
    (top, low), (left, right) = seen
    if column == 0 and columns * rows > _POOLED_AT_ONCE and strides != (1, 1):
        part = window(numbers, (row, row + rows), (top, low), (left, right), strides)
        return part.values, part.crossed, (part.row, part.column)
    top, left = top // strides[0] * strides[0], left // strides[1] * strides[1]
    low, right = min(low + strides[0], rows), min(right + strides[1], columns)
    values = numbers.values[row + top : row + low, column + left : column + right]
    crossed = crosses(values, strides[1])
    merged = merge_units(merge_units(values, strides[1]).T, strides[0]).T
    if crossed is not None and strides[0] > 1:
        crossed = pool_any(crossed, *merged.shape)
    return merged, crossed, (top, left)


def _within(mark: Cells, end: Place) -> Mark:
    """The mark, cut off where its last cells stand for fewer rows or columns."""
    right, low = min(mark.x + mark.width, end[0]), min(mark.y + mark.height, end[1])
    if right > mark.x + mark.width - 0.01 and low > mark.y + mark.height - 0.01:
        return mark
    return Clip(mark.x, mark.y, right - mark.x, low - mark.y, (mark,))


def draw_table(
    numbers: Numbers,
    corner: Place,
    rows: Axis,
    columns: Axis,
    key: Element | None,
    axes: Axes,
    look: Look,
    nouns: tuple[str, str] = ("row", "column"),
) -> list[Mark]:
    """A parameter: a frame around each part of it, and what is left out.

    Args:
        corner: where it begins.
        nouns: what a row and a column of it are called.
    """
    x, y = corner
    marks: list[Mark] = []
    ink = look.style.role("x").line
    for down in rows.spans:
        for across in columns.spans:
            at = (x + across.at, y + down.at)
            size = (columns.cell, rows.cell)
            marks += cells(numbers, at, size, down[:2], across[:2], key, axes, look)
            box = (*at, across.many * columns.cell, down.many * rows.cell)
            marks.append(framed(box, ink))
    marks += left_out(rows, corner, columns.length, nouns[0], look.style)
    return marks + left_out_across(columns, corner, rows, look.style)


def framed(box: tuple[float, float, float, float], color: str, width: float = 1.25) -> Rect:
    """The frame around cells."""
    x, y, across, down = box
    return Rect(x - 0.5, y - 0.5, across + 1, down + 1, stroke=color, stroke_width=width, radius=2)
