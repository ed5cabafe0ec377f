"""The model panel: the whole model under PyTorch's names, from what stands in front to the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QPushButton

from rnnviz.model.spec import CELL_NAMES
from rnnviz.ui.controls import PlainLabel, Segmented, muted
from rnnviz.ui.decoder_rows import DecoderRows
from rnnviz.ui.fields import FieldRow, set_property
from rnnviz.ui.front_rows import FrontRows
from rnnviz.ui.head_rows import HeadRows
from rnnviz.ui.model_code import copied_code, shown_code
from rnnviz.ui.panel import CodeBox, Panel
from rnnviz.ui.parameter_list import ParameterCount
from rnnviz.ui.recurrent_rows import CommonRows, RecurrentRows
from rnnviz.ui.weights_row import WeightsRow

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import State

_NO_CELL = "none"
_LOW, _FEW_LINES, _MANY_LINES = 520, 3, 12  # px of the panel, and lines of code in it
_ERROR = QPalette.ColorRole.BrightText


class ModelPanel(Panel):
    """Edits the model; each change is one edit, a bad one is told at its field.

    Attributes:
        recurrent, front, head, decoder, weights, common: the groups of its rows.

    Signals:
        examples_wanted: the button beside the heading.
    """

    examples_wanted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__("Model")
        self._session = session
        self.heading.addStretch(1)
        self.count = ParameterCount()
        self.heading.addWidget(self.count)
        self.examples_button = self._examples_button()
        self.heading.addWidget(self.examples_button)
        self._add_cell()
        self.recurrent, self.front = RecurrentRows(session), FrontRows(session)
        self.head, self.decoder = HeadRows(session), DecoderRows(session)
        self.weights, self.common = WeightsRow(session), CommonRows(session)
        self._groups = (
            self.recurrent,
            self.front,
            self.head,
            self.decoder,
            self.weights,
            self.common,
        )
        for group in self._groups:
            self.column.addWidget(group)
        self.code = CodeBox("the PyTorch code of this model")
        self.keep_below(self.code)
        self.note = muted("It runs with its own weights; another size draws new ones.", size=11)
        self.note.setWordWrap(True)
        self.note.hide()
        self.column.addSpacing(6)
        self.column.addWidget(self.note)
        self.column.addStretch(1)

    @property
    def rows(self) -> dict[str, FieldRow]:
        """All rows by the names of their fields."""
        return {name: row for group in self._groups for name, row in group.rows.items()}

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the model of a state, and what was wrong with the last edit."""
        for group in self._groups:
            group.refresh(old, new)
        changed = old is None or old.document is not new.document
        if changed or (old is not None and old.problems is not new.problems):
            self.cell.show_value(new.document.spec.cell if new.document.recurrent else _NO_CELL)
            self._show_cell_problem(new.problems.get("cell", ""))
        if changed:
            self.count.show_document(new.document)
            self.note.setVisible(new.document.module is not None)
        if changed or (old is not None and (old.pr, old.decoded) != (new.pr, new.decoded)):
            self.code.show_code(shown_code(new), lambda: copied_code(self._session.state))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.code.show_lines(_FEW_LINES if self.height() < _LOW else _MANY_LINES)

    # -- parts

    def _add_cell(self) -> None:
        names = [(name, name) for name in (*CELL_NAMES, _NO_CELL)]
        self.cell = Segmented(names, "cell")
        self.cell.set_hint(_NO_CELL, "no recurrent layers")
        self.cell.chosen.connect(self._set_cell)
        self.column.addWidget(self.cell)
        self._cell_problem = PlainLabel(size=11, role=_ERROR)
        self._cell_problem.setWordWrap(True)
        self._cell_problem.hide()
        self.column.addWidget(self._cell_problem)
        self.column.addSpacing(6)

    def _set_cell(self, value: object) -> None:
        if value == _NO_CELL:
            self._session.set_recurrent(False)
        else:
            self._session.set_cell(str(value))

    def _show_cell_problem(self, text: str) -> None:
        self._cell_problem.setText(text)
        self._cell_problem.setVisible(bool(text))
        self.cell.setAccessibleDescription(text)

    def _examples_button(self) -> QPushButton:
        button = QPushButton("Examples")
        button.setToolTip("Every example, with its shapes (Ctrl G)")
        set_property(button, "flat", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.examples_wanted.emit())
        return button
