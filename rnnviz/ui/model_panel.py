"""The model panel: every field of ModelSpec under its PyTorch name."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from rnnviz.model.spec import CELL_NAMES, ITEM_SIZE, NONLINEARITIES, ModelSpec, inapplicable
from rnnviz.session.examples import examples
from rnnviz.ui.controls import (
    Choice,
    ElidedLabel,
    FieldRow,
    IconButton,
    NumberField,
    Segmented,
    Toggle,
    muted,
)
from rnnviz.ui.fields import set_property
from rnnviz.ui.panel import CodeBox, Panel

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import State

_NUMBERS = {
    "input_size": "H_in: features of the input at one timestep",
    "hidden_size": "H_cell: units of a layer",
    "num_layers": "stacked layers; each receives what the one below puts out",
    "proj_size": "H_out: h is projected to this many features; 0 for no projection",
}
_SWITCHES = {
    "bidirectional": "a second set of weights reads each sequence from its end",
    "bias": "whether bias_ih and bias_hh exist",
    "batch_first": "input and output are (N, L, H) instead of (L, N, H)",
}
_SHORT_REASONS = {"nonlinearity": "RNN only", "proj_size": "LSTM only", "dropout": "num_layers > 1"}


class ModelPanel(Panel):
    """Edits the model; each change is one edit, a bad one is told at its field."""

    def __init__(self, session: Session) -> None:
        super().__init__("Model")
        self._session = session
        self.rows: dict[str, FieldRow] = {}
        self.count = ElidedLabel(
            role=QPalette.ColorRole.PlaceholderText, align=Qt.AlignmentFlag.AlignRight
        )
        self.heading.addWidget(self.count, 1)
        self.examples_button = self._examples_button()
        self.heading.addWidget(self.examples_button)
        self.cell = Segmented([(name, name) for name in CELL_NAMES], "cell")
        self.cell.chosen.connect(lambda cell: session.set_model(cell=cell))
        self.column.addWidget(self.cell)
        self.column.addSpacing(6)
        self._add_fields()
        self._add_mode()
        self.code = CodeBox("the PyTorch code of this model")
        self.column.addSpacing(8)
        self.column.addWidget(self.code)
        self.note = muted("It runs with its own weights; another size draws new ones.", size=11)
        self.note.setWordWrap(True)
        self.note.hide()
        self.column.addSpacing(6)
        self.column.addWidget(self.note)
        self.column.addStretch(1)

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the model of a state, and what was wrong with the last edit."""
        if old is None or old.problems is not new.problems:
            for name, row in self.rows.items():
                row.show_problem(new.problems.get(name, ""))
        if old is None or old.document is not new.document or old.problems is not new.problems:
            self._show_spec(new.document.spec, new.problems)
        if old is None or old.document is not new.document:
            self.mode.show_value(new.document.training)
            self.note.setVisible(new.document.module is not None)
            spec = new.document.spec
            self.code.show_code(spec.code(), spec.script(new.document.training))

    # -- the fields

    def _add_fields(self) -> None:
        self._add_choice("nonlinearity", NONLINEARITIES)
        for name, meaning in _NUMBERS.items():
            self._add_number(name, meaning)
        for name, meaning in _SWITCHES.items():
            self._add_switch(name, meaning)
        self._add_number("dropout", "probability of a zero between two layers, in train mode", 0.1)
        self._add_choice("dtype", tuple(ITEM_SIZE))
        self._add_number("seed", "what torch.manual_seed is given before the module is made")

    def _add_row(self, name: str, field: QWidget, meaning: str, *extras: QWidget) -> None:
        row = FieldRow(name, field, *extras)
        row.set_meaning(meaning)
        self.rows[name] = row
        self.column.addWidget(row)

    def _add_choice(self, name: str, values: tuple[str, ...]) -> None:
        field = Choice([(value, value) for value in values], name)
        field.setFixedWidth(88)
        field.chosen.connect(lambda value: self._session.set_model(**{name: value}))
        self._add_row(name, field, name)

    def _add_number(self, name: str, meaning: str, step: float = 1) -> None:
        field = NumberField(name, whole=step == 1, step=step)
        field.committed.connect(lambda value: self._session.set_model(**{name: value}))
        extras = [self._dice()] if name == "seed" else []
        self._add_row(name, field, meaning, *extras)

    def _add_switch(self, name: str, meaning: str) -> None:
        field = Toggle(name)
        field.clicked.connect(lambda on: self._session.set_model(**{name: bool(on)}))
        self._add_row(name, field, meaning)

    def _dice(self) -> IconButton:
        return IconButton("dice", "Another seed", self._roll, size=16)

    def _roll(self) -> None:
        self._session.set_model(seed=random.randrange(10_000))

    def _add_mode(self) -> None:
        self.mode = Segmented([(False, "eval"), (True, "train")], "mode of the module")
        self.mode.setFixedWidth(120)
        self.mode.chosen.connect(lambda on: self._session.set_training(bool(on)))
        row = FieldRow("mode", self.mode)
        row.set_meaning("module.eval() or module.train(): dropout draws its masks in train mode")
        self.column.addWidget(row)

    def _examples_button(self) -> QPushButton:
        button = QPushButton("Examples  ▾")
        button.setAccessibleName("Examples")
        set_property(button, "flat", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(button)
        for key, example in examples().items():
            action = menu.addAction(example.title.replace("&", "&&"))
            action.triggered.connect(lambda _=False, key=key: self._session.open_example(key))
        button.setMenu(menu)
        return button

    # -- showing

    def _show_spec(self, spec: ModelSpec, problems: object) -> None:
        self.cell.show_value(spec.cell)
        reasons = inapplicable(spec)
        for name, row in self.rows.items():
            row.show_reason(reasons.get(name, ""), _SHORT_REASONS.get(name, ""))
            if row.message:
                continue  # what was refused stays beside its message
            self._show_field(row.field, getattr(spec, name))
        count = f"{spec.parameter_count:,}".replace(",", "\u2009")
        self.count.setText(f"{count} params")
        self.count.setAccessibleName(f"{count} parameters")

    def _show_field(self, field: QWidget, value: object) -> None:
        if isinstance(field, Toggle):
            field.setChecked(bool(value))
        elif isinstance(field, NumberField | Choice):
            field.show_value(value)
