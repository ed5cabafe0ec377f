"""The input panel: the numbers that go in, how many sequences, how long, and where they start."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QPushButton, QWidget

from rnnviz.session.fills import FILLS
from rnnviz.ui.controls import Choice, ElidedLabel, FieldRow, IconButton, NumberField, Toggle
from rnnviz.ui.fields import FieldPair
from rnnviz.ui.initial_table import InitialTable
from rnnviz.ui.input_table import ROW_HEIGHT, ValuesTable
from rnnviz.ui.labels import PlainLabel
from rnnviz.ui.panel import Panel
from rnnviz.ui.stepping import current_rows

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import Document, State

_MOST_ROWS = 14
_MUTED, _ERROR = QPalette.ColorRole.PlaceholderText, QPalette.ColorRole.BrightText


class InputPanel(Panel):
    """Edits the input; the row of the current step is lit."""

    def __init__(self, session: Session) -> None:
        super().__init__("Input")
        self._session = session
        self._first, self._count = 0, 1  # of the sequences in the table
        self._shown: tuple[object, object] = (None, None)
        self._add_shape()
        self._add_sizes()
        self._add_table()
        self._add_fill()
        self._add_packing()
        self.initial = InitialTable(session)
        self.column.addWidget(self.initial)
        self.column.addStretch(1)

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the input of a state."""
        document = new.document
        changed = old is None or old.document is not document
        if changed or (old is not None and old.problems is not new.problems):
            self._show_problems(new)
            self._show_fields(new)
        if changed or self._shown != (document, new.sequence):
            self._show_table(new)
            self._show_fields(new)
        self.initial.refresh(old, new)
        self._light(new)

    # -- rows

    def _add_shape(self) -> None:
        self.shape_label = ElidedLabel(
            size=12, font="mono", role=_MUTED, align=Qt.AlignmentFlag.AlignRight
        )
        self.shape_label.setAccessibleName("shape of the input")
        self.heading.addWidget(self.shape_label, 1)

    def _add_sizes(self) -> None:
        session = self._session
        self.count = NumberField("number of sequences, N")
        self.count.committed.connect(self._whole("N", session.set_sequence_count))
        self.steps = NumberField("number of timesteps, L")
        self.steps.committed.connect(self._whole("L", session.set_steps))
        self.chooser = Choice([], "sequence on show")
        self.chooser.chosen.connect(session.show_sequence)
        self.length = NumberField("length of the sequence on show")
        self.length.committed.connect(self._whole("lengths", self._set_length))
        self.rows = {
            "N": FieldRow("N", self.count),
            "L": FieldRow("L", self.steps),
            "sequence": FieldRow("sequence", self.chooser),
            "lengths": FieldRow("lengths", self.length),
        }
        self.rows["N"].set_meaning("the number of sequences in the batch")
        self.rows["L"].set_meaning("timesteps of the longest sequence")
        self.rows["lengths"].set_meaning("how many timesteps of this sequence are no padding")
        self.rows["sequence"].set_meaning("which sequence of the batch is on show")
        self.column.addWidget(FieldPair(self.rows["N"], self.rows["L"]))
        for name in ("sequence", "lengths"):
            self.column.addWidget(self.rows[name])

    def _add_table(self) -> None:
        self.table = ValuesTable("input values")
        self.table.values.edited.connect(self._set_value)
        self.table.values.refused.connect(self._tell_refused)
        self.table.pasted.connect(self._paste)
        self.column.addSpacing(4)
        self.column.addWidget(self.table)
        self.message = PlainLabel(size=11, role=_ERROR)
        self.message.setWordWrap(True)
        self.message.hide()
        self.column.addWidget(self.message)

    def _add_fill(self) -> None:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 8, 0, 6)
        row.setSpacing(6)
        fill = QPushButton("Fill  ▾")
        fill.setAccessibleName("Fill the input")
        menu = QMenu(fill)
        for kind in FILLS:
            action = menu.addAction(kind)
            action.triggered.connect(lambda _=False, kind=kind: self._session.fill(kind))
        fill.setMenu(menu)
        load = QPushButton("Load…")
        load.setAccessibleName("Load the input from a file")
        load.setToolTip("A CSV or .npy file")
        load.clicked.connect(self.choose_file)
        for button in (fill, load):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(IconButton("dice", "Fill with another seed", self._roll, size=16))
        self.seed = NumberField("seed of the fill")
        self.seed.setToolTip("seed of the fill")
        self.seed.committed.connect(self._whole("seed", self._fill_with_seed))
        row.addWidget(self.seed)
        self.column.addWidget(bar)

    def _add_packing(self) -> None:
        session = self._session
        self.packed = Toggle("Pack padded sequence")
        self.packed.clicked.connect(lambda on: session.set_packed(bool(on)))
        self.rows["packed"] = FieldRow("Pack padded sequence", self.packed, mono=False)
        self.enforce = Toggle("enforce_sorted")
        self.enforce.clicked.connect(lambda on: session.set_enforce_sorted(bool(on)))
        self.rows["enforce_sorted"] = FieldRow("enforce_sorted", self.enforce)
        self.padding = NumberField("padding_value", whole=False)
        self.padding.committed.connect(self._set_padding)
        self.rows["padding_value"] = FieldRow("padding_value", self.padding)
        self.unbatched = Toggle("without a batch axis")
        self.unbatched.clicked.connect(lambda on: session.set_unbatched(bool(on)))
        self.rows["unbatched"] = FieldRow("Without a batch axis", self.unbatched, mono=False)
        for name in ("packed", "enforce_sorted", "padding_value", "unbatched"):
            self.column.addWidget(self.rows[name])

    # -- showing

    def _show_problems(self, state: State) -> None:
        for name, row in self.rows.items():
            row.show_problem(state.problems.get(name, ""))
        self._say(state.problems.get("input", ""))

    def _show_fields(self, state: State) -> None:
        document, sequence = state.document, state.sequence
        axes = document.input_shape
        names, sizes = (", ".join(str(axis[place]) for axis in axes) for place in (0, 1))
        self.shape_label.setText(f"({names}) = ({sizes})")
        for name, field, value in (
            ("N", self.count, document.N),
            ("L", self.steps, document.L),
            ("lengths", self.length, document.lengths[sequence or 0] if document.N else 0),
            ("padding_value", self.padding, document.padding_value),
        ):
            if not self.rows[name].message:
                field.show_value(value)
        self.seed.show_value(document.seed)
        several = document.N > 1
        self.chooser.set_options(
            [(None, "all"), *((n, str(n)) for n in range(document.N))] if several else [(0, "0")]
        )
        self.chooser.show_value(sequence)
        self.rows["sequence"].setVisible(several)
        self._show_packing(document)
        self.rows["lengths"].show_reason("" if sequence is not None else "choose one sequence")

    def _show_packing(self, document: Document) -> None:
        self.packed.setChecked(document.packed)
        self.enforce.setChecked(document.enforce_sorted)
        self.unbatched.setChecked(document.unbatched)
        ragged = any(length < document.L for length in document.lengths)
        self.rows["enforce_sorted"].show_reason(
            "" if document.packed else "only a packed sequence is sorted"
        )
        self.rows["padding_value"].setVisible(ragged or document.packed)
        self.rows["enforce_sorted"].setVisible(document.packed)
        self.rows["unbatched"].setVisible(document.N == 1 and not document.packed)

    def _show_table(self, state: State) -> None:
        document, sequence = state.document, state.sequence
        self._shown = (document, sequence)
        shown = range(document.N) if sequence is None else range(sequence, sequence + 1)
        self._first, self._count = shown.start, len(shown)
        values = document.values[shown.start : shown.stop].reshape(-1, document.features)
        lengths = np.asarray(document.lengths, dtype=np.int64)[shown.start : shown.stop]
        padding = (np.arange(document.L) >= lengths[:, None]).ravel()
        several = len(shown) > 1
        rows = [
            f"{n}, {t + 1}" if several else str(t + 1) for n in shown for t in range(document.L)
        ]
        self.table.values.show_values(values, padding, rows, "x[{}]")
        self.table.verticalHeader().setFixedWidth(self._header_width(rows))
        self.table.fit_rows(_MOST_ROWS)
        self.table.fit_columns()

    def _header_width(self, rows: list[str]) -> int:
        longest = max((len(row) for row in rows), default=1)
        return max(26, 7 * longest + 14)

    def _light(self, state: State) -> None:
        rows = current_rows(state, self._first, self._count)
        if rows == self.table.values.current:
            return
        self.table.light(rows)
        if rows and not self.table.hasFocus():
            # One row of context beyond the lit one, so that the next is seen coming.
            place = min(min(rows) + 1, self.table.values.rowCount() - 1)
            bar = self.table.verticalScrollBar()
            top, height = bar.value(), self.table.viewport().height()
            if not top <= min(rows) * ROW_HEIGHT < top + height - ROW_HEIGHT:
                bar.setValue(place * ROW_HEIGHT - height // 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.table.fit_rows(_MOST_ROWS)

    # -- intents

    def choose_file(self) -> None:
        """Asks for a file and loads the input from it."""
        path, _ = QFileDialog.getOpenFileName(
            self, "Load the input", "", "Numbers (*.csv *.tsv *.txt *.npy);;All files (*)"
        )
        if path:
            self._session.load_values(path)

    def _place(self, row: int) -> tuple[int, int]:
        """The sequence and t of a row of the table."""
        sequence, t = divmod(row, max(1, self._session.state.document.L))
        return self._first + sequence, t

    def _set_value(self, row: int, column: int, value: float) -> None:
        sequence, t = self._place(row)
        self._session.set_value(sequence, t, column, value)

    def _paste(self, row: int, column: int, text: str) -> None:
        sequence, t = self._place(row)
        self._session.paste_values(sequence, t, column, text)

    def _whole(self, name: str, intent: Callable[[int], object]) -> Callable[[object], None]:
        """An intent that takes whole numbers; anything else is told at the field."""

        def commit(value: object) -> None:
            if isinstance(value, int):
                intent(value)
            elif name in self.rows:
                self.rows[name].show_problem(f"expected a whole number, got {value}")
            else:
                self._say(f"{name}: expected a whole number, got {value}")

        return commit

    def _set_length(self, length: int) -> None:
        self._session.set_length(self._session.state.sequence or 0, length)

    def _set_padding(self, value: object) -> None:
        if isinstance(value, int | float):
            self._session.set_padding_value(float(value))
        else:
            self.rows["padding_value"].show_problem(f"expected a number, got {value}")

    def _fill_with_seed(self, seed: int) -> None:
        self._session.fill(self._session.state.document.fill, seed)

    def _roll(self) -> None:
        self._fill_with_seed(random.randrange(10_000))

    def _tell_refused(self, text: str) -> None:
        self._say(f"expected a number, got {text or 'nothing'}")

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))
