"""The fields of the recurrent layers, and those that every model has: dtype, seed and mode."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from rnnviz.model.spec import ITEM_SIZE, NONLINEARITIES, inapplicable
from rnnviz.ui.controls import Choice, IconButton, NumberField, Segmented, Toggle
from rnnviz.ui.rows import RowGroup

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import Document, State

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
_ALWAYS = {"batch_first", "dtype", "seed"}  # means something without recurrent layers too


class SpecRows(RowGroup):
    """Edits fields of the model's spec."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the spec of a state, and what was wrong with the last edit."""
        changed = old is None or old.document is not new.document
        if old is None or old.problems is not new.problems:
            self.show_problems(new.problems)
            changed = True
        if changed:
            self._show_fields(new.document)

    def _show_fields(self, document: Document) -> None:
        for name, row in self.rows.items():
            row.setVisible(document.recurrent or name in _ALWAYS)
            if row.message:
                continue  # what was refused stays beside its message
            _show_field(row.field, getattr(document.spec, name))

    def _set(self, name: str, value: object) -> None:
        self._session.set_model(**{name: value})

    def _add_field(self, name: str, meaning: str, *extras: QWidget, step: float = 1) -> None:
        field = NumberField(name, whole=step == 1, step=step)
        self.add_number(name, field, meaning, partial(self._set, name), *extras)

    def _add_values(self, name: str, values: tuple[str, ...]) -> None:
        options = [(value, value) for value in values]
        self.add_choice(name, options, name, partial(self._set, name))


class RecurrentRows(SpecRows):
    """The arguments of `nn.RNN`, `nn.LSTM` and `nn.GRU`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._add_values("nonlinearity", NONLINEARITIES)
        for name, meaning in _NUMBERS.items():
            self._add_field(name, meaning)
        for name, meaning in _SWITCHES.items():
            self.add_switch(name, meaning, partial(self._set, name))
        self._add_field(
            "dropout", "probability of a zero between two layers, in train mode", step=0.1
        )

    def _show_fields(self, document: Document) -> None:
        super()._show_fields(document)
        reasons, short = inapplicable(document.spec), dict(_SHORT_REASONS)
        front = document.front
        if front is not None:
            name = front.names[0 if front.width is None else 1]
            reasons["input_size"] = f"as long as what comes from in front: {name}"
            short["input_size"] = name
        for name, row in self.rows.items():
            row.show_reason(reasons.get(name, ""), short.get(name, ""))


class CommonRows(SpecRows):
    """What the whole model has once."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._add_values("dtype", tuple(ITEM_SIZE))
        dice = IconButton("dice", "Another seed", self._roll, size=16)
        self._add_field("seed", "what torch.manual_seed is given before the modules are made", dice)
        self.mode = Segmented([(False, "eval"), (True, "train")], "mode of the module")
        self.mode.setFixedWidth(120)
        self.mode.chosen.connect(lambda on: session.set_training(bool(on)))
        meaning = "module.eval() or module.train(): dropout draws its masks in train mode"
        self._mode_row = self.add_row("mode", self.mode, meaning)
        del self.rows["mode"]  # no field of the spec

    def _show_fields(self, document: Document) -> None:
        super()._show_fields(document)
        self.mode.show_value(document.training)
        self._mode_row.setVisible(document.recurrent)

    def _roll(self) -> None:
        self._session.set_model(seed=random.randrange(10_000))


def _show_field(field: QWidget, value: object) -> None:
    if isinstance(field, Toggle):
        field.setChecked(bool(value))
    elif isinstance(field, NumberField | Choice):
        field.show_value(value)
