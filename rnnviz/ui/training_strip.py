"""The strip in which a model is trained: how, how far it is, and back to any step of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from rnnviz.errors import RnnvizError
from rnnviz.scene.axes import write_number
from rnnviz.session.training_state import PREFIX
from rnnviz.ui.controls import ElidedLabel, IconButton, PlainLabel
from rnnviz.ui.theme import style_of
from rnnviz.ui.training_buttons import Progress, WordButton
from rnnviz.ui.training_curve import TrainingCurve, curve_of
from rnnviz.ui.training_form import TrainingForm
from rnnviz.ui.training_snapshots import SnapshotRow

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.runner import Runner
    from rnnviz.session.state import State
    from rnnviz.session.training_state import TrainingState

_CURVE = 74  # px
_NARROW = 520  # px, below which there is no room for the curve
_PICTURES = "PNG (*.png);;SVG (*.svg);;PDF (*.pdf)"


class TrainingStrip(QWidget):
    """Choices at the left, the loss curve and the snapshots at the right."""

    def __init__(self, session: Session, runner: Runner) -> None:
        super().__init__()
        self._session, self._runner = session, runner
        self._brief = False
        self.setAccessibleName("Training")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.form = TrainingForm()
        self.curve = TrainingCurve()
        self.curve.setFixedHeight(_CURVE)
        self.snapshots = SnapshotRow(session, self.form.fields["every"])
        self.summary = ElidedLabel(size=12, role=QPalette.ColorRole.PlaceholderText)
        self.message = PlainLabel(size=11)
        self.message.setWordWrap(True)
        self.message.hide()
        self.progress = Progress()
        self._arrange()
        self.form.task_chosen.connect(session.set_task)
        self.form.start_wanted.connect(lambda: session.train(**self.form.choices))
        self.form.stop_wanted.connect(session.stop_training)
        self.curve.step_chosen.connect(session.show_snapshot)
        self.hide()

    def toggle(self) -> None:
        """Opens the strip, with the keyboard on its button; or closes it."""
        self.setVisible(self.isHidden())
        if not self.isHidden():
            self.refresh(None, self._session.state)
            self.form.start.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def refresh(self, old: State | None, new: State) -> None:
        """Shows a state's training."""
        if self.isHidden() or (old is not None and _look(old) == _look(new)):
            return
        if old is None or _seldom(old) != _seldom(new):
            self.form.refresh(new)
        self.snapshots.refresh(new)
        self.curve.show_training(new.training)
        self.progress.show_training(new.training)
        self.summary.setText(_summary(new.training))
        self._tell(new)

    def save_picture(self, path: Path) -> None:
        """Writes the curve beside the window; the ending of the path says in which format."""
        training = self._session.state.training
        if training is None:
            return
        curve = curve_of(training, self.log.isChecked())

        def write(_: object) -> Path:
            from rnnviz.figures.learning import picture
            from rnnviz.writers import write

            return write(picture(curve), path)

        self._runner.submit(write, lambda _: None, self._not_written)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._show_parts()

    def paintEvent(self, event: QPaintEvent) -> None:
        ui = style_of(self).ui
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(ui.surface))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(ui.border))

    # -- parts

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(14, 7, 8, 5)
        row.setSpacing(12)
        row.addWidget(self.form, 0, Qt.AlignmentFlag.AlignTop)
        self._plot = QWidget()
        column = QVBoxLayout(self._plot)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.curve)
        column.addWidget(self.snapshots)
        row.addWidget(self._plot, 1)
        row.addWidget(self.summary, 1)
        row.addLayout(self._buttons())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 1)
        outer.setSpacing(0)
        outer.addLayout(row)
        told = QHBoxLayout()
        told.setContentsMargins(14, 0, 14, 4)
        told.addWidget(self.message)
        outer.addLayout(told)
        outer.addWidget(self.progress)
        self._show_parts()

    def _buttons(self) -> QGridLayout:
        self.close_button = IconButton("x", "Close (Ctrl R)", self.toggle, size=14)
        self.fold = IconButton("chevron-up", "Fold", self._toggle_brief, size=14)
        self.log = WordButton("log", "Logarithmic scale", self.curve.set_logarithmic)
        self.save = IconButton("download", "Save picture…", self._choose_path, size=14)
        grid = QGridLayout()
        grid.setSpacing(1)
        for place, button in enumerate((self.fold, self.close_button, self.log, self.save)):
            grid.addWidget(button, *divmod(place, 2))
        grid.setRowStretch(2, 1)
        return grid

    def _show_parts(self) -> None:
        narrow = self.width() < _NARROW
        self.form.show_brief(self._brief)
        for widget in (self._plot, self.log, self.save):
            widget.setVisible(not (self._brief or narrow))
        self.summary.setVisible(self._brief)

    def _toggle_brief(self) -> None:
        self._brief = not self._brief
        name = "down" if self._brief else "up"
        self.fold.show_icon(f"chevron-{name}", "Unfold" if self._brief else "Fold")
        self._show_parts()

    # -- deeds

    def _choose_path(self) -> None:
        if self._session.state.training is None:
            return
        name = f"{self._session.state.title}-loss.png"
        path, _ = QFileDialog.getSaveFileName(self, "Save picture", name, _PICTURES)
        if path:
            chosen = Path(path)
            self.save_picture(chosen if chosen.suffix else chosen.with_suffix(".png"))

    def _not_written(self, error: BaseException) -> None:
        if not isinstance(error, RnnvizError):
            raise error
        self._say(str(error), wrong=True)

    def _tell(self, state: State) -> None:
        """Says what is wrong with the choices, or how the training ended."""
        problems = [
            f"{name.removeprefix(PREFIX)}: {told}"
            for name, told in state.problems.items()
            if name == "task" or name.startswith(PREFIX)
        ]
        training = state.training
        ended = "" if training is None else training.message
        self._say(problems[0] if problems else ended, bool(problems) or _failed(training))

    def _say(self, text: str, wrong: bool) -> None:
        role = QPalette.ColorRole.BrightText if wrong else QPalette.ColorRole.PlaceholderText
        self.message.setForegroundRole(role)
        self.message.setText(text)
        self.message.setVisible(bool(text))


def _look(state: State) -> tuple[object, ...]:
    """What the strip follows from."""
    return id(state.training), _seldom(state), state.original_document is None


def _seldom(state: State) -> tuple[object, ...]:
    """What its choices follow from."""
    document, training = state.document, state.training
    running = training is not None and training.running
    return document.task, document.decoder is None, running, state.ready, id(state.problems)


def _summary(training: TrainingState | None) -> str:
    if training is None:
        return ""
    loss = "" if training.loss is None else f", loss {write_number(training.loss, 4)}"
    return f"step {training.step} of {training.spec.steps}{loss}"


def _failed(training: TrainingState | None) -> bool:
    return training is not None and training.failed
