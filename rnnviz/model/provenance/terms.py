"""A sum term by term: weights and values, what each adds, the largest of many."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.model.provenance.expressions import (
    Applied,
    Called,
    Complement,
    Dot,
    Negated,
    Node,
    Product,
    Quantity,
    Quotient,
    Squared,
    Sum,
    Tokens,
    Total,
    Values,
    exact_sum,
    indexed,
    symbols,
)

Order = Literal["index", "size"]
MOST = 24  # rows of a sum that are shown one by one

Part = Dot | Total | Quantity | Product | Negated
_MANY = (Dot, Total)


class Factor(NamedTuple):
    """A number in a term: its symbol, and where it is."""

    tokens: Tokens
    value: float
    element: Element


class Term(NamedTuple):
    """What one pair of numbers adds, or a bias alone.

    Attributes:
        value: what comes in: an input, the previous state, or the bias itself.
        weight: what it is multiplied by; None for a bias.
        product: both multiplied, in float64.
    """

    value: Factor
    weight: Factor | None
    product: float


class Row(NamedTuple):
    """A line of the table: a term, or many small ones together.

    Attributes:
        term: None for those that are folded.
        terms: how many it stands for.
        product: what they add.
        running: the sum up to here.
    """

    term: Term | None
    terms: int
    product: float
    running: float


@dataclass(frozen=True, eq=False)
class Group:
    """Terms that are added to each other; of GRU's new gate, those in brackets are a group.

    Attributes:
        parts: rows of weights times vectors, biases, products.
        factor: what the sum of these is multiplied by; None for nothing.
    """

    parts: tuple[Part, ...]
    factor: Factor | None = None

    def __len__(self) -> int:
        return self._starts[-1]

    @cached_property
    def products(self) -> Values:
        """What every term adds: (terms,)."""
        parts = [part.products if isinstance(part, _MANY) else [part.value] for part in self.parts]
        return np.concatenate(parts)

    @cached_property
    def total(self) -> float:
        """The sum of the terms, rounded once."""
        return exact_sum(self.products)

    @property
    def contribution(self) -> float:
        """The sum, times the factor where there is one."""
        return self.total if self.factor is None else self.total * self.factor.value

    def term(self, place: int) -> Term:
        """One term by its place in the order of PyTorch's indices."""
        number = int(np.searchsorted(self._starts, place, side="right")) - 1
        return _term(self.parts[number], place - self._starts[number])

    def rows(self, order: Order = "index", most: int = MOST) -> tuple[Row, ...]:
        """The terms as lines of a table.

        Args:
            order: by index, or the largest contribution first.
            most: of terms that are shown one by one; biases always are. The others are
                folded into a last row.
        """
        shown = self._shown(most)
        if order == "size":
            shown = shown[np.argsort(-_sizes(self.products[shown]), kind="stable")]
        rows: list[Row] = []
        for place in shown:
            product = float(self.products[place])
            running = exact_sum([*(row.product for row in rows), product])
            rows.append(Row(self.term(int(place)), 1, product, running))
        if len(shown) < len(self):
            folded = exact_sum(np.delete(self.products, shown))
            rows.append(Row(None, len(self) - len(shown), folded, self.total))
        return tuple(rows)

    def _shown(self, most: int) -> NDArray[np.intp]:
        """Places in order of index."""
        if len(self) <= most:
            return np.arange(len(self))
        sizes = _sizes(self.products)
        for part, start in zip(self.parts, self._starts, strict=False):
            if not isinstance(part, _MANY):
                sizes[start] = np.inf
        largest = np.argpartition(-sizes, most - 1)[:most]
        return np.sort(largest)

    @cached_property
    def _starts(self) -> list[int]:
        sizes = (len(part.products) if isinstance(part, _MANY) else 1 for part in self.parts)
        return list(itertools.accumulate(sizes, initial=0))


def _sizes(products: Values) -> Values:
    """Magnitudes; what is not a number is larger than any."""
    return np.nan_to_num(np.abs(products), nan=np.inf)


def _term(part: Part, place: int) -> Term:
    if isinstance(part, Dot):
        return _pair(part, place)
    if isinstance(part, Total):
        tokens, element = part.term_at(place)
        value = float(part.values[place])
        return Term(Factor(tokens, value, element), None, value)
    if isinstance(part, Product):
        return Term(_factor(part.second), _factor(part.first), part.value)
    return Term(_factor(part), None, part.value)


def _pair(part: Dot, place: int) -> Term:
    """A weight and the value that it is multiplied with."""
    symbol = indexed(part.vector, f"[{place}]") if part.value_at is None else part.value_at(place)
    if part.weight_at is None:
        column = f"[{part.row_index.strip('[]')}, {place}]"
        named = indexed(part.weight, column), part.row._replace(column=place)
    else:
        named = part.weight_at(place)
    weight = Factor(named[0], float(part.weights[place]), named[1])
    value = Factor(symbol, float(part.values[place]), part.element_at(place))
    return Term(value, weight, float(part.products[place]))


def _factor(node: Node) -> Factor:
    return Factor(symbols(node), node.value, _element(node))


def _element(node: Node) -> Element:
    """The first number in an expression that is one of the run."""
    found = next(_elements(node), None)
    return Element("") if found is None else found


def _elements(node: Node) -> Iterator[Element]:
    if isinstance(node, Quantity):
        yield node.element
    elif isinstance(node, Sum):
        for item in node.items:
            yield from _elements(item)
    elif isinstance(node, Product | Quotient):
        yield from _elements(node.first)
        yield from _elements(node.second)
    elif isinstance(node, Complement | Negated | Squared | Applied | Called):
        yield from _elements(node.inner)
