"""The veil over the last valid picture while what was typed cannot be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from rnnviz.render.fonts import qfont
from rnnviz.session.training_state import PREFIX
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:
    from rnnviz.session.state import State

SAYS = "The last valid model is on show"
_STRENGTH = 0.55
_HEIGHT, _MARGIN, _PADDING = 28, 24, 14  # px


class Veil(QWidget):
    """Dims a pane and says why; the mouse reaches through it."""

    def __init__(self, pane: QWidget) -> None:
        super().__init__(pane)
        self._pane = pane
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(SAYS)
        pane.installEventFilter(self)
        self.hide()

    def refresh(self, state: State) -> None:
        """Lies over the picture as long as the last edit was refused."""
        # Choices of a training that are none leave the model as it is, and so does a file.
        named = (name for name in state.problems if name != "file")
        refused = state.ready and any(not name.startswith(PREFIX) for name in named)
        if refused:
            self._cover()
        self.setVisible(refused)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._cover()
        return False

    def _cover(self) -> None:
        self.setGeometry(self._pane.rect())
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        dim = QColor(style_of(self).ui.canvas)
        dim.setAlphaF(_STRENGTH)
        painter.fillRect(self.rect(), dim)
        self._paint_line(painter)
        painter.end()

    def _paint_line(self, painter: QPainter) -> None:
        ui, font = style_of(self).ui, qfont("ui", 12, 500)
        width = QFontMetricsF(font).horizontalAdvance(SAYS) + 2 * _PADDING
        left, top = (self.width() - width) / 2, self.height() - _HEIGHT - _MARGIN
        box = QRectF(round(left) + 0.5, round(top) + 0.5, round(width), _HEIGHT)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(ui.border_strong), 1))
        painter.setBrush(QColor(ui.card))
        painter.drawRoundedRect(box, 6, 6)
        painter.setFont(font)
        painter.setPen(QColor(ui.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, SAYS)
