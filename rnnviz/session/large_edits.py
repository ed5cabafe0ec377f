"""Edits that take longer than a window may stand still: what they are, one after another."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Literal

from rnnviz.session import edits, whatif
from rnnviz.session.state import Document

# What an edit does to the comparison with the run before it: an edit of a number starts one,
# a change of what the run is made of ends it.
Effect = Literal["starts", "keeps", "ends"]

LARGE = 1_000_000  # numbers, which are drawn in some 30 ms

_STRONGEST: tuple[Effect, ...] = ("ends", "starts", "keeps")


@dataclass(frozen=True)
class Edit:
    """A change of a document that can be undone.

    Attributes:
        field: where a problem with it is told.
        name: for undo.
        make: gives the next document, or raises what does not fit.
        effect: on the comparison.
        key: what is edited; edits of the same in quick succession are one.
    """

    field: str
    name: str
    make: Callable[[Document], Document]
    effect: Effect = "ends"
    key: Hashable = None

    def made_of(self, document: Document) -> Document:
        """The next document, checked; the same one where nothing is changed."""
        made = edits.check(self.make(document))
        return document if whatif.same_document(made, document) else made

    def then(self, later: Edit) -> Edit:
        """Both in one; one of the same is put in the place of this."""
        if self.key is not None and self.key == later.key:
            return later
        effect = min(self.effect, later.effect, key=_STRONGEST.index)
        name, before = f"{self.name}, {later.name}", self.make
        return replace(
            later, name=name, make=lambda d: later.make(before(d)), effect=effect, key=None
        )
