"""Whole runs that were computed already, so that undo finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.session.state import Document

if TYPE_CHECKING:
    from rnnviz.model.trace import Trace

LARGEST = 256 << 20  # bytes that they may take together
MOST = 12


class Wholes:
    """The whole runs of the documents computed last, as many as fit, at least one."""

    def __init__(self) -> None:
        self._runs: list[tuple[Document, Trace]] = []  # the latest last

    def keep(self, document: Document, whole: Trace) -> None:
        """Remembers one more, and forgets the oldest where that is too much."""
        others = [known for known in self._runs if known[0] is not document]
        self._runs = [*others, (document, whole)]
        while len(self._runs) > 1 and (len(self._runs) > MOST or self._total() > LARGEST):
            del self._runs[0]

    def get(self, document: Document | None) -> Trace | None:
        """The whole run of a document, None where it is not known any more."""
        return next((whole for known, whole in self._runs if known is document), None)

    def _total(self) -> int:
        return sum(known.spec.trace_bytes(known.L, known.N) for known, _ in self._runs)
