"""Marks that were painted before, as the picture that they gave."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage

from rnnviz.render.canvas import Canvas


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A transparent picture, of the painter's own device px, and where it lies on the scene."""

    x: float
    y: float
    picture: QImage
    opacity: float = 1.0


def paint_sheet(canvas: Canvas, sheet: Sheet) -> None:
    """Paint a sheet, px on px."""
    canvas.painter.drawImage(QPointF(sheet.x, sheet.y), sheet.picture)
