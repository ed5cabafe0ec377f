"""What was done, by name, and how things stood before: a frozen value that undo walks through."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from rnnviz.session.opened import Opened
    from rnnviz.session.shown import Showing
    from rnnviz.session.state import Document

LONGEST = 100  # entries
LARGEST = 256 << 20  # bytes of input values that the entries may keep in all
BURST = 0.6  # seconds; changes of one field in quicker succession are one change


Kept = tuple["Document", "Document | None"]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What undo brings back.

    Attributes:
        document: the model and its input.
        example: the key of the example that the document is, None where it is none.
        original: the document that is compared with, None where nothing is.
        showing: which of the two runs the figures show.
        options: of each figure, by its name.
        opened: the documents that it was opened with.
        path: the session file that it is kept in.
        kept: the document, and its original, as they were opened or saved last.
    """

    document: Document
    example: str | None
    original: Document | None
    showing: Showing
    options: Mapping[str, Any]
    opened: Opened | None = None
    path: Path | None = None
    kept: Kept | None = None


@dataclass(frozen=True, eq=False)
class Entry:
    """One change.

    Attributes:
        name: what it did: "set hidden_size to 8".
        snapshot: how things stood before it, or after it where it has been undone.
        figures: the figure on show before and after, where undo is to show them; else None.
        key: what it changed; None where it is merged with no other change.
        time: when, in seconds of any clock.
    """

    name: str
    snapshot: Snapshot
    figures: tuple[str, str] | None = None
    key: Hashable = None
    time: float = 0.0


@dataclass(frozen=True, eq=False)
class History:
    """All that can be undone, the latest last, and redone, the next one last."""

    past: tuple[Entry, ...] = ()
    future: tuple[Entry, ...] = ()

    @property
    def undo_name(self) -> str:
        """What undo takes back, "" for nothing."""
        return self.past[-1].name if self.past else ""

    @property
    def redo_name(self) -> str:
        """What redo does again, "" for nothing."""
        return self.future[-1].name if self.future else ""

    def record(self, entry: Entry) -> History:
        """With one more change; what had been undone is forgotten.

        A change of the same thing in quick succession, such as a number that is held to step,
        goes into the entry that is there.
        """
        last = self.past[-1] if self.past else None
        if last is not None and not self.future and _is_one(last, entry):
            merged = replace(last, name=entry.name, time=entry.time)
            return History((*self.past[:-1], merged))
        return History(_bounded((*self.past, entry)))

    def undo(self, now: Snapshot) -> tuple[History, Entry]:
        """The history after undoing, and the entry whose snapshot comes back."""
        entry = self.past[-1]
        undone = replace(entry, snapshot=now, key=None)
        return History(self.past[:-1], (*self.future, undone)), entry

    def redo(self, now: Snapshot) -> tuple[History, Entry]:
        """The history after redoing, and the entry whose snapshot comes back."""
        entry = self.future[-1]
        done = replace(entry, snapshot=now, key=None)
        return History((*self.past, done), self.future[:-1]), entry

    def kept_in(self, path: Path, before: Kept | None, kept: Kept) -> History:
        """The history of what is saved to a file: whatever comes back of it is kept there.

        Args:
            before: what was kept until then; what was opened before or later stays as it is.
        """

        def of(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
            return tuple(
                replace(entry, snapshot=replace(entry.snapshot, path=path, kept=kept))
                if entry.snapshot.kept == before
                else entry
                for entry in entries
            )

        return History(of(self.past), of(self.future))


def _is_one(last: Entry, entry: Entry) -> bool:
    return entry.key is not None and last.key == entry.key and entry.time - last.time < BURST


def _bounded(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The latest entries, as many as may be kept; values that several share count once."""
    seen: dict[int, int] = {}
    for kept, entry in enumerate(reversed(entries)):
        values = entry.snapshot.document.values
        seen[id(values)] = values.nbytes
        if kept == LONGEST or (kept and sum(seen.values()) > LARGEST):
            return entries[len(entries) - kept :]
    return entries
