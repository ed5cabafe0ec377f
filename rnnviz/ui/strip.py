"""The values of one tensor as a strip: cells in colour, or windows that are more or less open."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.scene.axes import format_value
from rnnviz.scene.colormap import mix
from rnnviz.ui.theme import style_of
from rnnviz.ui.tint import tint

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
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_values(
        self,
        values: NDArray[np.float64],
        role: str,
        unit: int | None,
        limit: float,
        is_gate: bool = False,
    ) -> None:
        """Shows a vector; `unit` is ringed.

        Args:
            role: whose colour a gate's windows have.
            limit: where the colour map ends.
            is_gate: windows, open from 0 to 1, instead of colours.
        """
        self._values, self._role, self._limit, self._is_gate = values, role, limit, is_gate
        self._pending = False
        self._unit = -1 if unit is None else unit
        self.setVisible(values.size > 0)
        self.setFixedHeight(_CELLS + (_NUMERALS if self._numerals() else 0))
        self.update()

    def show_pending(self, count: int, role: str) -> None:
        """Shows the places of values that are not there yet."""
        self.show_values(np.full(count, np.nan), role, None, 1.0)
        self._pending = True

    def sizeHint(self) -> QSize:
        return QSize(200, _CELLS + _NUMERALS)

    def resizeEvent(self, event: object) -> None:
        self.setFixedHeight(_CELLS + (_NUMERALS if self._numerals() else 0))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._values.size:
            self.unit_clicked.emit(self.unit_at(event.position().toPoint()))

    def unit_at(self, point: QPoint) -> int:
        """The unit under a point."""
        place = int(point.x() / self.width() * self._values.size)
        return min(max(place, 0), self._values.size - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._pending:
            self._paint_pending(painter)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cell = self.width() / max(1, self._values.size)
        gap = 2 if cell > 8 else 0
        shown = min(self._values.size, self.width())  # no more cells than px
        for place in range(shown):
            unit = place * self._values.size // shown
            box = QRectF(place * self.width() / shown, 1, self.width() / shown - gap, _CELLS - 2)
            self._paint_cell(painter, box, float(self._values[unit]))
            if self._numerals():
                self._paint_number(painter, box, unit)
        if self._unit >= 0:
            box = QRectF(self._unit * cell, 1, max(cell - gap, 3), _CELLS - 2)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(style_of(self).ui.focus_ring), 2))
            painter.drawRoundedRect(box.adjusted(1, 0, -1, 0), 3, 3)

    def _paint_pending(self, painter: QPainter) -> None:
        pen = QPen(QColor(style_of(self).role(self._role).line), 1)
        pen.setDashPattern([3, 3])
        painter.setPen(pen)
        painter.setOpacity(0.5)
        painter.drawRect(QRectF(0.5, 1.5, self.width() - 1, _CELLS - 4))

    def _numerals(self) -> bool:
        return not self._pending and 0 < self._values.size <= self.width() // _NARROWEST

    def _paint_cell(self, painter: QPainter, box: QRectF, value: float) -> None:
        style = style_of(self)
        painter.setPen(Qt.PenStyle.NoPen)
        if not math.isfinite(value):
            painter.fillRect(box, QColor(style.ui.field))
            painter.setPen(QPen(QColor(style.ui.border_strong), 1))
            painter.drawLine(box.topLeft(), box.bottomRight())
            painter.drawLine(box.bottomLeft(), box.topRight())
        elif self._is_gate:
            role = style.role(self._role)
            painter.fillRect(box, QColor(mix(role.fill, role.line, 0.06)))
            height = box.height() * min(max(value, 0.0), 1.0)
            lit = QRectF(box.left(), box.bottom() - height, box.width(), height)
            painter.fillRect(lit, QColor(role.line))
        else:
            painter.fillRect(box, tint(style, value, self._limit).fill)

    def _paint_number(self, painter: QPainter, box: QRectF, unit: int) -> None:
        style = style_of(self)
        chosen = unit == self._unit
        painter.setFont(qfont("ui", 11, 600 if chosen else 400))
        painter.setPen(QColor(style.ui.text if chosen else style.ui.text_secondary))
        place = QRectF(box.left() - 3, _CELLS, box.width() + 6, _NUMERALS)
        text = format_value(float(self._values[unit]), 2)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
