"""What an element was computed from, and where: one step back along its equation."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.model.trace import Trace


def previous_state(run: Trace, vector: Element, state: str) -> Element:
    """h or c as it enters the cell that a vector lies in; `h_0` or `c_0` where a sequence begins.

    Args:
        vector: with layer, direction, t and sequence.
        state: "h" or "c".
    """
    assert vector.t is not None
    t = vector.t + (1 if vector.direction else -1)
    if 0 <= t < run.lengths[vector.sequence or 0]:
        return vector._replace(tensor=state, t=t)
    return vector._replace(tensor=f"{state}_0", t=None)
