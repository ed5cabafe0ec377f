"""`PackedSequence.data`: one slab a timestep, one column a row."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.packed.batch import Batch
from rnnviz.figures.packed.layout import STRIP_HEIGHT, Data
from rnnviz.figures.packed.pieces import cell_numerals, reverse_ring
from rnnviz.figures.strips import crosses, merge_units
from rnnviz.figures.tints import sequence_mark, tint
from rnnviz.figures.view import Frame
from rnnviz.scene.axes import nice_integer_ticks
from rnnviz.scene.colormap import hex_to_rgb
from rnnviz.scene.marks import Cells, Mark, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

_LEAST_ROW = 6.0  # px of a feature in a column's strip
_BAND = 6.0  # the tints above a raster
_SEPARATE_FROM = 3.0  # px of a row, from which slabs are told apart by a gap


def draw_data(batch: Batch, data: Data, part: Frame, pane: float, style: Style) -> Iterator[Mark]:
    """A part of the data, as cards, blocks or a raster; `pane` is how wide the pane is."""
    if data.y > part.y + part.height or data.y + data.height < part.y:
        return
    slabs = _visible_slabs(data, part)
    if data.has_cards:
        yield from _slab_frame(batch, data, style)
        for t in slabs:
            for row in range(*data.rows(t)):
                yield from _column(batch, data, row, t, style)
        return
    limit = batch.ranges.limit("x")
    span = (part.x, part.width)
    blocks = partial(_blocks, batch, data, slabs, part, style)
    yield from batch.kept(("blocks", data, span, limit, style), blocks)
    yield from _slab_frame(batch, data, style)
    ticks = partial(_ticks, batch, data, part, pane, style)
    yield from batch.kept(("rows", data, span, pane, style), ticks)


def _visible_slabs(data: Data, part: Frame) -> range:
    count = len(data.offsets) - 1
    left = data.x + data.offsets * data.pitch + np.arange(count + 1) * data.gap
    first = int(np.searchsorted(left[1:], part.x, side="left"))
    last = int(np.searchsorted(left[:-1], part.x + part.width, side="right"))
    return range(min(first, count), last)


def _slab_frame(batch: Batch, data: Data, style: Style) -> Iterator[Mark]:
    if batch.t is None or batch.t >= batch.slabs:
        return
    left, right = data.slab(batch.t)
    inset = 7.0 if data.has_cards else 2.0
    yield Rect(
        left - inset + (2 if data.has_cards else 0),
        data.y - 8,
        max(right - left, 3.0) + 2 * inset - (8 if data.has_cards else 0),
        data.height + 4 if data.has_cards else _BAND + STRIP_HEIGHT + 14,
        fill=style.current.fill if data.has_cards else None,
        stroke=style.current.line,
        stroke_width=2,
        radius=8 if data.has_cards else 3,
    )


def _column(batch: Batch, data: Data, row: int, t: int, style: Style) -> Iterator[Mark]:
    sequence = int(batch.order[row - data.offsets[t]])
    x, y, width = data.row_x(row, t), data.y, data.pitch - 5
    is_current = t == batch.t
    middle = x + width / 2
    key = Element("data", row=row)
    height = STRIP_HEIGHT + 36
    stroke = style.current.line if is_current else style.ui.border
    line = 1.5 if is_current else 1.0
    yield Rect(
        x, y, width, height, fill=style.ui.card, stroke=stroke, stroke_width=line, radius=6, key=key
    )
    if batch.reverse_at(sequence) == t:
        yield reverse_ring((x, y, width, height), style)
    mark = tint(sequence, batch.N, style).mark
    yield Rect(x + 6, y + 3, width - 12, 3, fill=mark, radius=1.5)
    yield from sequence_mark(middle, y + 18, sequence, batch.N, style, 9)
    strip = min(40.0, width - 4)
    yield from _strip(batch, row, (middle - strip / 2, y + 32, strip, STRIP_HEIGHT), key, style)
    number = str(row)
    if text_width(number, 11) <= data.pitch - 2:
        weight, color = (600, style.ui.text) if is_current else (400, style.ui.text_secondary)
        yield label(number, middle, y + height + 16, color, 11, weight=weight, anchor="middle")


def _strip(
    batch: Batch, row: int, box: tuple[float, float, float, float], key: Element, style: Style
) -> Iterator[Mark]:
    """A row of data, feature 0 on top."""
    x, y, width, height = box
    values = batch.values.data[row]
    stride = _features_per_cell(len(values), height)
    colors = style.signed.colors(merge_units(values, stride), batch.ranges.limit("x"))
    crossed = crosses(values, stride)
    yield Cells(
        x,
        y,
        width,
        height,
        colors[:, None],
        gap=1.0,
        crossed=None if crossed is None else crossed[:, None],
        key=key,
        axes=("column", ""),
        stride=(stride, 1),
    )
    yield Rect(x, y, width, height, stroke=style.role("x").line, stroke_width=1.25, radius=2)
    if stride == 1:
        yield from cell_numerals(values, colors, box, batch.values, vertical=True)


def _features_per_cell(count: int, height: float) -> int:
    return -(-count // max(1, int(height / _LEAST_ROW)))


def _blocks(batch: Batch, data: Data, slabs: range, part: Frame, style: Style) -> list[Mark]:
    """What is visible of the rows themselves: slab by slab, or as one raster."""
    if data.pitch >= _SEPARATE_FROM:
        return [mark for t in slabs for mark in _block(batch, data, *data.rows(t), t, style)]
    return list(_raster(batch, data, part, style)) if slabs else []


def _block(batch: Batch, data: Data, first: int, last: int, t: int, style: Style) -> Iterator[Mark]:
    """Neighbouring rows of one slab without cards: their tints, and their values below."""
    rows = np.arange(first, last)
    x, width = data.row_x(first, t), (last - first) * data.pitch
    yield from _cells(batch, data, rows, 1, (x, width), style)


def _raster(batch: Batch, data: Data, part: Frame, style: Style) -> Iterator[Mark]:
    """All visible rows as one picture, neighbours merged by largest magnitude.

    The gaps between slabs are spread evenly here: they are narrower than a pixel each.
    """
    width = data.right - data.x
    pitch = width / batch.rows
    stride = max(1, int(np.ceil(1 / pitch)))
    first = int(max(part.x - data.x, 0) / pitch) // stride * stride
    last = min(int((part.x + part.width - data.x) / pitch) + stride, batch.rows)
    last -= (last - first) % stride if last < batch.rows else 0
    rows = np.arange(first, last)
    yield from _cells(batch, data, rows, stride, (data.x + first * pitch, len(rows) * pitch), style)


def _cells(
    batch: Batch,
    data: Data,
    rows: np.ndarray,
    stride: int,
    span: tuple[float, float],
    style: Style,
) -> Iterator[Mark]:
    if not len(rows):
        return
    x, width = span
    values = merge_units(batch.values.data[rows[0] : rows[-1] + 1].T, stride)
    features = _features_per_cell(len(values), STRIP_HEIGHT)
    colors = style.signed.colors(merge_units(values.T, features).T, batch.ranges.limit("x"))
    key = Element("data")
    yield _tint_band(batch, rows[::stride], (x, data.y, width, _BAND), style)
    yield Cells(
        x,
        data.y + _BAND + 2,
        width,
        STRIP_HEIGHT,
        colors,
        gap=1.0 if data.pitch >= 7 else 0.0,
        key=key,
        axes=("column", "row"),
        origin=(0, int(rows[0])),
        stride=(features, stride),
    )
    yield Rect(
        x, data.y + _BAND + 2, width, STRIP_HEIGHT, stroke=style.role("x").line, stroke_width=0.75
    )


def _tint_band(
    batch: Batch, rows: np.ndarray, box: tuple[float, float, float, float], style: Style
) -> Cells:
    marks = _tint_marks(batch.N, style)
    return Cells(*box, marks[None, batch.sequences_of(rows)], axes=("", ""))


@lru_cache(maxsize=8)
def _tint_marks(count: int, style: Style) -> NDArray[np.uint8]:
    """The colour of every sequence's mark, `(count, 3)`."""
    marks = [hex_to_rgb(tint(sequence, count, style).mark) for sequence in range(count)]
    return np.asarray(marks, dtype=np.uint8)


def _ticks(batch: Batch, data: Data, part: Frame, pane: float, style: Style) -> list[Mark]:
    """Row numbers where there is room for them."""
    found: list[Mark] = []
    y = data.y + _BAND + STRIP_HEIGHT + 18
    room = int(min(pane, data.right - data.x) / 60)
    last = -60.0
    for row in nice_integer_ticks(0, batch.rows - 1, max(2, room)):
        t = int(np.searchsorted(data.offsets, row, side="right")) - 1
        x = data.row_x(row, t) + data.pitch / 2
        if x - last >= 36:
            last = x
            if part.x <= x <= part.x + part.width:
                ink = style.ui.text_secondary
                found.append(label(str(row), x, y, ink, 11, anchor="middle"))
    return found
