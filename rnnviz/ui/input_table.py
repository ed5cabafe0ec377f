"""A table of values: a row per timestep, a column per feature, cells tinted by their value."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.ui.values_cells import ROW_HEIGHT, StepsHeader, ValueCells
from rnnviz.ui.values_model import Block, ValuesModel, largest

__all__ = ["ROW_HEIGHT", "Block", "ValuesTable", "largest"]

_NUMBER, _TIGHT = 46, 33  # px that a column of numbers has at least, and beside named ones
_LEAST_NAME, _MOST_NAME = 36, 104
_TARGET = 42  # of a number
_SEEN = 200  # rows that a column's width is taken from


class ValuesTable(QTableView):
    """An editable table of numbers; Ctrl V takes what a spreadsheet copied.

    Signals:
        pasted: row, column and the text to paste there.
    """

    pasted = Signal(int, int, str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._named: tuple[int, ...] = ()  # columns that were last given a width of their own
        self.values = ValuesModel()
        self.values.setParent(self)  # so that it goes, and all that is connected to it
        self.setModel(self.values)
        self.setItemDelegate(ValueCells(self))
        self.setAccessibleName(name)
        self.setFont(qfont("ui", 12))
        self.setVerticalHeader(StepsHeader(self))
        across = self.horizontalHeader()
        across.setFont(qfont("mono", 11))
        across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        across.setMinimumSectionSize(_TIGHT)
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
        """Columns as wide as the room allows, never too narrow for a number or a name."""
        own = self._own_widths()
        count = self.values.columnCount() - len(own)
        room = self.viewport().width() - sum(own.values())
        least = _TIGHT if own else _NUMBER
        header = self.horizontalHeader()
        header.setDefaultSectionSize(max(least, room // count) if count else _NUMBER)
        if not count and own:  # nothing else: they share what is left
            own = {column: width + max(0, room) // len(own) for column, width in own.items()}
        last = max((*own, *self._named), default=-1)
        for column in range(min(header.count(), last + 1)):
            header.resizeSection(column, own.get(column, header.defaultSectionSize()))
        self._named = tuple(own)

    def fit_rows(self, most: int) -> None:
        """As high as its rows, up to `most` of them."""
        rows = max(1, min(self.values.rowCount(), most))
        own = self._own_widths()
        numbers = self.values.columnCount() - len(own)
        wanted = sum(own.values()) + numbers * (_TIGHT if own else _NUMBER)
        bar = 10 if wanted > self.width() - self.verticalHeader().width() else 0
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

    def _own_widths(self) -> dict[int, int]:
        """The width of every column that does not share the room with the others, by its place."""
        widths: dict[int, int] = {}
        place = 0
        for block in self.values.blocks:
            if block.shown is not None or block.kind == "target":
                width = _name_width(block) if block.shown is not None else _TARGET
                widths |= dict.fromkeys(range(place, place + block.width), width)
            place += block.width
        return widths

    def _copy(self) -> None:
        chosen = self.selectedIndexes()
        if not chosen:
            return
        rows = sorted({index.row() for index in chosen})
        columns = sorted({index.column() for index in chosen})
        lines = ("\t".join(self._copied(row, column) for column in columns) for row in rows)
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _copied(self, row: int, column: int) -> str:
        block, value = self.values.block_at(column)[0], self.values.value(row, column)
        return f"{value:.9g}" if block.shown is None else block.shown(value)


def _name_width(block: Block) -> int:
    """What the names of a block take, those of its first rows."""
    assert block.shown is not None
    small, code = QFontMetrics(qfont("ui", 11)), QFontMetrics(qfont("mono", 12))
    names = {block.shown(float(value)) for value in block.values[:_SEEN].flat}
    found = max((code.horizontalAdvance(name) for name in names if len(name) < 30), default=0)
    if "ignored" in names:
        others = (code.horizontalAdvance(name) for name in names - {"ignored"})
        found = max(small.horizontalAdvance("ignored"), *others, 0)
    heading = small.horizontalAdvance(block.heading) + 6
    return min(max(found + 8, heading, _LEAST_NAME), _MOST_NAME)
