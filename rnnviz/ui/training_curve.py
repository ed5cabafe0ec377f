"""The curve of a training on screen: it grows while the model learns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.figures.learning import Curve, scene, step_at
from rnnviz.render.fonts import qfont
from rnnviz.render.painter import paint
from rnnviz.scene.axes import write_number
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:
    from rnnviz.session.training_state import TrainingState

_LEAST = 130  # px
_INVITATION = "The loss of every step is drawn here."


class TrainingCurve(QWidget):
    """Paints the loss and the size of the gradients; the mouse reads them off.

    Signals:
        step_chosen: a step was clicked, counted from 1.
    """

    step_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.curve: Curve | None = None
        self._logarithmic = True
        self._training: TrainingState | None = None
        self._pointed: int | None = None
        self.setMouseTracking(True)
        self.setMinimumWidth(_LEAST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def pointed(self) -> int | None:
        """The step under the mouse, counted from 1."""
        return self._pointed

    def show_training(self, training: TrainingState | None) -> None:
        """Shows a training as far as it is."""
        self._training = training
        self._describe()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Draws sizes by their logarithms, or as they are."""
        self._logarithmic = logarithmic
        self._describe()

    def sizeHint(self) -> QSize:
        return QSize(320, 76)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.curve is None:
            self._invite(painter)
            return
        drawn = scene(self.curve, self.width(), self.height(), style_of(self), self._pointed)
        paint(replace(drawn, background=None), painter, self.devicePixelRatioF())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(event.position().x())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._point(event.position().x())
        if self._pointed is not None and event.button() == Qt.MouseButton.LeftButton:
            self.step_chosen.emit(self._pointed)

    def leaveEvent(self, event: QEvent) -> None:
        self._pointed = None
        self.update()

    def _invite(self, painter: QPainter) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.setFont(qfont("ui", 12))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect(), int(flags), _INVITATION)

    def _point(self, x: float) -> None:
        pointed = None if self.curve is None else step_at(self.curve, x, self.width())
        if pointed != self._pointed:
            self._pointed = pointed
            self.update()

    def _describe(self) -> None:
        training = self._training
        if training is None:
            self.curve = None
            self.setAccessibleName("loss curve, nothing trained yet")
        else:
            self.curve = curve_of(training, self._logarithmic)
            loss = "" if training.loss is None else f", loss {write_number(training.loss, 4)}"
            self.setAccessibleName(f"loss curve, step {training.step}{loss}")
        self.update()


def curve_of(training: TrainingState, logarithmic: bool) -> Curve:
    """What the curve of a training is drawn from."""
    spec = training.spec
    return Curve(
        training.losses,
        training.norms,
        spec.steps,
        spec.clip,
        training.shown,
        logarithmic,
        training.task,
    )
