"""Paths and long lines on a painter."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPainterPathStroker, QPen, QPolygonF

from rnnviz.render.canvas import Canvas
from rnnviz.render.pens import pen, qcolor
from rnnviz.scene.geometry import arrow, path_bounds
from rnnviz.scene.marks import Path, Polyline, Segment

_THIN = 2.5  # device px
_LONG = 64  # points, of which it is worth to look for those that are seen
_AT_A_TIME = 8  # segments of a wide line
_CURVE = 0.1  # px that a dash may lie beside its curve
_BYTES = 16  # of a point: two doubles


def paint_path(canvas: Canvas, mark: Path) -> None:
    """Paint lines, curves and their arrowhead."""
    if not _seen(canvas, mark):
        return
    pointed = arrow(mark) if mark.arrow else None
    segments = pointed.line if pointed else mark.segments
    _paint_segments(canvas, mark, segments)
    if pointed:
        canvas.use(mark.stroke)
        canvas.painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in pointed.head]))


def _seen(canvas: Canvas, mark: Path) -> bool:
    if not mark.segments:
        return False
    left, top, right, low = _bounds(mark)
    reach = 8 + mark.stroke_width
    return canvas.sees(left - reach, top - reach, right - left + 2 * reach, low - top + 2 * reach)


def _bounds(mark: Path) -> tuple[float, float, float, float]:
    if len(mark.segments) == 2 and mark.segments[0][0] == "M" and mark.segments[1][0] == "L":
        # wires, by the hundred: comparing four numbers is faster than looking a path up
        x1, y1, x2, y2 = (*mark.segments[0][1:], *mark.segments[1][1:])
        return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
    return path_bounds(mark)


def _paint_segments(canvas: Canvas, mark: Path, segments: tuple[Segment, ...]) -> None:
    painter = canvas.painter
    if len(segments) == 2 and segments[0][0] == "M" and segments[1][0] == "L":
        if mark.stroke is not None:
            x1, y1, x2, y2 = (*segments[0][1:], *segments[1][1:])
            _paint_line(canvas, mark, x1, y1, x2, y2)
        return
    if canvas.crisp and mark.dash and mark.stroke is not None:
        if mark.fill is not None:
            painter.fillPath(qpath(segments), qcolor(mark.fill))
        dashes = _dashes(segments, mark.stroke_width, mark.dash)
        painter.fillPath(dashes, qcolor(mark.stroke))
        return
    canvas.use(mark.fill, mark.stroke, mark.stroke_width, mark.dash)
    painter.drawPath(qpath(segments))


@lru_cache(maxsize=256)
def _dashes(segments: tuple[Segment, ...], width: float, dash: tuple[float, ...]) -> QPainterPath:
    """The outlines of a curve's dashes.

    Qt shortens what of a curve is out of sight: its dashes would begin elsewhere where a part of
    it is painted alone.
    """
    stroker = QPainterPathStroker(pen("#000000", width, dash))
    stroker.setCurveThreshold(_CURVE)
    return stroker.createStroke(qpath(segments))


def _paint_line(canvas: Canvas, mark: Path, x1: float, y1: float, x2: float, y2: float) -> None:
    """One straight line; upright and level ones lie on whole px and are filled, not stroked."""
    width = mark.stroke_width
    if canvas.crisp and (x1 == x2 or y1 == y2):
        wide = canvas.whole(width) if abs(width * canvas.scale - 1) < 0.3 else width
        if x1 == x2:
            left = canvas.snap_x(x1 - wide / 2)
            if not mark.dash:
                box = QRectF(left, min(y1, y2), wide, abs(y2 - y1))
                canvas.painter.fillRect(box, qcolor(mark.stroke or "#000000"))
                return
            x1 = x2 = left + wide / 2
        else:
            top = canvas.snap_y(y1 - wide / 2)
            if not mark.dash:
                box = QRectF(min(x1, x2), top, abs(x2 - x1), wide)
                canvas.painter.fillRect(box, qcolor(mark.stroke or "#000000"))
                return
            y1 = y2 = top + wide / 2
    canvas.use(None, mark.stroke, width, mark.dash)
    canvas.painter.drawLine(QLineF(x1, y1, x2, y2))


def qpath(segments: tuple[Segment, ...]) -> QPainterPath:
    """A scene's segments as Qt's path."""
    path = QPainterPath()
    for segment in segments:
        if segment[0] == "M":
            path.moveTo(*segment[1:])
        elif segment[0] == "L":
            path.lineTo(*segment[1:])
        elif segment[0] == "C":
            path.cubicTo(*segment[1:])
        else:
            path.closeSubpath()
    return path


def paint_polyline(canvas: Canvas, mark: Polyline) -> None:
    """Paint a line through many points, its visible stretches only."""
    thin = canvas.crisp and not mark.dash and mark.stroke_width * canvas.scale <= _THIN
    offsets = _offsets(canvas, mark) if thin else ((0.0, 0.0),)
    canvas.use(None, mark.stroke, 1 / canvas.scale if thin else mark.stroke_width, mark.dash)
    reach = mark.stroke_width
    for piece in unbroken(_near(canvas, mark)):
        (left, top), (right, low) = piece.min(axis=0), piece.max(axis=0)
        box = (left - reach, top - reach, right - left + 2 * reach, low - top + 2 * reach)
        if not canvas.sees(*box):
            continue
        if canvas.crisp and not thin and not mark.dash and mark.opacity >= 1:
            _paint_stroke(canvas, piece)
            continue
        polygon = qpolygon(piece)
        for offset in offsets:
            moved = polygon.translated(*offset) if any(offset) else polygon
            canvas.painter.drawPolyline(moved)


def _near(canvas: Canvas, mark: Polyline) -> NDArray[np.float64]:
    """The points of a long line from where it comes into sight to where it leaves it for good."""
    points, reach = mark.points, 4 * mark.stroke_width + 4
    if len(points) < _LONG or mark.dash:
        return points
    x, y = points.T
    with np.errstate(invalid="ignore"):
        beside = (x < canvas.left - reach, x > canvas.right + reach)
        above = (y < canvas.top - reach, y > canvas.low + reach)
        # A stretch is out of sight where both of its ends lie on the same side.
        hidden = np.logical_or.reduce([side[:-1] & side[1:] for side in (*beside, *above)])
    seen = np.flatnonzero(~hidden)
    return points[seen[0] : seen[-1] + 2] if len(seen) else points[:0]


def _paint_stroke(canvas: Canvas, points: NDArray[np.float64]) -> None:
    """A wide line, a few points at a time: the cost of a stroke grows with its self-crossings."""
    rounded = QPen(canvas.painter.pen())
    rounded.setCapStyle(Qt.PenCapStyle.RoundCap)
    canvas.painter.setPen(rounded)
    for start in range(0, len(points) - 1, _AT_A_TIME):
        canvas.painter.drawPolyline(qpolygon(points[start : start + _AT_A_TIME + 1]))


def _offsets(canvas: Canvas, mark: Polyline) -> tuple[tuple[float, float], ...]:
    """Where a line of one px is painted to look wider: a real stroke costs 15 times as much."""
    side = (mark.stroke_width - 1 / canvas.scale) / 2
    if side * canvas.scale < 0.15 or mark.opacity < 1:
        return ((0.0, 0.0),)
    return (side, 0.0), (-side, 0.0), (0.0, side), (0.0, -side)


def unbroken(points: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    """The stretches between NaN or infinite points, each of at least two points."""
    good = np.logical_and(*np.isfinite(points).T)
    if good.all():
        pieces = [points]
    else:
        edges = (np.flatnonzero(np.diff(good)) + 1).tolist()
        pieces = [
            points[start:stop] for start, stop in pairwise([0, *edges, len(points)]) if good[start]
        ]
    return (piece for piece in pieces if len(piece) > 1)


def qpolygon(points: NDArray[np.float64]) -> QPolygonF:
    """Points `(n, 2)` as Qt's polygon."""
    polygon = QPolygonF()
    if len(points):
        polygon.resize(len(points))
        # Point by point, in Python, it would take two hundred times as long.
        (start,) = shiboken6.getCppPointer(polygon.data())
        # Its stubs know neither that it takes a size, nor that it is a buffer.
        memory: Any = shiboken6.VoidPtr(start, len(points) * _BYTES, True)  # type: ignore[call-arg]
        np.frombuffer(memory, dtype=np.float64).reshape(-1, 2)[:] = points
    return polygon
