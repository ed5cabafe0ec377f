"""Whole runs that were computed already, so that undo finds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnnviz.session.state import Document

if TYPE_CHECKING:
    from rnnviz.model.pipeline import PipelineRun
    from rnnviz.model.pipeline.backward import PipelineGradients
    from rnnviz.model.pipeline.decoded import SequenceToSequenceRun
    from rnnviz.model.trace import Trace

LARGEST = 256 << 20  # bytes that they may take together
MOST = 12


@dataclass(frozen=True, eq=False)
class Whole:
    """All that follows from a document.

    Attributes:
        trace: the whole run of its recurrent layers; None where it has none.
        pr: of the whole model; None where the recurrent layers are all of it.
        gradients: of its loss; None where it has none, or while they are not computed.
        decoded: the encoder and the decoder, where it has one.
    """

    trace: Trace | None
    pr: PipelineRun | None = None
    gradients: PipelineGradients | None = None
    decoded: SequenceToSequenceRun | None = None

    @property
    def has_way_back(self) -> bool:
        """Whether there are gradients."""
        if self.decoded is not None:
            return self.decoded.loss is not None
        return self.gradients is not None

    def state(self) -> dict[str, Any]:
        """The fields of a state that say so."""
        return {
            "whole": self.trace,
            "pr": self.pr,
            "gradients": self.gradients,
            "decoded": self.decoded,
        }

    def original(self) -> dict[str, Any]:
        """The fields of a state in which this is the original."""
        return {"original": self.trace, "original_pr": self.pr}


NOTHING = Whole(None)


class Wholes:
    """The whole runs of the documents computed last, as many as fit, at least one."""

    def __init__(self) -> None:
        self._runs: list[tuple[Document, Whole]] = []  # the latest last

    def keep(self, document: Document, whole: Whole) -> None:
        """Remembers one more, and forgets the oldest where that is too much."""
        others = [known for known in self._runs if known[0] is not document]
        self._runs = [*others, (document, whole)]
        while len(self._runs) > 1 and (len(self._runs) > MOST or self._total() > LARGEST):
            del self._runs[0]

    def get(self, document: Document | None) -> Whole | None:
        """What follows from a document, None where it is not known any more."""
        found = next((known for known in self._runs if known[0] is document), None)
        if found is None:
            return None
        self._runs = [*(known for known in self._runs if known is not found), found]
        return found[1]

    def _total(self) -> int:
        return sum(known.spec.trace_bytes(known.L, known.N) for known, _ in self._runs)
