"""What a value was computed from: the strips that are ringed beside the selected one."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.model.trace import Trace

_STATES = frozenset({"h", "c"})


def operands(run: Trace, selected: Element | None, sequence: int) -> frozenset[Element]:
    """The selected vector and the vectors that its equation names; empty if none is selected."""
    if selected is None:
        return frozenset()
    vector = selected.vector()._replace(sequence=sequence)
    return frozenset({vector, *_operands(run, vector)})


def _operands(run: Trace, vector: Element) -> list[Element]:
    if vector.tensor == "output" and vector.t is not None:
        return _tops(run, vector)
    if vector.tensor in ("h_n", "c_n"):
        return [_last(run, vector)]
    if vector.layer is None or vector.direction is None or vector.t is None:
        return []
    tensors = _named(run, vector.tensor)
    found = [vector._replace(tensor=name) for name in tensors if name in _OWN]
    if "previous h" in tensors:
        found.append(_previous(run, vector, "h"))
    if "previous c" in tensors:
        found.append(_previous(run, vector, "c"))
    if "x" in tensors:
        found += _inputs(run, vector)
    return found


_OWN = frozenset({"c", "i", "f", "g", "o", "r", "z", "n"})


def _named(run: Trace, tensor: str) -> tuple[str, ...]:
    """What the equation of a tensor names."""
    if run.kind == "RNN":
        return ("x", "previous h") if tensor == "h" else ()
    if run.kind == "LSTM" and tensor in _STATES:
        return ("o", "c") if tensor == "h" else ("f", "previous c", "i", "g")
    if run.kind == "GRU" and tensor == "h":
        return ("z", "n", "previous h")
    if run.kind == "GRU" and tensor == "n":
        return ("x", "r", "previous h")
    return ("x", "previous h") if tensor in run.cell.gates else ()


def _previous(run: Trace, vector: Element, state: str) -> Element:
    assert vector.t is not None
    assert vector.sequence is not None
    t = vector.t + (1 if vector.direction else -1)
    if 0 <= t < run.lengths[vector.sequence]:
        return vector._replace(tensor=state, t=t)
    return vector._replace(tensor=f"{state}_0", t=None)


def _inputs(run: Trace, vector: Element) -> list[Element]:
    assert vector.layer is not None
    if vector.layer == 0:
        return [Element("x", layer=0, t=vector.t, sequence=vector.sequence)]
    if vector.layer - 1 in run.masks:
        mask = Element("mask", layer=vector.layer - 1, t=vector.t, sequence=vector.sequence)
        return [mask, *_below(run, vector)]
    return _below(run, vector)


def _below(run: Trace, vector: Element) -> list[Element]:
    assert vector.layer is not None
    below = vector._replace(tensor="h", layer=vector.layer - 1)
    return [below._replace(direction=direction) for direction in range(run.num_directions)]


def _tops(run: Trace, vector: Element) -> list[Element]:
    top = vector._replace(tensor="h", layer=run.num_layers - 1)
    return [top._replace(direction=direction) for direction in range(run.num_directions)]


def _last(run: Trace, vector: Element) -> Element:
    assert vector.sequence is not None
    t = 0 if vector.direction else run.lengths[vector.sequence] - 1
    return vector._replace(tensor=vector.tensor[0], t=t)
