"""Targets that no timestep of the input has: of a whole sequence, or of what a decoder writes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.session.naming import class_name
from rnnviz.ui.controls import FieldRow
from rnnviz.ui.input_blocks import has_row_targets
from rnnviz.ui.input_table import Block, ValuesTable, largest

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import Document, State

_MOST_ROWS = 8


class NameField(QLineEdit):
    """A name, committed by Enter or by leaving the field; Esc takes it back.

    Signals:
        committed: the text.
    """

    committed = Signal(str)

    def __init__(self, name: str, width: int = 88) -> None:
        super().__init__()
        self._shown = ""
        self.setAccessibleName(name)
        self.setFont(qfont("mono", 12))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(width)
        self.returnPressed.connect(self._commit)

    def show_text(self, text: str) -> None:
        """Shows a name without telling anyone; what is being typed stays."""
        untouched = self.text() == self._shown
        self._shown = text
        if untouched or not self.hasFocus():
            self.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text() != self._shown:
            self.setText(self._shown)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._commit()

    def _commit(self) -> None:
        if self.text() != self._shown:
            self._shown = self.text()
            self.committed.emit(self._shown)


class TargetsBelow(QWidget):
    """One field for the class of a sequence; a table for anything more."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown = range(1)
        self.field = NameField("target of the sequence on show")
        self.field.committed.connect(self._set_class)
        self.row = FieldRow("target", self.field)
        self.row.set_meaning("the class of the whole sequence: its name or its id")
        self.table = ValuesTable("targets")
        self.table.values.edited.connect(self._set_number)
        self.table.values.typed.connect(self._set_name)
        self.table.values.refused.connect(
            lambda text: self.row.show_problem(f"expected a number, got {text or 'nothing'}")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.row)
        column.addWidget(self.table)

    def refresh(self, old: State | None, new: State) -> None:
        """Shows such targets of a state; nothing where the input's own rows have them."""
        if (
            old is not None
            and old.document is new.document
            and old.problems is new.problems
            and old.sequence == new.sequence
        ):
            return
        document = new.document
        there = bool(document.loss) and document.targets is not None
        self.setVisible(there and not has_row_targets(document))
        if self.isHidden():
            return
        one = _is_one_class(document) and new.sequence is not None
        self.field.setVisible(one)
        self.row.show_problem(new.problems.get("targets", ""))
        self.table.setVisible(not one)
        if one:
            self._show_class(document, new.sequence or 0)
        else:
            self._show_table(document, new.sequence)

    def _show_class(self, document: Document, sequence: int) -> None:
        assert document.targets is not None
        if not self.row.message:
            self.field.show_text(class_name(document, int(document.targets[sequence])))

    def _show_table(self, document: Document, sequence: int | None) -> None:
        assert document.targets is not None
        self._shown = range(document.N) if sequence is None else range(sequence, sequence + 1)
        targets = document.targets[self._shown.start : self._shown.stop]
        classes = document.loss == "cross_entropy"
        values = targets.reshape(-1, 1) if classes else targets.reshape(-1, targets.shape[-1])
        steps = len(values) // len(self._shown)
        rows = [_row_name(n, t, len(self._shown), steps) for n in self._shown for t in range(steps)]
        named = partial(_named, document) if classes else None
        heading = "target" if values.shape[1] == 1 else "y[{}]"
        block = Block(values, heading, "target", largest(values), named)
        self.table.values.show_blocks((block,), np.zeros(len(values), dtype=bool), rows)
        self.table.verticalHeader().setFixedWidth(max(22, 7 * max(map(len, rows)) + 14))
        self.table.fit_rows(_MOST_ROWS)
        self.table.fit_columns()

    def _place(self, row: int) -> tuple[int, ...]:
        """The place of a row of the table among the targets."""
        document = self._session.state.document
        if document.decoder is None or document.targets is None:
            return (self._shown.start + row,)
        n, t = divmod(row, document.targets.shape[1])
        return self._shown.start + n, t

    def _set_class(self, text: str) -> None:
        self._session.set_target((self._session.state.sequence or 0,), text)

    def _set_name(self, row: int, _: int, text: str) -> None:
        self._session.set_target(self._place(row), text)

    def _set_number(self, row: int, column: int, value: float) -> None:
        self._session.set_target((*self._place(row), column), value)


def _is_one_class(document: Document) -> bool:
    return document.loss == "cross_entropy" and document.decoder is None


def _named(document: Document, value: float) -> str:
    return class_name(document, int(value))


def _row_name(sequence: int, t: int, sequences: int, steps: int) -> str:
    if steps == 1:
        return str(sequence)
    return f"{sequence}, {t + 1}" if sequences > 1 else str(t + 1)
