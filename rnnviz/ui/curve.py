"""Where on its activation's curve a number lies: the point, its slope, and what is saturated."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.scene.axes import format_value
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:
    from rnnviz.model.provenance.activations import Activation
    from rnnviz.scene.style import Style

_HEIGHT, _PLOT = 92, 146  # px


class CurveView(QWidget):
    """A small plot at the left, and at the right what it says in words."""

    def __init__(self) -> None:
        super().__init__()
        self._activation: Activation | None = None
        self._role = "h"
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def words(self) -> tuple[str, ...]:
        """What stands beside the curve."""
        chosen = self._activation
        if chosen is None:
            return ()
        low, high = chosen.reached
        slope = format_value(chosen.slope, 3) if chosen.slope >= 5e-4 or not chosen.slope else ""
        verdict = "saturated" if chosen.is_saturated else "not saturated"
        return (
            f"{chosen.symbol}({format_value(low, 3)}) = {format_value(high, 3)}",
            f"slope {slope or f'{chosen.slope:.1e}'} of at most {chosen.steepest:g}",
            verdict,
        )

    def show_activation(self, activation: Activation | None, role: str) -> None:
        """Shows a point on its curve; nothing where there is none."""
        self._activation, self._role = activation, role
        self.setVisible(activation is not None)
        self.setAccessibleName(", ".join(self.words))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._activation is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style = style_of(self)
        self._paint_plot(painter, style, self._activation)
        self._paint_words(painter, style)

    def _paint_plot(self, painter: QPainter, style: Style, chosen: Activation) -> None:
        x, y = chosen.curve()
        box = QRectF(1, 4, _PLOT, _HEIGHT - 8)
        low, high = float(np.min(y)), float(np.max(y))
        room = (high - low or 1.0) * 0.08

        def at(across: float, up: float) -> QPointF:
            share = (across - x[0]) / (x[-1] - x[0])
            rise = (up - low + room) / (high - low + 2 * room)
            return QPointF(box.left() + share * box.width(), box.bottom() - rise * box.height())

        painter.setPen(QPen(QColor(style.ui.grid), 1))
        painter.drawLine(QPointF(box.left(), at(0, 0).y()), QPointF(box.right(), at(0, 0).y()))
        painter.drawLine(QPointF(at(0, 0).x(), box.top()), QPointF(at(0, 0).x(), box.bottom()))
        path = QPainterPath(at(float(x[0]), float(y[0])))
        for across, up in zip(x[1:], y[1:], strict=True):
            path.lineTo(at(float(across), float(up)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(style.role(self._role).line), 2))
        painter.drawPath(path)
        point, value = chosen.reached
        if math.isfinite(point) and math.isfinite(value):
            self._paint_point(painter, style, at(point, value), at(0, 0), box)
            self._paint_tangent(painter, style, chosen, at)

    def _paint_point(
        self, painter: QPainter, style: Style, at: QPointF, origin: QPointF, box: QRectF
    ) -> None:
        dashed = QPen(QColor(style.ui.muted), 1)
        dashed.setDashPattern([2, 3])
        painter.setPen(dashed)
        painter.drawLine(at, QPointF(at.x(), origin.y()))
        painter.drawLine(at, QPointF(origin.x(), at.y()))
        painter.setPen(QPen(QColor(style.ui.surface), 1.5))
        painter.setBrush(QColor(style.ui.text))
        painter.drawEllipse(at, 4.5, 4.5)

    def _paint_tangent(
        self, painter: QPainter, style: Style, chosen: Activation, at: object
    ) -> None:
        assert callable(at)
        point, value = chosen.reached
        ends = [at(point + run, value + run * chosen.slope) for run in (-1.0, 1.0)]
        middle = at(point, value)
        painter.setPen(QPen(QColor(style.ui.text), 1.25))
        for end in ends:
            away = end - middle
            size = math.hypot(away.x(), away.y()) or 1.0
            painter.drawLine(middle, middle + away * (20.0 / size))

    def _paint_words(self, painter: QPainter, style: Style) -> None:
        chosen = self._activation
        assert chosen is not None
        left = _PLOT + 14
        value, slope, verdict = self.words
        slope, _, most = slope.partition(" of ")
        lines = [(value, style.ui.text, 600), (slope, style.ui.text, 400)]
        lines += [(f"of {most}", style.ui.muted, 400), (verdict, style.ui.text_secondary, 600)]
        if chosen.is_saturated:
            lines[-1] = (verdict, style.ui.warning, 600)
        for number, (text, color, weight) in enumerate(lines):
            painter.setPen(QColor(color))
            painter.setFont(qfont("ui", 11, weight))
            painter.drawText(QPointF(left, 20 + 18 * number), text)
