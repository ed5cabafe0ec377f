"""What an element was computed from, and where: one step back along its equation."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.element import Element
from rnnviz.errors import UsageError
from rnnviz.model.provenance.places import given_inside, last_t, settle
from rnnviz.model.trace import Trace

_BETWEEN = {
    "f*c": ("f", "c_prev"),
    "i*g": ("i", "g"),
    "tanh_c": ("c",),
    "o*tanh_c": ("o", "c"),
    "(1-z)*n": ("z", "n"),
    "z*h": ("z", "h_prev"),
}  # products, by what they are made of; tanh(c) is no more than c
_STATES = {
    ("LSTM", "c"): ("f", "c_prev", "i", "g"),
    ("LSTM", "h"): ("o", "c"),
    ("GRU", "h"): ("z", "n", "h_prev"),
}


def sources(run: Trace, element: Element) -> tuple[Element, ...]:
    """What an element was computed from, one step back along its equation.

    A unit of a state or a product comes from the same unit of gates and states; a unit of a gate
    from whole vectors, and from the rows of the weights that make it. `output`, `h_n` and `c_n`
    come from the states that they hold, at their timestep, and a row of `data` from the input at
    its sequence and timestep. A row of a parameter comes from nothing: of it, the gate's unit
    that it serves is told, at the timestep that was computed last.

    Args:
        element: any element; layer, direction and sequence may be left out.

    Returns:
        The elements; empty for what comes from nothing, lies in padding or is not there.
    """
    try:
        element = settle(run, element)
    except UsageError:
        return ()
    return tuple(_sources(run, element))


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


def _sources(run: Trace, element: Element) -> Iterator[Element]:
    name, n = element.tensor, element.sequence or 0
    if name in run.weights:
        yield from _served(run, element)
    elif name == "data":
        yield from _packed_from(run, element)
    elif name in ("h_n", "c_n"):
        yield element._replace(tensor=name[0], t=last_t(run, element.direction or 0, n))
    elif element.t is None or element.t >= run.lengths[n]:
        return
    elif name == "output":
        yield from _directions(run, element, run.num_layers - 1)
    elif name == "x" and element.layer:
        yield from _received(run, element, element.layer)
    elif name in given_inside(run):
        yield from _operands(run, element)


def _operands(run: Trace, element: Element) -> Iterator[Element]:
    """Of what the operations of a cell give."""
    name = element.tensor
    named = _STATES.get((run.kind, name)) or _BETWEEN.get(name)
    if named is None:
        yield from _of_sum(run, element)
        return
    projected = run.spec.proj_size > 0 and name == "h"
    for operand in named:
        part = element.vector() if projected else element
        if operand.endswith("_prev"):
            yield previous_state(run, part, operand[0])
        else:
            yield part._replace(tensor=operand)
    if projected and element.unit is not None:
        yield _row(run, element, "weight_hr", element.unit)


def _of_sum(run: Trace, element: Element) -> Iterator[Element]:
    """Of a gate, or a part of the sum before its activation."""
    part, _, gate = element.tensor.rpartition("_")
    if element.tensor == "r*hh_n":
        part, gate = "hh", "n"
    with_x, with_h = part in ("", "a", "ih"), part in ("", "a", "hh")
    if with_x:
        whole = element.vector()._replace(tensor="x", direction=None)
        yield from _received(run, whole, element.layer) if element.layer else [whole]
    if with_h:
        if run.kind == "GRU" and gate == "n" and element.tensor != "hh_n":
            yield element._replace(tensor="r")
        yield previous_state(run, element.vector(), "h")
    if element.unit is None:
        return
    row = run.cell.gates.index(gate) * run.hidden_size + element.unit
    for between, wanted in (("ih", with_x), ("hh", with_h)):
        for kind in ("weight", "bias") if wanted and run.spec.bias else ("weight",) * wanted:
            yield _row(run, element, f"{kind}_{between}", row)


def _row(run: Trace, element: Element, kind: str, row: int) -> Element:
    """A row of a parameter of the cell's own layer and direction."""
    layer, direction = element.layer or 0, element.direction or 0
    return Element(f"{kind}_l{layer}{'_reverse' * direction}", row=row)


def _received(run: Trace, element: Element, layer: int) -> Iterator[Element]:
    """What a layer above the lowest receives: both directions below, after the dropout mask."""
    if layer - 1 in run.masks:
        yield element._replace(tensor="mask", layer=layer - 1, direction=None)
    yield from _directions(run, element, layer - 1)


def _directions(run: Trace, element: Element, layer: int) -> Iterator[Element]:
    """h of a layer: of a unit of both directions joined, the one that it is."""
    h = element._replace(tensor="h", layer=layer)
    if element.direction is not None:
        yield h
    elif element.unit is not None:
        direction, unit = divmod(element.unit, run.output_size)
        yield h._replace(direction=direction, unit=unit)
    else:
        yield from (h._replace(direction=d) for d in range(run.num_directions))


def _packed_from(run: Trace, element: Element) -> Iterator[Element]:
    from rnnviz.model.provenance.packing import row_of

    place = row_of(run, element)
    if place is not None:
        sequence, t = place
        yield Element("x", layer=0, t=t, sequence=sequence, unit=element.column)


def _served(run: Trace, element: Element) -> Iterator[Element]:
    """The gate's unit that a row makes, where it was computed last."""
    from rnnviz.model.provenance.weights import gate_of_row, lane_of

    if element.row is None or element.row >= len(run.weights[element.tensor]) or not run.N:
        return
    gate, unit = gate_of_row(run, element.tensor, element.row)
    layer, direction = lane_of(element.tensor)
    n = element.sequence or 0
    done = min(max(run.steps_done(layer, direction), 1), run.lengths[n])
    t = run.lengths[n] - done if direction else done - 1
    yield Element(gate, layer, direction, t, n, unit)
