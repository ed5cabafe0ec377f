"""Where the recurrence starts: zeros, random states, or a small table to type h_0 and c_0 into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rnnviz.ui.controls import Choice, FieldRow, Segmented
from rnnviz.ui.input_table import ValuesTable

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import Document, State

_KINDS = [
    ("zeros", "zeros"),
    ("random", "random"),
    ("typed", "typed"),
    ("vector", "one vector"),
]


class InitialTable(QWidget):
    """Chooses the initial states; typed ones are edited for the sequence on show."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.kind = Choice(_KINDS, "initial states")
        self.kind.chosen.connect(session.set_initial)
        self.kind.setMinimumWidth(120)
        self.row = FieldRow("h_0", self.kind)
        self.row.set_meaning("the states that the first step starts from")
        self.which = Segmented([("h_0", "h_0"), ("c_0", "c_0")], "which initial state")
        self.which.show_value("h_0")
        self.which.chosen.connect(lambda _: self._show_table(self._session.state))
        self.table = ValuesTable("initial states")
        self.table.values.edited.connect(self._set_value)
        self.table.values.refused.connect(
            lambda text: self.row.show_problem(f"expected a number, got {text or 'nothing'}")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self.row, self.which, self.table):
            column.addWidget(widget)

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the initial states of a state."""
        if old is not None and _same_initial(old, new):
            return
        document = new.document
        self.setVisible(document.recurrent)
        self.kind.show_value(document.initial.kind)
        self.row.set_name("h_0, c_0" if document.spec.cell == "LSTM" else "h_0")
        problems = (new.problems.get(name, "") for name in ("h_0", "c_0"))
        self.row.show_problem(next((text for text in problems if text), ""))
        self._show_table(new)

    def _show_table(self, state: State) -> None:
        document = state.document
        shown = document.initial.kind != "zeros" and document.initial.h_0 is not None
        has_c = document.initial.c_0 is not None
        self.table.setVisible(shown)
        self.which.setVisible(shown and has_c)
        if not shown:
            return
        if not has_c:
            self.which.show_value("h_0")
        values = getattr(document.initial, str(self.which.value))
        sequence = min(state.sequence or 0, values.shape[1] - 1)
        one = document.initial.kind == "vector"
        rows = ["all"] if one else _row_names(document)
        self.table.values.show_values(
            values[: len(rows), sequence], np.zeros(len(rows), dtype=bool), rows, "[{}]"
        )
        self.table.setToolTip("one vector for every sequence, layer and direction" if one else "")
        self.table.verticalHeader().setFixedWidth(34)
        self.table.fit_rows(8)
        self.table.fit_columns()

    def _set_value(self, row: int, unit: int, value: float) -> None:
        sequence = self._session.state.sequence or 0
        self._session.set_initial_value(str(self.which.value), row, sequence, unit, value)


def _same_initial(old: State, new: State) -> bool:
    return (
        old.document is new.document
        and old.sequence == new.sequence
        and old.problems is new.problems
    )


def _row_names(document: Document) -> list[str]:
    arrows = ("→", "←")[: document.spec.num_directions]
    return [f"L{layer}{arrow}" for layer in range(document.spec.num_layers) for arrow in arrows]
