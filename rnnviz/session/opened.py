"""What was opened where it brought several documents: one is on show, the others wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rnnviz.session.state import Document

if TYPE_CHECKING:
    from rnnviz.model.pipeline import Pipeline
    from rnnviz.session.saved import Captured


@dataclass(frozen=True, eq=False)
class Opened:
    """Documents from one file or one model.

    Attributes:
        title: what brought them: "run.rnnviz", "your model".
        documents: each with a title of its own; edited ones as they are by now.
        edited: the places of those whose edits are saved nowhere, as of when they were on show.
    """

    title: str
    documents: tuple[Document, ...]
    edited: frozenset[int] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """What there is to choose from."""
        return tuple(document.title for document in self.documents)

    def place(self, document: Document) -> int | None:
        """Which of them a document is, edited or not; None where it is another."""
        return self.names.index(document.title) if document.title in self.names else None

    def having(self, document: Document, *, edited: bool) -> Opened:
        """The same with one of them as it is by now, before another is shown.

        Args:
            edited: whether that is saved nowhere.
        """
        at = self.place(document)
        if at is None:
            return self
        documents = (*self.documents[:at], document, *self.documents[at + 1 :])
        return replace(
            self, documents=documents, edited=self.edited | {at} if edited else self.edited - {at}
        )

    def edited_beside(self, document: Document) -> tuple[Document, ...]:
        """Those that have edits which are saved nowhere, but for the one on show."""
        here = self.place(document)
        return tuple(self.documents[at] for at in sorted(self.edited) if at != here)


def of_recovered(title: str, document: Document, beside: tuple[Document, ...]) -> Opened | None:
    """What was left by a window that had more than one of them edited; None where it had one.

    Args:
        document: that was on show.
        beside: the others with edits that are saved nowhere.
    """
    if not beside:
        return None
    return Opened(title, (document, *beside), frozenset(range(1, len(beside) + 1)))


def opened(title: str, documents: Iterable[Document]) -> Opened:
    """Documents together, their titles made each a title of its own."""
    seen: dict[str, int] = {}
    found = []
    for document in documents:
        seen[document.title] = count = seen.get(document.title, 0) + 1
        name = document.title if count == 1 else f"{document.title} ({count})"
        found.append(replace(document, title=name))
    return Opened(title, tuple(found))


def of_module(module: Any, input: Any, hx: Any = None) -> Opened:
    """A copy of somebody's own recurrent module, on their input.

    Raises:
        SpecError: where it is no recurrent module of torch.
        InputError: where the input or the initial states don't fit it.
    """
    from rnnviz.session.adoption import adopt_module

    document = adopt_module(module, input, hx)
    return opened(document.title, [document])


def of_pipeline(pipeline: Pipeline, batch: Any, **choices: Any) -> Opened:
    """A copy of somebody's own pipeline, on their batch.

    Args:
        choices: as `adopt_pipeline` takes them: targets, hx, lengths, vocabulary.

    Raises:
        SpecError: for a loss with choices that the window does not have.
        InputError: for what does not fit.
    """
    from rnnviz.session.pipeline_adoption import adopt_pipeline

    document = adopt_pipeline(pipeline, batch, **choices)
    return opened(document.title, [document])


def of_model(model: Any, batch: Any, names: Sequence[str] | None = None) -> Opened:
    """What the recurrent modules inside somebody's own model receive of a batch.

    Args:
        names: qualified names of the modules that are wanted; None for all.

    Raises:
        SpecError: where there are none inside.
        UsageError: where the model calls none of them.
    """
    from rnnviz.model.capturing import capture
    from rnnviz.session.adoption import adopt_module

    documents = (
        replace(adopt_module(found.module, found.input, found.hx), title=found.text)
        for found in capture(model, batch, names)
    )
    return opened(f"your {type(model).__name__}", documents)


def of_recording(title: str, captures: Sequence[Captured]) -> Opened:
    """What was recorded in several."""
    several = len({captured.batch for captured in captures}) > 1

    def named(captured: Captured) -> Document:
        name = f"batch {captured.batch}, {captured.name}" if several else captured.name
        return replace(captured.document, title=name)

    return opened(title, map(named, captures))
