"""Where every number comes from: its names, its equation, and the PyTorch code that gets it."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.errors import UsageError
from rnnviz.model.provenance import flow, gates, inside, packing, states, weights, words
from rnnviz.model.provenance.arithmetic import Dissection, dissect
from rnnviz.model.provenance.columns import columns_of
from rnnviz.model.provenance.description import Description, Line, Status, Symbol, Values
from rnnviz.model.provenance.equations import all_equations, equation
from rnnviz.model.provenance.indexing import setup
from rnnviz.model.provenance.kind import Kind
from rnnviz.model.provenance.places import given_inside, settle
from rnnviz.model.provenance.sources import sources
from rnnviz.model.provenance.tex import latex
from rnnviz.model.provenance.weights import gate_of_row
from rnnviz.model.trace import Trace

__all__ = [
    "Description",
    "Dissection",
    "Line",
    "Status",
    "Symbol",
    "Values",
    "accessible_name",
    "all_equations",
    "columns_of",
    "describe",
    "dissect",
    "exists",
    "gate_of_row",
    "latex",
    "sources",
    "value_at",
    "values_of",
]

_KINDS: dict[str, Kind] = {
    "h": states.STATE,
    "h_0": states.INITIAL,
    "h_n": states.FINAL,
    "output": flow.OUTPUT,
    "data": packing.DATA,
    "lengths": packing.LIST,
    "batch_sizes": packing.LIST,
    "sorted_indices": packing.LIST,
    "unsorted_indices": packing.LIST,
}
_LSTM_KINDS = {"c": states.STATE, "c_0": states.INITIAL, "c_n": states.FINAL}


def describe(run: Trace, element: Element) -> Description:
    """All that the inspector says of an element.

    Args:
        run: a trace at any position; what it has not computed yet is described as pending.
        element: any tensor or element; layer, direction and sequence may be left out.

    Raises:
        UsageError: where the run has no such element.
    """
    element, kind = _find(run, element)
    values = kind.values(run, element)
    facts = kind.facts(run, element, values)
    known = values.status != "padding"
    code = tuple(line.code for line in facts.code) if known else ()
    where = words.subtitle(run, element) if facts.subtitle is None else facts.subtitle
    return Description(
        element=element,
        title=facts.title,
        subtitle=where,
        symbol=facts.symbol,
        role=facts.role,
        values=values.array,
        index=values.index,
        status=values.status,
        axes=tuple(zip(facts.axes, values.array.shape, strict=True)),
        shape_legend=facts.legend,
        code=code,
        code_results=tuple(line.shape for line in facts.code) if known else (),
        setup=setup(run, code),
        equation=None if facts.equation_key is None else equation(facts.equation_key),
        equation_key=facts.equation_key,
        note=_note(run, element, values.status) or facts.note,
        field=values.field,
        first=values.first,
    )


def values_of(run: Trace, element: Element) -> Values:
    """The numbers of an element without the words about them.

    Raises:
        UsageError: where the run has no such element.
    """
    element, kind = _find(run, element)
    return kind.values(run, element)


def value_at(run: Trace, element: Element) -> float | None:
    """The one number that an element names; None where it names several, or is not known.

    A number that is NaN by computation is NaN.
    """
    try:
        values = values_of(run, element)
    except UsageError:
        return None
    if values.index is None or values.status != "computed":
        return None
    return float(values.array[values.index])


def exists(run: Trace, element: Element) -> bool:
    """Whether the run has such an element."""
    try:
        values_of(run, element)
    except UsageError:
        return False
    return True


def accessible_name(run: Trace, element: Element) -> str:
    """An element in words, as a screen reader or a tooltip gives it.

    Such as "forget gate, layer 0, t 3, unit 3, 0.452"; empty where there is no such element.
    """
    try:
        element, kind = _find(run, element)
        values = kind.values(run, element)
    except UsageError:
        return ""
    parts = [_spoken_title(run, element), *_spoken_place(run, element)]
    if values.status == "padding":
        parts.append("padding")
    elif values.status == "pending":
        parts.append("not computed yet")
    elif values.index is not None:
        number = values.array[values.index]
        whole = values.array.dtype.kind == "i"
        parts.append(str(number) if whole else words.spoken(float(number)))
    return ", ".join(parts)


def _find(run: Trace, element: Element) -> tuple[Element, Kind]:
    kind = _kind(run, element)
    if kind is None:
        raise UsageError(f"an {run.kind} has no tensor {element.tensor!r} here")
    return settle(run, element), kind


def _kind(run: Trace, element: Element) -> Kind | None:
    name = element.tensor
    if name == "x":
        return flow.RECEIVED if element.layer else flow.INPUT
    if name == "mask":
        return flow.MASK if (element.layer or 0) in run.masks else None
    if name in run.weights:
        return weights.WEIGHT
    if name in _KINDS:
        return _KINDS[name]
    if name in run.cell.gates:
        return gates.GATE
    if run.cell.has_c and name in _LSTM_KINDS:
        return _LSTM_KINDS[name]
    return inside.INSIDE if name in given_inside(run) else None


def _note(run: Trace, element: Element, status: Status) -> str | None:
    if status == "padding":
        n = element.sequence or 0
        return f"Padding: sequence {n} ends at t = {run.lengths[n]}, so nothing is computed here."
    if status == "pending":
        return "Not computed yet: a later step will."
    return None


def _spoken_title(run: Trace, element: Element) -> str:
    name = element.tensor
    if name in run.weights or name in packing.NAMES:
        return name  # as PyTorch calls it
    return words.title(run, name).lower()


def _spoken_place(run: Trace, element: Element) -> list[str]:
    if element.tensor in run.weights:
        return weights.row_in_words(run, element)
    parts = words.place(run, element, separator=" ")
    if element.row is not None:
        parts.append(f"row {element.row}")
    if element.column is not None:
        parts.append(f"column {element.column}")
    return parts
