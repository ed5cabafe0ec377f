"""A vocabulary while it is edited: its tokens by id, where each was before, the special ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from rnnviz.figures.surroundings import shown_token
from rnnviz.model.tokens import Vocabulary
from rnnviz.session.naming import meant_token

if TYPE_CHECKING:
    from rnnviz.session.state import Document

    Index = QModelIndex | QPersistentModelIndex

TOKEN, PADDING, UNKNOWN = range(3)
HEADINGS = ("token", "padding", "unknown")
_NOWHERE = QModelIndex()
_ROLE = Qt.ItemDataRole


class VocabularyModel(QAbstractTableModel):
    """Tokens that can be renamed, moved, added and removed; nothing is checked until asked.

    Args:
        document: whose vocabulary is copied; ids without names bear their numbers.

    Attributes:
        tokens: in the order of their ids.
        before: for each the id that it had when the editing began, None for a new one.
    """

    def __init__(self, document: Document) -> None:
        super().__init__()
        known, front = document.vocabulary, document.front
        size = front.size if front is not None else 0
        self._by = "words" if known is None else known.by
        self.tokens = [str(id_) for id_ in range(size)] if known is None else list(known.tokens)
        self.before: list[int | None] = list(range(len(self.tokens)))
        self._special: dict[int, int | None] = {
            PADDING: None if known is None else known.padding_idx,
            UNKNOWN: None if known is None else known.unknown_idx,
        }

    def vocabulary(self) -> Vocabulary:
        """What it is by now.

        Raises:
            InputError: where it is none: a token twice, one that is empty.
        """
        padding, unknown = (self._token_of(self._special[which]) for which in (PADDING, UNKNOWN))
        return Vocabulary(tuple(self.tokens), padding, unknown, self._by)

    # Edits

    def add(self) -> int:
        """Adds a token with a name that is free; returns its id."""
        number = len(self.tokens)
        while f"token{number}" in self.tokens:
            number += 1
        self.beginInsertRows(_NOWHERE, len(self.tokens), len(self.tokens))
        self.tokens.append(f"token{number}")
        self.before.append(None)
        self.endInsertRows()
        return len(self.tokens) - 1

    def remove(self, id_: int) -> None:
        """Removes a token; those behind it move up."""
        self.beginRemoveRows(_NOWHERE, id_, id_)
        del self.tokens[id_], self.before[id_]
        for which, place in self._special.items():
            if place is not None and place >= id_:
                self._special[which] = None if place == id_ else place - 1
        self.endRemoveRows()

    def move(self, id_: int, by: int) -> int:
        """Moves a token up or down by one; returns its id then."""
        to = id_ + by
        if not 0 <= to < len(self.tokens):
            return id_
        self.tokens[id_], self.tokens[to] = self.tokens[to], self.tokens[id_]
        self.before[id_], self.before[to] = self.before[to], self.before[id_]
        swap = {id_: to, to: id_}
        for which, place in self._special.items():
            self._special[which] = place if place is None else swap.get(place, place)
        self.dataChanged.emit(self.index(min(id_, to), 0), self.index(max(id_, to), UNKNOWN))
        return to

    def toggle(self, id_: int, which: int) -> None:
        """Makes a token the padding or the unknown one, or takes that away from it."""
        self._special[which] = None if self._special[which] == id_ else id_
        self.dataChanged.emit(self.index(0, which), self.index(len(self.tokens) - 1, which))

    def is_special(self, id_: int, which: int) -> bool:
        """Whether a token is the padding or the unknown one."""
        return self._special[which] == id_

    # As a table

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return len(self.tokens)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return len(HEADINGS)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        if not 0 <= row < len(self.tokens):
            return None
        if column == TOKEN:
            text = role in (_ROLE.DisplayRole, _ROLE.EditRole)
            return shown_token(self.tokens[row]) if text else None
        if role == _ROLE.AccessibleTextRole:
            on = "yes" if self.is_special(row, column) else "no"
            return f"{HEADINGS[column]}: {on}"
        return None

    def setData(self, index: Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        token = meant_token(str(value))
        if index.column() != TOKEN or token == self.tokens[index.row()]:
            return False
        self.tokens[index.row()] = token
        self.dataChanged.emit(index, index)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == TOKEN else flags

    def headerData(self, section: int, way: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:
        across = way == Qt.Orientation.Horizontal
        if role == _ROLE.TextAlignmentRole and across and section == TOKEN:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role != _ROLE.DisplayRole:
            return None
        return HEADINGS[section] if across else str(section)

    def _token_of(self, id_: int | None) -> str | None:
        return None if id_ is None else self.tokens[id_]
