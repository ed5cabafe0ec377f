"""A picture as it will be, on paper or on a chequered ground."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QWidget

from rnnviz.render.fonts import qfont
from rnnviz.ui.picture_request import Sketch

_SETTLED = 60  # ms without another change of size
_SQUARE = 8


class Preview(QWidget):
    """Shows a sketch of a picture; of another size than it was made for, stretched.

    Signals:
        resized: it has had another size for a moment: a sketch made for that is sharper.
    """

    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sketch: Sketch | None = None
        self._words = ""
        self._settling = QTimer(self, singleShot=True)
        self._settling.timeout.connect(self.resized)
        self.setMinimumSize(360, 260)
        self.setAccessibleName("preview of the picture")

    @property
    def sketch(self) -> Sketch | None:
        """What is shown."""
        return self._sketch

    def show_sketch(self, sketch: Sketch) -> None:
        """Shows a picture."""
        self._sketch, self._words = sketch, ""
        self.update()

    def show_words(self, words: str) -> None:
        """Says something, over the picture where there is one."""
        self._words = words
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._settling.start(_SETTLED if self._sketch is not None else 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ground = self.palette().color(QPalette.ColorRole.AlternateBase)
        painter.fillRect(self.rect(), ground)
        if self._sketch is not None:
            self._paint_sketch(painter, self._sketch)
        if self._words:
            self._paint_words(painter, ground)

    def _paint_sketch(self, painter: QPainter, sketch: Sketch) -> None:
        size = sketch.size.scaled(QSizeF(self.size()), Qt.AspectRatioMode.KeepAspectRatio)
        if size.width() > sketch.size.width():
            size = sketch.size
        made = sketch.image.deviceIndependentSize()
        if abs(made.width() - size.width()) <= 1 and abs(made.height() - size.height()) <= 1:
            size = made  # px by px
        x, y = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        box = QRectF(x, y, size.width(), size.height())
        if sketch.transparent:
            _paint_chequers(painter, box)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, size != made)
        painter.drawImage(box, sketch.image)

    def _paint_words(self, painter: QPainter, ground: QColor) -> None:
        painter.setFont(qfont("ui", 12))
        box = painter.fontMetrics().boundingRect(self._words).adjusted(-10, -6, 10, 6)
        box.moveCenter(self.rect().center())
        painter.fillRect(box, ground)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._words)


def _paint_chequers(painter: QPainter, box: QRectF) -> None:
    painter.save()
    painter.setClipRect(box)
    painter.fillRect(box, QColor("#FFFFFF"))
    for row in range(int(box.height() / _SQUARE) + 1):
        for column in range(row % 2, int(box.width() / _SQUARE) + 1, 2):
            x, y = box.left() + column * _SQUARE, box.top() + row * _SQUARE
            painter.fillRect(QRectF(x, y, _SQUARE, _SQUARE), QColor("#E6E9ED"))
    painter.restore()
