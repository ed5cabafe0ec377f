"""What stands in front of the recurrent layers: an embedding, one-hot rows, or a Linear layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.ui.controls import NumberField, muted
from rnnviz.ui.rows import OptionalField, RowGroup

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.parts import FrontKind, FrontPart
    from rnnviz.session.state import State

# What each choice is: the kind, and whether there is a Linear layer behind one-hot rows.
_KINDS: dict[object, tuple[FrontKind | None, bool]] = {
    "none": (None, True),
    "nn.Embedding": ("embedding", True),
    "one-hot": ("one_hot", False),
    "one-hot × Linear": ("one_hot", True),
    "nn.Linear": ("linear", True),
}
_MEANINGS = {
    "num_embeddings": "rows of the table, one for each id",
    "embedding_dim": "numbers in a row of the table",
    "num_classes": "length of a one-hot row: as many as there are ids",
    "in_features": "numbers that go in at a timestep",
    "out_features": "numbers that come out at a timestep",
}
SHARED = {"out_features"}


class FrontRows(RowGroup):
    """Chooses what stands in front, and edits its sizes."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.summary = muted()
        self.summary.setAccessibleName("sizes of what stands in front")
        self.kind = self.add_choice(
            "front",
            [(name, str(name)) for name in _KINDS],
            "what makes vectors of the input before the recurrent layers",
            self._set_kind,
            self.summary,
            label="In front",
        )
        self._sizes = tuple(self._add_size(which) for which in ("size", "width"))
        self.padding_idx = self.add_number(
            "padding_idx",
            OptionalField("padding_idx"),
            "the id of padding, whose row gets no gradient; none for no such id",
            lambda value: session.set_front_fields(padding_idx=value),
            inner=True,
        )
        self.bias = self.add_switch(
            "front.bias",
            "whether the Linear layer adds a bias",
            lambda on: session.set_front_fields(bias=on),
            inner=True,
        )
        self.rows["front.bias"].set_name("bias")

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the front of a state, and what was wrong with the last edit."""
        same = old is not None and old.document is new.document
        if same and old is not None and old.problems is new.problems:
            return
        front = new.document.front
        self._name_sizes(front)
        self.show_problems(new.problems, SHARED)
        self.kind.show_value(_name_of(front))
        self.summary.setText("" if front is None else f"{front.size} → {front.out}")
        self._show_sizes(front)

    def _add_size(self, which: str) -> NumberField:
        field = NumberField(which)
        return self.add_number(
            which, field, "", lambda value: self._session.set_front_fields(**{which: value}),
            inner=True,
        )  # fmt: skip

    def _name_sizes(self, front: FrontPart | None) -> None:
        """Gives the rows of both sizes the names that PyTorch has for them here."""
        if front is None:
            return
        kept = {name: row for name, row in self.rows.items() if row.field not in self._sizes}
        for field, name in zip(self._sizes, front.names, strict=True):
            row = next(row for row in self.rows.values() if row.field is field)
            row.set_name(name)
            row.set_meaning(_MEANINGS[name])
            field.setAccessibleName(name)
            kept[name] = row
        self.rows = kept

    def _show_sizes(self, front: FrontPart | None) -> None:
        values = (None, None) if front is None else (front.size, front.width)
        by_field = {row.field: row for row in self.rows.values()}
        for field, value in zip(self._sizes, values, strict=True):
            by_field[field].setVisible(value is not None)
            if value is not None and not by_field[field].message:
                field.show_value(value)
        row = self.rows["padding_idx"]
        row.setVisible(front is not None and front.kind == "embedding")
        if front is not None and not row.message:
            self.padding_idx.show_value(front.padding_idx)
        self.rows["front.bias"].setVisible(front is not None and front.kind == "linear")
        self.bias.setChecked(front is not None and front.bias)

    def _set_kind(self, name: object) -> None:
        kind, linear = _KINDS[name]
        self._session.set_front(kind, linear)


def _name_of(front: FrontPart | None) -> object:
    """The choice that a front is."""
    kind = (None, True) if front is None else (front.kind, front.width is not None)
    return next(name for name, known in _KINDS.items() if known == kind)
