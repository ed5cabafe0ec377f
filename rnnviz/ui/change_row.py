"""Changes the selected number: sets what the run follows from, forces what it computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from rnnviz.ui.controls import NumberField, Segmented, muted
from rnnviz.ui.fields import set_property

if TYPE_CHECKING:
    from rnnviz.element import Element
    from rnnviz.model.clamps import Clamp
    from rnnviz.session import Session
    from rnnviz.session.numbers import Way

_VERBS = {"set": "Set to", "force": "Force to"}


class ChangeRow(QWidget):
    """A field for another value; of a gate or state also where it is forced."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._element: Element | None = None
        self._way: Way | None = None
        self._label = muted(size=12)
        self.field = NumberField("another value", whole=False, step=0.1, width=128)
        self.field.committed.connect(self._commit)
        self.release = QPushButton("Let go")
        set_property(self.release, "compact", True)
        self.release.clicked.connect(self._release)
        first = QHBoxLayout()
        first.setSpacing(6)
        first.addWidget(self._label)
        first.addWidget(self.field)
        first.addWidget(self.release)
        first.addStretch(1)
        self.times = Segmented([(False, "this t"), (True, "all t")], "at which timesteps")
        self.units = Segmented([(False, "this unit"), (True, "all units")], "of which units")
        for choice in (self.times, self.units):
            choice.show_value(False)
            choice.chosen.connect(choice.show_value)
        self._scope = QWidget()
        second = QHBoxLayout(self._scope)
        second.setContentsMargins(0, 0, 0, 0)
        second.addWidget(self.times)
        second.addStretch(1)
        second.addWidget(self.units)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(first)
        column.addWidget(self._scope)

    def show_element(self, element: Element) -> None:
        """Offers to change a number; nothing where that is not possible.

        What is changed is always the edited run, whichever the figures show.
        """
        from rnnviz.session.account import account_of
        from rnnviz.session.numbers import way_in

        state = self._session.state
        self._element = element
        self._way = way_in(state, element)
        self.setVisible(self._way is not None)
        if self._way is None:
            return
        value = account_of(state.with_(showing="new")).value_at(element)
        self._label.setText(_VERBS[self._way])
        self._scope.setVisible(self._way == "force")
        self.field.show_value("" if value is None else float(f"{value:.6g}"))
        self.release.setVisible(bool(self._holding()))

    def _commit(self, value: object) -> None:
        from rnnviz.session.numbers import change_number

        element = self._element
        if element is None or not isinstance(value, int | float):
            return
        if self._way == "force":
            self._session.clamp(self._clamp(element, float(value)))
        else:
            change_number(self._session, element, float(value))

    def _clamp(self, element: Element, value: float) -> Clamp:
        from rnnviz.model.clamps import Clamp

        run = self._session.state.run
        return Clamp(
            element.tensor,
            value,
            element.layer or 0,
            element.direction or 0,
            t=None if self.times.value else element.t,
            sequence=element.sequence if run is not None and run.N > 1 else None,
            unit=None if self.units.value else element.unit,
        )

    def _holding(self) -> list[Clamp]:
        """What holds the selected number."""
        element = self._element
        if element is None or self._way != "force":
            return []
        return [
            clamp
            for clamp in self._session.state.document.clamps
            if clamp.tensor == element.tensor
            and clamp.reaches(element.layer or 0, element.direction or 0)
            and clamp.t in (None, element.t)
            and clamp.sequence in (None, element.sequence)
            and clamp.unit in (None, element.unit)
        ]

    def _release(self) -> None:
        for clamp in self._holding():
            self._session.unclamp(clamp)
