"""The input as a table that can be typed into, the row of the current step lit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rnnviz.ui.input_blocks import has_row_targets, input_blocks, weight_place
from rnnviz.ui.input_table import ROW_HEIGHT, ValuesTable
from rnnviz.ui.labels import PlainLabel
from rnnviz.ui.stepping import current_rows, followed_row

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import State

_MOST_ROWS = 14
_PROBLEMS = ("input", "ids", "token", "text", "embedding.weight")
_ERROR = QPalette.ColorRole.BrightText


class SequenceTable(QWidget):
    """The sequences on show: tokens or numbers, their targets, and the vectors of tokens."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown = range(1)  # the sequences in the table
        self._followed: int | None = None  # the row that is kept in sight
        self._seen: tuple[object, object, object] = (None, None, None)
        self.table = ValuesTable("input values")
        self.table.values.edited.connect(self._set_number)
        self.table.values.typed.connect(self._set_name)
        self.table.values.refused.connect(
            lambda text: self.say(f"expected a number, got {text or 'nothing'}")
        )
        self.table.pasted.connect(self._paste)
        self.message = PlainLabel(size=11, role=_ERROR)
        self.message.setWordWrap(True)
        self.message.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.table)
        column.addWidget(self.message)

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the sequences of a state."""
        if old is None or old.problems is not new.problems:
            names = _PROBLEMS + (("targets",) if has_row_targets(new.document) else ())
            found = (new.problems.get(name, "") for name in names)
            self.say(next((text for text in found if text), ""))
        seen = (new.document, new.sequence, new.pr if new.document.takes_ids else None)
        if seen != self._seen:
            self._seen = seen
            self._show(new)
        self._light(new)

    def say(self, text: str) -> None:
        """Shows under the table what was wrong with it; "" for nothing."""
        self.message.setText(text)
        self.message.setVisible(bool(text))

    # -- showing

    def _show(self, state: State) -> None:
        document, sequence = state.document, state.sequence
        shown = range(document.N) if sequence is None else range(sequence, sequence + 1)
        self._shown, self._followed = shown, None
        lengths = np.asarray(document.lengths, dtype=np.int64)[shown.start : shown.stop]
        padding = (np.arange(document.L) >= lengths[:, None]).ravel()
        rows = RowNames(shown, document.L)
        self.table.values.show_blocks(input_blocks(state, shown), padding, rows)
        self.table.verticalHeader().setFixedWidth(_header_width(rows))
        self.table.fit_rows(_MOST_ROWS)
        self.table.fit_columns()

    def _light(self, state: State) -> None:
        rows = current_rows(state, self._shown.start, len(self._shown))
        if rows != self.table.values.current:
            self.table.light(rows)
        before, self._followed = self._followed, followed_row(state, rows, self._shown.start)
        if self._followed not in (None, before) and not self.table.hasFocus():
            self._bring_in_sight(self._followed)

    def _bring_in_sight(self, row: int) -> None:
        # One row of context beyond the lit one, so that the next is seen coming.
        place = min(row + 1, self.table.values.rowCount() - 1)
        bar = self.table.verticalScrollBar()
        top, height = bar.value(), self.table.viewport().height()
        if not top <= row * ROW_HEIGHT < top + height - ROW_HEIGHT:
            bar.setValue(place * ROW_HEIGHT - height // 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.table.fit_rows(_MOST_ROWS)

    # -- intents

    def _place(self, row: int) -> tuple[int, int]:
        """The sequence and t of a row of the table."""
        sequence, t = divmod(row, max(1, self._session.state.document.L))
        return self._shown.start + sequence, t

    def _set_number(self, row: int, column: int, value: float) -> None:
        block, inner = self.table.values.block_at(column)
        sequence, t = self._place(row)
        if block.kind == "target":
            self._session.set_target((sequence, t, inner), value)
        elif block.kind == "vector":
            self._set_vector(sequence, t, inner, value)
        else:
            self._session.set_value(sequence, t, inner, value)

    def _set_vector(self, sequence: int, t: int, column: int, value: float) -> None:
        document = self._session.state.document
        place = weight_place(document, int(document.values[sequence, t, 0]), column)
        if place is not None:
            self._session.set_weight("embedding.weight", *place, value)

    def _set_name(self, row: int, column: int, text: str) -> None:
        sequence, t = self._place(row)
        if self.table.values.block_at(column)[0].kind == "token":
            self._session.set_token(sequence, t, text)
        else:
            self._session.set_target((sequence, t), text)

    def _paste(self, row: int, column: int, text: str) -> None:
        block, inner = self.table.values.block_at(column)
        sequence, t = self._place(row)
        if block.kind == "values":
            self._session.paste_values(sequence, t, inner, text)
        elif block.shown is not None:
            self._set_name(row, column, text.strip("\n") or text)
        else:
            self.say("expected to be pasted at: tokens, classes or input values")


def _header_width(rows: RowNames) -> int:
    longest = len(rows[-1]) if rows else 1  # no number before it is longer
    return max(22, 7 * longest + 14)


@dataclass(frozen=True)
class RowNames(Sequence[str]):
    """What stands before the rows, each made when it is asked for: there may be very many.

    Attributes:
        sequences: those on show; of several, each row tells which it is of.
        steps: timesteps of each.
    """

    sequences: range
    steps: int

    def __len__(self) -> int:
        return len(self.sequences) * self.steps

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[at] for at in range(len(self))[index]]
        n, t = divmod(range(len(self))[index], self.steps)
        return f"{self.sequences[n]}, {t + 1}" if len(self.sequences) > 1 else str(t + 1)
