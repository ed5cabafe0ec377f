"""What a value was computed from: the strips that are ringed beside the selected one."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.model.provenance import sources
from rnnviz.model.trace import Trace


def operands(run: Trace, selected: Element | None, sequence: int) -> frozenset[Element]:
    """The selected vector and those that it was computed from; empty if none is selected."""
    if selected is None:
        return frozenset()
    chosen = selected.vector()._replace(sequence=sequence)
    # Of the rows of a weight, and of a row of data, the sources are where they are at work.
    found = sources(run, selected._replace(sequence=sequence) if _lies(run, selected) else chosen)
    strips = (part.vector() for part in (chosen, *found) if part.tensor not in run.weights)
    return frozenset(strip for strip in strips if strip.sequence in (None, sequence))


def _lies(run: Trace, element: Element) -> bool:
    return element.tensor in run.weights or element.tensor == "data"
