"""What stands behind the recurrent layers: a Linear head, what is done to its scores, a loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.session.parts import ACTIVATIONS, LOSSES
from rnnviz.ui.controls import NumberField, muted
from rnnviz.ui.rows import RowGroup

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import Document, State

_PLACES = [("every", "every timestep"), ("last", "last"), ("h_n", "h_n")]
_INNER = ("out_features", "on", "activation", "head.bias")
SHARED = {"out_features"}


class HeadRows(RowGroup):
    """Edits the head and the loss."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.summary = muted()
        self.summary.setAccessibleName("sizes of the Linear head")
        self.switch = self.add_switch(
            "head",
            "nn.Linear behind the recurrent layers: a score for each class",
            lambda on: session.set_head(bool(on)),
            self.summary,
            label="Linear head",
        )
        self.out_features = self.add_number(
            "out_features",
            NumberField("out_features"),
            "C: scores at a timestep, one for each class",
            lambda value: session.set_head_fields(out_features=value),
            inner=True,
        )
        self.on = self.add_choice(
            "on",
            _PLACES,
            "what it reads: every timestep, the last one of each sequence, or the final states",
            lambda value: session.set_head_fields(on=value),
            inner=True,
        )
        self.activation = self.add_choice(
            "activation",
            [(name, name or "none") for name in ACTIVATIONS],
            "what is done to the scores",
            lambda value: session.set_head_fields(activation=value),
            inner=True,
        )
        self.bias = self.add_switch(
            "head.bias",
            "whether the Linear head adds a bias",
            lambda on: session.set_head_fields(bias=on),
            inner=True,
        )
        self.rows["head.bias"].set_name("bias")
        self.loss = self.add_choice(
            "loss",
            [(None, "none"), *((name, name) for name in LOSSES)],
            "what is compared with the targets",
            lambda value: session.set_loss(None if value is None else str(value)),
            label="Loss",
        )
        self.loss.setMinimumWidth(118)

    def refresh(self, old: State | None, new: State) -> None:
        """Shows head and loss of a state, and what was wrong with the last edit."""
        if (
            old is not None
            and old.document is new.document
            and old.problems is new.problems
        ):  # fmt: skip
            return
        self.show_problems(new.problems, SHARED)
        self._show_head(new.document)
        self.loss.show_value(new.document.loss)

    def _show_head(self, document: Document) -> None:
        head = document.head
        self.switch.setChecked(head is not None)
        for name in _INNER:
            self.rows[name].setVisible(head is not None)
        self.rows["on"].setVisible(
            head is not None and document.recurrent and document.decoder is None
        )
        reason = "it scores the decoder's tokens" if document.decoder is not None else ""
        self.rows["head"].show_reason(reason)
        if head is None:
            self.summary.setText("")
            return
        self.summary.setText(f"{document.out_width} → {head.out_features}")
        if not self.rows["out_features"].message:
            self.out_features.show_value(head.out_features)
        self.on.show_value(head.on)
        self.activation.show_value(head.activation)
        self.bias.setChecked(head.bias)
