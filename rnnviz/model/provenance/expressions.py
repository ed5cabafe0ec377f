"""How one number follows from others: a small tree, with its symbols and with its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.model.provenance.activations import ACTIVATIONS, Verb
from rnnviz.model.provenance.words import spoken

Values = NDArray[np.float64]
Kind = Literal["symbol", "number", "function", "operator"]
MINUS = "−"
PARTIAL = "∂L/∂"  # before the symbol of what a gradient is of
_OVERFLOWS = 709.78  # what exp takes at most


class Token(NamedTuple):
    """A piece of an equation as it is set.

    Attributes:
        kind: a tensor's symbol, a number, the name of a function, or what stands between.
        text: the symbol's letter, or the piece itself.
        sub: below a symbol.
        behind: follows a symbol, such as "[3]".
        role: whose colour a symbol has; "" for the ink.
    """

    kind: Kind
    text: str
    sub: str = ""
    behind: str = ""
    role: str = ""


Tokens = tuple[Token, ...]


def operator(text: str) -> Tokens:
    """What stands between two pieces."""
    return (Token("operator", text),)


@dataclass(frozen=True)
class Quantity:
    """One number of a run.

    Attributes:
        whole: the symbol of the vector that it is an element of.
        index: its place there.
        value: as the run has it.
        element: where it is.
    """

    whole: Tokens
    index: str
    value: float
    element: Element

    @property
    def tokens(self) -> Tokens:
        """Its symbol."""
        return indexed(self.whole, self.index)


@dataclass(frozen=True, eq=False)
class Dot:
    """A row of a weight times a vector.

    Attributes:
        weight, vector: their symbols; the row's has its index.
        weights, values: (n,).
        row: the weight's row as an element, to which a column is added.
        element_at: the vector's element at a place.
        whole: what it is called where it is no row times a vector; () where it is.
        weight_at, value_at: the symbol of a weight and of a value by its place, and the weight's
            element; None where they are the row's and the vector's with the place as index.
    """

    weight: Tokens
    vector: Tokens
    row_index: str
    weights: Values
    values: Values
    row: Element
    element_at: Callable[[int], Element]
    whole: Tokens = ()
    weight_at: Callable[[int], tuple[Tokens, Element]] | None = None
    value_at: Callable[[int], Tokens] | None = None

    @cached_property
    def products(self) -> Values:
        """Term by term; exact where the numbers have no more than 26 bits, as float32 has."""
        with np.errstate(all="ignore"):
            return self.weights * self.values

    @cached_property
    def value(self) -> float:
        """The sum of all, rounded once."""
        return exact_sum(self.products)


@dataclass(frozen=True, eq=False)
class Total:
    """Numbers added, of which each alone is a term.

    Attributes:
        whole: what it is called.
        values: (n,), what is added.
        term_at: the symbol and the element of a term by its place.
    """

    whole: Tokens
    values: Values
    term_at: Callable[[int], tuple[Tokens, Element]]

    @property
    def products(self) -> Values:
        """Term by term."""
        return self.values

    @cached_property
    def value(self) -> float:
        """The sum of all, rounded once."""
        return exact_sum(self.values)


@dataclass(frozen=True)
class Complement:
    """1 − a number."""

    inner: Node

    @property
    def value(self) -> float:
        return 1.0 - self.inner.value


@dataclass(frozen=True, eq=False)
class Sum:
    """Numbers added."""

    items: tuple[Node, ...]

    @cached_property
    def value(self) -> float:
        return exact_sum([item.value for item in self.items])


@dataclass(frozen=True, eq=False)
class Product:
    """Two numbers multiplied."""

    first: Node
    second: Node

    @cached_property
    def value(self) -> float:
        return self.first.value * self.second.value


@dataclass(frozen=True, eq=False)
class Applied:
    """An activation of a number."""

    verb: Verb
    inner: Node

    @cached_property
    def value(self) -> float:
        return ACTIVATIONS[self.verb].value(self.inner.value)


@dataclass(frozen=True, eq=False)
class Quotient:
    """A number divided by another."""

    first: Node
    second: Node

    @cached_property
    def value(self) -> float:
        try:
            return self.first.value / self.second.value
        except ZeroDivisionError:
            return math.nan


@dataclass(frozen=True, eq=False)
class Negated:
    """A number with the other sign."""

    inner: Node

    @property
    def value(self) -> float:
        return -self.inner.value


@dataclass(frozen=True, eq=False)
class Squared:
    """A number times itself."""

    inner: Node

    @property
    def value(self) -> float:
        return self.inner.value * self.inner.value


@dataclass(frozen=True, eq=False)
class Called:
    """The exponential or logarithm of a number.

    Attributes:
        name: "exp" or "log".
        exact: its value, where that of the number has not digits enough for it.
    """

    name: Literal["exp", "log"]
    inner: Node
    exact: float | None = None

    @cached_property
    def value(self) -> float:
        if self.exact is not None:
            return self.exact
        inner = self.inner.value
        if self.name == "exp":
            return math.exp(inner) if inner < _OVERFLOWS else math.inf
        return math.log(inner) if inner > 0 else (-math.inf if inner == 0 else math.nan)


@dataclass(frozen=True)
class Count:
    """A whole number that belongs to the equation: how many are counted, a class, a 2."""

    value: int


@dataclass(frozen=True)
class Number:
    """What a part of the tree has come to."""

    value: float


Node = (
    Quantity
    | Dot
    | Total
    | Complement
    | Sum
    | Product
    | Quotient
    | Negated
    | Squared
    | Applied
    | Called
    | Count
    | Number
)


def exact_sum(values: Values | Sequence[float]) -> float:
    """A sum that is rounded once; NaN and infinity as they come."""
    try:
        return math.fsum(values.tolist() if isinstance(values, np.ndarray) else values)
    except (OverflowError, ValueError):
        with np.errstate(all="ignore"):
            return float(np.sum(values))


def symbols(node: Node) -> Tokens:
    """The tree in its symbols, each with its unit."""
    return _set(node, _scalar, " · ")


def of_vectors(node: Node, index: str) -> Tokens:
    """The tree in the symbols of whole vectors, an element of which it is."""
    inside = _set(node, _vector, " ⊙ ")
    if isinstance(node, Applied):
        return (*inside, *operator(index))
    return (*operator("("), *inside, *operator(f"){index}"))


def steps(node: Node) -> list[Tokens]:
    """The tree in numbers, evaluated from within step by step; the last is one number."""
    found = [_set(node, _number, " · ")]
    while not isinstance(node, Number):
        node = _reduced(node)
        line = _set(node, _number, " · ")
        if line != found[-1]:
            found.append(line)
    return found


def number(value: float) -> Token:
    """A number as it stands in an equation."""
    return Token("number", spoken(value + 0.0))  # no −0


def indexed(tokens: Tokens, index: str) -> Tokens:
    """A symbol with an index behind it, in brackets where it is more than a letter."""
    if len(tokens) == 1:
        return (tokens[0]._replace(behind=index),)
    return (*operator("("), *tokens, *operator(f"){index}"))


_Leaf = Quantity | Dot | Total | Count | Number
_LEAVES = (Quantity, Dot, Total, Count, Number)


def _scalar(leaf: _Leaf) -> Tokens:
    if isinstance(leaf, Quantity):
        return leaf.tokens
    if isinstance(leaf, Total) or (isinstance(leaf, Dot) and leaf.whole):
        return leaf.whole
    if isinstance(leaf, Count | Number):
        return _number(leaf)
    return (*indexed(leaf.weight, leaf.row_index), *operator(" · "), *_bracketed(leaf.vector))


def _vector(leaf: _Leaf) -> Tokens:
    if isinstance(leaf, Quantity):
        return leaf.whole
    if not isinstance(leaf, Dot) or leaf.whole:
        return _scalar(leaf)
    return (*leaf.weight, *operator(" "), *_bracketed(leaf.vector))


def _number(leaf: _Leaf) -> Tokens:
    if isinstance(leaf, Count):
        return (Token("number", str(leaf.value).replace("-", MINUS)),)
    return (number(leaf.value),)


def _bracketed(tokens: Tokens) -> Tokens:
    return tokens if len(tokens) == 1 else (*operator("("), *tokens, *operator(")"))


def _set(node: Node, leaf: Callable[[_Leaf], Tokens], times: str) -> Tokens:
    if isinstance(node, Sum):
        return _added([_set(item, leaf, times) for item in node.items])
    if isinstance(node, Product | Quotient):
        first, second = (_factor(part, leaf, times) for part in (node.first, node.second))
        return (*first, *operator(times if isinstance(node, Product) else " / "), *second)
    if isinstance(node, Applied | Called):
        name = ACTIVATIONS[node.verb].symbol if isinstance(node, Applied) else node.name
        inner = _set(node.inner, leaf, times)
        return (Token("function", name), *operator("("), *inner, *operator(")"))
    if isinstance(node, Complement):
        return (*operator(f"1 {MINUS} "), *_factor(node.inner, leaf, times))
    if isinstance(node, Negated):
        return (*operator(MINUS), *_factor(node.inner, leaf, times))
    if isinstance(node, Squared):
        return (*_factor(node.inner, leaf, times), *operator("²"))
    return leaf(node)


def _added(parts: list[Tokens]) -> Tokens:
    """Summands; the sign of one that begins with it becomes the operator."""
    found = list(parts[0])
    for part in parts[1:]:
        first = part[0]
        if len(part) == 1 and first.kind == "number" and first.text.startswith(MINUS):
            found += [*operator(f" {MINUS} "), first._replace(text=first.text[1:])]
        elif first == Token("operator", MINUS):
            found += [*operator(f" {MINUS} "), *part[1:]]
        else:
            found += [*operator(" + "), *part]
    return tuple(found)


def _factor(node: Node, leaf: Callable[[_Leaf], Tokens], times: str) -> Tokens:
    tokens = _set(node, leaf, times)
    negative = tokens[0].kind == "number" and tokens[0].text.startswith(MINUS)
    if negative or isinstance(node, Sum | Complement | Negated | Quotient):
        return (*operator("("), *tokens, *operator(")"))
    return tokens


def _reduced(node: Node) -> Node:
    """One step of evaluation: everything that is ready."""
    if isinstance(node, Sum):
        if all(_is_number(item) for item in node.items):
            return Number(node.value)
        return Sum(tuple(_step(item) for item in node.items))
    if isinstance(node, Product):
        if any(isinstance(part, Applied) for part in (node.first, node.second)):
            return Product(_reduced_within(node.first), _reduced_within(node.second))
        return Number(node.value)
    if isinstance(node, Quotient) and not (_is_number(node.first) and _is_number(node.second)):
        return Quotient(_step(node.first), _step(node.second))
    if isinstance(node, Applied) and not _is_number(node.inner):
        return Applied(node.verb, _reduced(node.inner))
    if isinstance(node, Negated) and not _is_number(node.inner):
        return Negated(_reduced(node.inner))
    if isinstance(node, Called) and not _is_number(node.inner):
        return Called(node.name, _reduced(node.inner), node.exact)
    return Number(node.value)


def _step(node: Node) -> Node:
    return node if _is_number(node) else _reduced(node)


def _reduced_within(node: Node) -> Node:
    return _reduced(node) if isinstance(node, Applied) else node


def _is_number(node: Node) -> bool:
    """Whether a part is a number already, its sign included."""
    return isinstance(node.inner if isinstance(node, Negated) else node, _LEAVES)
