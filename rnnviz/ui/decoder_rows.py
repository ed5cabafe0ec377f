"""The decoder behind an encoder: its cell, what it is fed, and how long it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.model.spec import CELL_NAMES
from rnnviz.ui.controls import NumberField, Segmented
from rnnviz.ui.rows import RowGroup

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import State


class DecoderRows(RowGroup):
    """Adds and edits the decoder; there for tokens before recurrent layers."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.switch = self.add_switch(
            "decoder",
            "a second recurrent module, which begins where this one ends and writes a sequence",
            lambda on: session.set_decoding(bool(on)),
            label="Decoder",
        )
        self.cell = Segmented([(name, name) for name in CELL_NAMES], "cell of the decoder")
        self.cell.chosen.connect(lambda cell: session.set_decoder(cell=cell))
        self.add_row("decoder_cell", self.cell, "of the decoder", label="cell", inner=True)
        self.forced = self.add_switch(
            "forced",
            "on: it is fed the targets; off: it is fed its own choices",
            lambda on: session.set_decoder(forced=on),
            label="Teacher forcing",
            inner=True,
        )
        self.steps = self.add_number(
            "steps",
            NumberField("steps of the decoder"),
            "at most how many tokens it writes",
            lambda value: session.set_decoder(steps=value),
            inner=True,
        )

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the decoder of a state."""
        same = old is not None and old.document is new.document
        if same and old is not None and old.problems is new.problems:
            return
        document, decoder = new.document, new.document.decoder
        self.setVisible(document.recurrent and (document.takes_ids or decoder is not None))
        self.show_problems(new.problems)
        self.switch.setChecked(decoder is not None)
        for name in ("decoder_cell", "forced", "steps"):
            self.rows[name].setVisible(decoder is not None)
        if decoder is None:
            return
        given = document.targets is not None
        self.cell.show_value(decoder.cell)
        self.forced.setChecked(decoder.forced and given)
        self.rows["forced"].show_reason("" if given else "there are no targets to feed")
        reason = "as many as there are targets" if given else ""
        self.rows["steps"].show_reason(reason, "as the targets" if given else "")
        if not self.rows["steps"].message:
            shown = document.targets.shape[-1] if document.targets is not None else decoder.steps
            self.steps.show_value(shown)
