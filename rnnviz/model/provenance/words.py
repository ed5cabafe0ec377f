"""Elements in words: titles, places and numbers as they are read out."""

from __future__ import annotations

import math

from rnnviz.element import Element
from rnnviz.model.provenance.description import Symbol
from rnnviz.model.trace import Trace

GATE_TITLES = {
    "i": "Input gate",
    "f": "Forget gate",
    "g": "Cell gate",
    "o": "Output gate",
    "r": "Reset gate",
    "z": "Update gate",
    "n": "New gate",
}
STATE_TITLES = {
    "h": "Hidden state",
    "c": "Cell state",
    "h_0": "Initial hidden state",
    "c_0": "Initial cell state",
    "h_n": "Final hidden state",
    "c_n": "Final cell state",
}
TITLES = {"x": "Input", "mask": "Dropout mask", "output": "Output", **STATE_TITLES, **GATE_TITLES}
_INSIDE = {
    "f*c": "Kept from before",
    "z*h": "Kept from before",
    "i*g": "Written now",
    "(1-z)*n": "Written now",
    "tanh_c": "tanh of the cell state",
    "o*tanh_c": "Before the projection",
    "r*hh_n": "Recurrent part after the reset",
}
_SUMS = {"ih": "Input part", "hh": "Recurrent part", "a": "Preactivation"}
_OF_GATE = {"ih": "from x", "hh": "from h", "a": "before {}"}
DIRECTIONS = ("forward", "reverse")
_ARROWS = ("→", "←")


def title(run: Trace, name: str) -> str:
    """A tensor in words."""
    kind, _, gate = name.partition("_")
    if name in _INSIDE or name in TITLES:
        return _INSIDE.get(name) or TITLES[name]
    if kind not in _SUMS or gate not in run.cell.gates:
        return name
    if gate not in GATE_TITLES:
        return _SUMS[kind]
    activation = "σ" if gate in run.cell.sigmoid_gates else "tanh"
    return f"{GATE_TITLES[gate]} {_OF_GATE[kind].format(activation)}"


def place(run: Trace, element: Element, separator: str = " = ") -> list[str]:
    """Where an element lies, part by part; t counts from 1, all else from 0."""
    parts = []
    if element.layer is not None:
        parts.append(f"layer {element.layer}")
    if element.direction is not None and run.num_directions == 2:
        parts.append(DIRECTIONS[element.direction])
    if element.t is not None:
        parts.append(f"t{separator}{element.t + 1}")
    if element.sequence is not None and run.N > 1:
        parts.append(f"sequence {element.sequence}")
    if element.unit is not None:
        parts.append(f"unit {element.unit}")
    return parts


def subtitle(run: Trace, element: Element, *before: str) -> str:
    """Where a tensor lies, as a line under its title; which unit, the numbers below it say."""
    return " · ".join([*before, *place(run, element.vector())])


def symbol(run: Trace, base: str, sub: str, element: Element) -> Symbol:
    """A letter with its index, and its layer and direction where there are several."""
    sup = f"({element.layer})" if run.num_layers > 1 and element.layer is not None else ""
    if run.num_directions == 2 and element.direction is not None:
        sup += _ARROWS[element.direction]
    return Symbol(base, sub, sup)


def time(element: Element) -> str:
    """The index below a symbol: t in numbers, or the letter for all of them."""
    return "t" if element.t is None else str(element.t + 1)


def spoken(value: float) -> str:
    """A number with three decimals, or as many digits where these would hide it."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("−∞" if value < 0 else "∞")
    plain = value == 0 or 5e-4 <= abs(value) < 1e4
    return f"{value:.3f}".replace("-", "−") if plain else f"{value:.2e}".replace("-", "−")
