"""The gallery: every example with what it shows and its shapes; one click opens it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from rnnviz.session.examples import grouped_examples
from rnnviz.ui.controls import IconButton, PlainLabel, muted
from rnnviz.ui.dialog import Dialog
from rnnviz.ui.gallery_cards import Shelves
from rnnviz.ui.panel import QuietBar

if TYPE_CHECKING:
    from rnnviz.session import Session

_LARGEST = QSize(1240, 860)
_AROUND = 72  # px of the window that stay in sight
_MOVES = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Gallery(Dialog):
    """The examples as cards. The filter has the keyboard: arrows move the mark, Enter opens.

    Args:
        ask_first: does what ends the document on show, once nothing can be lost by it.

    Attributes:
        filter: narrows the cards to those that have its words.
        shelves: the cards.
    """

    def __init__(
        self,
        session: Session,
        parent: QWidget,
        ask_first: Callable[[Callable[[], object]], object],
    ) -> None:
        super().__init__("Examples", parent)
        self._session, self._ask_first = session, ask_first
        room = parent.size() - QSize(_AROUND, _AROUND)
        self.resize(room.boundedTo(_LARGEST))
        self.move(parent.geometry().center() - self.rect().center())
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 14, 16)
        column.setSpacing(8)
        self.filter = self._make_filter()
        column.addLayout(self._head())
        self.shelves = Shelves(grouped_examples(), session.state.example)
        self.shelves.chosen.connect(self._open)
        self._pane = self._make_pane()
        column.addWidget(self._pane, 1)
        self._nothing = muted("No example has all of these words.")
        self._nothing.hide()
        column.addWidget(self._nothing, 1, Qt.AlignmentFlag.AlignTop)
        self.filter.setFocus()

    def _move(self, dx: int, dy: int) -> None:
        self.shelves.move_mark(dx, dy)
        self._show_marked()

    def _enter(self) -> None:
        if self.shelves.marked is not None:
            self._open(self.shelves.marked.example.key)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_marked()

    def _show_marked(self) -> None:
        if self.shelves.marked is not None:
            self._pane.ensureWidgetVisible(self.shelves.marked, 0, 46)

    def _open(self, key: str) -> None:
        self.accept()
        self._ask_first(lambda: self._session.open_example(key))

    def _narrow(self, text: str) -> None:
        self.shelves.filter(text)
        found = bool(self.shelves.shown)
        self._pane.setVisible(found)
        self._nothing.setVisible(not found)
        self._show_marked()

    # -- parts

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(12)
        row.addWidget(PlainLabel("Examples", size=16, weight=600))
        row.addWidget(muted("arrow keys and Enter, or one click"))
        row.addStretch(1)
        row.addWidget(self.filter)
        row.addWidget(IconButton("x", "Close", self.reject))
        return row

    def _make_filter(self) -> _Filter:
        field = _Filter()
        field.moved.connect(self._move)
        field.entered.connect(self._enter)
        field.textChanged.connect(self._narrow)
        return field

    def _make_pane(self) -> QScrollArea:
        pane = QScrollArea()
        pane.setWidget(self.shelves)
        pane.setWidgetResizable(True)
        pane.setFrameShape(QFrame.Shape.NoFrame)
        pane.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        pane.setVerticalScrollBar(QuietBar(Qt.Orientation.Vertical))
        pane.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        pane.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        pane.setViewportMargins(0, 0, 6, 0)
        return pane


class _Filter(QLineEdit):
    """Takes the words to look for; what else is typed is meant for the cards.

    Signals:
        moved: an arrow key, as columns and rows.
        entered: Enter.
    """

    moved = Signal(int, int)
    entered = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("Filter: one-hot, LSTM, (3, 2) …")
        self.setAccessibleName("Filter the examples")
        self.setFixedWidth(280)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _ENTER:
            self.entered.emit()
        elif key in _MOVES and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.moved.emit(*_MOVES[key])
        else:
            super().keyPressEvent(event)
