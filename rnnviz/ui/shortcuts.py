"""The keys of the window as data, and the sheet that lists them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from rnnviz.render.fonts import qfont
from rnnviz.ui.controls import IconButton, PlainLabel
from rnnviz.ui.dialog import Dialog

_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
Key = Qt.Key
_TYPED_INTO = (QLineEdit, QAbstractItemView)
_ENDS_TYPING = (Key.Key_Return, Key.Key_Enter, Key.Key_Escape)
_PERHAPS_SHIFTED = (Key.Key_Question, Key.Key_Plus, Key.Key_Equal)


class Shortcut(NamedTuple):
    """What some keys do.

    Attributes:
        keys: each a key with its modifiers.
        shown: the keys as the sheet writes them.
        text: what they do.
        run: does it.
    """

    keys: tuple[Key | QKeyCombination, ...]
    shown: str
    text: str
    run: Callable[[], object]


class Keymap:
    """Finds what a key press means. Widgets that have the focus come first: a field keeps its own.

    Args:
        shortcuts: by group.
    """

    def __init__(self, shortcuts: dict[str, list[Shortcut]]) -> None:
        self.groups = shortcuts
        self._by_key = {
            _code(key): shortcut
            for group in shortcuts.values()
            for shortcut in group
            for key in shortcut.keys
        }

    def handle(self, event: QKeyEvent, focused: QWidget | None) -> bool:
        """Does what a key press means; False where it means nothing.

        Args:
            focused: has the keyboard. Enter and Escape end what is typed into it, and Qt passes
                them on.
        """
        if event.key() in _ENDS_TYPING and isinstance(focused, _TYPED_INTO):
            return False
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        shortcut = self._by_key.get((event.key(), _value(modifiers)))
        # `?` and `+` are typed with Shift on many keyboards, and without it on others.
        if shortcut is None and modifiers == _SHIFT and event.key() in _PERHAPS_SHIFTED:
            shortcut = self._by_key.get((int(event.key()), 0))
        if shortcut is None:
            return False
        shortcut.run()
        return True


def with_shift(key: Key) -> QKeyCombination:
    """A key with Shift."""
    return QKeyCombination(_SHIFT, key)


def with_ctrl(key: Key) -> QKeyCombination:
    """A key with Ctrl (Cmd on a Mac)."""
    return QKeyCombination(_CTRL, key)


def with_ctrl_shift(key: Key) -> QKeyCombination:
    """A key with Ctrl (Cmd on a Mac) and Shift."""
    return QKeyCombination(_CTRL | _SHIFT, key)


def _code(key: Key | QKeyCombination) -> tuple[int, int]:
    if isinstance(key, QKeyCombination):
        return int(key.key()), _value(key.keyboardModifiers())
    return int(key), 0


def _value(modifiers: Qt.KeyboardModifier) -> int:
    return int(modifiers.value)


class ShortcutSheet(Dialog):
    """Every key and what it does, in two columns."""

    def __init__(self, keymap: Keymap, parent: QWidget) -> None:
        super().__init__("Shortcuts", parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 18, 24, 24)
        outer.setSpacing(14)
        head = QHBoxLayout()
        head.addWidget(PlainLabel("Shortcuts", size=16, weight=600))
        head.addStretch(1)
        head.addWidget(IconButton("x", "Close", self.close))
        outer.addLayout(head)
        columns = QHBoxLayout()
        columns.setSpacing(36)
        sides = (QVBoxLayout(), QVBoxLayout())
        for side in sides:
            side.setSpacing(6)
        for place, (title, shortcuts) in enumerate(keymap.groups.items()):
            side = sides[place % 2]
            heading = PlainLabel(title, weight=600)
            heading.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            side.addWidget(heading)
            side.addLayout(_grid(shortcuts))
            side.addSpacing(14)
        for side in sides:
            side.addStretch(1)
            columns.addLayout(side)
        outer.addLayout(columns)
        outer.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)


def _grid(shortcuts: list[Shortcut]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(5)
    grid.setColumnMinimumWidth(0, 110)
    grid.setColumnStretch(1, 1)
    for row, shortcut in enumerate(shortcuts):
        grid.addWidget(_keycap(shortcut.shown), row, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(PlainLabel(shortcut.text), row, 1)
    return grid


def _keycap(text: str) -> QFrame:
    cap = QFrame()
    cap.setObjectName("code")
    row = QHBoxLayout(cap)
    row.setContentsMargins(7, 1, 7, 1)
    label = PlainLabel(text)
    label.setFont(qfont("ui", 11, 500))
    row.addWidget(label)
    return cap
