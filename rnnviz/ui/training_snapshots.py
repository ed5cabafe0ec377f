"""Back to any snapshot of a training, and what is to become of it: kept or discarded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSlider, QWidget

from rnnviz.ui.controls import NumberField, muted
from rnnviz.ui.fields import set_property

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import State

_WIDEST = "step 000000"


class SnapshotRow(QWidget):
    """A slider over the snapshots, and two buttons.

    Args:
        every: the field that says how often one is kept.
    """

    def __init__(self, session: Session, every: NumberField) -> None:
        super().__init__()
        self._session = session
        self._steps: tuple[int, ...] = (0,)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("snapshot on show")
        self.slider.setToolTip("Back to the weights after a step")
        self.slider.setMinimumWidth(36)
        self.slider.valueChanged.connect(self._choose)
        self.step = muted(size=11)
        self.step.setFixedWidth(self.step.fontMetrics().horizontalAdvance(_WIDEST) + 2)
        self.keep = _button("Keep", "Go on from these weights", session.keep_edits)
        self.discard = _button(
            "Discard", "Back to the weights before the training", session.discard_edits
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        title = muted("every")
        title.setBuddy(every)
        title.setToolTip(every.toolTip())
        for widget in (title, every, self.slider, self.step, self.keep, self.discard):
            row.addWidget(widget, 1 if widget is self.slider else 0)

    def refresh(self, state: State) -> None:
        """Shows which snapshots there are, and which of them the document has."""
        training = state.training
        self._steps = (0,) if training is None else training.snapshots
        shown = None if training is None else training.shown
        self.slider.blockSignals(True)
        self.slider.setRange(0, len(self._steps) - 1)
        self.slider.setEnabled(len(self._steps) > 1)
        if shown is not None:
            below = [place for place, step in enumerate(self._steps) if step <= shown]
            self.slider.setValue(below[-1])
        self.slider.blockSignals(False)
        self.step.setText("" if training is None else _told(shown))
        self.slider.setAccessibleDescription(self.step.text())
        changed = training is not None and state.original_document is not None
        self.keep.setEnabled(changed)
        self.discard.setEnabled(changed)

    def _choose(self, place: int) -> None:
        self._session.show_snapshot(self._steps[min(place, len(self._steps) - 1)])


def _told(shown: int | None) -> str:
    if shown is None:
        return "edited"
    return f"step {shown}" if shown else "before"


def _button(text: str, hint: str, run: object) -> QPushButton:
    assert callable(run)
    button = QPushButton(text)
    button.setToolTip(hint)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    set_property(button, "compact", True)
    button.clicked.connect(lambda: run())
    return button
