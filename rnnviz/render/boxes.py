"""Rectangles and circles on a painter. Rounded ones are drawn once and then stamped."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath

from rnnviz.render.canvas import Canvas, nearest
from rnnviz.render.pens import brush, pen, qcolor
from rnnviz.render.slices import Slices, cut_of
from rnnviz.scene.geometry import HATCH_WIDTH, hatch_lines
from rnnviz.scene.marks import Circle, Color, Rect

_LARGEST_STAMP = 1 << 16  # device px
_LARGEST_DASHED = 1 << 20  # where Qt begins a dash depends on what of it is visible
_ALL_STAMPS = 1 << 22
_INK = "#000000"
_MANY = 8  # rectangles, from which they are hatched as one shape
_NOT_THINNED = 0.01  # Qt thins slanted lines of exactly one px
_StampKey = tuple[int, int, Color | None, Color | None, float, float, tuple[float, ...], float]


class _Stamps(threading.local):
    """Pictures of rounded rectangles by size and look: stroking one costs 50 times as much."""

    def __init__(self) -> None:
        self.kept: dict[_StampKey, QImage] = {}
        self.slices: dict[_StampKey, Slices] = {}
        self.size = 0


_stamps = _Stamps()


def paint_rect(canvas: Canvas, mark: Rect) -> None:
    """Paint a rectangle: its fill, its hatching, its frame."""
    reach = mark.stroke_width
    if not canvas.sees(
        mark.x - reach, mark.y - reach, mark.width + 2 * reach, mark.height + 2 * reach
    ):
        return
    framed = mark.stroke is not None and mark.stroke_width > 0
    if not canvas.crisp:
        _draw(canvas, mark, QRectF(mark.x, mark.y, mark.width, mark.height))
    elif mark.radius <= 0 and not framed:
        if mark.fill is not None:
            box = canvas.snapped(mark.x, mark.y, mark.width, mark.height)
            canvas.painter.fillRect(box, qcolor(mark.fill))
    else:
        _stamp_or_draw(canvas, mark)
    if mark.hatch is not None:
        paint_hatch(canvas, mark)


def _outline(canvas: Canvas, mark: Rect) -> QRectF:
    """The middle of the frame's stroke, placed so that the stroke fills whole device px."""
    box = canvas.snapped(mark.x, mark.y, mark.width, mark.height)
    if _inset(mark, canvas.scale):
        half = 0.5 / canvas.scale
        return box.adjusted(half, half, -half, -half)
    return box


def _inset(mark: Rect, scale: float) -> bool:
    """Whether the stroke fills whole px only half a px further in."""
    return mark.stroke is not None and round(mark.stroke_width * scale) % 2 == 1


def _fill_and_frame(canvas: Canvas, mark: Rect) -> None:
    """A frame of four bars, which costs a tenth of a stroke."""
    box, width = _outline(canvas, mark), canvas.whole(mark.stroke_width)
    half = width / 2
    outer = box.adjusted(-half, -half, half, half)
    inner = box.adjusted(half, half, -half, -half)
    painter = canvas.painter
    if mark.fill is not None and inner.isValid():
        painter.fillRect(inner, qcolor(mark.fill))
    ink = qcolor(mark.stroke or "#000000")
    if not inner.isValid():
        painter.fillRect(outer, ink)
        return
    painter.fillRect(QRectF(outer.left(), outer.top(), outer.width(), width), ink)
    painter.fillRect(QRectF(outer.left(), inner.bottom(), outer.width(), width), ink)
    painter.fillRect(QRectF(outer.left(), inner.top(), width, inner.height()), ink)
    painter.fillRect(QRectF(inner.right(), inner.top(), width, inner.height()), ink)


def _stamp_or_draw(canvas: Canvas, mark: Rect) -> None:
    scale, margin = canvas.scale, 1 + int(mark.stroke_width * canvas.scale)
    left, top = nearest(mark.x * scale + canvas.dx), nearest(mark.y * scale + canvas.dy)
    width = max(nearest((mark.x + mark.width) * scale + canvas.dx) - left, 1)
    height = max(nearest((mark.y + mark.height) * scale + canvas.dy) - top, 1)
    whole = scale == round(scale)
    largest = _LARGEST_DASHED if mark.dash else _LARGEST_STAMP
    if whole and (width + 2 * margin) * (height + 2 * margin) <= largest:
        stamp = _stamp(mark, width, height, margin, scale)
        corner = QPointF((left - margin - canvas.dx) / scale, (top - margin - canvas.dy) / scale)
        canvas.painter.drawImage(corner, stamp)
    elif mark.radius <= 0 and not mark.dash:
        _fill_and_frame(canvas, mark)
    elif whole and not mark.dash and min(width, height) >= cut_of(mark, scale).least:
        place = (left - margin, top - margin, width + 2 * margin, height + 2 * margin)
        _draw_pieces(canvas, mark, place, _slices(mark, width, height, margin, scale))
    else:
        _draw(canvas, mark, _outline(canvas, mark))


def _key(mark: Rect, width: int, height: int, scale: float) -> _StampKey:
    look = mark.fill, mark.stroke, mark.stroke_width, mark.radius, mark.dash, scale
    return width, height, *look


def _stamp(mark: Rect, width: int, height: int, margin: int, scale: float) -> QImage:
    """The picture of a rectangle; sizes in device px."""
    key = _key(mark, width, height, scale)
    stamp = _stamps.kept.get(key)
    if stamp is None:
        slices = _slices(mark, width, height, margin, scale)
        stamp = slices.enlarged(width + 2 * margin, height + 2 * margin)
        area = stamp.width() * stamp.height()
        if _stamps.size + area > _ALL_STAMPS:
            _stamps.kept.clear()
            _stamps.slices.clear()
            _stamps.size = 0
        _stamps.kept[key] = stamp
        _stamps.size += area
    return stamp


def _slices(mark: Rect, width: int, height: int, margin: int, scale: float) -> Slices:
    """The smallest picture of which one of this size is made."""
    cut = cut_of(mark, scale)
    least = cut.smallest(width), cut.smallest(height)
    key = _key(mark, *least, scale)
    slices = _stamps.slices.get(key)
    if slices is None:
        picture = _make_stamp(mark, *least, margin, scale)
        slices = _stamps.slices[key] = Slices(picture, margin + cut.side, cut.period)
    return slices


def _draw_pieces(
    canvas: Canvas, mark: Rect, place: tuple[int, int, int, int], slices: Slices
) -> None:
    """A large rectangle: its four sides, and its fill between them."""
    scale, (left, top, width, height) = canvas.scale, place
    for x, y, piece in slices.sides(width, height):
        at = QPointF((left + x - canvas.dx) / scale, (top + y - canvas.dy) / scale)
        canvas.painter.drawImage(at, piece)
    if mark.fill is not None:
        side = slices.side
        corner = QPointF((left + side - canvas.dx) / scale, (top + side - canvas.dy) / scale)
        size = QSizeF((width - 2 * side) / scale, (height - 2 * side) / scale)
        canvas.painter.fillRect(QRectF(corner, size), qcolor(mark.fill))


def _make_stamp(mark: Rect, width: int, height: int, margin: int, scale: float) -> QImage:
    stamp = QImage(
        width + 2 * margin,
        height + 2 * margin,
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    stamp.fill(Qt.GlobalColor.transparent)
    painter = QPainter(stamp)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    inset = 0.5 if _inset(mark, scale) else 0.0
    start, less = (margin + inset) / scale, 2 * inset
    _stroke(painter, mark, QRectF(start, start, (width - less) / scale, (height - less) / scale))
    painter.end()
    stamp.setDevicePixelRatio(scale)
    return stamp


def _draw(canvas: Canvas, mark: Rect, box: QRectF) -> None:
    if mark.fill is not None or mark.stroke is not None:
        _stroke(canvas.painter, mark, box)


def _stroke(painter: QPainter, mark: Rect, box: QRectF) -> None:
    framed = mark.stroke is not None and mark.stroke_width > 0
    painter.setBrush(brush(mark.fill) if mark.fill else Qt.BrushStyle.NoBrush)
    painter.setPen(
        pen(mark.stroke, mark.stroke_width, mark.dash)
        if framed and mark.stroke
        else Qt.PenStyle.NoPen
    )
    if mark.radius > 0:
        radius = min(mark.radius, box.width() / 2, box.height() / 2)
        painter.drawRoundedRect(box, radius, radius)
    else:
        painter.drawRect(box)


def hatched_alike(one: Rect, other: Rect) -> bool:
    """Whether two rectangles can be hatched as one shape: no frame, no corners, one look."""
    return one.hatch == other.hatch and one.fill == other.fill and one.opacity == other.opacity


def is_mere_hatch(mark: Rect) -> bool:
    """Whether a rectangle is nothing but a hatch, perhaps over a fill."""
    return mark.hatch is not None and mark.stroke is None and mark.radius <= 0


def paint_hatched(canvas: Canvas, marks: Sequence[Rect]) -> None:
    """Paint rectangles that are hatched alike: the lines of all of them at once.

    A staircase of a thousand low rows would have a hundred lines in each of them.
    """
    if len(marks) < _MANY or not canvas.crisp:
        for mark in marks:
            paint_rect(canvas, mark)
        return
    shape = QPainterPath()
    shape.setFillRule(Qt.FillRule.WindingFill)
    for mark in marks:
        if canvas.sees(mark.x, mark.y, mark.width, mark.height):
            shape.addRect(canvas.snapped(mark.x, mark.y, mark.width, mark.height))
    if shape.isEmpty():
        return
    painter, look = canvas.painter, marks[0]
    painter.save()
    painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
    box = shape.boundingRect()
    if look.fill is not None:
        painter.fillRect(box, qcolor(look.fill))
    _draw_hatch(canvas, box, look.hatch or _INK)
    painter.restore()


def paint_hatch(canvas: Canvas, mark: Rect) -> None:
    """Paint the 45° lines of a padded rectangle."""
    box = canvas.snapped(mark.x, mark.y, mark.width, mark.height)
    painter, rounded = canvas.painter, mark.radius > 2
    if rounded:
        painter.save()
        path = QPainterPath()
        path.addRoundedRect(box, mark.radius, mark.radius)
        painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
    _draw_hatch(canvas, box, mark.hatch or _INK)
    if rounded:
        painter.restore()


def _draw_hatch(canvas: Canvas, box: QRectF, ink: Color) -> None:
    """The lines of what is visible of a box."""
    left, top = max(box.left(), canvas.left), max(box.top(), canvas.top)
    width = min(box.right(), canvas.right) - left
    height = min(box.bottom(), canvas.low) - top
    lines = _hatch(left, top, width, height)
    if lines:
        canvas.painter.setPen(pen(ink, HATCH_WIDTH + _NOT_THINNED))
        canvas.painter.drawLines(lines)


@lru_cache(maxsize=256)  # what stays is hatched again with every frame
def _hatch(left: float, top: float, width: float, height: float) -> list[QLineF]:
    return [QLineF(*start, *end) for start, end in hatch_lines(left, top, width, height)]


def paint_circle(canvas: Canvas, mark: Circle) -> None:
    """Paint a circle."""
    reach = mark.radius + mark.stroke_width
    if canvas.sees(mark.x - reach, mark.y - reach, 2 * reach, 2 * reach):
        canvas.use(mark.fill, mark.stroke, mark.stroke_width)
        canvas.painter.drawEllipse(QPointF(mark.x, mark.y), mark.radius, mark.radius)
