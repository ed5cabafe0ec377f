"""Matrices of coloured cells and gates' apertures on a painter."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QImage

from rnnviz.render.canvas import Canvas, nearest_each
from rnnviz.render.pens import pen, qcolor
from rnnviz.scene.colormap import contrasting_colors, hex_to_rgb, rgb_to_hex
from rnnviz.scene.geometry import CROSS_FROM, cell_pitch, effective_gap, enlarged
from rnnviz.scene.marks import Apertures, Cells, Color

_LOOKED_UP = 1 << 15  # device px; larger matrices are enlarged by Qt
_STRIP = 1024  # bytes of a matrix whose packed colours are kept
_FEW_AS_VECTORS = 4096
_OPAQUE = QImage.Format.Format_RGB32
_CLEAR = QImage.Format.Format_ARGB32_Premultiplied
_CHANNELS, _ALPHA = ([2, 1, 0], 3) if sys.byteorder == "little" else ([1, 2, 3], 0)


@dataclass(frozen=True, eq=False)
class Side:
    """The visible cells along one axis.

    Attributes:
        first, last: their indices, `last` not included.
        starts: where each begins, and one more: where the next one would.
        ends: where the first begins, and where one behind the last would, before any rounding.
        gap: what is left free at each one's end.
        pitch: from one to the next, before any rounding to px.
        scale: device px per px.
    """

    first: int
    last: int
    starts: tuple[float, ...]
    ends: tuple[float, float]
    gap: float
    pitch: float
    scale: float

    @cached_property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """Beginning and length of each, its gap left out."""
        pairs = pairwise(self.starts)
        return tuple((start, end - start - self.gap) for start, end in pairs)

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """For each device px along the axis, which visible cell is there; −1 in a gap."""
        starts = np.rint((np.asarray(self.starts) - self.starts[0]) * self.scale).astype(np.intp)
        places = np.repeat(np.arange(len(starts) - 1, dtype=np.intp), np.diff(starts))
        gap = round(self.gap * self.scale)
        for step in range(1, gap + 1):
            places[np.maximum(starts[1:] - step, 0)] = -1
        return places[: len(places) - gap]


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
        width = (across.starts[-1] - across.starts[0]) * canvas.scale
        height = (down.starts[-1] - down.starts[0]) * canvas.scale
        if gaps or width * height <= _LOOKED_UP:
            _look_up(canvas, colors, across, down)
            return
    elif colors.shape[0] * colors.shape[1] <= (_FEW_AS_VECTORS if gaps else 1):
        _fill_each(canvas, colors, across, down)  # touching vectors show seams in viewers
        return
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
    starts = origin + np.arange(first, last + 1) * pitch
    ends = float(starts[0]), float(starts[-1])
    if crisp:
        starts = (nearest_each(starts * scale + offset) - offset) / scale
        gap = max(round(gap * scale), 1) / scale if gap else 0.0
    return Side(first, last, tuple(starts.tolist()), ends, gap, pitch, scale)


@lru_cache(maxsize=4096)
def _color(red: int, green: int, blue: int) -> QColor:
    return QColor(red, green, blue)


def _fill_each(canvas: Canvas, colors: NDArray[np.uint8], across: Side, down: Side) -> None:
    fill, columns = canvas.painter.fillRect, across.spans
    for (top, height), row in zip(down.spans, colors.tolist(), strict=True):
        for (left, width), rgb in zip(columns, row, strict=True):
            fill(QRectF(left, top, width, height), _color(*rgb))


def packed(colors: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Colours `(rows, columns, 3)` as Qt's 32-bit px, with one clear row and column more."""
    rows, columns = colors.shape[:2]
    joined = np.zeros((rows + 1, columns + 1, 4), np.uint8)
    inner = joined[:rows, :columns]
    inner[..., _CHANNELS] = colors
    inner[..., _ALPHA] = 255
    return joined.view(np.uint32)[..., 0]


@lru_cache(maxsize=4096)
def _packed_strip(data: bytes, rows: int, columns: int) -> NDArray[np.uint32]:
    """The same few colours are painted frame after frame, wherever they are panned or zoomed."""
    return packed(np.frombuffer(data, np.uint8).reshape(rows, columns, 3))


def _look_up(canvas: Canvas, colors: NDArray[np.uint8], across: Side, down: Side) -> None:
    """Every device px is looked up once; gaps stay transparent."""
    if colors.size <= _STRIP:
        cells = _packed_strip(colors.tobytes(), *colors.shape[:2])
    else:
        cells = packed(colors)
    pixels = cells.take(across.places, axis=1).take(down.places, axis=0)
    gaps = across.gap or down.gap
    _draw_pixels(canvas, pixels, across.starts[0], down.starts[0], opaque=not gaps)


def _draw_pixels(
    canvas: Canvas, pixels: NDArray[np.uint32], left: float, top: float, opaque: bool
) -> None:
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, width * 4, _OPAQUE if opaque else _CLEAR)
    if canvas.scale != 1.0:
        image.setDevicePixelRatio(canvas.scale)
    canvas.painter.drawImage(QPointF(left, top), image)


def _paint_picture(canvas: Canvas, colors: NDArray[np.uint8], across: Side, down: Side) -> None:
    """One px per cell, enlarged without smoothing."""
    if canvas.crisp:
        colors = _thinned(_thinned(colors, down, 0, canvas.scale), across, 1, canvas.scale)
    else:
        colors = enlarged(colors, across.pitch, down.pitch)
    pixels = np.ascontiguousarray(colors)
    rows, columns = pixels.shape[:2]
    image = QImage(pixels.data, columns, rows, columns * 3, QImage.Format.Format_RGB888)
    # Between the ends as they are: a cell then has the same px, however many are seen with it.
    (left, right), (top, low) = across.ends, down.ends
    target = QRectF(left, top, right - left - across.gap, low - top - down.gap)
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
    box = canvas.snapped(mark.x, mark.y, mark.width, mark.height)
    across, _ = _sides(canvas, mark, 1, len(mark.levels))
    if not canvas.crisp or len(across.places) < box.width() * canvas.scale - 0.5:
        canvas.painter.fillRect(box, qcolor(mark.background))
    if not len(mark.levels):
        return
    levels = mark.levels[across.first : across.last]
    broken = () if math.isfinite(levels.sum()) else np.flatnonzero(~np.isfinite(levels)).tolist()
    if broken:
        levels = np.nan_to_num(levels, nan=0.0, posinf=0.0, neginf=0.0)
    if canvas.crisp:
        _look_up_levels(canvas, mark, levels, across, box)
    else:
        _fill_windows(canvas, mark, levels, across, box)
    if broken:
        canvas.painter.setPen(pen(mark.color))
        for unit in broken:
            left, width = across.spans[unit]
            canvas.painter.drawLines(cross_lines(QRectF(left, box.top(), width, box.height())))


def _fill_windows(
    canvas: Canvas, mark: Apertures, levels: NDArray[np.float64], across: Side, box: QRectF
) -> None:
    low, full = box.bottom(), box.height()
    heights = (np.minimum(levels, 1.0) * full).tolist()
    bars = [
        QRectF(left, low - height, width, height)
        for (left, width), height in zip(across.spans, heights, strict=True)
        if height > 0
    ]
    if bars:
        canvas.use(mark.color)
        canvas.painter.drawRects(bars)


def _look_up_levels(
    canvas: Canvas, mark: Apertures, levels: NDArray[np.float64], across: Side, box: QRectF
) -> None:
    """The windows px by px: of each row how much is covered, as one of 256 mixed colours."""
    ramp = _rows_below(round(box.height() * canvas.scale))
    covered = (levels * (255.0 * len(ramp)) - ramp).clip(0.0, 255.0)
    shades = np.zeros((len(ramp), len(levels) + 1), np.intp)
    shades[:, :-1] = covered
    pixels = _shades(mark.background, mark.color)[shades.take(across.places, axis=1)]
    _draw_pixels(canvas, pixels, across.starts[0], box.top(), opaque=True)


@lru_cache(maxsize=256)
def _rows_below(height: int) -> NDArray[np.float64]:
    """For each row of px from the top, 255 times how many are below it, `(height, 1)`."""
    return 255.0 * np.arange(height - 1, -1, -1, dtype=np.float64)[:, np.newaxis]


@lru_cache(maxsize=256)
def _shades(background: Color, ink: Color) -> NDArray[np.uint32]:
    """From one colour to another in 256 steps, as px."""
    ends = np.array([hex_to_rgb(background), hex_to_rgb(ink)], dtype=np.float64)
    share = np.linspace(0.0, 1.0, 256)[:, np.newaxis]
    mixed = np.rint(ends[0] * (1 - share) + ends[1] * share).astype(np.uint8)
    return packed(mixed[np.newaxis])[0, :-1]
