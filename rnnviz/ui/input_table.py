"""The input as a table: a row per timestep, a column per feature, cells tinted by their value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from rnnviz.render.fonts import qfont
from rnnviz.scene.axes import format_value, read_number, write_number
from rnnviz.ui.theme import style_of
from rnnviz.ui.tint import tint

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rnnviz.scene.style import Style

    Index = QModelIndex | QPersistentModelIndex

ROW_HEIGHT = 22
_NOWHERE = QModelIndex()
_ROLE = Qt.ItemDataRole


class ValuesModel(QAbstractTableModel):
    """Numbers of which only what is on show is ever asked for.

    Signals:
        edited: row, column and the number typed.
        refused: what was typed instead of a number.
    """

    edited = Signal(int, int, float)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._values: NDArray[np.float64] = np.zeros((0, 0))
        self._padding: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self._rows: list[str] | range = []
        self._columns = "x[{}]"
        self.limit = 1.0
        self.current: frozenset[int] = frozenset()

    def show_values(
        self,
        values: NDArray[np.float64],
        padding: NDArray[np.bool_],
        rows: list[str],
        columns: str,
        limit: float | None = None,
    ) -> None:
        """Shows other numbers.

        Args:
            values: `(rows, columns)`.
            padding: the rows beyond a sequence's end.
            rows: what stands before each row.
            columns: the heading of a column, `{}` for its number.
            limit: where the colour map ends, infinity for no tint; None for the largest value.
        """
        same = values.shape == self._values.shape and list(rows) == list(self._rows)
        if not same:
            self.beginResetModel()
        self._values, self._padding, self._rows, self._columns = values, padding, rows, columns
        self.limit = largest(values) if limit is None else limit
        if not same:
            self.endResetModel()
        elif values.size:
            self.dataChanged.emit(
                self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1)
            )

    def show_current(self, rows: frozenset[int]) -> None:
        """Lights the rows of the current step."""
        self.current = rows

    def value(self, row: int, column: int) -> float:
        """One number."""
        return float(self._values[row, column])

    def is_padding(self, row: int) -> bool:
        """Whether a row lies beyond its sequence's end."""
        return bool(self._padding[row])

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return int(self._values.shape[0])

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return int(self._values.shape[1])

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if not self._has(index):
            return None
        value = self.value(index.row(), index.column())
        if role == _ROLE.DisplayRole:
            return format_value(value, 2)
        if role == _ROLE.EditRole:
            return write_number(value, 10)
        if role == _ROLE.ToolTipRole:
            name = self.headerData(index.column(), Qt.Orientation.Horizontal)
            return f"{name} = {write_number(value, 8)}"
        if role == _ROLE.AccessibleTextRole:
            row = self._rows[index.row()]
            return f"{row}, {self._columns.format(index.column())}, {write_number(value)}"
        return None

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        text = str(value).strip()
        try:
            number = read_number(text)
        except ValueError:
            self.refused.emit(text)
            return False
        self.edited.emit(index.row(), index.column(), number)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not self._has(index):
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags if self.is_padding(index.row()) else flags | Qt.ItemFlag.ItemIsEditable

    def headerData(self, section: int, way: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:
        if role != _ROLE.DisplayRole:
            return None
        if way == Qt.Orientation.Horizontal:
            return self._columns.format(section)
        # While it is reset, a header still asks for rows that are gone.
        return self._rows[section] if section < len(self._rows) else None

    def _has(self, index: Index) -> bool:
        rows, columns = self._values.shape
        return bool(0 <= index.row() < rows and 0 <= index.column() < columns)


def largest(values: NDArray[np.float64]) -> float:
    """The largest finite size among numbers, 1 where there is none."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0


class _Cells(QStyledItemDelegate):
    """Paints a number on its colour, a hatch where there is padding."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        table, model = self.parent(), index.model()
        assert isinstance(table, ValuesTable)
        assert isinstance(model, ValuesModel)
        style = style_of(table)
        whole: QRect = option.rect
        if index.row() in model.current:
            painter.fillRect(whole, QColor(style.ui.accent_soft))
        cell = QRectF(whole).adjusted(1, 1, -1, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if model.is_padding(index.row()):
            _paint_padding(painter, cell, style)
        else:
            _paint_value(
                painter, cell, model.value(index.row(), index.column()), model.limit, style
            )
        if table.hasFocus() and table.currentIndex() == index:
            painter.setClipping(False)
            painter.setPen(QPen(QColor(style.ui.focus_ring), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(cell, 2, 2)
        painter.restore()


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
    painter.setFont(qfont("ui", 12))
    text = painter.fontMetrics().elidedText(
        format_value(value, 2), Qt.TextElideMode.ElideRight, int(cell.width()) - 4
    )
    painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)


class _Steps(QHeaderView):
    """The timesteps at the left; the current one bold behind an ink bar."""

    def __init__(self, table: ValuesTable) -> None:
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
        painter.drawText(rect.adjusted(4, 0, -6, 0), Qt.AlignmentFlag.AlignCenter, text)


class ValuesTable(QTableView):
    """An editable table of numbers; Ctrl V takes what a spreadsheet copied.

    Signals:
        pasted: row, column and the text to paste there.
    """

    pasted = Signal(int, int, str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.values = ValuesModel()
        self.setModel(self.values)
        self.setItemDelegate(_Cells(self))
        self.setAccessibleName(name)
        self.setFont(qfont("ui", 12))
        self.setVerticalHeader(_Steps(self))
        across = self.horizontalHeader()
        across.setFont(qfont("mono", 11))
        across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        across.setMinimumSectionSize(40)
        across.setFixedHeight(22)
        across.setHighlightSections(False)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )

    def light(self, rows: frozenset[int]) -> None:
        """Lights the rows of the current step; only what changes is painted anew."""
        changed = rows ^ self.values.current
        self.values.show_current(rows)
        for row in changed:
            y = self.rowViewportPosition(row)
            self.viewport().update(0, y, self.viewport().width(), ROW_HEIGHT)
            self.verticalHeader().viewport().update(0, y, self.verticalHeader().width(), ROW_HEIGHT)

    def fit_columns(self) -> None:
        """Columns as wide as the room allows, never too narrow for a number."""
        count = self.values.columnCount()
        room = self.viewport().width()
        width = max(46, room // count) if count else room
        self.horizontalHeader().setDefaultSectionSize(width)

    def fit_rows(self, most: int) -> None:
        """As high as its rows, up to `most` of them."""
        rows = max(1, min(self.values.rowCount(), most))
        bar = 10 if self.values.columnCount() * 46 > self.width() - 40 else 0
        self.setFixedHeight(rows * ROW_HEIGHT + 22 + bar + 2)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self.fit_columns()

    def event(self, event: QEvent) -> bool:
        # The keys that move within a table must not step through time meanwhile.
        if event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if event.key() in (Qt.Key.Key_C, Qt.Key.Key_V):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() == Qt.Key.Key_V:
            place = self.currentIndex()
            text = QGuiApplication.clipboard().text()
            self.pasted.emit(max(place.row(), 0), max(place.column(), 0), text)
        elif control and event.key() == Qt.Key.Key_C:
            self._copy()
        elif event.key() == Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _copy(self) -> None:
        chosen = self.selectedIndexes()
        if not chosen:
            return
        rows = sorted({index.row() for index in chosen})
        columns = sorted({index.column() for index in chosen})
        lines = (
            "\t".join(f"{self.values.value(row, column):.9g}" for column in columns) for row in rows
        )
        QGuiApplication.clipboard().setText("\n".join(lines))
