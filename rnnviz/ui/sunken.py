"""A row above the figure that lies a little lower than what is around it."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from rnnviz.ui.theme import style_of


class SunkenBar(QWidget):
    """A ground of its own, and a line below it."""

    def paintEvent(self, event: QPaintEvent) -> None:
        ui = style_of(self).ui
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(ui.surface_sunken))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(ui.border))
        painter.end()
