"""Where an element lies in a run, and whether the run has come that far."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.errors import UsageError
from rnnviz.model.cells import Operation
from rnnviz.model.provenance.description import Status
from rnnviz.model.trace import Trace

_OF_LAYERS = frozenset({"x", "h", "c", "h_0", "c_0", "h_n", "c_n", "mask"})
_ENDS = frozenset({"h_0", "c_0", "h_n", "c_n"})


def settle(run: Trace, element: Element) -> Element:
    """The element with its defaults filled in.

    The lowest layer (of `output`, none), the forward direction (of `output`, `x` and a mask,
    both), the first sequence.

    Raises:
        UsageError: where the run has no such layer, direction, timestep, sequence or unit.
    """
    name = element.tensor
    per_layer = name in _OF_LAYERS or name in given_inside(run)
    if name == "output":
        element = element._replace(layer=None, sequence=element.sequence or 0)
    elif per_layer:
        both = name in ("x", "mask")
        element = element._replace(
            layer=element.layer or 0,
            direction=None if both else element.direction or 0,
            sequence=element.sequence or 0,
        )
        if name in _ENDS:
            element = element._replace(t=None)
    check(run, element)
    return element


def given_inside(run: Trace) -> dict[str, Operation]:
    """The operations inside a cell by the tensors that they give: gates, states, and others."""
    return {name: operation for operation in run.operations for name in operation.gives}


def check(run: Trace, element: Element) -> None:
    """Refuse indices that the run doesn't have."""
    limits = {
        "layer": run.num_layers,
        "direction": run.num_directions,
        "t": run.L,
        "sequence": run.N,
    }
    for field, limit in limits.items():
        index = getattr(element, field)
        if index is not None and not 0 <= index < limit:
            raise UsageError(f"{element.tensor} has no {field} {index}: there are {limit}")


def check_index(element: Element, field: str, limit: int) -> None:
    """Refuse a unit, row or column that a tensor doesn't have."""
    index = getattr(element, field)
    if index is not None and not 0 <= index < limit:
        raise UsageError(f"{element.tensor} has no {field} {index}: there are {limit}")


def is_padding(run: Trace, element: Element) -> bool:
    """Whether t lies behind the end of the sequence."""
    return element.t is not None and element.t >= run.lengths[element.sequence or 0]


def last_t(run: Trace, direction: int, sequence: int) -> int:
    """Where a direction computes its last state: the end, or for the reverse one the start."""
    return run.lengths[sequence] - 1 if direction == 0 else 0


def status_of(run: Trace, element: Element) -> Status:
    """Whether a state or gate is computed, will be, or lies in padding."""
    layer, direction = element.layer or 0, element.direction or 0
    status = _status(run, layer, (direction,), element)
    return "computed" if status == "pending" and is_inside(run, element) else status


def is_inside(run: Trace, element: Element) -> bool:
    """Whether an element lies in the cell under way, and is computed already."""
    active = run.active
    if active is None or element.t is None:
        return False
    layer, direction, n = element.layer or 0, element.direction or 0, element.sequence or 0
    here = (active.layer, active.direction, active.t[n]) == (layer, direction, element.t)
    return here and run.is_computed(element.tensor, layer, direction, element.t, n)


def status_of_both(run: Trace, element: Element, layer: int) -> Status:
    """The same of what needs every direction of a layer."""
    return _status(run, layer, tuple(range(run.num_directions)), element)


def _status(run: Trace, layer: int, directions: tuple[int, ...], element: Element) -> Status:
    n = element.sequence or 0
    if is_padding(run, element):
        return "padding"
    for direction in directions:
        t = last_t(run, direction, n) if element.t is None else element.t
        steps, length = run.steps_done(layer, direction), run.lengths[n]
        if (t if direction == 0 else length - 1 - t) >= steps:
            return "pending"
    return "computed"
