"""The arithmetic of one number: the operations from the tensors of its equation down to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from torch import Tensor

from rnnviz.element import Element
from rnnviz.errors import UsageError
from rnnviz.model.clamps import clampable
from rnnviz.model.provenance import words
from rnnviz.model.provenance.activations import ACTIVATIONS, Activation, Verb
from rnnviz.model.provenance.expressions import (
    Applied,
    Complement,
    Dot,
    Node,
    Product,
    Quantity,
    Sum,
    Token,
    Tokens,
    Values,
    number,
    of_vectors,
    operator,
    steps,
    symbols,
)
from rnnviz.model.provenance.places import given_inside, last_t, settle
from rnnviz.model.provenance.sources import previous_state
from rnnviz.model.provenance.terms import Factor, Group, Part
from rnnviz.model.trace import Trace, as_numpy

_ENTERING = {"x": "x", "h_prev": "h", "c_prev": "c"}


@dataclass(frozen=True, eq=False)
class Dissection:
    """One number of a run, taken apart.

    Sums are of the run's own numbers in float64 and rounded once; `in_run` is what the run's
    dtype made of the same.

    Attributes:
        element: as it was asked for, its defaults filled in.
        source: whose arithmetic it is: of `output`, `h_n` and `c_n` the state that they hold.
        is_known: whether it is computed; if not, there are symbols and no numbers.
        is_forced: whether the run holds it at a value of its own, whatever the operations give.
        value: the number in the run; NaN where it is not known.
        expression: the operations, down to gates, states, weights and biases.
        groups: the sum term by term; empty where there is no sum.
        in_run: what the run has for `total`.
        activation: the last operation, where it is one.
        dtype: of the run, such as "float32".
        summed: the part of the expression whose terms `groups` are, where that is not all of it.
    """

    element: Element
    source: Element
    is_known: bool
    is_forced: bool
    value: float
    names: tuple[Tokens, ...]
    expression: Node
    groups: tuple[Group, ...]
    in_run: float
    activation: Activation | None
    dtype: str
    summed: Node | None = None

    @property
    def total(self) -> float:
        """What the terms add up to: the number itself, what its activation takes, or `summed`."""
        if self.summed is not None:
            return self.summed.value
        inner = self.expression.inner if isinstance(self.expression, Applied) else self.expression
        return inner.value

    @property
    def rounding(self) -> float:
        """How far the run is from the exact sum of its own numbers."""
        return abs(self.total - self.in_run)

    @property
    def in_symbols(self) -> tuple[Tokens, ...]:
        """The equation, side by side: names of the number, and the operations."""
        return (*self.names, symbols(self.expression))

    @cached_property
    def in_numbers(self) -> tuple[Tokens, ...]:
        """The same with its numbers, evaluated step by step.

        The last is the run's own number; where that is forced, what it would have been.
        """
        if not self.is_known:
            return ()
        evaluated = steps(self.expression)
        own = evaluated[-1] if self.is_forced else (number(self.value),)
        return (*self.names, *evaluated[:-1], own)


def dissect(run: Trace, element: Element) -> Dissection | None:
    """Takes one number of a run apart.

    Args:
        run: a trace at any position.
        element: one unit of a gate, of c or h, of any tensor inside a cell, of `output`, `h_n`
            or `c_n`.

    Returns:
        None where the element is no single number, or was not computed from others: inputs,
        initial states, weights, padding, differences of two runs.
    """
    if run.is_difference:
        return None
    try:
        element = settle(run, element)
        source = _source(run, element)
        return None if source is None else _Cell(run, source).dissect(element)
    except UsageError:
        return None


def _source(run: Trace, element: Element) -> Element | None:
    """The element inside a cell whose number it is."""
    name, n = element.tensor, element.sequence or 0
    if element.unit is None:
        return None
    if name == "output":
        direction, unit = element.direction, element.unit
        if direction is None:
            direction, unit = divmod(unit, run.output_size)
        element = element._replace(
            tensor="h", layer=run.num_layers - 1, direction=direction, unit=unit
        )
    elif name in ("h_n", "c_n"):
        t = last_t(run, element.direction or 0, n)
        element = element._replace(tensor=name[0], t=t)
    if element.tensor not in given_inside(run) or element.t is None:
        return None
    return element if element.t < run.lengths[n] else None


class _Cell:
    """The cell that an element lies in, as a source of numbers and symbols."""

    def __init__(self, run: Trace, source: Element) -> None:
        assert source.t is not None
        assert source.unit is not None
        self._run, self._source = run, source
        self._layer, self._direction = source.layer or 0, source.direction or 0
        self._t, self._n, self._unit = source.t, source.sequence or 0, source.unit
        self._given_by = given_inside(run)
        self._tensors = run.tensors(self._layer, self._direction, self._t)
        self._stops = {*run.cell.gates, *_ENTERING, "c", "h"}

    def dissect(self, element: Element) -> Dissection:
        run, source = self._run, self._source
        tensor = self._tensors[source.tensor]
        if not self._unit < tensor.shape[-1]:
            raise UsageError(f"{source.tensor} has no unit {self._unit}")
        known = run.is_computed(source.tensor, self._layer, self._direction, self._t, self._n)
        expression = self._made(source.tensor)
        value = self._value_of(source.tensor)
        forced = known and self._is_forced(source.tensor)
        activation, in_run = None, expression.value if forced else value
        if isinstance(expression, Applied):
            (point,) = self._given_by[source.tensor].takes
            in_run = self._number(point)
            activation = Activation(expression.verb, expression.inner.value)
        return Dissection(
            element=element,
            source=source,
            is_known=known,
            is_forced=forced,
            value=value,
            names=self._names(element),
            expression=expression,
            groups=tuple(_groups(expression)) if known else (),
            in_run=in_run,
            activation=activation if known else None,
            dtype=str(run.dtype).removeprefix("torch."),
        )

    def _is_forced(self, name: str) -> bool:
        """Whether the run is held at a value here."""
        if name not in clampable(self._run.spec):
            return False
        held = self._run.clamped(name, self._layer, self._direction, self._t)
        return bool(held[self._n, self._unit])

    def _value_of(self, name: str) -> float:
        """The number as the run shows it: of a state, the one that was kept."""
        at = slice(self._t, self._t + 1)
        states = self._run.states(self._layer, self._direction, at)
        kept = {"h": states.h, "c": states.c}.get(name)
        if kept is not None:
            value = float(kept[0, self._n, self._unit])
            if value == value:  # NaN: the cell is under way, and the state not kept yet
                return value
        return self._number(name)

    def _number(self, name: str) -> float:
        return float(self._tensors[name][self._n, self._unit])

    # -- the tree

    def _made(self, name: str) -> Node:
        """A tensor's unit by the operation that gives it."""
        operation = self._given_by[name]
        number = operation.gives.index(name)
        if operation.verb in ("linear_ih", "linear_hh"):
            items = tuple(self._linear(operation.verb[-2:], operation.takes[0], number))
            return items[0] if len(items) == 1 else Sum(items)
        if operation.verb == "add":
            parts = operation.takes[number], operation.takes[number + len(operation.gives)]
            return Sum(tuple(item for part in parts for item in _items(self._node(part))))
        if operation.verb == "multiply":
            first, second = operation.takes
            return Product(self._node(first), self._node(second))
        if operation.verb == "complement":
            first, second = operation.takes
            return Product(Complement(self._quantity(first)), self._node(second))
        if operation.verb == "project":
            return self._dot("weight_hr", "hr", self._unit, operation.takes[0])
        assert operation.verb in ACTIVATIONS
        verb: Verb = operation.verb
        return Applied(verb, self._node(operation.takes[0]))

    def _node(self, name: str) -> Node:
        return self._quantity(name) if name in self._stops else self._made(name)

    def _linear(self, between: str, vector: str, gate: int) -> Iterator[Node]:
        row = gate * self._run.hidden_size + self._unit
        sub = self._sub(between, gate)
        yield self._dot(f"weight_{between}", sub, row, vector)
        name = f"bias_{between}{self._suffix}"
        if name in self._run.weights:
            value = float(self._run.weights[name][row])
            whole = (Token("symbol", "b", sub),)
            yield Quantity(whole, f"[{self._unit}]", value, Element(name, row=row))

    def _sub(self, between: str, gate: int) -> str:
        """What stands below W and b: `if`; of an RNN `ih`."""
        gates = self._run.cell.gates
        return between if len(gates) == 1 else f"{between[0]}{gates[gate]}"

    def _dot(self, kind: str, sub: str, row: int, vector: str) -> Dot:
        name = f"{kind}{self._suffix}"
        whole = self._whole(vector)
        place = self._place(vector)
        return Dot(
            weight=(Token("symbol", "W", sub),),
            vector=whole,
            row_index=f"[{self._unit}]",
            weights=_float64(self._run.weights[name][row]),
            values=_float64(self._tensors[vector][self._n]),
            row=Element(name, row=row),
            element_at=lambda unit: place._replace(unit=unit),
        )

    def _quantity(self, name: str) -> Quantity:
        place = self._place(name)._replace(unit=self._unit)
        return Quantity(self._whole(name), f"[{self._unit}]", self._number(name), place)

    @property
    def _suffix(self) -> str:
        return f"_l{self._layer}{'_reverse' * self._direction}"

    def _place(self, name: str) -> Element:
        """The vector as an element; what enters the cell lies elsewhere."""
        vector = self._source.vector()
        if name == "x":
            return vector._replace(tensor="x", direction=None)
        if name in _ENTERING:
            return previous_state(self._run, vector, _ENTERING[name])
        return vector._replace(tensor=name)

    # -- symbols

    def _names(self, element: Element) -> tuple[Tokens, ...]:
        """What the number is called; of `output`, `h_n` and `c_n` the state as well."""
        index, name = f"[{self._unit}]", self._source.tensor
        inner = (of_vectors(self._made(name), index),)
        if name in self._stops or name.startswith("a_"):
            inner = (self._quantity_name(name, index),)
        if element.tensor == self._source.tensor:
            return inner
        place = f"[{element.unit}]"
        if element.tensor == "output":
            symbol = Token("symbol", "output", str(self._t + 1), place, "y")
        else:
            symbol = Token("symbol", element.tensor[0], "n", place, element.tensor[0])
        return ((symbol,), *inner)

    def _quantity_name(self, name: str, index: str) -> Tokens:
        (symbol,) = self._whole(name)
        return (symbol._replace(behind=index),)

    def _whole(self, name: str) -> Tokens:
        """The symbol of a whole vector; t counts from 1."""
        if name == "o*tanh_c":
            c = self._whole("c")
            tanh = (Token("function", "tanh"), *operator("("), *c, *operator(")"))
            return (*self._whole("o"), *operator(" ⊙ "), *tanh)
        if name.startswith("a_"):
            return (Token("symbol", "a", f"{name[2:]},{self._t + 1}"),)
        place = self._place(name)
        initial = place.tensor.endswith("_0")
        letter = place.tensor.removesuffix("_0")
        return (Token("symbol", letter, "0" if initial else words.time(place), "", letter),)


def _items(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sum) else (node,)


def _groups(expression: Node) -> Iterator[Group]:
    """The sum in an expression; a bracket that is multiplied is a group of its own."""
    inner = expression.inner if isinstance(expression, Applied) else expression
    plain: list[Part] = []
    bracketed: list[Group] = []
    for item in _items(inner):
        bracket = _bracket(item)
        if bracket is not None:
            bracketed.append(bracket)
        elif isinstance(item, Part) and _is_term(item, inner):
            plain.append(item)
    if plain:
        yield Group(tuple(plain))
    yield from bracketed


def _bracket(item: Node) -> Group | None:
    if not isinstance(item, Product) or not isinstance(item.second, Sum | Dot):
        return None
    assert isinstance(item.first, Quantity)
    factor = Factor(item.first.tokens, item.first.value, item.first.element)
    return Group(tuple(part for part in _items(item.second) if isinstance(part, Part)), factor)


def _is_term(item: Part, inner: Node) -> bool:
    """Whether it can be added as it is: a product of gates and states, without a function."""
    if isinstance(item, Product):
        return all(isinstance(part, Quantity | Complement) for part in (item.first, item.second))
    return isinstance(item, Dot) or item is not inner


def _float64(values: Tensor) -> Values:
    return as_numpy(values).astype(np.float64)
