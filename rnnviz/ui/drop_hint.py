"""What is seen while a file is held over the window: that it can be dropped, and what happens."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from rnnviz.render.fonts import qfont
from rnnviz.ui.theme import style_of

_STRENGTH = 0.85
_MARGIN, _RADIUS = 14, 10  # px


class DropHint(QWidget):
    """Lies over the whole window and names the file; the mouse reaches through it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._text = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    def cover(self, text: str) -> None:
        """Shows itself over all of the window."""
        self._text = text
        self.setAccessibleName(text)
        parent = self.parentWidget()
        assert parent is not None
        self.setGeometry(parent.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        ui = style_of(self).ui
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        dim = QColor(ui.surface)
        dim.setAlphaF(_STRENGTH)
        painter.fillRect(self.rect(), dim)
        painter.setPen(QPen(QColor(ui.text_secondary), 2, Qt.PenStyle.DashLine))
        inner = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        painter.drawRoundedRect(inner, _RADIUS, _RADIUS)
        painter.setPen(QColor(ui.text))
        painter.setFont(qfont("ui", 16, 600))
        room = int(inner.width()) - 40
        text = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideMiddle, room)
        plate = QRectF(painter.fontMetrics().boundingRect(text)).adjusted(-16, -10, 16, 10)
        plate.moveCenter(inner.center())
        painter.fillRect(plate, QColor(ui.surface))  # what lies below would show between letters
        painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
