"""One number that a person points at, changed by the intent that is right for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rnnviz.element import Element

if TYPE_CHECKING:
    from rnnviz.model.trace import Trace
    from rnnviz.session.session import Session
    from rnnviz.session.state import State

Way = Literal["set", "force"]
_INITIAL = frozenset({"h_0", "c_0"})
_AROUND = frozenset(
    {
        "ids",
        "embedded",
        "targets",
        "embedding.weight",
        "embedding.bias",
        "head.weight",
        "head.bias",
    }
)


def way_in(state: State, element: Element) -> Way | None:
    """How one number of what a state shows can be changed; None where it cannot."""
    if element.tensor in _AROUND or (element.tensor == "x" and state.document.is_fed):
        return "set" if _place_of(state, element) is not None else None
    return None if state.run is None else way_to_change(state.run, element)


def _place_of(state: State, element: Element) -> tuple[int | None, ...] | None:
    """Which number is to be changed: of a parameter its row and column; None where none is."""
    document, pr, t, n = state.document, state.pr, element.t, element.sequence or 0
    if element.tensor.startswith(("embedding.", "head.")):
        weight = None if pr is None else pr.weights.get(element.tensor)
        if (
            weight is None
            or element.row is None
            or (weight.dim() == 2) != (element.column is not None)
        ):
            return None
        return element.row, element.column
    if t is None or n >= document.N or t >= document.lengths[n]:
        return None
    if element.tensor == "ids":
        return (n, t) if document.takes_ids else None
    if element.tensor == "targets":
        return _target_place(state, n, t, element.unit)
    return _row_of_table(state, n, t, element.unit)


def _target_place(state: State, n: int, t: int, unit: int | None) -> tuple[int, ...] | None:
    targets = state.document.targets
    if targets is None:
        return None
    head = state.document.head
    place = (n, t) if head is None or head.on == "every" else (n,)
    if targets.ndim == len(place):
        return place
    return None if unit is None else (*place, unit)


def _row_of_table(state: State, n: int, t: int, unit: int | None) -> tuple[int, ...] | None:
    """Where the number of an embedded vector stands in embedding.weight."""
    pr, document = state.pr, state.document
    weight = None if pr is None else pr.weights.get("embedding.weight")
    if weight is None or unit is None or not document.takes_ids or document.front is None:
        return None
    id_ = int(document.values[n, t, 0])
    return (id_, unit) if document.front.kind == "embedding" else (unit, id_)


def _change_around(session: Session, element: Element, value: float) -> None:
    state = session.state
    place = _place_of(state, element)
    if place is None:
        return
    if element.tensor == "ids":
        session.set_token(element.sequence or 0, element.t or 0, str(round(value)))
    elif element.tensor == "targets":
        session.set_target(tuple(at or 0 for at in place), value)
    else:
        name = "embedding.weight" if element.tensor in ("x", "embedded") else element.tensor
        session.set_weight(name, place[0] or 0, place[1], value)


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
    """Change one number, where `way_in` knows a way."""
    if element.tensor in _AROUND or (element.tensor == "x" and session.state.document.is_fed):
        _change_around(session, element, value)
        return
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
