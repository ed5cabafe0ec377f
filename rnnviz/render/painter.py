"""A scene on a QPainter: the window, PNG, PDF and the clipboard are all painted here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from rnnviz.render.boxes import (
    hatched_alike,
    is_mere_hatch,
    paint_circle,
    paint_hatched,
    paint_rect,
)
from rnnviz.render.canvas import Canvas, device_canvas
from rnnviz.render.cells import paint_apertures, paint_cells
from rnnviz.render.fonts import load_fonts
from rnnviz.render.lettering import paint_text
from rnnviz.render.lines import paint_path, paint_polyline
from rnnviz.render.pens import qcolor
from rnnviz.render.sheet import Sheet, paint_sheet
from rnnviz.scene.marks import (
    Apertures,
    Cells,
    Circle,
    Clip,
    Mark,
    Path,
    Polyline,
    Rect,
    Scene,
    Text,
)


def paint(scene: Scene, painter: QPainter, device_pixel_ratio: float | None = None) -> None:
    """Paint a scene, its visible part's top left corner at the painter's origin.

    Only what is visible is painted, so a mark outside costs next to nothing.

    Args:
        device_pixel_ratio: device px per px of the scene; asked from the painter if None.
    """
    load_fonts()
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
    if scene.background is not None:
        painter.fillRect(QRectF(0, 0, scene.width, scene.height), qcolor(scene.background))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(-scene.x, -scene.y)
    visible = (scene.x, scene.y, scene.x + scene.width, scene.y + scene.height)
    _paint_marks(device_canvas(painter, visible, device_pixel_ratio), scene.marks)
    painter.restore()


def _paint_marks(canvas: Canvas, marks: tuple[Mark, ...]) -> None:
    opacity, base = 1.0, canvas.painter.opacity()
    hatched: list[Rect] = []  # alike, and painted together
    for mark in marks:
        mere = mark if type(mark) is Rect and is_mere_hatch(mark) else None
        if hatched and (mere is None or not hatched_alike(hatched[0], mere)):
            paint_hatched(canvas, hatched)
            hatched.clear()
        wanted = 1.0 if isinstance(mark, Clip) else mark.opacity
        if wanted != opacity:
            _set_opacity(canvas, base * wanted)
            opacity = wanted
        if mere is not None and opacity > 0:
            hatched.append(mere)
        elif opacity > 0:
            _PAINTERS[type(mark)](canvas, mark)
    paint_hatched(canvas, hatched)
    if opacity != 1.0:
        _set_opacity(canvas, base)


def _set_opacity(canvas: Canvas, opacity: float) -> None:
    """What is painted from here on lets so much through.

    A PDF takes note of it with the next pen and brush alone, and only if they are others.
    """
    canvas.painter.setOpacity(opacity)
    if not canvas.crisp:
        canvas.painter.setPen(Qt.PenStyle.NoPen)
        canvas.painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_clip(canvas: Canvas, mark: Clip) -> None:
    if not canvas.sees(mark.x, mark.y, mark.width, mark.height):
        return
    canvas.painter.save()
    box = canvas.snapped(mark.x, mark.y, mark.width, mark.height)
    canvas.painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
    if mark.shift:
        canvas.painter.translate(mark.shift, 0.0)
    inner = replace(
        canvas,
        left=max(canvas.left, mark.x) - mark.shift,
        top=max(canvas.top, mark.y),
        right=min(canvas.right, mark.x + mark.width) - mark.shift,
        low=min(canvas.low, mark.y + mark.height),
        dx=canvas.dx + mark.shift * canvas.scale,
    )
    _paint_marks(inner, mark.marks)
    canvas.painter.restore()


_PAINTERS: dict[type, Callable[[Canvas, Any], None]] = {
    Rect: paint_rect,
    Circle: paint_circle,
    Path: paint_path,
    Polyline: paint_polyline,
    Text: paint_text,
    Cells: paint_cells,
    Apertures: paint_apertures,
    Clip: _paint_clip,
    Sheet: paint_sheet,
}
