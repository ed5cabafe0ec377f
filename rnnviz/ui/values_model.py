"""The numbers and tokens of a table, of which only what is on show is ever asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from rnnviz.render.fonts import qfont
from rnnviz.scene.axes import format_value, read_number, write_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Index = QModelIndex | QPersistentModelIndex

_NOWHERE = QModelIndex()
_ROLE = Qt.ItemDataRole


@dataclass(frozen=True, eq=False)
class Block:
    """Columns of one kind, side by side.

    Attributes:
        values: `(rows, columns)`.
        heading: of a column, `{}` for its number.
        kind: "values", or what an edit of it means to the table's owner.
        limit: where the colour map ends, infinity for no tint.
        shown: what a value is called; None where it is a number.
        editable: whether it can be typed over.
        place: what PyTorch calls the number in a row and column, for the tooltip.
    """

    values: NDArray[Any]
    heading: str
    kind: str = "values"
    limit: float = 1.0
    shown: Callable[[float], str] | None = None
    editable: bool = True
    place: Callable[[int, int], str] | None = None

    @property
    def width(self) -> int:
        """How many columns."""
        return int(self.values.shape[1])


class ValuesModel(QAbstractTableModel):
    """Blocks of columns over the same rows.

    Signals:
        edited: row, column and the number typed.
        typed: row, column and the text typed, where a value has a name.
        refused: what was typed instead of a number.
    """

    edited = Signal(int, int, float)
    typed = Signal(int, int, str)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._blocks: tuple[Block, ...] = (Block(np.zeros((0, 0)), ""),)
        self._columns: list[tuple[Block, int]] = []
        self._padding: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self._rows: Sequence[str] = []
        self.current: frozenset[int] = frozenset()

    def show_values(
        self,
        values: NDArray[np.float64],
        padding: NDArray[np.bool_],
        rows: Sequence[str],
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
        limit = largest(values) if limit is None else limit
        self.show_blocks((Block(values, columns, limit=limit),), padding, rows)

    def show_blocks(
        self, blocks: Sequence[Block], padding: NDArray[np.bool_], rows: Sequence[str]
    ) -> None:
        """Shows other columns.

        Args:
            blocks: at least one; all have as many rows.
            padding: the rows beyond a sequence's end.
            rows: what stands before each row.
        """
        same = rows == self._rows and _form(tuple(blocks)) == _form(self._blocks)
        if not same:
            self.beginResetModel()
        self._blocks, self._padding, self._rows = tuple(blocks), padding, rows
        self._columns = [(block, inner) for block in blocks for inner in range(block.width)]
        if not same:
            self.endResetModel()
        elif rows and self._columns:
            self.dataChanged.emit(
                self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1)
            )

    def show_current(self, rows: frozenset[int]) -> None:
        """Lights the rows of the current step."""
        self.current = rows

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The columns by kind."""
        return self._blocks

    def block_at(self, column: int) -> tuple[Block, int]:
        """The block of a column, and its place in it."""
        return self._columns[column]

    def value(self, row: int, column: int) -> float:
        """One number."""
        block, inner = self._columns[column]
        return float(block.values[row, inner])

    def is_padding(self, row: int) -> bool:
        """Whether a row lies beyond its sequence's end."""
        return bool(self._padding[row])

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return int(self._blocks[0].values.shape[0])

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return len(self._columns)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        if not self._has(index):
            return None
        block, _ = self._columns[index.column()]
        value = self.value(index.row(), index.column())
        if role == _ROLE.DisplayRole:
            return format_value(value, 2) if block.shown is None else block.shown(value)
        if role == _ROLE.EditRole:
            return write_number(value, 10) if block.shown is None else block.shown(value)
        if role == _ROLE.ToolTipRole:
            return self._tooltip(index.row(), index.column(), value)
        if role == _ROLE.AccessibleTextRole:
            told = write_number(value) if block.shown is None else block.shown(value)
            return f"{self._rows[index.row()]}, {self._heading(index.column())}, {told}"
        return None

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        block, _ = self._columns[index.column()]
        if block.shown is not None:
            return self._set_named(index, block.shown, str(value))
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
        fixed = self.is_padding(index.row()) or not self._columns[index.column()][0].editable
        return flags if fixed else flags | Qt.ItemFlag.ItemIsEditable

    def headerData(self, section: int, way: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:
        across = way == Qt.Orientation.Horizontal
        if role == _ROLE.FontRole and across and section < len(self._columns):
            return qfont("ui" if self._columns[section][0].shown else "mono", 11)
        if role != _ROLE.DisplayRole:
            return None
        # While it is reset, a header still asks for rows that are gone.
        if across:
            return self._heading(section) if section < len(self._columns) else None
        return self._rows[section] if section < len(self._rows) else None

    def _set_named(self, index: Index, shown: Callable[[float], str], text: str) -> bool:
        if text == shown(self.value(index.row(), index.column())):
            return False
        self.typed.emit(index.row(), index.column(), text)
        return True

    def _heading(self, column: int) -> str:
        block, inner = self._columns[column]
        return block.heading.format(inner)

    def _tooltip(self, row: int, column: int, value: float) -> str:
        block, inner = self._columns[column]
        name = block.place(row, inner) if block.place else self._heading(column)
        if block.shown is None:
            return f"{name} = {write_number(value, 8)}"
        shown = block.shown(value)
        number = f"{value:.0f}".replace("-", "−")
        return f"{name} = {number}" if shown == number else f"{name} = {number}: {shown}"

    def _has(self, index: Index) -> bool:
        return 0 <= index.row() < self.rowCount() and 0 <= index.column() < self.columnCount()


def largest(values: NDArray[Any]) -> float:
    """The largest finite size among numbers, 1 where there is none."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0


def _form(blocks: tuple[Block, ...]) -> list[object]:
    """What a table's headers and sizes follow from."""
    return [(block.heading, block.values.shape, block.shown is None) for block in blocks]
