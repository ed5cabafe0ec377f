"""How a table of values is painted: numbers on their colour, tokens as chips, padding hatched."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from rnnviz.render.fonts import qfont
from rnnviz.scene.axes import format_value
from rnnviz.ui.theme import style_of
from rnnviz.ui.tint import tint
from rnnviz.ui.values_model import ValuesModel

if TYPE_CHECKING:
    from rnnviz.scene.style import Style

    Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT = 22
_CENTER = Qt.AlignmentFlag.AlignCenter
_NARROW = 44  # px, below which numbers are set smaller


class ValueCells(QStyledItemDelegate):
    """Paints a value, a hatch where there is padding."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        table, model = self.parent(), index.model()
        assert isinstance(table, QTableView)
        assert isinstance(model, ValuesModel)
        style = style_of(table)
        whole: QRect = option.rect
        if index.row() in model.current:
            painter.fillRect(whole, QColor(style.ui.accent_soft))
        cell = QRectF(whole).adjusted(1, 1, -1, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        _paint_cell(painter, cell, model, index, style)
        if table.hasFocus() and table.currentIndex() == index:
            painter.setClipping(False)
            painter.setPen(QPen(QColor(style.ui.focus_ring), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cell, 2, 2)
        painter.restore()


def _paint_cell(
    painter: QPainter, cell: QRectF, model: ValuesModel, index: Index, style: Style
) -> None:
    block, _ = model.block_at(index.column())
    value = model.value(index.row(), index.column())
    if model.is_padding(index.row()):
        _paint_padding(painter, cell, style)
    elif block.shown is None:
        _paint_value(painter, cell, value, block.limit, style)
    elif block.kind == "token":
        _paint_chip(painter, cell, block.shown(value), style)
    else:
        _paint_name(painter, cell, block.shown(value), value < 0, style)


def _paint_padding(painter: QPainter, cell: QRectF, style: Style) -> None:
    padding = style.role("padding")
    painter.setBrush(QColor(padding.fill))
    painter.drawRoundedRect(cell, 2, 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(padding.line), 1))
    painter.setClipRect(cell)
    for x in range(int(cell.left() - cell.height()), int(cell.right()), 6):
        painter.drawLine(x, int(cell.bottom()), x + int(cell.height()), int(cell.top()))


def _paint_value(painter: QPainter, cell: QRectF, value: float, limit: float, style: Style) -> None:
    if not math.isfinite(value):
        fill, ink = QColor(style.ui.field), QColor(style.ui.error)
    elif math.isinf(limit):
        fill, ink = QColor(style.ui.field), QColor(style.ui.text)
    else:
        fill, ink = tint(style, value, limit)
    painter.setBrush(fill)
    painter.drawRoundedRect(cell, 2, 2)
    painter.setPen(ink)
    painter.setFont(qfont("ui", 11 if cell.width() < _NARROW else 12))
    _paint_text(painter, cell.adjusted(-1, 0, 1, 0), format_value(value, 2))


def _paint_chip(painter: QPainter, cell: QRectF, token: str, style: Style) -> None:
    """A token as the figures show one: framed, in the code font."""
    painter.setFont(qfont("mono", 12))
    wanted = painter.fontMetrics().horizontalAdvance(token) + 10
    width = min(max(wanted, 18), cell.width())
    chip = QRectF(cell.center().x() - width / 2, cell.top(), width, cell.height())
    painter.setBrush(QColor(style.ui.card))
    painter.setPen(QPen(QColor(style.ui.border_strong), 1))
    painter.drawRoundedRect(chip.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setPen(QColor(style.ui.text))
    _paint_text(painter, chip, token)


def _paint_name(painter: QPainter, cell: QRectF, name: str, ignored: bool, style: Style) -> None:
    painter.setBrush(QColor(style.ui.field))
    painter.drawRoundedRect(cell, 2, 2)
    painter.setPen(QColor(style.ui.muted if ignored else style.ui.text))
    painter.setFont(qfont("ui", 11) if ignored else qfont("mono", 12))
    _paint_text(painter, cell, name)


def _paint_text(painter: QPainter, cell: QRectF, text: str) -> None:
    room = int(cell.width())
    elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
    painter.drawText(cell, _CENTER, elided)


class StepsHeader(QHeaderView):
    """The timesteps at the left; the current one bold behind an ink bar."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(Qt.Orientation.Vertical, table)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setDefaultSectionSize(ROW_HEIGHT)
        self.setMinimumSectionSize(ROW_HEIGHT)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        model = self.model()
        if not isinstance(model, ValuesModel):
            return
        style = style_of(self)
        current = section in model.current
        if current:
            painter.fillRect(rect, QColor(style.ui.accent_soft))
            painter.fillRect(rect.left(), rect.top(), 2, rect.height(), QColor(style.ui.accent))
        painter.setFont(qfont("ui", 12, 600 if current else 400))
        painter.setPen(QColor(style.ui.text if current else style.ui.muted))
        text = str(model.headerData(section, Qt.Orientation.Vertical))
        painter.drawText(rect.adjusted(4, 0, -6, 0), _CENTER, text)
