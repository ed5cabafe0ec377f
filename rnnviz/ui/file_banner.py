"""The line above a figure that says what a file could not be opened or written for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from rnnviz.render.icons import icon_pixmap
from rnnviz.ui.controls import IconButton
from rnnviz.ui.labels import PlainLabel
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import State

_ICON = 16


class FileBanner(QWidget):
    """Shows the problem with a file; hidden as long as there is none."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.text = PlainLabel()
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.dismiss = IconButton("x", "Dismiss", session.dismiss_problems, size=12)
        row = QHBoxLayout(self)
        row.setContentsMargins(20 + _ICON + 8, 7, 12, 7)
        row.addWidget(self.text, 1)
        row.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    def refresh(self, old: State | None, new: State) -> None:
        """Shows what is wrong in a state."""
        text = new.problems.get("file", "")
        if text != self.text.text():
            self.text.setText(text)
            self.text.setAccessibleName(text)
        self.setVisible(bool(text))

    def paintEvent(self, event: QPaintEvent) -> None:
        ui = style_of(self).ui
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(ui.surface_sunken))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(ui.border))
        mark = icon_pixmap("alert-triangle", ui.warning, _ICON, self.devicePixelRatioF())
        painter.drawPixmap(20, 9, mark)
        painter.end()
