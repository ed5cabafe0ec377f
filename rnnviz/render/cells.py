"""Matrices of coloured cells and gates' apertures on a painter."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QImage

from rnnviz.render.canvas import Canvas
from rnnviz.render.pens import pen, qcolor
from rnnviz.scene.colormap import contrasting_colors, rgb_to_hex
from rnnviz.scene.geometry import CROSS_FROM, cell_pitch, effective_gap, enlarged
from rnnviz.scene.marks import Apertures, Cells

_FEW = 64  # cells with gaps that are filled one by one on a screen
_FEW_TOUCHING = 8
_FEW_AS_VECTORS = 4096


class Side(NamedTuple):
    """The visible cells along one axis.

    Attributes:
        first, last: their indices, `last` not included.
        starts: where each begins, and one more: where the next one would.
        spans: beginning and length of each, its gap left out.
        gap: what is left free at each one's end.
        pitch: from one to the next, before any rounding to px.
    """

    first: int
    last: int
    starts: tuple[float, ...]
    spans: tuple[tuple[float, float], ...]
    gap: float
    pitch: float


def paint_cells(canvas: Canvas, mark: Cells) -> None:
    """Paint a matrix: cell by cell while they are few, else as one picture, never smoothed."""
    if not mark.colors.size or not canvas.sees(mark.x, mark.y, mark.width, mark.height):
        return
    rows, columns, _ = mark.colors.shape
    across, down = _sides(canvas, mark, rows, columns)
    shown = mark.colors[down.first : down.last, across.first : across.last]
    if mark.crossed is not None:
        crossed = mark.crossed[down.first : down.last, across.first : across.last]
        tiny = min(across.pitch, down.pitch) * canvas.scale < CROSS_FROM
        if tiny:
            shown = np.where(crossed[..., None], contrasting_colors(shown), shown)
        _paint_shown(canvas, shown, across, down)
        if not tiny:
            _cross(canvas, shown, crossed, across, down)
    else:
        _paint_shown(canvas, shown, across, down)


def _paint_shown(canvas: Canvas, colors: NDArray[np.uint8], across: Side, down: Side) -> None:
    gaps = bool(across.gap or down.gap)
    if canvas.crisp:
        few = _FEW if gaps else _FEW_TOUCHING
    else:
        few = _FEW_AS_VECTORS if gaps else 1  # touching vectors show seams in viewers
    if len(across.spans) * len(down.spans) <= few:
        _fill_each(canvas, colors, across, down)
    elif gaps and canvas.crisp:
        _paint_with_gaps(canvas, colors, across, down)
    else:
        _paint_picture(canvas, colors, across, down)


def _sides(canvas: Canvas, mark: Cells | Apertures, rows: int, columns: int) -> tuple[Side, Side]:
    gap = effective_gap(mark, canvas.scale)
    rounding = (canvas.scale, canvas.crisp)
    across = _side(
        mark.x, mark.width, columns, gap, canvas.left, canvas.right, canvas.dx, *rounding
    )
    down = _side(mark.y, mark.height, rows, gap, canvas.top, canvas.low, canvas.dy, *rounding)
    return across, down


@lru_cache(maxsize=4096)
def _side(
    origin: float,
    size: float,
    count: int,
    gap: float,
    low: float,
    high: float,
    offset: float,
    scale: float,
    crisp: bool,
) -> Side:
    """The visible cells along an axis; strips in one column share it, so it is kept."""
    pitch = cell_pitch(size, count, gap)
    first = max(0, math.floor((low - origin) / pitch)) if pitch else 0
    last = max(min(count, math.ceil((high - origin) / pitch)) if pitch else count, first)
    starts = tuple(origin + index * pitch for index in range(first, last + 1))
    if crisp:
        starts = tuple((round(start * scale + offset) - offset) / scale for start in starts)
        gap = max(round(gap * scale), 1) / scale if gap else 0.0
    spans = tuple((start, end - start - gap) for start, end in pairwise(starts))
    return Side(first, last, starts, spans, gap, pitch)


@lru_cache(maxsize=4096)
def _color(red: int, green: int, blue: int) -> QColor:
    return QColor(red, green, blue)


def _fill_each(canvas: Canvas, colors: NDArray[np.uint8], across: Side, down: Side) -> None:
    fill, columns = canvas.painter.fillRect, across.spans
    for (top, height), row in zip(down.spans, colors.tolist(), strict=True):
        for (left, width), rgb in zip(columns, row, strict=True):
            fill(QRectF(left, top, width, height), _color(*rgb))


def packed(colors: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Colours `(rows, columns, 3)` as Qt's 32-bit px `(rows, columns)`."""
    wide = colors.astype(np.uint32)
    joined = (wide[..., 0] << 16) | (wide[..., 1] << 8) | wide[..., 2] | 0xFF000000
    return joined.astype(np.uint32)


def _places(side: Side, scale: float) -> NDArray[np.intp]:
    """For each device px along an axis, which visible cell is there; −1 in a gap."""
    starts = np.rint((np.asarray(side.starts) - side.starts[0]) * scale).astype(np.intp)
    places = np.repeat(np.arange(len(starts) - 1, dtype=np.intp), np.diff(starts))
    gap = round(side.gap * scale)
    if gap:
        ends = starts[1:]
        for step in range(1, gap + 1):
            places[np.maximum(ends - step, 0)] = -1
    return places[: len(places) - gap]


def _paint_with_gaps(canvas: Canvas, colors: NDArray[np.uint8], across: Side, down: Side) -> None:
    """Every device px is looked up once; gaps stay transparent."""
    rows, columns = _places(down, canvas.scale), _places(across, canvas.scale)
    cells = np.pad(packed(colors), ((0, 1), (0, 1)))
    wide = cells[:, columns]
    pixels = np.ascontiguousarray(wide[rows])
    height, width = pixels.shape
    form = QImage.Format.Format_ARGB32_Premultiplied
    image = QImage(pixels.data, width, height, width * 4, form)
    image.setDevicePixelRatio(canvas.scale)
    canvas.painter.drawImage(QPointF(across.starts[0], down.starts[0]), image)


def _paint_picture(canvas: Canvas, colors: NDArray[np.uint8], across: Side, down: Side) -> None:
    """One px per cell, enlarged without smoothing."""
    if canvas.crisp:
        colors = _thinned(_thinned(colors, down, 0, canvas.scale), across, 1, canvas.scale)
    else:
        colors = enlarged(colors, across.pitch, down.pitch)
    pixels = np.ascontiguousarray(colors)
    rows, columns = pixels.shape[:2]
    image = QImage(pixels.data, columns, rows, columns * 3, QImage.Format.Format_RGB888)
    left, top = across.starts[0], down.starts[0]
    width, height = across.starts[-1] - left - across.gap, down.starts[-1] - top - down.gap
    target = QRectF(left, top, width, height)
    canvas.painter.drawImage(target, image.convertToFormat(QImage.Format.Format_RGB32))


def _thinned(colors: NDArray[np.uint8], side: Side, axis: int, scale: float) -> NDArray[np.uint8]:
    """Only the cells that some device px shows, where there are far more cells than px."""
    shown = math.ceil((side.starts[-1] - side.starts[0]) * scale)
    count = colors.shape[axis]
    if count < 2 * max(shown, 1):
        return colors
    middles = ((np.arange(shown) + 0.5) * count / shown).astype(np.intp)
    thinned: NDArray[np.uint8] = colors.take(middles, axis=axis)
    return thinned


def _cross(
    canvas: Canvas,
    colors: NDArray[np.uint8],
    crossed: NDArray[np.bool_],
    across: Side,
    down: Side,
) -> None:
    """A thin cross in each cell that holds no number."""
    columns, rows = across.spans, down.spans
    inks = contrasting_colors(colors)
    lines: dict[str, list[QLineF]] = {}
    for row, column in np.argwhere(crossed).tolist():
        box = QRectF(*_boxed(columns[column], rows[row]))
        lines.setdefault(rgb_to_hex(inks[row, column]), []).extend(cross_lines(box))
    for ink, crosses in lines.items():
        canvas.painter.setPen(pen(ink))
        canvas.painter.drawLines(crosses)


def _boxed(
    column: tuple[float, float], row: tuple[float, float]
) -> tuple[float, float, float, float]:
    return column[0], row[0], column[1], row[1]


def cross_lines(box: QRectF) -> list[QLineF]:
    """The two strokes of a cross within a box."""
    inset = min(box.width(), box.height()) * 0.2
    box = box.adjusted(inset, inset, -inset, -inset)
    return [
        QLineF(box.topLeft(), box.bottomRight()),
        QLineF(box.bottomLeft(), box.topRight()),
    ]


def paint_apertures(canvas: Canvas, mark: Apertures) -> None:
    """Paint a gate: a window per unit, filled from the bottom as far as the gate is open."""
    if not canvas.sees(mark.x, mark.y, mark.width, mark.height):
        return
    painter = canvas.painter
    box = canvas.snapped(mark.x, mark.y, mark.width, mark.height)
    painter.fillRect(box, qcolor(mark.background))
    if not len(mark.levels):
        return
    across, _ = _sides(canvas, mark, 1, len(mark.levels))
    bars: list[QRectF] = []
    crosses: list[QLineF] = []
    top, low, full = box.top(), box.bottom(), box.height()
    levels = mark.levels[across.first : across.last].tolist()
    for (left, width), level in zip(across.spans, levels, strict=True):
        if not math.isfinite(level):
            crosses += cross_lines(QRectF(left, top, width, full))
        elif level > 0:
            height = min(level, 1.0) * full
            bars.append(QRectF(left, low - height, width, height))
    if bars:
        canvas.use(mark.color)
        painter.drawRects(bars)
    if crosses:
        painter.setPen(pen(mark.color))
        painter.drawLines(crosses)
