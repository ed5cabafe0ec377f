"""All units of a state side by side: what is multiplied, what is kept, what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.scene.axes import format_value, nice_ticks, tick_labels
from rnnviz.ui.mathtext import paint_tokens, tokens_width
from rnnviz.ui.terms import short
from rnnviz.ui.theme import style_of
from rnnviz.ui.tint import tint

if TYPE_CHECKING:
    from rnnviz.model.provenance.columns import Column, Columns
    from rnnviz.model.provenance.expressions import Tokens
    from rnnviz.scene.style import Style

_ROW, _HEAD, _LABEL = 19, 22, 24  # px
_BAR_ROW, _AXIS, _LEGEND = 13, 18, 18
MOST = 16  # units that are shown; around the selected one

_CENTER = Qt.AlignmentFlag.AlignCenter


class _Units(QWidget):
    """Some units of a state, around the selected one; a click chooses one.

    Signals:
        unit_clicked: the unit.
    """

    unit_clicked = Signal(int)
    TOP = _HEAD
    HEIGHT = _ROW

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._shown: Columns | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_columns(self, columns: Columns | None) -> None:
        """Shows a state's units; nothing where there is none."""
        self._shown = columns
        self.setVisible(columns is not None)
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    @property
    def units(self) -> range:
        """The units on show."""
        if self._shown is None:
            return range(0)
        count = len(self._shown.kept)
        first = min(max(self._shown.unit - MOST // 2, 0), max(count - MOST, 0))
        return range(first, min(first + MOST, count))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = (event.position().toPoint().y() - self.TOP) // self.HEIGHT
        if 0 <= row < len(self.units):
            self.unit_clicked.emit(self.units[row])


class UnitsTable(_Units):
    """A row per unit: gates, products and states as coloured cells."""

    def __init__(self) -> None:
        super().__init__("all units")

    def sizeHint(self) -> QSize:
        return QSize(240, _HEAD + _ROW * len(self.units) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self._shown
        if shown is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style, units = style_of(self), self.units
        width = (self.width() - _LABEL) / len(shown.columns)
        for place, column in enumerate(shown.columns):
            x = _LABEL + place * width
            self._paint_head(painter, style, column, x, width)
            values = column.values[units.start : units.stop].astype(float)
            limit = _limit(column.values)
            for row, value in enumerate(values):
                box = QRectF(x + 1, _HEAD + row * _ROW + 1, width - 2, _ROW - 2)
                bold = column is shown.state
                _paint_cell(painter, style, box, float(value), column, limit, bold)
        for row, unit in enumerate(units):
            chosen = unit == shown.unit
            painter.setFont(qfont("ui", 11, 600 if chosen else 400))
            painter.setPen(QColor(style.ui.text if chosen else style.ui.muted))
            painter.drawText(QRectF(0, _HEAD + row * _ROW, _LABEL - 2, _ROW), _CENTER, str(unit))
        if shown.unit in units:
            top = _HEAD + units.index(shown.unit) * _ROW
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(style.ui.focus_ring), 1.5))
            painter.drawRoundedRect(QRectF(0.75, top - 0.25, self.width() - 1.5, _ROW + 0.5), 3, 3)

    def _paint_head(
        self, painter: QPainter, style: Style, column: Column, x: float, width: float
    ) -> None:
        tokens = _symbol(column)
        size = 13
        while size > 9 and tokens_width(tokens, size) > width - 2:
            size -= 1
        left = x + (width - tokens_width(tokens, size)) / 2
        paint_tokens(painter, QPointF(left, 14), tokens, size, style)


class KeptBars(_Units):
    """A row per unit: a bar for what is kept, one for what is written, a tick at their sum."""

    TOP = _LEGEND
    HEIGHT = _BAR_ROW

    def __init__(self) -> None:
        super().__init__("kept and written, unit by unit")

    def sizeHint(self) -> QSize:
        return QSize(240, _LEGEND + _BAR_ROW * len(self.units) + _AXIS)

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self._shown
        if shown is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style, units = style_of(self), self.units
        kept, written, state = (
            np.nan_to_num(values[units.start : units.stop].astype(float))
            for values in (shown.kept, shown.written, shown.state.values)
        )
        low, high = _range(kept, written, state)
        left, right = _LABEL + 12.0, self.width() - 10.0

        def at(value: float) -> float:
            return left + (value - low) / (high - low) * (right - left)

        self._paint_legend(painter, style, shown)
        bottom = _LEGEND + _BAR_ROW * len(units)
        self._paint_axis(painter, style, (low, high), at, bottom)
        role = QColor(style.role(shown.state.role).line)
        for row, unit in enumerate(units):
            top = _LEGEND + row * _BAR_ROW
            chosen = unit == shown.unit
            painter.setFont(qfont("ui", 11, 600 if chosen else 400))
            painter.setPen(QColor(style.ui.text if chosen else style.ui.muted))
            painter.drawText(QRectF(0, top, _LABEL - 2, _BAR_ROW), _CENTER, str(unit))
            ink = QColor(style.ui.text_secondary)
            for value, color, y in ((kept[row], role, top + 2), (written[row], ink, top + 6.5)):
                start, end = sorted((at(0.0), at(float(value))))
                painter.fillRect(QRectF(start, y, max(end - start, 0.75), 4), color)
            painter.fillRect(
                QRectF(at(float(state[row])) - 1, top + 1, 2, _BAR_ROW - 3), QColor(style.ui.text)
            )

    def _paint_axis(
        self, painter: QPainter, style: Style, span: tuple[float, float], at: object, bottom: float
    ) -> None:
        assert callable(at)
        ticks = nice_ticks(*span, 4)
        painter.setFont(qfont("ui", 10))
        for tick, text in zip(ticks, tick_labels(ticks), strict=True):
            color = style.ui.border_strong if tick == 0 else style.ui.grid
            painter.fillRect(QRectF(at(tick) - 0.5, _LEGEND, 1, bottom - _LEGEND), QColor(color))
            painter.setPen(QColor(style.ui.muted))
            painter.drawText(QRectF(at(tick) - 24, bottom + 2, 48, _AXIS - 4), _CENTER, text)

    def _paint_legend(self, painter: QPainter, style: Style, shown: Columns) -> None:
        x = _LABEL + 12.0
        role = style.role(shown.state.role).line
        painter.setFont(qfont("ui", 11))
        for text, color, width in (
            ("kept", role, 8),
            ("written", style.ui.text_secondary, 8),
            ("sum", style.ui.text, 2),
        ):
            painter.fillRect(QRectF(x, 4, width, 8), QColor(color))
            painter.setPen(QColor(style.ui.text_secondary))
            painter.drawText(QPointF(x + width + 5, 12), text)
            x += width + 5 + painter.fontMetrics().horizontalAdvance(text) + 14
        paint_tokens(painter, QPointF(x - 9, 12), _symbol(shown.state), 13, style)


def _paint_cell(
    painter: QPainter,
    style: Style,
    box: QRectF,
    value: float,
    column: Column,
    limit: float,
    bold: bool,
) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    if column.is_gate:
        role = style.role(column.role)
        painter.setBrush(QColor(role.fill))
        painter.drawRoundedRect(box, 2, 2)
        share = min(max(value, 0.0), 1.0) if value == value else 0.0
        line = QRectF(box.left(), box.bottom() - 2, box.width() * share, 2)
        painter.fillRect(line, QColor(role.line))
        ink = QColor(style.ui.text)
    elif abs(value) < float("inf"):
        fill, ink = tint(style, value, limit)
        painter.setBrush(fill)
        painter.drawRoundedRect(box, 2, 2)
    else:
        ink = QColor(style.ui.error)
    painter.setPen(ink)
    painter.setFont(qfont("ui", 11, 600 if bold else 400))
    digits = 2 if abs(value) < 10 else 1
    text = format_value(value, digits) if abs(value) < 1000 else short(value, 1)
    painter.drawText(box, _CENTER, text)


def _symbol(column: Column) -> Tokens:
    from rnnviz.model.provenance.expressions import Token

    role = column.role if len(column.text) == 1 else ""
    return (Token("symbol", column.text, column.sub, "", role),)


def _limit(values: object) -> float:
    finite = np.abs(np.asarray(values, dtype=float))
    finite = finite[np.isfinite(finite)]
    return max(1.0, float(finite.max())) if finite.size else 1.0


def _range(*values: object) -> tuple[float, float]:
    joined = np.concatenate([np.asarray(some, dtype=float) for some in values])
    low, high = min(0.0, float(joined.min())), max(0.0, float(joined.max()))
    return (low, high) if high > low else (-1.0, 1.0)
