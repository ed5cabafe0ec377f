"""A grid from afar: one coloured block a cell, then one raster of the whole batch."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.memo import Memo
from rnnviz.figures.packed.batch import Batch
from rnnviz.figures.packed.layout import Grid
from rnnviz.figures.strips import Axes, merge_units
from rnnviz.scene.colormap import Colormap
from rnnviz.scene.marks import Cells, Clip, Mark, Rect
from rnnviz.scene.style import Style

_FINEST = 1.0  # px of a block; narrower ones are merged by largest magnitude
_GAP_FROM = 7.0
_TILE = 512  # blocks of a tile's side
_memo, _colors, _tiles, _windows = Memo(8), Memo(16), Memo(32), Memo(32)

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

    def draw() -> Clip:
        marks = (*_blocks(batch, window, order, style), *_padding(batch, window, style))
        return Clip(*area, marks)

    key = (grid, _is_given(order), columns, lines, style, batch.ranges.limit("x"))
    yield _windows.get(batch.values, key, draw)
    yield Rect(*area, stroke=style.ui.border_strong)


def _is_given(order: NDArray[np.int64]) -> bool:
    """Whether the rows stand as the caller gave them."""
    return bool((order == np.arange(len(order))).all())


def _merged(size: float) -> int:
    return max(1, int(np.ceil(_FINEST / size)))


def _blocks(
    batch: Batch, window: _Window, order: NDArray[np.int64], style: Style
) -> Iterator[Cells]:
    """The tiles that the window reaches into, cut at the same places whatever is visible."""
    is_given = _is_given(order)
    tall, wide = _TILE * window.down, _TILE * window.across
    for first in range(window.lines.start // tall * tall, window.lines.stop, tall):
        for begin in range(window.columns.start // wide * wide, window.columns.stop, wide):
            tile = _Tile(
                window.grid,
                order,
                is_given,
                range(first, min(first + tall, len(order))),
                range(begin, min(begin + wide, batch.L)),
                (window.down, window.across),
            )
            yield from _kept_tile(batch, tile, style)


@dataclass(frozen=True, eq=False)
class _Tile:
    """A part of the grid that is one picture: the same one while it is panned over.

    Attributes:
        lines, columns: of the grid; `together`: rows and columns that share a block.
    """

    grid: Grid
    order: NDArray[np.int64]
    is_given: bool
    lines: range
    columns: range
    together: tuple[int, int]

    @property
    def identity(self) -> Hashable:
        """What tells it from others of the same values."""
        grid = self.grid
        place = (grid.x, grid.y, grid.cell)
        return self.is_given, self.lines, self.columns, self.together, place


def _kept_tile(batch: Batch, tile: _Tile, style: Style) -> tuple[Cells, ...]:
    limit = batch.ranges.limit("x")
    make = partial(_drawn, batch, tile, style.signed, limit)
    return _tiles.get(batch.values, (tile.identity, style.signed, limit), make)


def _drawn(batch: Batch, tile: _Tile, colormap: Colormap, limit: float) -> tuple[Cells, ...]:
    colors, crossed = _colored(batch, tile, colormap, limit)
    grid, (down, across), first = tile.grid, tile.together, tile.lines.start
    x, y = grid.column_x(tile.columns.start), grid.y + first * grid.cell[1]
    width, height = across * grid.cell[0] * colors.shape[1], down * grid.cell[1]
    gap = 1.0 if min(grid.cell) >= _GAP_FROM else 0.0
    key = Element("x", layer=0)
    if tile.is_given or -(-len(tile.order) // down) > _SEPARATE_ROWS:
        axes: Axes = ("sequence" if tile.is_given else "", "t")
        origin, stride = (first, tile.columns.start), tile.together
        box = (x, y, width, len(colors) * height)
        return (
            Cells(
                *box,
                colors,
                gap=gap,
                crossed=crossed,
                key=key,
                axes=axes,
                origin=origin,
                stride=stride,
            ),
        )
    return tuple(
        Cells(
            x,
            y + number * height,
            width,
            height,
            row[None],
            gap=gap,
            crossed=None if crossed is None else crossed[number : number + 1],
            key=key._replace(sequence=int(tile.order[first + number * down])),
            axes=("", "t"),
            origin=(0, tile.columns.start),
            stride=(1, across),
        )
        for number, row in enumerate(colors)
    )


def _colored(
    batch: Batch, tile: _Tile, colormap: Colormap, limit: float
) -> tuple[NDArray[np.uint8], NDArray[np.bool_] | None]:
    """A tile's colours, and which of its blocks are crossed, whatever the zoom."""
    down, across = tile.together
    pool = partial(_pool, batch, tile.order, down, across)
    size = batch.values.largest.size // 2
    blocks, strange = _memo.get(batch.values, (tile.is_given, down, across), pool, size)
    part = _part(tile.lines, down), _part(tile.columns, across)
    merged, crossed = blocks[part], None if strange is None else strange[part]
    key = (tile.is_given, tile.lines, tile.columns, tile.together, colormap, limit)
    colors = _colors.get(batch.values, key, partial(colormap.colors, merged, limit))
    return colors, crossed


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
