"""A question with a few answers, of which one is to do nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from rnnviz.ui.dialog import Dialog
from rnnviz.ui.fields import set_property
from rnnviz.ui.labels import PlainLabel, muted

_WIDTH = 440


class Answer(NamedTuple):
    """What can be answered.

    Attributes:
        words: on the button.
        deed: done once the question is gone; None for nothing.
    """

    words: str
    deed: Callable[[], object] | None = None


class Question(Dialog):
    """Asks, and does what is answered. Esc does nothing, as the first answer does.

    Args:
        asked: the question in one line.
        words: what there is to know.
        answers: the first does nothing, the last is what Enter chooses.
    """

    def __init__(
        self, title: str, asked: str, words: str, answers: Sequence[Answer], parent: QWidget
    ) -> None:
        super().__init__(title, parent)
        self._chosen: Callable[[], object] | None = None
        self.setFixedWidth(_WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(8)
        self.asked, self.words = PlainLabel(asked, size=14, weight=600), muted(words)
        for label in (self.asked, self.words):
            label.setWordWrap(True)
            column.addWidget(label)
        column.addSpacing(8)
        column.addLayout(self._buttons(answers))
        self.finished.connect(self._answer)

    def _buttons(self, answers: Sequence[Answer]) -> QHBoxLayout:
        row = QHBoxLayout()
        self.buttons = {}
        for place, answer in enumerate(answers):
            button = QPushButton(answer.words)
            button.clicked.connect(lambda _=False, deed=answer.deed: self._choose(deed))
            self.buttons[answer.words] = button
            row.addWidget(button)
            if place == 0:
                row.addStretch(1)
        set_property(button, "primary", True)
        button.setDefault(True)
        button.setFocus()
        return row

    def _choose(self, deed: Callable[[], object] | None) -> None:
        self._chosen = deed
        self.accept()

    def _answer(self) -> None:
        if self._chosen is not None:
            # Once this is gone: what is answered may ask something else.
            QTimer.singleShot(0, self.parent() or self, self._chosen)
