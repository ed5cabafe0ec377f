"""A padded grid: one row a sequence, one column a timestep, padding hatched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.packed.batch import Batch
from rnnviz.figures.packed.card import card
from rnnviz.figures.packed.layout import Grid, length_middle
from rnnviz.figures.packed.raster import raster
from rnnviz.figures.strips import padding_box
from rnnviz.figures.tints import sequence_mark, tint
from rnnviz.figures.view import Frame
from rnnviz.scene.axes import nice_integer_ticks
from rnnviz.scene.marks import Mark, Rect, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, math_runs, text_width

_HEAD = 28.0  # of the lit slab above the first row
_FOOT = 30.0  # and below the last
_RASTER_EDGE = 7.0  # the same of a raster's slab
_ROW_TOLD_APART = 3.0


@dataclass(frozen=True, eq=False)
class GridRows:
    """What the rows of a grid are, and what is said below its columns.

    Attributes:
        order: the caller's row of each row of the grid, `(N,)`.
        is_sorted: the rows stand by length, so that a step's rows are one slice.
    """

    order: NDArray[np.int64]
    is_sorted: bool


def draw_grid(
    batch: Batch, grid: Grid, rows: GridRows, part: Frame, pane: float, style: Style
) -> Iterator[Mark]:
    """Everything of one grid but its title and what is said below it.

    Args:
        part: of which cells are drawn.
        pane: how wide the pane is, for which columns are numbered.
    """
    columns = _visible(part.x, part.width, grid.x, grid.cell[0], grid.columns)
    lines = _visible(part.y, part.height, grid.y, grid.cell[1], grid.rows)
    if grid.has_cards:
        yield from _lit_slab(batch, grid, style, style.current.fill)
    yield from _heads(batch, grid, columns, pane, style)
    if grid.has_cards:
        yield from _cards(batch, grid, rows, columns, lines, style)
    else:
        yield from raster(batch, grid, rows.order, columns, lines, style)
        yield from _lit_slab(batch, grid, style, None)
        yield from _reverse_blocks(batch, grid, rows, lines, style)
    yield from _margins(batch, grid, rows, lines, style)
    yield from _feet(batch, grid, rows, columns, style)


def _visible(start: float, length: float, first: float, size: float, count: int) -> range:
    low = int(np.clip(np.floor((start - first) / size), 0, count))
    high = int(np.clip(np.ceil((start + length - first) / size), 0, count))
    return range(low, high)


def slab_box(grid: Grid, t: int) -> tuple[float, float, float, float]:
    """The lit slab around a column, its head and foot included where there is room for them."""
    head, foot = (_HEAD, _FOOT) if grid.has_cards else (_RASTER_EDGE, _RASTER_EDGE)
    width = max(grid.cell[0], 5.0)
    left = grid.column_x(t) - (width - grid.cell[0]) / 2
    return left, grid.y - head, width, grid.rows * grid.cell[1] + head + foot


def _lit_slab(batch: Batch, grid: Grid, style: Style, fill: str | None) -> Iterator[Mark]:
    """The current column's slab: filled behind cards, a mere frame over a raster."""
    if batch.t is not None:
        x, y, width, height = slab_box(grid, batch.t)
        radius = min(8.0, width / 2)
        line = style.current.line
        yield Rect(x, y, width, height, fill=fill, stroke=line, stroke_width=2, radius=radius)


def _reverse_blocks(
    batch: Batch, grid: Grid, rows: GridRows, lines: range, style: Style
) -> Iterator[Mark]:
    """What the reverse direction has just read, where a row is tall enough to tell."""
    if grid.cell[1] < _ROW_TOLD_APART:
        return
    width = max(grid.cell[0], 4.0)
    for line in lines:
        t = batch.reverse_at(int(rows.order[line]))
        if t >= 0:
            left = grid.column_x(t) + (grid.cell[0] - width) / 2
            top, height = grid.y + line * grid.cell[1], grid.cell[1]
            ink = style.current.line
            yield Rect(left, top, width, height, stroke=ink, stroke_width=1.5)


def _heads(batch: Batch, grid: Grid, columns: range, pane: float, style: Style) -> Iterator[Mark]:
    written_out = grid.cell[0] >= 36
    plain = partial(_plain_heads, grid, columns, pane, written_out, style)
    for t, head in batch.kept(("heads", grid, columns, pane, style), plain):
        if t == batch.t:
            continue
        room = (_head_width(t, written_out) + _head_width(batch.t, written_out)) / 2 + 12
        if batch.t is None or abs(t - batch.t) * grid.cell[0] >= room or written_out:
            yield head
    if batch.t is not None and batch.t in columns:
        if grid.has_cards:
            yield _head(grid, batch.t, written_out, True, style)
        else:
            yield from _tab(grid, batch.t, style)


def _plain_heads(
    grid: Grid, columns: range, pane: float, written_out: bool, style: Style
) -> list[tuple[int, Text]]:
    """The numbers of columns, none of them the current one."""
    ticks = _ticks(grid, columns, pane)
    return [(t, _head(grid, t, written_out, False, style)) for t in ticks]


def _ticks(grid: Grid, columns: range, pane: float) -> tuple[int, ...]:
    """The columns that are numbered: all of them, or a few round ones."""
    if grid.cell[0] >= 22:
        return tuple(columns)
    count = max(2, int(min(grid.columns * grid.cell[0], pane) / 60))
    round_ones = {t - 1 for t in nice_integer_ticks(1, grid.columns, count)}
    return tuple(t for t in sorted({0} | round_ones) if t in columns)


def _head_width(t: int | None, written_out: bool) -> float:
    if t is None:
        return 0.0
    return text_width(f"t = {t + 1}" if written_out else str(t + 1), 14 if written_out else 11)


def _head(grid: Grid, t: int, written_out: bool, is_current: bool, style: Style) -> Text:
    x, y = grid.column_x(t) + grid.cell[0] / 2, grid.y - 10
    color = style.ui.text if is_current else style.ui.text_secondary
    if written_out:
        runs = math_runs(f"t = {t + 1}")
        return Text(x, y, runs, color, size=14, font="math", anchor="middle")
    weight = 600 if is_current else 400
    return label(str(t + 1), x, y, color, 11, weight=weight, anchor="middle")


def _tab(grid: Grid, t: int, style: Style) -> Iterator[Mark]:
    """The current column's number on ink, where its slab is too narrow for it."""
    x, text = grid.column_x(t) + grid.cell[0] / 2, str(t + 1)
    width = _tab_width(t)
    yield Rect(x - width / 2, grid.y - 24, width, 17, fill=style.current.line, radius=8.5)
    ink = style.current.text
    yield label(text, x, grid.y - 11.5, ink, 11, weight=600, anchor="middle")


def _tab_width(t: int) -> float:
    return text_width(str(t + 1), 11, weight=600) + 12


def _tab_right(grid: Grid, t: int) -> float:
    return grid.column_x(t) + (grid.cell[0] + _tab_width(t)) / 2


def _cards(
    batch: Batch, grid: Grid, rows: GridRows, columns: range, lines: range, style: Style
) -> Iterator[Mark]:
    width, height = grid.cell[0] - 6, grid.cell[1] - 6
    for line in lines:
        sequence = int(rows.order[line])
        y = grid.y + line * grid.cell[1] + 3
        for t in columns:
            box = (grid.column_x(t) + 3, y, width, height)
            if t < batch.lengths[sequence]:
                yield from card(batch, sequence, t, box, style)
            else:
                yield padding_box(box, style, radius=5)


def _margins(
    batch: Batch, grid: Grid, rows: GridRows, lines: range, style: Style
) -> Iterator[Mark]:
    """Numbers in circles at the left, lengths at the right, as close as they fit."""
    left = grid.right + (4 if grid.has_cards else 14)
    if not grid.has_cards and batch.t is not None:
        left = max(left, _tab_right(grid, batch.t) + 6)
    yield label("length", left, grid.y - 10, style.ui.muted, 11)
    key = ("margins", grid, rows.is_sorted, lines, style)
    yield from batch.kept(key, lambda: list(_sequences(batch, grid, rows, lines, style)))


def _sequences(
    batch: Batch, grid: Grid, rows: GridRows, lines: range, style: Style
) -> Iterator[Mark]:
    """Which sequence each row is, and how long."""
    every = max(1, int(np.ceil(22 / grid.cell[1])))
    beside = length_middle(batch)
    for line in lines:
        sequence = int(rows.order[line])
        if not grid.has_cards and grid.cell[1] >= 1.0:
            mark = tint(sequence, batch.N, style).mark
            yield Rect(grid.x - 7, grid.y + line * grid.cell[1], 4, grid.cell[1], fill=mark)
        if line % every == 0 and (line == 0 or line + every / 2 <= grid.rows):
            middle = grid.row_middle(line)
            yield from sequence_mark(grid.x - 24, middle, sequence, batch.N, style, 9.5)
            length = str(int(batch.lengths[sequence]))
            color = style.ui.text_secondary
            x = grid.right + beside
            yield label(length, x, middle + 4, color, 11.5, anchor="middle")


def _feet(batch: Batch, grid: Grid, rows: GridRows, columns: range, style: Style) -> Iterator[Text]:
    """Which rows every step needs: a list of them as given, a slice once sorted."""
    if not grid.has_cards:
        return
    texts = {t: _foot(batch, t, grid.cell[0], rows.is_sorted) for t in columns}
    y = grid.bottom + 20
    if not rows.is_sorted:
        yield label("rows", grid.x - 6, y, style.ui.muted, 11, anchor="end")
    for t, text in texts.items():
        color = style.ui.text if t == batch.t else style.ui.muted
        yield label(
            text, grid.column_x(t) + grid.cell[0] / 2, y, color, 11, font="mono", anchor="middle"
        )


def _foot(batch: Batch, t: int, width: float, is_sorted: bool) -> str:
    count = len(batch.running(t))
    if count == 0:
        return ""
    if is_sorted:
        texts = [f"[:{count}]"]
    else:
        texts = [" ".join(map(str, batch.running(t)))] if count < 12 else []
        texts.append("all" if count == batch.N else f"{count} rows")
    return next((text for text in texts if text_width(text, 11, "mono") <= width - 8), "")
