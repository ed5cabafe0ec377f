"""A grid from afar: one coloured block a cell, then one raster of the whole batch."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.memo import Memo
from rnnviz.figures.packed.batch import Batch
from rnnviz.figures.packed.layout import Grid
from rnnviz.figures.strips import merge_units
from rnnviz.scene.marks import Cells, Clip, Mark, Rect
from rnnviz.scene.style import Style

_FINEST = 1.0  # px of a block; narrower ones are merged by largest magnitude
_GAP_FROM = 7.0
_memo = Memo(8)

_SEPARATE_ROWS = 48  # sorted rows that still know which sequence they are


@dataclass(frozen=True, eq=False)
class _Window:
    """The visible part of a grid, begun at a whole block.

    Attributes:
        rows: the caller's row of each visible row.
        down, across: rows and columns of the grid that share a block.
    """

    grid: Grid
    columns: range
    lines: range
    rows: NDArray[np.int64]
    down: int
    across: int


def raster(
    batch: Batch,
    grid: Grid,
    order: NDArray[np.int64],
    columns: range,
    lines: range,
    style: Style,
) -> Iterator[Mark]:
    """The visible cells, each the feature of largest magnitude, and the padding's hatch."""
    if not columns or not lines:
        return
    down, across = _merged(grid.cell[1]), _merged(grid.cell[0])
    columns = range(columns.start // across * across, columns.stop)
    lines = range(lines.start // down * down, lines.stop)
    window = _Window(grid, columns, lines, order[lines.start : lines.stop], down, across)
    area = (grid.x, grid.y, grid.right - grid.x, grid.bottom - grid.y)
    marks = [*_blocks(batch, window, order, style), *_padding(batch, window, style)]
    yield Clip(*area, tuple(marks))
    yield Rect(*area, stroke=style.ui.border_strong)


def _merged(size: float) -> int:
    return max(1, int(np.ceil(_FINEST / size)))


def _blocks(
    batch: Batch, window: _Window, order: NDArray[np.int64], style: Style
) -> Iterator[Cells]:
    columns, down, across = window.columns, window.down, window.across
    is_given = bool((order == np.arange(len(order))).all())
    pool = partial(_pool, batch, order, down, across)
    size = batch.values.largest.size // 8
    blocks, strange = _memo.get(batch.values, (is_given, down, across), pool, size)
    part = _part(window.lines, down), _part(columns, across)
    merged, crossed = blocks[part], None if strange is None else strange[part]
    colors = style.signed.colors(merged, batch.ranges.limit("x"))
    x, y = window.grid.column_x(columns.start), _top(window, 0)
    width, height = across * window.grid.cell[0], down * window.grid.cell[1]
    gap = 1.0 if min(window.grid.cell) >= _GAP_FROM else 0.0
    key = Element("x", layer=0)
    if is_given or len(colors) > _SEPARATE_ROWS:
        yield Cells(
            x,
            y,
            colors.shape[1] * width,
            len(colors) * height,
            colors,
            gap=gap,
            crossed=crossed,
            key=key,
            axes=("sequence" if is_given else "", "t"),
            origin=(window.lines.start, columns.start),
            stride=(down, across),
        )
        return
    for number, row in enumerate(colors):
        yield Cells(
            x,
            y + number * height,
            colors.shape[1] * width,
            height,
            row[None],
            gap=gap,
            crossed=None if crossed is None else crossed[number : number + 1],
            key=key._replace(sequence=int(window.rows[number * down])),
            axes=("", "t"),
            origin=(0, columns.start),
            stride=(1, across),
        )


def _part(visible: range, together: int) -> slice:
    """The blocks that hold visible rows or columns."""
    return slice(visible.start // together, -(-visible.stop // together))


def _pool(
    batch: Batch, order: NDArray[np.int64], down: int, across: int
) -> tuple[NDArray[np.floating], NDArray[np.bool_] | None]:
    """The blocks' values of the whole grid, and which of them hold NaN or infinity."""
    values = batch.values.largest[order]
    merged = merge_units(merge_units(values, across).T, down).T
    broken = ~np.isfinite(values) & (np.arange(batch.L) < batch.lengths[order][:, None])
    if not broken.any():
        return merged, None
    for axis, together in ((1, across), (0, down)):
        starts = np.arange(0, broken.shape[axis], together)
        broken = np.logical_or.reduceat(broken, starts, axis=axis)
    return merged, broken


def _padding(batch: Batch, window: _Window, style: Style) -> Iterator[Mark]:
    """A hatch over the end of every row, one for neighbours of equal length."""
    starts = np.arange(0, len(window.rows), window.down)
    lengths = np.maximum.reduceat(batch.lengths[window.rows], starts)
    changes = np.flatnonzero(np.diff(lengths)) + 1
    bounds = [0, *changes.tolist(), len(lengths)]
    role = style.role("padding")
    height = window.down * window.grid.cell[1]
    for first, last in itertools.pairwise(bounds):
        left = window.grid.column_x(int(lengths[first]))
        width = window.grid.right - left
        if width > 0:
            yield Rect(
                left,
                _top(window, first * window.down),
                width,
                (last - first) * height,
                fill=role.fill,
                hatch=role.line,
            )


def _top(window: _Window, row: int) -> float:
    return window.grid.y + (window.lines.start + row) * window.grid.cell[1]
