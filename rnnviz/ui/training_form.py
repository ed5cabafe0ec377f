"""How a training is to go: the task, the optimizer and its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from rnnviz.session.training_state import PREFIX, task_keys
from rnnviz.ui.controls import Choice, NumberField, muted
from rnnviz.ui.fields import set_property

if TYPE_CHECKING:
    from rnnviz.model.training.spec import TrainingSpec
    from rnnviz.session.state import State

_OPTIMIZERS = (("adam", "Adam"), ("sgd", "SGD"), ("rmsprop", "RMSprop"))
_ROW = 24  # px
_FIELDS: dict[str, tuple[str, bool, float, float | str, int]] = {
    "lr": ("Learning rate", False, 0.001, 0.01, 58),
    "clip": ("The norm that gradients are clipped to; empty not to", False, 0.1, 1, 40),
    "steps": ("Updates of the weights", True, 100, 500, 56),
    "batch_size": ("Sequences in a batch of the task", True, 1, 32, 44),
    "seed": ("Of the batches that the task draws, and of dropout", True, 1, 0, 40),
    "every": ("Steps from one snapshot of the weights to the next", True, 5, 10, 38),
}
_SHORT = {"batch_size": "batch"}


class TrainingForm(QWidget):
    """The choices of a training, and the button that begins and ends it.

    Signals:
        task_chosen: the key of a task.
        start_wanted: begin with the choices on show.
        stop_wanted: end it.
    """

    task_chosen = Signal(str)
    start_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._running = False
        self.task = Choice([], "task")
        self.task.chosen.connect(lambda key: self.task_chosen.emit(key))
        self.optimizer = Choice(_OPTIMIZERS, "optimizer")
        self.optimizer.show_value("adam")
        self.fields = {name: _field(name) for name in _FIELDS}
        self.start = QPushButton("Start")
        self.start.setFixedWidth(64)
        self.start.setToolTip("Train the model")
        set_property(self.start, "primary", True)
        set_property(self.start, "compact", True)
        self.start.clicked.connect(self._toggle)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._arrange()

    @property
    def choices(self) -> dict[str, Any]:
        """The arguments of a training as they stand."""
        chosen: dict[str, Any] = {name: field.number() for name, field in self.fields.items()}
        chosen["clip"] = None if chosen["clip"] == "" else chosen["clip"]
        return {"optimizer": self.optimizer.value, **chosen}

    def refresh(self, state: State) -> None:
        """Shows the task of a document, and whether it is being learned."""
        document, training = state.document, state.training
        keys = task_keys(document.decoder is not None)
        self.task.set_options([(key, key.capitalize() or "Own input") for key in keys])
        self.task.show_value(document.task if document.task in keys else "")
        self._running = training is not None and training.running
        self.start.setText("Stop" if self._running else "Start")
        self.start.setToolTip("End the training" if self._running else "Train the model")
        if training is not None and training.running:
            self._show_choices(training.spec)
        for widget in (self.task, self.optimizer, *self.fields.values()):
            widget.setEnabled(not self._running)
        self.task.setEnabled(state.ready and not self._running)
        self.start.setEnabled(state.ready)
        batch = self.fields["batch_size"]
        batch.setEnabled(not self._running and bool(document.task))
        own = "The own input is shown at every step, all of it"
        batch.setToolTip(_FIELDS["batch_size"][0] if document.task else own)
        for name, field in self.fields.items():
            set_property(field, "wrong", PREFIX + name in state.problems)

    def _show_choices(self, spec: TrainingSpec) -> None:
        self.optimizer.show_value(spec.optimizer)
        for name, field in self.fields.items():
            value = getattr(spec, name)
            field.show_value("" if value is None else value)

    def show_brief(self, brief: bool) -> None:
        """Shows the task alone, or everything."""
        self.numbers.setVisible(not brief)

    def _toggle(self) -> None:
        (self.stop_wanted if self._running else self.start_wanted).emit()

    def _arrange(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(6)
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(muted("Task"))
        first.addWidget(self.task, 1)
        first.addWidget(self.start)
        grid.addLayout(first, 0, 0)
        self.numbers = QWidget()
        rows = QGridLayout(self.numbers)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(6)
        rows.setVerticalSpacing(6)
        rows.addWidget(self.optimizer, 0, 0, 1, 2)
        for place, name in enumerate(("lr", "clip"), start=1):
            self._add(rows, name, 0, place)
        for place, name in enumerate(("steps", "batch_size", "seed")):
            self._add(rows, name, 1, place)
        for row in range(2):
            rows.setRowMinimumHeight(row, _ROW)
        grid.addWidget(self.numbers, 1, 0)

    def _add(self, rows: QGridLayout, name: str, row: int, place: int) -> None:
        title = muted(_SHORT.get(name, name))
        title.setToolTip(_FIELDS[name][0])
        title.setBuddy(self.fields[name])
        rows.addWidget(title, row, 2 * place, Qt.AlignmentFlag.AlignRight)
        rows.addWidget(self.fields[name], row, 2 * place + 1)


def _field(name: str) -> NumberField:
    hint, whole, step, usual, width = _FIELDS[name]
    field = NumberField(_SHORT.get(name, name), whole=whole, step=step, width=width)
    field.setToolTip(hint)
    field.show_value(usual)
    return field
