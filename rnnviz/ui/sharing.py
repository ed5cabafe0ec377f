"""What a picture draws many times and yet is one: under the mouse, all of it is ringed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from rnnviz.scene.hit import hit
from rnnviz.scene.marks import Rect

if TYPE_CHECKING:
    from rnnviz.element import Element
    from rnnviz.scene.marks import Scene
    from rnnviz.scene.style import Style

_MARGIN = 2.5  # px between a box and its ring
_WIDTH = 2.0


class SharedHover:
    """Rings the boxes that bear the name of the one under the mouse.

    Args:
        pane: that is painted anew where another name comes under the mouse.
    """

    def __init__(self, pane: QWidget) -> None:
        self._pane = pane
        self.element: Element | None = None

    def move(self, scene: Scene | None, at: QPointF) -> None:
        """The mouse is over a point of the pane."""
        found = None if scene is None else hit(scene, at.x() + scene.x, at.y() + scene.y)
        self._take(found if scene and len(_boxes(scene, found)) > 1 else None)

    def leave(self) -> None:
        """The mouse is elsewhere."""
        self._take(None)

    def paint(self, painter: QPainter, scene: Scene, style: Style) -> None:
        """The rings, over a scene that is painted already."""
        boxes = _boxes(scene, self.element)
        if not boxes:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(style.ui.focus_ring), _WIDTH))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for box in boxes:
            ring = QRectF(box.x - scene.x, box.y - scene.y, box.width, box.height)
            around = ring.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
            radius = box.radius + _MARGIN
            painter.drawRoundedRect(around, radius, radius)

    def _take(self, element: Element | None) -> None:
        if element != self.element:
            self.element = element
            self._pane.update()


def _boxes(scene: Scene, element: Element | None) -> list[Rect]:
    if element is None:
        return []
    return [mark for mark in scene.marks if isinstance(mark, Rect) and mark.key == element]
