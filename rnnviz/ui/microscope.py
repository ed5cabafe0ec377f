"""The arithmetic microscope: how one number was computed, down to the single product."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from rnnviz.scene.axes import write_number
from rnnviz.ui.controls import SectionLabel, Segmented, muted
from rnnviz.ui.curve import CurveView
from rnnviz.ui.fields import set_property
from rnnviz.ui.numbers import NumbersView
from rnnviz.ui.terms import TermsView
from rnnviz.ui.typesetter import Typesetter
from rnnviz.ui.units_table import KeptBars, UnitsTable

if TYPE_CHECKING:
    from rnnviz.model.provenance import Dissection
    from rnnviz.model.provenance.columns import Columns
    from rnnviz.model.provenance.terms import Order


class Microscope(QWidget):
    """The equation with its numbers, its sum term by term, and the activation's curve.

    Signals:
        chosen: an element that is to be selected.
        unit_chosen: a unit of the same tensor.
    """

    chosen = Signal(object)
    unit_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.dissection: Dissection | None = None
        self._order: Order = "index"
        self._typesetter = Typesetter()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.numbers = NumbersView(self._typesetter)
        self._column.addWidget(self.numbers)
        self.forced = muted(size=12)
        self._column.addWidget(self.forced)
        self._add_copying()
        self._add_terms()
        self._add_units()
        self.curve = CurveView()
        self._column.addWidget(self.curve)

    def close_typesetter(self) -> None:
        """Ends the thread that sets the mathematics."""
        self.numbers.stop()
        self._typesetter.close()

    def show_dissection(
        self,
        dissection: Dissection | None,
        columns: Columns | None,
        *,
        typeset: bool = True,
        with_symbols: bool = False,
    ) -> None:
        """Shows how a number was computed; nothing where it was not computed from others.

        Args:
            columns: all units, where the number is of a state that is a sum of two products.
            typeset: not while time runs.
            with_symbols: before its numbers, where the equation does not stand above already.
        """
        self.dissection = dissection
        known = dissection is not None and dissection.is_known
        self.setVisible(dissection is not None)
        if dissection is None:
            return
        sides = dissection.in_numbers if known else dissection.in_symbols
        if known and with_symbols:
            sides = (*dissection.in_symbols, *sides[len(dissection.names) :])
        self.numbers.show_sides(sides, _spoken(dissection), typeset=typeset)
        self._numbers_button.setEnabled(known)
        self.forced.setText(_forced(dissection))
        self.forced.setVisible(dissection.is_forced)
        self._show_terms(dissection if columns is None else None)
        self._units_title.setVisible(columns is not None)
        self._kept_title.setVisible(columns is not None)
        self.table.show_columns(columns)
        self.bars.show_columns(columns)
        role = dissection.source.tensor if dissection.activation is not None else "h"
        self.curve.show_activation(dissection.activation, "c" if role == "tanh_c" else role)

    def copy_latex(self, numbers: bool) -> None:
        """Puts the equation on the clipboard, in symbols or with its numbers."""
        if self.dissection is not None:
            QGuiApplication.clipboard().setText(self.latex(numbers))

    def latex(self, numbers: bool) -> str:
        """What `copy_latex` copies; "" where nothing is dissected."""
        from rnnviz.model.provenance import latex

        return "" if self.dissection is None else latex(self.dissection, numbers)

    # -- parts

    def _add_copying(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(muted("Copy LaTeX", size=11))
        row.addStretch(1)
        self._symbols_button = _small("symbols", "Copy LaTeX: symbols")
        self._symbols_button.clicked.connect(lambda: self.copy_latex(False))
        self._numbers_button = _small("with numbers", "Copy LaTeX: with numbers")
        self._numbers_button.clicked.connect(lambda: self.copy_latex(True))
        row.addWidget(self._symbols_button)
        row.addWidget(self._numbers_button)
        self._column.addLayout(row)

    def _add_terms(self) -> None:
        self._head = QWidget()
        row = QHBoxLayout(self._head)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(SectionLabel("Term by term"))
        row.addStretch(1)
        self.order = Segmented([("index", "order"), ("size", "largest")], "order of the terms")
        self.order.show_value("index")
        self.order.chosen.connect(self._sort)
        row.addWidget(self.order)
        self._column.addWidget(self._head)
        self.terms = TermsView()
        self.terms.chosen.connect(self.chosen)
        self._column.addWidget(self.terms)
        self.rounding = muted(size=11)
        self.rounding.setWordWrap(True)
        self.rounding.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._column.addWidget(self.rounding)

    def _add_units(self) -> None:
        self._units_title, self._kept_title = (
            SectionLabel("All units"),
            SectionLabel("Kept and written"),
        )
        self.table, self.bars = UnitsTable(), KeptBars()
        for title, view in ((self._units_title, self.table), (self._kept_title, self.bars)):
            self._column.addWidget(title)
            self._column.addWidget(view)
            view.unit_clicked.connect(self.unit_chosen)

    def _show_terms(self, dissection: Dissection | None) -> None:
        many = dissection is not None and sum(map(len, dissection.groups)) > 1
        self._head.setVisible(many)
        self.terms.show_terms(dissection if many else None, self._order)
        told = "" if dissection is None or not many else _rounding(dissection)
        self.rounding.setText(told)
        self.rounding.setVisible(bool(told))

    def _sort(self, order: Order) -> None:
        self._order = order
        self.terms.show_terms(self.dissection, order)


def _small(text: str, name: str) -> QPushButton:
    button = QPushButton(text)
    set_property(button, "compact", True)
    button.setAccessibleName(name)
    button.setToolTip(name)
    return button


def _spoken(dissection: Dissection) -> str:
    sides = dissection.in_numbers or dissection.in_symbols
    return " = ".join(
        "".join(f"{token.text}{token.sub}{token.behind}" for token in side) for side in sides
    )


def _forced(dissection: Dissection) -> str:
    if not dissection.is_forced:
        return ""
    return f"Forced to {write_number(dissection.value)}, whatever is computed."


def _rounding(dissection: Dissection) -> str:
    """What the run's dtype made of the sum, where that differs."""
    if not dissection.rounding > 0:
        return ""
    exact, rounded = write_number(dissection.total, 9), write_number(dissection.in_run, 9)
    return f"Added without rounding: {exact}; in {dissection.dtype}: {rounded}."
