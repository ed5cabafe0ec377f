"""The values of one tensor as a strip: cells in colour, or windows that are more or less open."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.render.painter import paint
from rnnviz.scene.axes import format_value
from rnnviz.scene.colormap import mix
from rnnviz.scene.marks import Apertures, Cells, Scene
from rnnviz.scene.pooling import pool_largest
from rnnviz.scene.style import Style
from rnnviz.ui.theme import style_of

_CELLS = 30  # px high
_NUMERALS = 18
_NARROWEST = 33  # px that a cell needs for its number


class StripView(QWidget):
    """One cell per unit, unit 0 first; a click chooses a unit.

    Signals:
        unit_clicked: the unit under the pointer.
    """

    unit_clicked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._values: NDArray[np.float64] = np.zeros(0)
        self._role, self._unit, self._limit = "h", -1, 1.0
        self._is_gate = self._pending = False
        self._digits = 2
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_values(
        self,
        values: NDArray[np.float64],
        role: str,
        unit: int | None,
        limit: float,
        is_gate: bool = False,
        digits: int = 2,
    ) -> None:
        """Shows a vector; `unit` is ringed.

        Args:
            role: whose colour a gate's windows have.
            limit: where the colour map ends.
            is_gate: windows, open from 0 to 1, instead of colours.
            digits: behind the point, of the numerals below.
        """
        self._values, self._role, self._limit, self._is_gate = values, role, limit, is_gate
        self._pending, self._digits = False, digits
        self._unit = -1 if unit is None else unit
        self.setVisible(values.size > 0)
        self._take_height()
        self.update()

    def show_pending(self, count: int, role: str) -> None:
        """Shows the places of values that are not there yet."""
        self.show_values(np.full(count, np.nan), role, None, 1.0)
        self._pending = True
        self._take_height()

    def sizeHint(self) -> QSize:
        return QSize(200, _CELLS + _NUMERALS)

    def resizeEvent(self, event: object) -> None:
        self._take_height()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._values.size:
            self.unit_clicked.emit(self.unit_at(event.position().toPoint()))

    def unit_at(self, point: QPoint) -> int:
        """The unit under a point."""
        place = int(point.x() / self.width() * self._values.size)
        return min(max(place, 0), self._values.size - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        style = style_of(self)
        if self._pending:
            self._paint_pending(painter, style)
        elif self._values.size:
            paint(self._scene(style), painter, self.devicePixelRatioF())
            if self._numerals():
                self._paint_numbers(painter, style)
            if self._unit >= 0:
                self._paint_ring(painter, style)
        painter.end()

    def _take_height(self) -> None:
        self.setFixedHeight(_CELLS + (_NUMERALS if self._numerals() else 0))

    def _scene(self, style: Style) -> Scene:
        """The strip as the figures draw one; no more cells than px."""
        values = pool_largest(self._values[None].astype(np.float64), 1, self.width())
        gap = 2.0 if self._cell_width() > 8 else 0.0
        width, height = float(self.width()), float(_CELLS - 2)
        if self._is_gate:
            role = style.role(self._role)
            mark: Cells | Apertures = Apertures(
                0, 1, width, height, values[0], role.line, mix(role.fill, role.line, 0.06), gap
            )
        else:
            colors = style.signed.colors(values, self._limit)
            mark = Cells(0, 1, width, height, colors, gap, crossed=~np.isfinite(values))
        return Scene(width, float(_CELLS), (mark,))

    def _cell_width(self) -> float:
        return self.width() / max(1, self._values.size)

    def _paint_ring(self, painter: QPainter, style: Style) -> None:
        cell = self._cell_width()
        box = QRectF(self._unit * cell, 1, max(cell - 2, 3), _CELLS - 2)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(style.ui.focus_ring), 2))
        painter.drawRoundedRect(box.adjusted(1, 0, -1, 0), 3, 3)

    def _paint_pending(self, painter: QPainter, style: Style) -> None:
        pen = QPen(QColor(style.role(self._role).line), 1)
        pen.setDashPattern([3, 3])
        painter.setPen(pen)
        painter.setOpacity(0.5)
        painter.drawRect(QRectF(0.5, 1.5, self.width() - 1, _CELLS - 4))

    def _numerals(self) -> bool:
        return not self._pending and 0 < self._values.size <= self.width() // _NARROWEST

    def _paint_numbers(self, painter: QPainter, style: Style) -> None:
        cell = self._cell_width()
        for unit, value in enumerate(self._values):
            chosen = unit == self._unit
            painter.setFont(qfont("ui", 11, 600 if chosen else 400))
            painter.setPen(QColor(style.ui.text if chosen else style.ui.text_secondary))
            place = QRectF(unit * cell - 4, _CELLS, cell + 6, _NUMERALS)
            text = format_value(float(value), self._digits)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
