"""A document's whole run, without a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.session.binding import bind, bind_alone

if TYPE_CHECKING:
    from rnnviz.model.pipeline import PipelineRun
    from rnnviz.model.pipeline.decoded import SequenceToSequenceRun
    from rnnviz.model.trace import Trace
    from rnnviz.session.state import Document


def run_of(document: Document) -> Trace | PipelineRun | SequenceToSequenceRun:
    """All that a document asks for: its trace, or the run of its whole model.

    Raises:
        InputError: where input or targets do not fit the model.
    """
    if not document.recurrent:
        return bind_alone(document)
    bound = bind(document)
    run = bound.whole()
    pr = bound.surround(run)
    if pr is None:
        return run
    return bound.decode(pr) or pr
