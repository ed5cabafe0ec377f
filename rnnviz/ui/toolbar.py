"""A figure's toolbar, made from its options: no figure needs one of its own."""

from __future__ import annotations

from dataclasses import Field, fields
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from rnnviz.ui.controls import Choice, Segmented, Toggle, muted
from rnnviz.ui.flow import FlowLayout
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:
    from rnnviz.figures.view import View
    from rnnviz.session import Session
    from rnnviz.session.state import State

_FEW = 5
_SHORT = 40  # letters that a segmented control may have in all
_WITH_SEQUENCE = frozenset({"anatomy", "unrolled", "folded", "trajectories", "sides", "gradients"})
_WITH_ALL = frozenset({"unrolled", "gradients"})  # figures that show several sequences at once
_LINE = 36


class FigureToolbar(QWidget):
    """The choices and toggles of one figure, and which sequence of the batch is on show."""

    def __init__(self, session: Session, figure: str) -> None:
        super().__init__()
        self._session, self._figure = session, figure
        self._row = FlowLayout(self, _LINE, 14)
        self._row.setContentsMargins(20, 3, 20, 3)
        self._offered: list[Any] = []
        self.controls: dict[str, Segmented | Choice | Toggle] = {}
        self._labels: dict[str, QWidget] = {}

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(style_of(self).ui.canvas))

    @property
    def empty(self) -> bool:
        """Whether there is nothing to choose."""
        return not self.controls

    def refresh(self, state: State) -> None:
        """Offers what a state allows, and shows what is chosen."""
        if not state.ready:
            return
        view = state.view()
        options = state.options[self._figure]
        offered = self._offers(view, options, state)
        if offered != self._offered:
            self._offered = offered
            self._rebuild(options, offered)
        for name, control in self.controls.items():
            value = self._sequence(state) if name == "sequence" else getattr(options, name)
            if isinstance(control, Toggle):
                control.setChecked(bool(value))
            else:
                control.show_value(value)

    def _offers(self, view: View, options: Any, state: State) -> list[Any]:
        offers: list[Any] = [
            (field.name, tuple(_choices(field, view)) if "choices" in field.metadata else None)
            for field in fields(options)
            if _is_offered(field, options)
        ]
        if self._figure in _WITH_SEQUENCE and view.run.N > 1:
            several = [(None, "All")] if self._figure in _WITH_ALL else []
            rows = [*several, *((n, str(n)) for n in range(view.run.N))]
            offers.insert(0, ("sequence", tuple(rows)))
        return offers

    def _rebuild(self, options: Any, offered: list[Any]) -> None:
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            assert widget is not None
            widget.hide()
            widget.deleteLater()
        self.controls = {}
        by_name = {field.name: field for field in fields(options)}
        for name, choices in offered:
            if choices is not None and len(choices) < 2:
                continue
            label = by_name[name].metadata["label"] if name in by_name else "Sequence"
            self._add(name, label, choices)
        self.updateGeometry()

    def _add(self, name: str, label: str, choices: tuple[tuple[Any, str], ...] | None) -> None:
        if choices is None:
            self._add_toggle(name, label)
            return
        letters = sum(len(text) for _, text in choices)
        few = len(choices) <= _FEW and letters <= _SHORT and name != "sequence"
        control: Segmented | Choice = Segmented(choices, label) if few else Choice(choices, label)
        control.setToolTip(label)
        control.chosen.connect(lambda value: self._choose(name, value))
        self.controls[name] = control
        if isinstance(control, Choice):
            control.setMinimumWidth(72)
        # Choices that are mere numbers don't say what they choose.
        named = isinstance(control, Choice) or not any(c.isalpha() for _, t in choices for c in t)
        self._row.addWidget(_named(label, control) if named else control)

    def _add_toggle(self, name: str, label: str) -> None:
        control = Toggle(label)
        control.clicked.connect(lambda on: self._choose(name, bool(on)))
        self.controls[name] = control
        self._row.addWidget(_named(label, control))

    def _sequence(self, state: State) -> int | None:
        """The row on show: of all, a figure of one sequence shows the first."""
        return state.sequence if self._figure in _WITH_ALL else state.sequence or 0

    def _choose(self, name: str, value: Any) -> None:
        if name == "sequence":
            self._session.show_sequence(value)
        else:
            self._session.set_option(self._figure, name, value)


def _is_offered(field: Field[Any], options: Any) -> bool:
    if not field.metadata.get("form", True):
        return False
    if "only_if" in field.metadata:
        other, value = field.metadata["only_if"]
        if getattr(options, other) != value:
            return False
    return "choices" in field.metadata or isinstance(getattr(options, field.name), bool)


def _named(label: str, control: QWidget) -> QWidget:
    pair = QWidget()
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(7)
    row.addWidget(muted(label))
    row.addWidget(control)
    return pair


def _choices(field: Field[Any], view: View) -> list[tuple[Any, str]]:
    return list(field.metadata["choices"](view))
