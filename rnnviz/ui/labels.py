"""Labels: always plain text, elided where the room is short."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.scene.marks import Font
from rnnviz.ui.plain_text import plain


class PlainLabel(QLabel):
    """Text that is shown as it stands, whatever it looks like."""

    def __init__(
        self,
        text: str = "",
        *,
        size: int = 12,
        weight: int = 400,
        font: Font = "ui",
        role: QPalette.ColorRole = QPalette.ColorRole.WindowText,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(qfont(font, size, weight))
        self.setForegroundRole(role)
        self.setText(text)


def muted(text: str = "", *, size: int = 12, font: Font = "ui") -> PlainLabel:
    """A label in the quiet colour."""
    return PlainLabel(text, size=size, font=font, role=QPalette.ColorRole.PlaceholderText)


class SectionLabel(PlainLabel):
    """The heading of a part of a panel."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, size=12, weight=600, parent=parent)


class ElidedLabel(PlainLabel):
    """One line that gives way: what doesn't fit is cut with an ellipsis and told by a tooltip."""

    def __init__(
        self,
        text: str = "",
        *,
        size: int = 12,
        weight: int = 400,
        font: Font = "ui",
        role: QPalette.ColorRole = QPalette.ColorRole.WindowText,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(text, size=size, weight=weight, font=font, role=role)
        self._mode = mode
        self.setAlignment(align | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def setText(self, text: str) -> None:
        super().setText(text)
        if hasattr(self, "_mode"):
            self._tell()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), self.alignment(), self._shown())

    def _shown(self) -> str:
        return self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width())

    def _tell(self) -> None:
        self.setToolTip(plain(self.text()) if self._shown() != self.text() else "")
