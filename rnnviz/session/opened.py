"""What was opened where it brought several documents: one is on show, the others wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnnviz.session.state import Document

if TYPE_CHECKING:
    from rnnviz.model.capturing import Capture
    from rnnviz.session.saved import Captured


@dataclass(frozen=True, eq=False)
class Opened:
    """Documents from one file or one model.

    Attributes:
        title: what brought them: "run.rnnviz", "your model".
        documents: each with a title of its own; edited ones as they are by now.
    """

    title: str
    documents: tuple[Document, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What there is to choose from."""
        return tuple(document.title for document in self.documents)

    def place(self, document: Document) -> int | None:
        """Which of them a document is, edited or not; None where it is another."""
        return self.names.index(document.title) if document.title in self.names else None

    def having(self, document: Document) -> Opened:
        """The same with one of them as it is by now."""
        at = self.place(document)
        if at is None:
            return self
        return replace(self, documents=(*self.documents[:at], document, *self.documents[at + 1 :]))


def opened(title: str, documents: Iterable[Document]) -> Opened:
    """Documents together, their titles made each a title of its own."""
    seen: dict[str, int] = {}
    found = []
    for document in documents:
        seen[document.title] = count = seen.get(document.title, 0) + 1
        name = document.title if count == 1 else f"{document.title} ({count})"
        found.append(replace(document, title=name))
    return Opened(title, tuple(found))


def of_captures(title: str, captures: Sequence[Capture]) -> Opened:
    """What was captured in one call of a model."""
    from rnnviz.session.adoption import adopt_module

    return opened(
        title,
        (
            replace(adopt_module(found.module, found.input, found.hx), title=found.text)
            for found in captures
        ),
    )


def of_recording(title: str, captures: Sequence[Captured]) -> Opened:
    """What was recorded in several."""
    several = len({captured.batch for captured in captures}) > 1

    def named(captured: Captured) -> Document:
        name = f"batch {captured.batch}, {captured.name}" if several else captured.name
        return replace(captured.document, title=name)

    return opened(title, map(named, captures))
