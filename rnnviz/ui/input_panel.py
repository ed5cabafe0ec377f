"""The input panel: what goes in, how many sequences, how long, and where they start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette

from rnnviz.files.reading import one_line
from rnnviz.ui.batch_rows import PackingRows, SizeRows
from rnnviz.ui.controls import ElidedLabel, FieldRow, muted
from rnnviz.ui.fill_bar import FillBar
from rnnviz.ui.initial_table import InitialTable
from rnnviz.ui.panel import Panel
from rnnviz.ui.sequence_table import SequenceTable
from rnnviz.ui.targets_below import TargetsBelow
from rnnviz.ui.tokens_input import TokensInput

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import Document, State

_MUTED = QPalette.ColorRole.PlaceholderText


class InputPanel(Panel):
    """Edits the input and its targets; the row of the current step is lit.

    Attributes:
        tokens, sequences, targets, filling, sizes, packing, initial: its parts, from above.
    """

    def __init__(self, session: Session) -> None:
        super().__init__("Input")
        self.shape_label = ElidedLabel(
            size=12, font="mono", role=_MUTED, align=Qt.AlignmentFlag.AlignRight
        )
        self.shape_label.setAccessibleName("shape of the input")
        self.heading.addWidget(self.shape_label, 1)
        self.whose = muted(size=11)
        self.whose.setWordWrap(True)
        self.whose.hide()
        self.tokens, self.sizes = TokensInput(session), SizeRows(session)
        self.sequences, self.targets = SequenceTable(session), TargetsBelow(session)
        self.filling, self.packing = FillBar(session), PackingRows(session)
        self.filling.refused.connect(self.sequences.say)
        self.initial = InitialTable(session)
        self._parts = (
            self.tokens,
            self.sequences,
            self.targets,
            self.filling,
            self.sizes,
            self.packing,
            self.initial,
        )
        self.column.addWidget(self.whose)
        for part in self._parts:
            self.column.addWidget(part)
        self.column.insertWidget(2, self.sizes.rows["sequence"])
        self.column.addStretch(1)
        self.table, self.message = self.sequences.table, self.sequences.message
        self.length, self.packed = self.sizes.length, self.packing.packed

    @property
    def rows(self) -> dict[str, FieldRow]:
        """All rows by the names of their fields."""
        return {**self.sizes.rows, **self.packing.rows}

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the input of a state."""
        if old is None or old.document is not new.document:
            self._show_shape(new.document)
            self._show_whose(new.document)
        for part in self._parts:
            part.refresh(old, new)

    def choose_file(self) -> None:
        """Asks for a file and loads the input from it."""
        self.filling.choose_input()

    def _show_whose(self, document: Document) -> None:
        """Says whose input it is, where that is not the stack on show."""
        before = [one_line(stack.name) for stack in document.before]
        self.whose.setVisible(bool(before))
        if before:
            shown = one_line(document.stack)
            self.whose.setText(
                f"What {before[0]} receives; {shown} is given what {before[-1]} gives"
            )

    def _show_shape(self, document: Document) -> None:
        axes = document.input_shape
        names, sizes = (", ".join(str(axis[place]) for axis in axes) for place in (0, 1))
        self.shape_label.setText(f"({names}) = ({sizes})")
