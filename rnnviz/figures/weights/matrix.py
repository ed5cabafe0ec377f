"""The matrices themselves: coloured cells, numbers, frames, and the ring of the selected one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from rnnviz.element import Element
from rnnviz.figures.memo import Memo
from rnnviz.figures.numerals import numerals
from rnnviz.figures.pools import Window, stride, window
from rnnviz.figures.view import Frame
from rnnviz.figures.weights.layout import NUMERALS, Band, Block, Layout
from rnnviz.figures.weights.titles import label_step
from rnnviz.scene.marks import Cells, Circle, Clip, Mark, Rect, Run, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

_KEPT = Memo(most=24)  # the same marks from frame to frame: nothing of them is painted anew
_MOST_RINGED = 40  # entries that differ
_OVERLOOKED = 9.0  # px of a cell
_RING = 7.5  # px from its middle


@dataclass(frozen=True, eq=False)
class Cut:
    """The part of a block's band that the frame shows, and how large its cells are drawn."""

    block: Block
    band: Band
    cell: tuple[float, float]
    limit: float
    window: Window

    @property
    def x(self) -> float:
        return self.block.x + self.window.column * self.cell[0]

    @property
    def y(self) -> float:
        return self.band.y + self.window.row * self.cell[1]


def _span(start: float, cell: float, count: int, low: float, high: float) -> tuple[int, int]:
    first = max(0, math.floor((low - start) / cell))
    return first, max(first, min(count, math.ceil((high - start) / cell)))


def cut(block: Block, band: Band, limit: float, frame: Frame) -> Cut | None:
    """What the frame shows of a block in a band; None where it lies outside."""
    height = band.height / band.rows
    columns = _span(block.x, block.cell, block.columns, frame.x, frame.x + frame.width)
    rows = _span(band.y, height, band.rows, frame.y, frame.y + frame.height)
    if columns[0] >= columns[1] or rows[0] >= rows[1]:
        return None
    strides = stride(height), stride(block.cell)
    bounds = band.first, band.first + band.rows
    shown = window(block.parameter, bounds, rows, columns, strides)
    return Cut(block, band, (block.cell, height), limit, shown)


def cells(cut: Cut, numbers: bool, style: Style, difference: int | None = None) -> list[Mark]:
    """The cells of a cut, with numbers where they are wanted and fit.

    `difference` is how many decimals differences have; None of plain values.
    """
    block, shown = cut.block, cut.window
    place = (block.x, block.width, block.columns, cut.band, cut.cell)
    visible = (shown.row, shown.column, shown.values.shape)
    key = (place, visible, cut.limit, numbers, style, difference)
    return _KEPT.get(block.parameter.owner, key, partial(_cells, cut, numbers, style, difference))


def _cells(cut: Cut, numbers: bool, style: Style, difference: int | None) -> list[Mark]:
    shown, parameter = cut.window, cut.block.parameter
    width, height = cut.cell[0] * shown.stride[1], cut.cell[1] * shown.stride[0]
    count, across = shown.values.shape
    colors = style.signed.colors(shown.values, cut.limit)
    axes = ("row", "") if parameter.is_bias else ("row", "column")
    box = cut.x, cut.y, across * width, count * height
    gap = 1.0 if min(width, height) >= 8 else 0.0
    if gap:
        box = _separate(cut, (count, across), gap)
    mark = Cells(
        *box,
        colors,
        gap=gap,
        crossed=shown.crossed,
        key=parameter.key,
        axes=axes,  # type: ignore[arg-type]
        origin=(cut.band.first + shown.row, shown.column),
        stride=shown.stride,
    )
    marks: list[Mark] = [_within(cut, mark)]
    if numbers and cut.cell[0] >= NUMERALS[0] and cut.cell[1] >= NUMERALS[1]:
        digits = difference or (2 if cut.limit >= 0.1 else 3)
        place = (cut.x, cut.y, cut.cell)
        signed = difference is not None
        marks += numerals(shown.values, colors, *place, digits=digits, difference=signed)
    return marks


def _separate(cut: Cut, shape: tuple[int, int], gap: float) -> tuple[float, float, float, float]:
    """Where the cells of a cut lie with gaps between them: as those of the whole block do."""
    block, band, (rows, columns) = cut.block, cut.band, shape
    across, down = (block.width + gap) / block.columns, (band.height + gap) / band.rows
    x, y = block.x + cut.window.column * across, band.y + cut.window.row * down
    return x, y, columns * across - gap, rows * down - gap


def changed_rings(cut: Cut, style: Style) -> list[Mark]:
    """A ring around every entry that differs, where they are few and would be overlooked."""
    changed = cut.block.parameter.changed
    width, height = cut.cell
    if len(changed) > _MOST_RINGED or min(width, height) >= _OVERLOOKED:
        return []
    ink = style.ui.text
    middles = (
        (cut.block.x + (column + 0.5) * width, cut.band.y + (row - cut.band.first + 0.5) * height)
        for row, column in changed.tolist()
        if cut.band.first <= row < cut.band.first + cut.band.rows
    )
    return [Circle(x, y, _RING, stroke=ink, stroke_width=1.75) for x, y in middles]


def _within(cut: Cut, mark: Cells) -> Mark:
    """The mark, cut off at the block's edge where its last cell stands for fewer rows."""
    block, band = cut.block, cut.band
    right, low = min(mark.x + mark.width, block.right), min(mark.y + mark.height, band.low)
    if right > mark.x + mark.width - 0.01 and low > mark.y + mark.height - 0.01:
        return mark
    return Clip(mark.x, mark.y, right - mark.x, low - mark.y, (mark,))


def frames(block: Block, bands: tuple[Band, ...], joined: bool, style: Style) -> list[Mark]:
    """A frame in its gate's hue around each band, or one around all with lines between."""
    marks: list[Mark] = []
    for band in bands:
        color = style.role(band.gate or "h").line
        x, width = block.x - 1, block.width + 2
        if not joined:
            marks.append(
                Rect(
                    x, band.y - 1, width, band.height + 2, stroke=color, stroke_width=1.5, radius=2
                )
            )
        elif band is not bands[0]:
            marks.append(Rect(block.x, band.y - 0.75, block.width, 1.5, fill=style.ui.text))
    if joined:
        height = bands[-1].low - bands[0].y + 2
        ink = style.ui.border_strong
        marks.append(
            Rect(block.x - 1, bands[0].y - 1, block.width + 2, height, stroke=ink, radius=2)
        )
    return marks


def selected_ring(
    layout: Layout, cuts: tuple[Cut, ...], selection: Element, style: Style
) -> list[Mark]:
    """Crosshair lines through the selected element's row and column, and a ring around it."""
    home = next((cut for cut in cuts if _holds(cut, selection)), None)
    if home is None or selection.row is None:
        return []
    ink, (width, height) = style.ui.text, home.cell
    x = home.block.x + (selection.column or 0) * width
    y = home.band.y + (selection.row - home.band.first) * height
    marks: list[Mark] = []
    if min(width, height) >= 4:
        marks += _crosshair(layout, home, (x, y), ink)
    bounds = max(width, 6.0), max(height, 6.0)
    left, top = x + width / 2 - bounds[0] / 2, y + height / 2 - bounds[1] / 2
    ring = Rect(
        left - 1.5, top - 1.5, bounds[0] + 3, bounds[1] + 3, stroke=ink, stroke_width=2, radius=4
    )
    return [*marks, ring]


def source_rings(cuts: tuple[Cut, ...], rows: tuple[Element, ...], style: Style) -> list[Mark]:
    """A ring around each row that makes the selected unit of a gate."""
    marks: list[Mark] = []
    for row in rows:
        for cut in cuts:
            if row.row is None or not _holds(cut, row):
                continue
            height = max(cut.cell[1], 4.0)
            middle = cut.band.y + (row.row - cut.band.first + 0.5) * cut.cell[1]
            x, y, width = cut.block.x - 2, middle - height / 2 - 1.5, cut.block.width + 4
            ink = style.ui.focus_ring
            marks.append(Rect(x, y, width, height + 3, stroke=ink, stroke_width=2, radius=4))
    return marks


def _crosshair(layout: Layout, home: Cut, at: tuple[float, float], ink: str) -> list[Mark]:
    (x, y), (width, height) = at, home.cell
    peers: tuple[Block, ...] = (home.block,)
    bands: tuple[Band, ...] = (home.band,)
    if home.band.gate:
        peers = tuple(block for group in layout.groups for block in group.blocks)
        bands = layout.bands
    top, low = bands[0].y - 3, bands[-1].low + 3
    return [
        Rect(x, top, width, low - top, stroke=ink, stroke_width=0.9, radius=2),
        *(
            Rect(peer.x - 3, y, peer.width + 6, height, stroke=ink, stroke_width=0.9, radius=2)
            for peer in peers
        ),
    ]


def _holds(cut: Cut, selection: Element) -> bool:
    if cut.block.parameter.name != selection.tensor or selection.row is None:
        return False
    return 0 <= selection.row - cut.band.first < cut.band.rows


def gate_labels(
    band: Band, x: float, right: float, visible: tuple[float, float], style: Style
) -> list[Mark]:
    """The bar, the letter and the rows of a gate, at the left of its band."""
    role = style.role(band.gate)
    marks: list[Mark] = [Rect(x, band.y - 1, 3, band.height + 2, fill=role.line, radius=1.5)]
    span = f"[{band.first}:{band.first + band.rows}]"
    tall = band.height >= 44
    size = 24 if tall else min(20.0, max(11.0, band.height))
    top = min(max(visible[0], band.y), band.low - (46 if tall else min(band.height, size)))
    middle = Run(band.gate, italic=True)
    if tall:
        marks.append(Text(x + 14, top + 22, (middle,), role.text, size, font="math"))
        marks.append(label(span, x + 14, top + 42, style.ui.muted, 11, font="mono"))
    elif band.height >= 9:
        base = top + min(band.height, size) * 0.5 + size * 0.28
        marks.append(Text(x + 12, base, (middle,), role.text, size, font="math"))
        end = x + 36 + text_width(span, 11, "mono")
        if band.height >= 12 and end <= right - text_width(str(band.first + band.rows), 11):
            marks.append(label(span, x + 30, base, style.ui.muted, 11, font="mono"))
    return marks


def row_labels(
    band: Band,
    right: float,
    visible: tuple[float, float],
    first: int,
    bold: int | None,
    style: Style,
) -> list[Mark]:
    """The index of every row that has room for one; `first` is the first row's, `bold` heavy."""
    height = band.height / band.rows
    step = label_step(band.rows - 1, height, 13.0)
    start, stop = _span(band.y, height, band.rows, *visible)
    marks: list[Mark] = []
    for row in range(-(-start // step) * step, stop, step):
        y = band.y + (row + 0.5) * height
        if not visible[0] <= y <= visible[1]:
            continue
        heavy = bold is not None and row == bold - band.first
        color = style.ui.text if heavy else style.ui.muted
        base = min(max(y + 4, band.y + 8), band.low + 4)
        weight = 600 if heavy else 400
        marks.append(label(str(first + row), right, base, color, 11, weight=weight, anchor="end"))
    return marks
