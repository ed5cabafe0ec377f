"""What was left by windows that did not end well: what will come back, and whether it shall."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from rnnviz.ui.dialog import Dialog
from rnnviz.ui.fields import set_property
from rnnviz.ui.labels import ElidedLabel, PlainLabel, muted

if TYPE_CHECKING:
    from rnnviz.session.recovery import Left, Leftovers

_WIDTH, _INDENT = 560, 24
_MOST = 6  # that are listed; the others are offered after these


class RecoveryDialog(Dialog):
    """Offers what was left; closing it decides nothing.

    Args:
        recover: opens one of them.
        discard: throws one away.
    """

    def __init__(
        self,
        left: Leftovers,
        recover: Callable[[Left], object],
        discard: Callable[[Left], object],
        parent: QWidget,
    ) -> None:
        super().__init__("Recover unsaved work", parent)
        self._recover, self._discard = recover, discard
        self._chosen: Left | None = None
        self.setFixedWidth(_WIDTH)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(20, 18, 20, 16)
        self._column.setSpacing(8)
        self._column.addWidget(PlainLabel("rnnviz did not end well", size=16, weight=600))
        told = "What had changed and was not saved is still here."
        self._column.addWidget(muted(told if left.whole else "What it left is damaged."))
        self._group = QButtonGroup(self)
        self._rows: dict[int, tuple[Left, QWidget]] = {}
        for entry in left.whole[:_MOST]:
            self._add(entry)
        if len(left.whole) > _MOST:
            self._column.addWidget(muted(f"{len(left.whole) - _MOST} more, offered next time"))
        for words in left.damaged[:_MOST]:
            damaged = muted(f"Damaged, and set aside: {words}", size=11)
            damaged.setWordWrap(True)
            self._column.addWidget(damaged)
        self._column.addSpacing(8)
        self._column.addLayout(self._buttons())
        self._choose_first()
        self.finished.connect(self._end)

    @property
    def rows(self) -> tuple[Left, ...]:
        """What is offered."""
        return tuple(entry for entry, _ in self._rows.values())

    def _add(self, entry: Left) -> None:
        row = QWidget()
        lines = QVBoxLayout(row)
        lines.setContentsMargins(0, 6, 0, 2)
        lines.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(0)
        choice = QRadioButton()
        choice.setFixedWidth(_INDENT)
        choice.setAccessibleName(f"{entry.title}: {entry.summary}, {_when(entry.when)}")
        head.addWidget(choice)
        head.addWidget(ElidedLabel(entry.title, size=13, weight=600), 1)
        head.addWidget(muted(_when(entry.when)))
        lines.addLayout(head)
        kept = "was in no file" if entry.path is None else f"was in {entry.path}"
        for words, mode in (
            (entry.summary, Qt.TextElideMode.ElideRight),
            (kept, Qt.TextElideMode.ElideMiddle),  # its end is the name of the file
        ):
            line = ElidedLabel(words, role=QPalette.ColorRole.PlaceholderText, mode=mode)
            line.setContentsMargins(_INDENT, 0, 0, 0)
            lines.addWidget(line)
        self._column.addWidget(row)
        self._group.addButton(choice, len(self._rows))
        self._rows[len(self._rows)] = (entry, row)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.discard, self.later = QPushButton("Discard"), QPushButton("Decide later")
        self.recover = QPushButton("Recover")
        set_property(self.recover, "primary", True)
        self.discard.clicked.connect(self._throw_away)
        self.later.clicked.connect(self.reject)
        self.recover.clicked.connect(self._take)
        row.addWidget(self.discard)
        row.addStretch(1)
        row.addWidget(self.later)
        row.addWidget(self.recover)
        return row

    def _choose_first(self) -> None:
        for number in self._rows:
            self._group.button(number).setChecked(True)
            break
        some = bool(self._rows)
        for button in (self.discard, self.recover):
            button.setVisible(some)
        self.later.setText("Decide later" if some else "Close")
        (self.recover if some else self.later).setDefault(True)

    def _throw_away(self) -> None:
        number = self._group.checkedId()
        if number not in self._rows:
            return
        entry, row = self._rows.pop(number)
        self._discard(entry)
        self._group.removeButton(self._group.button(number))
        row.hide()
        if not self._rows:
            self.reject()
            return
        self._choose_first()
        self.adjustSize()

    def _take(self) -> None:
        number = self._group.checkedId()
        if number in self._rows:
            self._chosen = self._rows[number][0]
        self.accept()

    def _end(self) -> None:
        if self._chosen is not None:
            # Once this is gone: it may have to be asked what becomes of what is open.
            QTimer.singleShot(0, self.parent() or self, partial(self._recover, self._chosen))


def _when(when: datetime) -> str:
    """The moment: of today the time alone."""
    now = datetime.now(when.tzinfo)
    if when.date() == now.date():
        return f"today, {when:%H:%M}"
    return f"{when.day} {when:%B %Y, %H:%M}"
