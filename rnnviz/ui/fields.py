"""Fields: a number that is committed once, and the row that carries a field's name and message."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QPalette, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.scene.axes import read_number, read_whole, write_number
from rnnviz.ui.labels import PlainLabel, muted

_ROW = 24  # px
_UNDO = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)


class NumberField(QLineEdit):
    """A number, committed by Enter, by leaving the field or by a step; Esc takes it back.

    Up and Down step; the wheel is left to the panel that scrolls.

    Args:
        name: the accessible name.
        whole: whether only whole numbers fit.
        step: what Up and Down add.

    Signals:
        committed: the number, or the text itself where it is no number: whoever owns the
            value says what was expected.
    """

    committed = Signal(object)

    def __init__(self, name: str, *, whole: bool = True, step: float = 1, width: int = 56) -> None:
        super().__init__()
        self._whole, self._step, self._shown = whole, step, ""
        self.setAccessibleName(name)
        self.setAcceptDrops(False)  # a file that is dropped is the window's
        self.setFont(qfont("ui", 12))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(width)
        self.returnPressed.connect(self._commit)

    def show_value(self, value: object) -> None:
        """Shows a number without telling anyone; what is being typed stays."""
        text = write_number(value) if isinstance(value, int | float) else str(value)
        untouched = self.text() == self._shown
        self._shown = text
        if untouched or not self.hasFocus():
            self.setText(text)

    def number(self) -> int | float | str:
        """The number typed, or the text where it is none."""
        text = self.text().strip()
        try:
            return read_whole(text) if self._whole else read_number(text)
        except ValueError:
            return text

    def event(self, event: QEvent) -> bool:
        # What is being typed is undone here, what is committed by the window.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self.text() == self._shown
            and any(event.matches(key) for key in _UNDO)
        ):
            event.ignore()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._add(self._step if event.key() == Qt.Key.Key_Up else -self._step)
        elif event.key() == Qt.Key.Key_Escape and self.text() != self._shown:
            self.setText(self._shown)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._commit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def _add(self, change: float) -> None:
        number = self.number()
        if isinstance(number, str):
            return
        changed = number + change
        self.setText(write_number(int(changed) if self._whole else changed, 10))
        self._commit()

    def _commit(self) -> None:
        if self.text() != self._shown:
            self._shown = self.text()
            self.committed.emit(self.number())


class FieldRow(QWidget):
    """A field under its PyTorch name, with its message below when a value doesn't fit.

    Args:
        name: shown at the left, in the code font.
        field: shown at the right.
        extras: widgets to the left of the field.
    """

    def __init__(self, name: str, field: QWidget, *extras: QWidget, mono: bool = True) -> None:
        super().__init__()
        self.field = field
        self._meaning = ""
        self._label = PlainLabel(
            name,
            size=12,
            font="mono" if mono else "ui",
            role=QPalette.ColorRole.WindowText,
        )
        self._label.setBuddy(field)
        self._reason = muted(size=11)
        self._reason.hide()
        self._message = PlainLabel(size=11, role=QPalette.ColorRole.BrightText)
        self._message.setWordWrap(True)
        self._message.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._label)
        row.addStretch(1)
        row.addWidget(self._reason)
        for widget in (*extras, field):
            row.addWidget(widget)
        self._row = row
        self._bar = QWidget()
        self._bar.setLayout(row)
        self._bar.setFixedHeight(max(_ROW, field.sizeHint().height()))
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self._message)

    @property
    def message(self) -> str:
        """What is wrong with the field, "" when nothing is."""
        return self._message.text()

    def lift_message(self) -> PlainLabel:
        """The message's label, for whoever shows it elsewhere than under the field."""
        self._column.removeWidget(self._message)
        return self._message

    def append(self, widget: QWidget) -> None:
        """Puts a widget to the right of the field."""
        self._row.addWidget(widget)

    def set_name(self, name: str) -> None:
        """Shows another name at the left."""
        self._label.setText(name)

    def set_meaning(self, meaning: str) -> None:
        """Says by a tooltip what the field means."""
        self._meaning = meaning
        self._label.setToolTip(meaning)
        self.field.setToolTip(meaning)

    def show_problem(self, message: str) -> None:
        """Shows what is wrong under the field, and marks the field; "" clears both."""
        if message == self._message.text():
            return
        self._message.setText(message)
        self._message.setVisible(bool(message))
        set_property(self.field, "wrong", bool(message))
        self.field.setAccessibleDescription(message)

    def show_reason(self, reason: str, short: str = "") -> None:
        """Bars the field where it doesn't apply, and says why; "" opens it."""
        open_ = not reason
        for widget in (self._label, self.field):
            widget.setEnabled(open_)
            widget.setToolTip(reason or self._meaning)
        self._reason.setText(short)
        self._reason.setEnabled(open_)
        self._reason.setVisible(bool(short) and not open_)
        self.setToolTip(reason)


class FieldPair(QWidget):
    """Two short fields side by side, their messages across both below them."""

    def __init__(self, left: FieldRow, right: FieldRow) -> None:
        super().__init__()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(18)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        for field in (left, right):
            row.addWidget(field, 1)
            column.addWidget(field.lift_message())


def set_property(widget: QWidget, name: str, value: Any) -> None:
    """Sets a property that the style sheet looks at, and has it look again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
