"""Lines of PyTorch in the inspector: each with its shape, each ready to copy."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rnnviz.ui.controls import IconButton, PlainLabel
from rnnviz.ui.panel import code_columns


class CodeLines(QWidget):
    """Some lines of code below one another."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._rows: list[_CodeLine] = []

    def show_lines(self, lines: Sequence[tuple[str, str]], width: int) -> None:
        """Shows `(code, shape)` pairs within a width in px."""
        columns = code_columns(width - 26)
        while len(self._rows) < len(lines):
            row = _CodeLine()
            self._rows.append(row)
            self._column.addWidget(row)
        for row, line in zip(self._rows, lines, strict=False):
            row.show_line(*line, columns)
        for place, row in enumerate(self._rows):
            row.setVisible(place < len(lines))

    @property
    def codes(self) -> list[str]:
        """The code on show, as it is copied."""
        return [row.code for row in self._rows if not row.isHidden()]


class _CodeLine(QWidget):
    """One line, its shape at the right, and a button that copies it."""

    def __init__(self) -> None:
        super().__init__()
        self.code = ""
        self._label = PlainLabel(size=12, font="mono")
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._shape = PlainLabel(size=12, font="mono", role=QPalette.ColorRole.PlaceholderText)
        self._copy = IconButton("copy", "Copy", self.copy, size=13)
        self._copy.setFixedSize(19, 18)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self._label, 1)
        row.addWidget(self._shape, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self._copy, 0, top)

    def show_line(self, code: str, shape: str, columns: int) -> None:
        """Shows a line, broken where it is longer than `columns` characters."""
        self.code = code
        lines = broken(code, columns - len(shape) - 1)
        self._label.setText("\n".join(lines))
        self._label.setAccessibleName(code)
        self._shape.setText(shape)
        self._copy.setAccessibleName(f"Copy {code}")
        self._copy.setToolTip(f"Copy {code}")

    def copy(self) -> None:
        """Puts the line on the clipboard."""
        QGuiApplication.clipboard().setText(self.code)


def broken(code: str, columns: int) -> list[str]:
    """Code in lines of at most `columns` characters, broken at the last good place of each."""
    lines, rest, indent = [], code, ""
    while len(indent + rest) > columns:
        room = columns - len(indent)
        place = _good_place(rest, room)
        lines.append(indent + rest[:place].rstrip())
        rest, indent = rest[place:], "  "
    return [*lines, indent + rest]


def _good_place(code: str, room: int) -> int:
    """Where to break: before an operator, a method, after an argument, before an attribute.

    An index stays in one piece; without any such place, where the room ends.
    """
    before_operator = max(code.rfind(f" {sign} ", 0, room) for sign in "@+") + 1
    index = code.rfind("[")
    before_method = max(code.rfind(").", 0, room), code.rfind("].", 0, room)) + 1
    after_argument = code.rfind(", ", 0, min(room, index) if index > 0 else room) + 2
    before_index = index if index <= room else 0
    within_call = code.rfind("(", 0, room) + 1
    before_attribute = code.rfind(".", 0, room)
    places = (before_operator, before_method, max(after_argument, before_index), within_call)
    for place in (*places, before_attribute):
        if place > 2:
            return place
    return room
