"""The batch: how many sequences, how long, and how they are given to the module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from rnnviz.ui.controls import Choice, FieldRow, NumberField, Toggle
from rnnviz.ui.fields import FieldPair
from rnnviz.ui.rows import RowGroup

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.session import Session
    from rnnviz.session.state import Document, State

_CHOOSER = 76  # px


class SizeRows(QWidget):
    """N, L, and the length of the sequence on show.

    Attributes:
        rows: of those, and of the choice of that sequence, which stands elsewhere.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.count = NumberField("number of sequences, N")
        self.steps = NumberField("number of timesteps, L")
        self.chooser = Choice([], "sequence on show")
        self.chooser.setMinimumWidth(_CHOOSER)
        self.chooser.chosen.connect(session.show_sequence)
        self.length = NumberField("length of the sequence on show")
        fields: dict[str, tuple[QWidget, str]] = {
            "N": (self.count, "the number of sequences in the batch"),
            "L": (self.steps, "timesteps of the longest sequence"),
            "sequence": (self.chooser, "which sequence of the batch is on show"),
            "lengths": (self.length, "how many timesteps of this sequence are no padding"),
        }
        self.rows = {name: FieldRow(name, field) for name, (field, _) in fields.items()}
        for name, (_, meaning) in fields.items():
            self.rows[name].set_meaning(meaning)
        self._take_whole("N", self.count, session.set_sequence_count)
        self._take_whole("L", self.steps, session.set_steps)
        self._take_whole("lengths", self.length, self._set_length)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(FieldPair(self.rows["N"], self.rows["L"]))
        column.addWidget(self.rows["lengths"])

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the sizes of a state's batch."""
        if (
            old is not None
            and old.document is new.document
            and old.problems is new.problems
            and old.sequence == new.sequence
            and old.errand is new.errand  # what was typed may have come to nothing
        ):
            return
        document, sequence = new.document, new.sequence
        for name, row in self.rows.items():
            row.show_problem(new.problems.get(name, ""))
        length = document.lengths[sequence or 0] if document.N else 0
        for name, field, value in (
            ("N", self.count, document.N),
            ("L", self.steps, document.L),
            ("lengths", self.length, length),
        ):
            if not self.rows[name].message:
                field.show_value(value)
        several = document.N > 1
        self.chooser.set_options(
            [(None, "all"), *((n, str(n)) for n in range(document.N))] if several else [(0, "0")]
        )
        self.chooser.show_value(sequence)
        self.rows["sequence"].setVisible(several)
        self.rows["lengths"].show_reason("" if sequence is not None else "choose one sequence")

    def _take_whole(self, name: str, field: NumberField, intent: Callable[[int], object]) -> None:
        """Has a field commit whole numbers; anything else is told at the field."""

        def commit(value: object) -> None:
            if isinstance(value, int):
                intent(value)
            else:
                self.rows[name].show_problem(f"expected a whole number, got {value}")

        field.committed.connect(commit)

    def _set_length(self, length: int) -> None:
        self._session.set_length(self._session.state.sequence or 0, length)


class PackingRows(RowGroup):
    """Whether the batch is packed, and what stands beyond its sequences."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.packed: Toggle = self.add_switch(
            "packed",
            "pack_padded_sequence: the module sees no padding",
            lambda on: session.set_packed(bool(on)),
            label="Pack padded sequence",
        )
        self.enforce = self.add_switch(
            "enforce_sorted",
            "insist on the longest sequence first",
            lambda on: session.set_enforce_sorted(bool(on)),
        )
        self.padding = self.add_number(
            "padding_value",
            NumberField("padding_value", whole=False),
            "what stands beyond a sequence's end",
            self._set_padding,
        )
        self.unbatched = self.add_switch(
            "unbatched",
            "the module gets the one sequence without an axis N",
            lambda on: session.set_unbatched(bool(on)),
            label="Without a batch axis",
        )

    def refresh(self, old: State | None, new: State) -> None:
        """Shows how a state's batch is given to the module."""
        same = old is not None and old.document is new.document
        if same and old is not None and old.problems is new.problems:
            return
        self.show_problems(new.problems)
        self._show(new.document)

    def _show(self, document: Document) -> None:
        self.packed.setChecked(document.packed)
        self.enforce.setChecked(document.enforce_sorted)
        self.unbatched.setChecked(document.unbatched)
        if not self.rows["padding_value"].message:
            self.padding.show_value(document.padding_value)
        ragged = any(length < document.L for length in document.lengths)
        self.rows["packed"].setVisible(document.recurrent)
        self.rows["enforce_sorted"].setVisible(document.packed and document.recurrent)
        numbers = (ragged or document.packed) and not document.takes_ids
        self.rows["padding_value"].setVisible(numbers)
        self.rows["unbatched"].setVisible(document.N == 1 and not document.packed)

    def _set_padding(self, value: object) -> None:
        if isinstance(value, int | float):
            self._session.set_padding_value(float(value))
        else:
            self.rows["padding_value"].show_problem(f"expected a number, got {value}")
