"""How gradients inside the recurrent layers are made: by the operations that take a tensor."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch import Tensor

from rnnviz.element import Element
from rnnviz.errors import UsageError
from rnnviz.model.cells import Operation
from rnnviz.model.provenance.around import reading
from rnnviz.model.provenance.around.letters import symbols
from rnnviz.model.provenance.around.pieces import Made, floats, outer, summed, transposed
from rnnviz.model.provenance.around.reading import THROUGH_GATES, following
from rnnviz.model.provenance.around.spots import GRADIENT
from rnnviz.model.provenance.around.whole import Whole
from rnnviz.model.provenance.expressions import (
    Applied,
    Complement,
    Count,
    Dot,
    Negated,
    Node,
    Product,
    Quantity,
    Squared,
    Sum,
    Token,
)
from rnnviz.model.provenance.sources import previous_state

_ENTERING = {"h_prev": "h", "c_prev": "c"}


def made_inside(whole: Whole, element: Element) -> Made | None:
    """How a gradient inside the recurrent layers is made.

    Args:
        element: with all its indices; t is None of initial and final states.
    """
    name = element.tensor.removeprefix(GRADIENT)
    if element.unit is None:
        return None
    if name in ("h_n", "c_n"):
        return _of_final(whole, element)
    if name in ("h_0", "c_0"):
        first = _first(whole, element)
        return _summed(_Cell(whole, first).shares(f"{name[0]}_prev", element.unit))
    if name == "x":
        return _summed(_to_input(whole, element))
    cell = _Cell(whole, element)
    if name == THROUGH_GATES:
        t = following(cell.run, element)
        return (
            None
            if t is None
            else _summed(_Cell(whole, element._replace(t=t)).to_gates(element.unit))
        )
    if name in ("h", "c"):
        return _summed(
            [*cell.from_above(name), *cell.shares(name, element.unit), *_onward(whole, element)]
        )
    return _summed(cell.shares(name, element.unit))


def _summed(items: Iterator[Node] | list[Node]) -> Made | None:
    found = list(items)
    return summed(*found) if found else None


def _onward(whole: Whole, element: Element) -> Iterator[Node]:
    """What comes to a state from the next timestep, or from the final states."""
    run, name, unit = (
        reading.trace_of(whole),
        element.tensor.removeprefix(GRADIENT),
        element.unit or 0,
    )
    t = following(run, element)
    if t is None:
        final = element._replace(tensor=f"{GRADIENT}{name}_n", t=None)
        quantity = gradient(whole, final)
        if quantity.value or f"{name}_n" in (whole.gradients.tensors if whole.gradients else {}):
            yield quantity
        return
    following_cell = _Cell(whole, element._replace(t=t))
    if name == "c":
        yield from following_cell.shares("c_prev", unit)
        return
    through = element._replace(tensor=GRADIENT + THROUGH_GATES)
    first = element._replace(t=t, tensor=f"{GRADIENT}a_{run.cell.gates[0]}")
    (symbol,) = symbols(whole, first)
    vector = (symbol._replace(sub=str(t + 1)),)
    tokens = transposed(Token("symbol", "W", "hh"), vector, unit)
    yield Quantity(tokens, "", float(_strip(whole, through)[unit]), through)
    yield from following_cell.shares("h_prev", unit, gates=False)


def _of_final(whole: Whole, element: Element) -> Made | None:
    """∂loss/∂h_n by way of what the head reads."""
    assert whole.gradients is not None
    run, name = reading.trace_of(whole), element.tensor.removeprefix(GRADIENT)
    top = (element.layer or 0) == run.num_layers - 1
    if name != "h_n" or not top or "final" not in whole.gradients.tensors:
        return None
    unit = (element.direction or 0) * run.output_size + (element.unit or 0)
    at = Element(f"{GRADIENT}final", sequence=element.sequence, unit=unit)
    return summed(outer(whole, at).quantity)


def _first(whole: Whole, element: Element) -> Element:
    """Where a direction begins in a sequence."""
    length = reading.trace_of(whole).lengths[element.sequence or 0]
    return element._replace(t=length - 1 if element.direction else 0)


def _to_input(whole: Whole, element: Element) -> Iterator[Node]:
    for direction in range(reading.trace_of(whole).num_directions):
        cell = _Cell(whole, element._replace(direction=direction))
        yield from cell.shares("x", element.unit or 0)


def gradient(whole: Whole, element: Element) -> Quantity:
    """∂loss/∂ one number inside the recurrent layers."""
    value = float(_strip(whole, element)[element.unit or 0])
    return Quantity(symbols(whole, element), f"[{element.unit}]", value, element)


def _strip(whole: Whole, element: Element) -> Tensor:
    return reading.inner_strip(whole, element)


class _Cell:
    """The cell at a timestep, its tensors and their gradients."""

    def __init__(self, whole: Whole, element: Element) -> None:
        self._whole, self.run = whole, reading.trace_of(whole)
        self._layer, self._direction = element.layer or 0, element.direction or 0
        if element.t is None:
            raise UsageError(f"{element.tensor} needs a timestep")
        self._t, self._n = element.t, element.sequence or 0
        self._at = Element("", self._layer, self._direction, self._t, self._n, element.unit)
        self._tensors = self.run.tensors(self._layer, self._direction, self._t)
        assert whole.recurrent is not None
        self._gradients = whole.recurrent.tensors(self._layer, self._direction, self._t)

    # -- what takes a tensor

    def shares(self, name: str, unit: int, gates: bool = True) -> Iterator[Node]:
        """What each operation that takes a tensor has of its gradient."""
        for operation in self.run.operations:
            if name in operation.takes and not (operation.verb == "linear_hh" and not gates):
                share = self._share(operation, name, unit)
                if share is not None:
                    yield share

    def to_gates(self, unit: int) -> Iterator[Node]:
        """What the state before has through W_hh."""
        for operation in self.run.operations:
            if operation.verb == "linear_hh":
                yield self._dot("weight_hh", operation, unit)

    def from_above(self, name: str) -> Iterator[Node]:
        """What h has from the output, or from the layer above."""
        if name != "h":
            return
        run, unit = self.run, self._at.unit or 0
        column = self._direction * run.output_size + unit
        if self._layer == run.num_layers - 1:
            at = Element(f"{GRADIENT}output", t=self._t, sequence=self._n, unit=column)
            yield outer(self._whole, at).quantity
            return
        above = Element(f"{GRADIENT}x", self._layer + 1, None, self._t, self._n, column)
        share: Node = gradient(self._whole, above)
        mask = run.masks.get(self._layer)
        if mask is not None:
            place = Element("mask", self._layer, None, self._t, self._n, column)
            symbol = (Token("symbol", "m", str(self._t + 1)),)
            value = float(mask[self._t, self._n, column])
            share = Product(Quantity(symbol, f"[{column}]", value, place), share)
        yield share

    # -- one operation

    def _share(self, operation: Operation, name: str, unit: int) -> Node | None:
        verb = operation.verb
        if verb in ("linear_ih", "linear_hh", "project"):
            kinds = {"linear_ih": "weight_ih", "linear_hh": "weight_hh", "project": "weight_hr"}
            return self._dot(kinds[verb], operation, unit)
        if verb == "add":
            given = operation.gives[operation.takes.index(name) % len(operation.gives)]
            return self._back(given, unit)
        back = self._back(operation.gives[0], unit)
        if back is None:
            return None
        return _times(self._slope(operation, name, unit), back)

    def _slope(self, operation: Operation, name: str, unit: int) -> Node:
        """What an operation multiplies a gradient by, on the way to what it takes."""
        if operation.verb in ("sigmoid", "tanh", "relu"):
            return self._of_activation(operation, unit)
        first, second = operation.takes
        other = self._value(second if name == first else first, unit)
        if operation.verb == "multiply":
            return other
        return Negated(other) if name == first else Complement(other)

    def _of_activation(self, operation: Operation, unit: int) -> Node:
        given = operation.gives[0]
        if given == "tanh_c":
            return Complement(Squared(Applied("tanh", self._value("c", unit))))
        result = self._value(given, unit)
        if operation.verb == "sigmoid":
            return Product(result, Complement(result))
        if operation.verb == "tanh":
            return Complement(Squared(result))
        return Count(int(result.value > 0))

    def _back(self, name: str, unit: int) -> Node | None:
        """∂loss/∂ what an operation gives; None where that is forced."""
        if self._is_forced(name, unit):
            return None
        if name in ("h", "c") or name.startswith("a_"):
            return gradient(self._whole, self._at._replace(tensor=GRADIENT + name, unit=unit))
        shares = list(self.shares(name, unit))
        if not shares:
            return None
        return shares[0] if len(shares) == 1 else Sum(tuple(shares))

    def _dot(self, kind: str, operation: Operation, unit: int) -> Dot:
        """A column of a weight times the gradients of what it makes."""
        name = f"{kind}_l{self._layer}{'_reverse' * self._direction}"
        symbol = Token("symbol", "W", kind[-2:])
        elements = [self._at._replace(tensor=self._named(given)) for given in operation.gives]
        backs = [floats(self._unforced(given)) for given in operation.gives]
        width = len(backs[0])
        whole = symbols(self._whole, elements[0])
        if len(elements) > 1:
            whole = (whole[0]._replace(sub=str(self._t + 1)),)

        def value_at(place: int) -> tuple[Token, ...]:
            gate, at = divmod(place, width)
            (token,) = symbols(self._whole, elements[gate])
            return (token._replace(behind=f"[{at}]"),)

        return Dot(
            weight=(symbol,),
            vector=whole,
            row_index=f"[{unit}]",
            weights=floats(self.run.weights[name][:, unit]),
            values=np.concatenate(backs),
            row=Element(name),
            element_at=lambda place: elements[place // width]._replace(unit=place % width),
            whole=transposed(symbol, whole, unit),
            weight_at=lambda place: (
                (symbol._replace(behind=f"[{place}, {unit}]"),),
                Element(name, row=place, column=unit),
            ),
            value_at=value_at,
        )

    def _named(self, given: str) -> str:
        """The gradient of a part of a gate's sum: that of the sum, where they are the same."""
        kind, _, gate = given.partition("_")
        apart = kind == "hh" and gate == "n"
        return f"{GRADIENT}a_{gate}" if kind in ("ih", "hh") and not apart else GRADIENT + given

    def _unforced(self, given: str) -> Tensor:
        values = self._gradients[given][self._n]
        if given != "h" or not self.run.clamps:
            return values
        held = self.run.clamped("h", self._layer, self._direction, self._t)[self._n]
        return values.masked_fill(held, 0.0)

    # -- numbers

    def _value(self, name: str, unit: int) -> Quantity:
        place = self._at._replace(tensor=name, unit=unit)
        if name in _ENTERING:
            place = previous_state(self.run, place, _ENTERING[name])
        value = float(self._tensors[name][self._n, unit])
        return Quantity(symbols(self._whole, place), f"[{unit}]", value, place)

    def _is_forced(self, name: str, unit: int) -> bool:
        if not self.run.clamps or name not in (*self.run.cell.gates, "h", "c"):
            return False
        held = self.run.clamped(name, self._layer, self._direction, self._t)
        return bool(held[self._n, unit])


def _times(slope: Node, back: Node) -> Node:
    """A gradient on its way through an operation, all slopes in front of it."""
    if isinstance(back, Product):
        return Product(Product(back.first, slope), back.second)
    return Product(slope, back)
