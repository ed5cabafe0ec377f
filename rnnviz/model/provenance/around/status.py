"""Whether a number of the whole model is there already, will be, or lies in padding."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.model.provenance.around import reading
from rnnviz.model.provenance.around.spots import GRADIENT
from rnnviz.model.provenance.around.whole import Whole
from rnnviz.model.provenance.description import Status

_GIVEN = frozenset({"ids", "input", "one_hot", "embedded", "targets", "flat_targets", "counts"})
_BEHIND = frozenset({"last", "final", "scores", "probabilities", "losses"})


def status_of(whole: Whole, element: Element) -> Status:
    """Of a settled element."""
    family = reading.family_of(whole, element.tensor)
    if family == "inner":
        return _inner(whole, element)
    place = _place(whole, element)
    if place is not None and place[1] > int(whole.pr.form.ends[place[0]]):
        return "padding"
    if family == "gradient":
        return _returned(whole, element)
    return "computed" if family != "tensor" or _has(whole, element, place) else "pending"


def _place(whole: Whole, element: Element) -> tuple[int, int] | None:
    """The sequence and timestep; None of what has none, or has all."""
    if element.row is not None and "weight" not in element.tensor and "bias" not in element.tensor:
        return whole.pr.flat_rows[element.row]
    return None if element.t is None else (element.sequence or 0, element.t)


def _has(whole: Whole, element: Element, place: tuple[int, int] | None) -> bool:
    name, reach = element.tensor, whole.reach
    if name in _GIVEN:
        return True
    if name == "loss":
        return reach.has_loss
    n, t = (element.sequence or 0, 0) if place is None else place
    if name in _BEHIND or name.startswith("flat_"):
        return reach.has_scores(t, n)
    return reach.has_output(t, n)


def _returned(whole: Whole, element: Element) -> Status:
    """Of a gradient outside the recurrent layers: those in front wait for the way back."""
    found, base = whole.arrived, element.tensor.removeprefix(GRADIENT)
    if found is None or base not in _GIVEN or element.t is None:
        return "computed"
    return _reached_all(whole, element.t, element.sequence or 0, 0)


def _inner(whole: Whole, element: Element) -> Status:
    found, run = whole.arrived, reading.trace_of(whole)
    assert found is not None
    name, n = element.tensor.removeprefix(GRADIENT), element.sequence or 0
    layer, direction = element.layer or 0, element.direction or 0
    if name in ("h_n", "c_n"):
        return "computed"
    t = element.t
    if name in ("h_0", "c_0"):
        t = run.lengths[n] - 1 if direction else 0
    if t is None:
        return "computed"
    if t >= run.lengths[n]:
        return "padding"
    if name == "x":
        return _reached_all(whole, t, n, layer)
    return "computed" if bool(found.reached(layer, direction)[t, n]) else "pending"


def _reached_all(whole: Whole, t: int, n: int, layer: int) -> Status:
    found = whole.arrived
    assert found is not None
    ways = range(found.run.num_directions)
    there = t < found.run.L and all(bool(found.reached(layer, way)[t, n]) for way in ways)
    return "computed" if there else "pending"
