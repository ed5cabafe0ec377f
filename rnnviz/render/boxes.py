"""Rectangles and circles on a painter. Rounded ones are drawn once and then stamped."""

from __future__ import annotations

import threading

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath

from rnnviz.render.canvas import Canvas, nearest
from rnnviz.render.pens import brush, pen, qcolor
from rnnviz.scene.geometry import HATCH_WIDTH, hatch_lines
from rnnviz.scene.marks import Circle, Color, Rect

_LARGEST_STAMP = 1 << 16  # device px
_ALL_STAMPS = 1 << 22
_NOT_THINNED = 0.01  # Qt thins slanted lines of exactly one px
_StampKey = tuple[int, int, Color | None, Color | None, float, float, tuple[float, ...], float]


class _Stamps(threading.local):
    """Pictures of rounded rectangles by size and look: stroking one costs 50 times as much."""

    def __init__(self) -> None:
        self.kept: dict[_StampKey, QImage] = {}
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
    if _inset(canvas, mark):
        half = 0.5 / canvas.scale
        return box.adjusted(half, half, -half, -half)
    return box


def _inset(canvas: Canvas, mark: Rect) -> bool:
    """Whether the stroke fills whole px only half a px further in."""
    return mark.stroke is not None and round(mark.stroke_width * canvas.scale) % 2 == 1


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
    area = (width + 2 * margin) * (height + 2 * margin)
    if area > _LARGEST_STAMP or scale != round(scale):
        if mark.radius <= 0 and not mark.dash:
            _fill_and_frame(canvas, mark)
        else:
            _draw(canvas, mark, _outline(canvas, mark))
        return
    key = (
        width,
        height,
        mark.fill,
        mark.stroke,
        mark.stroke_width,
        mark.radius,
        mark.dash,
        scale,
    )
    stamp = _stamps.kept.get(key)
    if stamp is None:
        inset = 0.5 if _inset(canvas, mark) else 0.0
        stamp = _make_stamp(mark, width, height, margin, inset, scale)
        if _stamps.size + area > _ALL_STAMPS:
            _stamps.kept.clear()
            _stamps.size = 0
        _stamps.kept[key] = stamp
        _stamps.size += area
    corner = QPointF((left - margin - canvas.dx) / scale, (top - margin - canvas.dy) / scale)
    canvas.painter.drawImage(corner, stamp)


def _make_stamp(
    mark: Rect, width: int, height: int, margin: int, inset: float, scale: float
) -> QImage:
    stamp = QImage(
        width + 2 * margin,
        height + 2 * margin,
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    stamp.fill(Qt.GlobalColor.transparent)
    painter = QPainter(stamp)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
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


def paint_hatch(canvas: Canvas, mark: Rect) -> None:
    """Paint the 45° lines of a padded rectangle."""
    box = canvas.snapped(mark.x, mark.y, mark.width, mark.height)
    left, top = max(box.left(), canvas.left), max(box.top(), canvas.top)
    width = min(box.right(), canvas.right) - left
    height = min(box.bottom(), canvas.low) - top
    lines = [QLineF(*start, *end) for start, end in hatch_lines(left, top, width, height)]
    if not lines:
        return
    painter = canvas.painter
    rounded = mark.radius > 2
    if rounded:
        painter.save()
        path = QPainterPath()
        path.addRoundedRect(box, mark.radius, mark.radius)
        painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
    painter.setPen(pen(mark.hatch or "#000000", HATCH_WIDTH + _NOT_THINNED))
    painter.drawLines(lines)
    if rounded:
        painter.restore()


def paint_circle(canvas: Canvas, mark: Circle) -> None:
    """Paint a circle."""
    reach = mark.radius + mark.stroke_width
    if canvas.sees(mark.x - reach, mark.y - reach, 2 * reach, 2 * reach):
        canvas.use(mark.fill, mark.stroke, mark.stroke_width)
        canvas.painter.drawEllipse(QPointF(mark.x, mark.y), mark.radius, mark.radius)
