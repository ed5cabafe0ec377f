"""One number that a person points at, changed by the intent that is right for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rnnviz.element import Element

if TYPE_CHECKING:
    from rnnviz.model.trace import Trace
    from rnnviz.session.session import Session

Way = Literal["set", "force"]
_INITIAL = frozenset({"h_0", "c_0"})


def way_to_change(run: Trace, element: Element) -> Way | None:
    """How one number can be changed.

    Returns:
        "set" for what the run follows from: an input, a parameter, an initial state; "force"
        for what it computes: a gate or a state, which is clamped; None for all else.
    """
    if element.tensor in run.weights:
        whole = element.row is not None
        return "set" if whole and _has_column(run, element) else None
    if element.unit is None or element.sequence is None:
        return None
    if element.tensor == "x":
        given = not element.layer and element.t is not None
        return "set" if given and _is_valid(run, element) else None
    if element.tensor in _INITIAL:
        return "set"
    forced = element.tensor in (*run.cell.gates, "h", *("c" if run.cell.has_c else ()))
    return "force" if forced and element.t is not None and _is_valid(run, element) else None


def change_number(session: Session, element: Element, value: float) -> None:
    """Change one number, where `way_to_change` knows a way."""
    run = session.state.run
    way = None if run is None else way_to_change(run, element)
    if run is None or way is None:
        return
    layer, direction, unit = element.layer or 0, element.direction or 0, element.unit or 0
    sequence = element.sequence or 0
    if element.tensor in run.weights:
        session.set_weight(element.tensor, element.row or 0, element.column, value)
    elif element.tensor == "x":
        session.set_value(sequence, element.t or 0, unit, value)
    elif element.tensor in _INITIAL:
        row = layer * run.num_directions + direction
        session.set_initial_value(element.tensor, row, sequence, unit, value)
    else:
        from rnnviz.model.clamps import Clamp

        place = {"t": element.t, "sequence": sequence, "unit": unit}
        session.clamp(Clamp(element.tensor, value, layer, direction, **place))


def _has_column(run: Trace, element: Element) -> bool:
    return (run.weights[element.tensor].dim() == 2) == (element.column is not None)


def _is_valid(run: Trace, element: Element) -> bool:
    return (element.t or 0) < run.lengths[element.sequence or 0]
