"""What the training strip has beside fields: a word to be switched, and a line that fills."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractButton, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.ui.controls import paint_focus_ring

if TYPE_CHECKING:
    from rnnviz.session.training_state import TrainingState

_SIDE = 24  # px


class WordButton(QAbstractButton):
    """A short word, lit while it holds.

    Args:
        word: on the button.
        hint: what it means.
        on_toggle: told whether it holds.
    """

    def __init__(self, word: str, hint: str, on_toggle: Callable[[bool], object]) -> None:
        super().__init__()
        self.setText(word)
        self.setToolTip(hint)
        self.setAccessibleName(hint)
        self.setCheckable(True)
        self.setChecked(True)
        self.setFont(qfont("ui", 11, 500))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(_SIDE, _SIDE)
        self.toggled.connect(lambda holds: on_toggle(holds))

    def sizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        colors, role = self.palette(), QPalette.ColorRole
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color(role.Shadow))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
        painter.setPen(colors.color(role.ButtonText if self.isChecked() else role.PlaceholderText))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            paint_focus_ring(painter, self, 5)


class Progress(QWidget):
    """A line that fills while a model learns."""

    def __init__(self) -> None:
        super().__init__()
        self._share = 0.0
        self._running = False
        self.setFixedHeight(3)
        self.setAccessibleName("progress of the training")

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return self._share

    def show_training(self, training: TrainingState | None) -> None:
        """Shows how far a training is."""
        self._running = training is not None and training.running
        self._share = 0.0 if training is None else training.step / training.spec.steps
        self.setAccessibleDescription(f"{self._share:.0%}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        role = QPalette.ColorRole
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(role.Midlight))
        color = self.palette().color(role.Highlight if self._running else role.Dark)
        painter.fillRect(QRectF(0, 0, self.width() * self._share, self.height()), color)
