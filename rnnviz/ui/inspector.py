"""The inspector: what a number is, why it is so, and how to get it in PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rnnviz.scene.axes import format_value
from rnnviz.ui.change_row import ChangeRow
from rnnviz.ui.code_lines import CodeLines
from rnnviz.ui.controls import ElidedLabel, IconButton, Rule, SectionLabel, muted
from rnnviz.ui.equation import EquationView, SymbolLabel
from rnnviz.ui.input_table import ValuesTable, largest
from rnnviz.ui.microscope import Microscope
from rnnviz.ui.panel import Panel
from rnnviz.ui.source_lines import SourceLines
from rnnviz.ui.strip import StripView
from rnnviz.ui.theme import style_of
from rnnviz.ui.units import UnitChooser
from rnnviz.ui.values_model import Block

if TYPE_CHECKING:
    from rnnviz.element import Element
    from rnnviz.model.provenance import Description
    from rnnviz.session import Session
    from rnnviz.session.account import Account
    from rnnviz.session.state import State
    from rnnviz.ui.follow import Follower

_ROWS = 8
_FRAME = 16  # ms, after which a step is described: the figure's frame comes first
_READ = 120  # ms that a description stays, so that a key held down moves the figure, not words
_BOUNDED = frozenset({"h", "g", "n", "h_0", "h_n", "output"})
_STATUS = {"pending": "not computed yet", "padding": "padding: never computed"}


class Inspector(Panel):
    """Describes the selected element; it moves with time unless it is pinned."""

    def __init__(self, session: Session, follower: Follower) -> None:
        super().__init__("Inspector", (10, 16))
        self._session, self._follower = session, follower
        self._described: tuple[object, object] = (None, None)
        self.description: Description | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._since = QElapsedTimer()  # the last step was described
        self._since.start()
        self._soon.timeout.connect(self._catch_up)
        self.heading.addStretch(1)
        self.heading.addWidget(IconButton("copy", "Copy name and value", self.copy, size=16))
        self.pin = IconButton("pin", "Pin: stay at this step", self._toggle_pin, size=16)
        self.pin.setCheckable(True)
        self.heading.addWidget(self.pin)
        follower.on_pinned(lambda: self.pin.setChecked(follower.pinned))
        self.layout().insertWidget(1, Rule())  # type: ignore[union-attr]
        self.column.setSpacing(10)
        self.column.addSpacing(8)
        self._add_title()
        self._add_microscope()
        self._add_values()
        self._add_code()
        self._add_table()
        self.column.addStretch(1)
        self.content.hide()

    def refresh(self, old: State | None, new: State) -> None:
        """Describes what is selected in a state; after a step, once the figure shows it."""
        if old is not None and self.isVisible() and _is_a_step(old, new):
            if not self._soon.isActive():
                self._soon.start(max(_FRAME, _READ - self._since.elapsed()))
            return
        self._soon.stop()
        self._show(old, new)

    def _catch_up(self) -> None:
        self._since.restart()
        self._show(None, self._session.state)

    def _show(self, old: State | None, new: State) -> None:
        moment = _moment(new)
        if self._described == (moment, new.selection):
            return
        self._described = (moment, new.selection)
        account = _account(new)
        self.content.setVisible(account is not None)
        if account is not None:
            self._describe(new, account)
            if old is not None and old.run is new.run and self.isVisible():
                self._paint_at_once()

    def copy(self) -> None:
        """Copies the element's PyTorch name and its value."""
        text = self.copy_text()
        if text:
            QGuiApplication.clipboard().setText(text)

    def copy_text(self) -> str:
        """Name and value: the code that gives the element, and what it gives."""
        if self._soon.isActive():
            self._soon.stop()
            self._catch_up()
        told = self.description
        if told is None:
            return ""
        name = told.expressions[0].code if told.expressions else told.title
        values = told.values if told.index is None else told.values[told.index]
        if np.ndim(values) == 0:
            return f"{name} = {float(values):.9g}"
        shown = np.array2string(np.asarray(values), separator=", ", threshold=10**6)
        return f"{name} = {shown}"

    # -- parts

    def _add_title(self) -> None:
        self.bar = _Bar()
        self.title = ElidedLabel(size=16, weight=600)
        self.subtitle = ElidedLabel(size=12, role=QPalette.ColorRole.PlaceholderText)
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.title)
        names.addWidget(self.subtitle)
        self.symbol = SymbolLabel()
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self.bar)
        row.addLayout(names, 1)
        row.addWidget(self.symbol)
        self.column.addLayout(row)
        self.equation = EquationView()
        self.column.addWidget(self.equation)

    def _add_microscope(self) -> None:
        self.units = UnitChooser()
        self.units.chosen.connect(self._choose_unit)
        self.column.addWidget(self.units)
        self.microscope = Microscope()
        self.microscope.chosen.connect(self._session.select)
        self.microscope.unit_chosen.connect(self._choose_unit)
        self.column.addWidget(self.microscope)

    def _add_values(self) -> None:
        self.column.addWidget(_Bleed())
        head = QHBoxLayout()
        head.addWidget(SectionLabel("Value"))
        self.shape_label = ElidedLabel(
            size=12,
            font="mono",
            role=QPalette.ColorRole.PlaceholderText,
            align=Qt.AlignmentFlag.AlignRight,
        )
        head.addWidget(self.shape_label, 1)
        self.column.addLayout(head)
        self.status = muted()
        self.column.addWidget(self.status)
        self.strip = StripView()
        self.strip.unit_clicked.connect(self._choose_unit)
        self.column.addWidget(self.strip)
        self.value = ElidedLabel(weight=600, mode=Qt.TextElideMode.ElideMiddle)
        self.column.addWidget(self.value)
        self.change = ChangeRow(self._session)
        self.column.addWidget(self.change)

    def _add_table(self) -> None:
        self.table = ValuesTable("values of the selected tensor")
        self.table.setEditTriggers(ValuesTable.EditTrigger.NoEditTriggers)
        self.column.addWidget(self.table)

    def _add_code(self) -> None:
        self.column.addWidget(_Bleed())
        self.column.addWidget(SectionLabel("In PyTorch"))
        self.code = CodeLines()
        self.column.addWidget(self.code)
        self.note = muted(size=12)
        self.note.setWordWrap(True)
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.column.addWidget(self.note)
        self.sources = SourceLines()
        self.sources.chosen.connect(self._session.select)
        self.column.addWidget(self.sources)

    def close_typesetter(self) -> None:
        """Ends the thread that sets the mathematics."""
        self.microscope.close_typesetter()

    # -- showing

    def _paint_at_once(self) -> None:
        """Paints what was selected before a figure does, which may take longer."""
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        self.repaint()

    def _describe(self, state: State, account: Account) -> None:
        assert state.selection is not None
        told = self.description = account.describe(state.selection)
        self.bar.show_role(told.role)
        self.title.setText(told.title)
        shown = "new − original" if account.is_difference else "original"
        compared = account.is_difference or state.view().showing == "old"
        self.subtitle.setText(f"{told.subtitle} · {shown}" if compared else told.subtitle)
        self.symbol.show_symbol(told.symbol, told.role)
        self.equation.show_equation(told.equation_key, told.equation)
        self.shape_label.setText(told.shape_legend)
        self._show_microscope(state, account, told.element)
        self._show_values(account, told)
        results = zip(told.code, told.code_results, strict=True)
        lines = [
            (code, "" if told.is_statement(code) else _shape_text(shape)) for code, shape in results
        ]
        room = self.pane.viewport().width() - 32
        self.code.show_lines(lines, room)
        self.note.setText(told.note or "")
        self.note.setVisible(bool(told.note))
        self.sources.show_sources(account, told.element)

    def _show_microscope(self, state: State, account: Account, element: Element) -> None:
        dissection = account.dissect(element)
        columns = None if dissection is None else account.columns_of(dissection)
        drawn = self.description is not None and self.description.equation_key is not None
        self.microscope.show_dissection(
            dissection, columns, typeset=not state.playing, with_symbols=not drawn
        )

    def _show_values(self, account: Account, told: Description) -> None:
        run = account.run
        gates = frozenset() if run is None else frozenset(run.cell.sigmoid_gates)
        tensor = told.element.tensor.removeprefix("decoder.")
        is_gate = tensor in gates | {"probabilities"} and not account.is_difference
        values = np.asarray(told.values, dtype=np.float64)
        vector = values.ndim == 1
        unit = told.index[-1] if vector and told.index is not None else None
        self.status.setText(_STATUS.get(told.status, ""))
        self.status.setVisible(told.status in _STATUS)
        self.units.setVisible(vector and values.size > 1)
        count, first = values.size if vector else 0, _first_number(told)
        self.units.show_units(count, unit, _axis_name(told), told.field, first)
        text = _value_text(told, values)
        self.value.setText(f"Δ {text}" if text and account.is_difference else text)
        limit = 1.0 if is_gate else _limit(told.element.tensor, values)
        known = told.status == "computed"
        if known or not vector:
            shown = values if vector else np.zeros(0)
            digits = 0 if _is_whole(told) else 2
            self.strip.show_values(shown, told.role, unit, limit, is_gate, digits)
        else:
            self.strip.show_pending(values.size, told.role)
        self.value.setVisible(known and told.index is not None)
        self.change.show_element(told.element)
        self.table.setVisible(known)
        self._show_table(told, values, float("inf") if is_gate else limit)

    def _show_table(self, told: Description, values: Any, limit: float) -> None:
        matrix = values.reshape(-1, 1) if values.ndim == 1 else values
        names = [name for name, _ in told.axes]
        column = "value" if values.ndim == 1 else f"{names[-1]}[{{}}]"
        first = _first_number(told)
        rows = [str(first + index) for index in range(matrix.shape[0])]
        padding = np.zeros(len(rows), dtype=bool)
        shown = _whole if _is_whole(told) else None
        blocks = (Block(matrix, column, limit=limit, shown=shown),)
        self.table.values.show_blocks(blocks, padding, rows)
        lit = frozenset({told.index[0]}) if told.index is not None else frozenset()
        self.table.light(lit)
        self.table.verticalHeader().setFixedWidth(max(40, 8 * len(rows[-1]) + 20) if rows else 40)
        self.table.fit_rows(_ROWS)
        self.table.fit_columns()
        if told.index is not None:
            at = told.index[1] if values.ndim == 2 else 0
            self.table.scrollTo(self.table.values.index(told.index[0], at))

    # -- intents

    def _choose_unit(self, unit: int) -> None:
        chosen = self._session.state.selection
        if chosen is None or self.description is None:
            return
        if self.description.field in ("t", "sequence"):
            self._session.select(self.description.element_at(unit))
            return
        axis = _chosen_axis(chosen, self.description)
        self._session.select(chosen._replace(**{axis: unit}))  # type: ignore[arg-type]

    def _toggle_pin(self) -> None:
        self._follower.toggle_pin()


class _Bar(QWidget):
    """The bar in the colour of a tensor's role."""

    def __init__(self) -> None:
        super().__init__()
        self._role = "x"
        self.setFixedSize(4, 40)

    def show_role(self, role: str) -> None:
        """Takes the colour of a role."""
        self._role = role
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(4, 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(style_of(self).role(self._role).line))

    def changeEvent(self, event: QEvent) -> None:
        self.update()


class _Bleed(QWidget):
    """A hairline across the whole panel, padding included."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(7)

    def paintEvent(self, event: QPaintEvent) -> None:
        line = self.palette().color(QPalette.ColorRole.Mid)
        QPainter(self).fillRect(0, 3, self.width(), 1, line)


def _limit(tensor: str, values: Any) -> float:
    """Where the colour map ends: 1 for states and candidates within 1, else the largest value."""
    most = largest(values)
    return 1.0 if tensor in _BOUNDED and most <= 1 else most


def _moment(state: State) -> object:
    """What the description of an element depends on."""
    if not state.ready:
        return None
    view = state.view()
    around = view.around
    if around is None:
        return view.trace
    return (
        view.trace,
        around.pr,
        around.gradients,
        around.returned,
        around.position,
        around.decoded,
        around.decoder_steps,
    )


def _is_a_step(old: State, new: State) -> bool:
    """Whether nothing but a step lies between two states."""
    same = old.document is new.document and old.sequence == new.sequence
    return same and old.ready and new.ready and old.position != new.position


def _account(state: State) -> Account | None:
    """What tells of the selected element; None where there is none."""
    from rnnviz.session.account import account_of

    if not state.ready or state.selection is None:
        return None
    account = account_of(state)
    return account if account.has(state.selection) else None


def _chosen_axis(element: Element, told: Description) -> str:
    """Which index of an element runs along the strip on show."""
    if told.field != "unit":
        return told.field
    if element.tensor.startswith("weight_") or element.tensor == "data":
        return "column"
    return "row" if element.tensor.startswith("bias_") else "unit"


def _axis_name(told: Description) -> str:
    return told.axes[-1][0] if told.axes else ""


def _is_whole(told: Description) -> bool:
    return np.asarray(told.values).dtype.kind in "iub"


def _whole(value: float) -> str:
    return "" if np.isnan(value) else str(int(value))


def _first_number(told: Description) -> int:
    """The number of the first on the strip; timesteps count from 1."""
    return told.first + (told.field == "t")


def _shape_text(shape: tuple[int, ...]) -> str:
    inside = ", ".join(str(size) for size in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


def _value_text(told: Description, values: Any) -> str:
    if told.index is None:
        return ""
    scalars = (line.code for line in told.expressions if not line.shape)
    place = ", ".join(str(index) for index in told.index)
    own = f"{told.element.tensor}[{place}]"
    name = next(scalars, own).removeprefix("module.")
    if name.startswith("nn."):  # a call: too long to stand before its value
        name = own
    return f"{name} = {format_value(float(values[told.index]), 0 if _is_whole(told) else 6)}"
