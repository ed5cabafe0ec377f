"""A table of plain texts, such as a stranger's file brings: never HTML, in one line, elided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from rnnviz.files.reading import one_line
from rnnviz.render.fonts import qfont
from rnnviz.ui.plain_text import plain
from rnnviz.ui.theme import style_of

Index = QModelIndex | QPersistentModelIndex
Row = tuple[str, ...]

_NOWHERE = QModelIndex()
_ROLE = Qt.ItemDataRole
_HEIGHT = 24  # px
_LONGEST = 300  # letters of a cell; the rest of a name says nothing


class PlainModel(QAbstractTableModel):
    """Rows of texts, of which those with a word in their name can be shown alone.

    There may be very many of them: each is put in words when it comes into sight.

    Attributes:
        shown: what the rows stand for.
    """

    def __init__(self, headings: Sequence[str], right: Sequence[int] = ()) -> None:
        super().__init__()
        self._headings, self._right = tuple(headings), frozenset(right)
        self._cells: Callable[[Any], Row] = tuple
        self._all: Sequence[Any] = ()
        self.shown: Sequence[Any] = ()

    def row(self, place: int) -> Row:
        """The texts of a row, each in one line."""
        return tuple(one_line(text[:_LONGEST]) for text in self._cells(self.shown[place]))

    def show_table(self, headings: Sequence[str], rows: Sequence[Row]) -> None:
        """Shows other rows under other headings, all but the first at the right."""
        self.beginResetModel()
        self._headings, self._right = tuple(headings), frozenset(range(1, len(headings)))
        self._cells = tuple
        self._all = self.shown = list(rows)
        self.endResetModel()

    def show_items(self, items: Sequence[Any], cells: Callable[[Any], Row]) -> None:
        """Shows a row for each of some items.

        Args:
            cells: the texts of one.
        """
        self._cells, self._all = cells, items
        self.find("")

    def find(self, word: str, name: Callable[[Any], str] = str) -> None:
        """Shows the items with a word in their name, whatever the size of its letters."""
        wanted = word.strip().casefold()
        self.beginResetModel()
        self.shown = self._all
        if wanted:
            self.shown = [item for item in self._all if wanted in name(item).casefold()]
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._headings)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.shown):
            return None
        if role == _ROLE.TextAlignmentRole:
            return self._alignment(index.column())
        if role not in (_ROLE.DisplayRole, _ROLE.AccessibleTextRole, _ROLE.ToolTipRole):
            return None
        text = self.row(index.row())[index.column()]
        if role == _ROLE.ToolTipRole:  # which Qt takes for HTML where it looks like that
            return plain(text)
        return text

    def headerData(self, section: int, way: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:
        if way != Qt.Orientation.Horizontal:
            return None
        if role == _ROLE.TextAlignmentRole:
            return self._alignment(section)
        return self._headings[section] if role == _ROLE.DisplayRole else None

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column in self._right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter


class _Cells(QStyledItemDelegate):
    """Cells; those of the chosen row on a soft ground, ringed where the keyboard is."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        table = self.parent()
        assert isinstance(table, PlainTable)
        ui, box = style_of(table).ui, option.rect
        chosen = table.selects and table.currentIndex().row() == index.row()
        if chosen:
            painter.fillRect(box, QColor(ui.accent_soft))
        super().paint(painter, option, index)
        if chosen and table.hasFocus():
            painter.save()
            painter.setPen(QPen(QColor(ui.focus_ring), 2))
            first, last = index.column() == 0, index.column() == index.model().columnCount() - 1
            painter.setClipRect(box)
            painter.drawRect(box.adjusted(1 if first else -4, 1, -1 if last else 4, -1))
            painter.restore()


class PlainTable(QTableView):
    """Shows a model of plain texts.

    Args:
        model: the rows.
        name: the accessible name.
        widths: of the columns in px; 0 for the one that takes what is left.
        selects: whether one row is chosen.
    """

    def __init__(
        self, model: PlainModel, name: str, widths: Sequence[int], *, selects: bool = False
    ) -> None:
        super().__init__()
        self.selects = selects
        model.setParent(self)  # so that it goes with the table
        self.setModel(model)
        # Qt paints the two cells anew between which the keyboard goes, and not their rows.
        self.selectionModel().currentRowChanged.connect(lambda *_: self.viewport().update())
        self.setAccessibleName(name)
        self.setFont(qfont("mono", 11))
        self.setItemDelegate(_Cells(self))
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        across, down = self.horizontalHeader(), self.verticalHeader()
        down.hide()
        down.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        down.setDefaultSectionSize(_HEIGHT)
        across.setFont(qfont("ui", 11))
        across.setHighlightSections(False)
        across.setSectionsClickable(False)
        across.setFixedHeight(_HEIGHT)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for column, width in enumerate(widths):
            if width:
                self.setColumnWidth(column, width)
            else:
                across.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    def height_of(self, rows: int) -> int:
        """Px that the heading and so many rows take."""
        return _HEIGHT * (rows + 1) + 2

    def choose(self, row: int) -> None:
        """Makes a row the chosen one."""
        self.setCurrentIndex(self.model().index(row, 0))

    @property
    def chosen(self) -> int:
        """The row that is chosen, −1 for none."""
        return self.currentIndex().row()
