"""Where a run first leaves the numbers: NaN and infinity spread, so the first one is the cause."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from torch import Tensor

from rnnviz.element import Element

if TYPE_CHECKING:
    from rnnviz.model.trace import Trace


def first_not_finite(run: Trace) -> Element | None:
    """The first NaN or infinity of a run in the order of its work; the input comes before all.

    Padding is no value, so it doesn't count, nor does what is not computed yet.
    """
    found = _first(run.inputs(0), run.valid, reverse=False)
    if found is not None:
        t, sequence, unit = found
        return Element("x", layer=0, t=t, sequence=sequence, unit=unit)
    return min(_of_lanes(run), default=None, key=lambda element: _when(run, element))


def _of_lanes(run: Trace) -> Iterator[Element]:
    for layer in range(run.num_layers):
        for direction in range(run.num_directions):
            states, computed = run.states(layer, direction), run.computed(layer, direction)
            for name, values in (("c", states.c), ("h", states.h)):
                found = None if values is None else _first(values, computed, direction == 1)
                if found is not None:
                    yield Element(name, layer, direction, *found)


def _first(values: Tensor, known: Tensor, reverse: bool) -> tuple[int, int, int] | None:
    """(t, sequence, unit) of the first that is not finite among (L, N, H) where known (L, N)."""
    if bool(values.isfinite().all()):
        return None
    wrong = ~values.isfinite() & known[..., None]
    steps = wrong.flatten(1).any(dim=1).nonzero()
    if not len(steps):
        return None
    t = int(steps[-1 if reverse else 0])
    sequence, unit = (int(index) for index in wrong[t].nonzero()[0])
    return t, sequence, unit


def _when(run: Trace, element: Element) -> tuple[int, int]:
    layer, direction, t, sequence = element[1:5]
    assert layer is not None
    assert direction is not None
    assert t is not None
    assert sequence is not None
    return run.schedule.step_of(layer, direction, t, sequence), layer
