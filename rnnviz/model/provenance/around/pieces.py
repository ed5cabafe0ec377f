"""The pieces that equations of the whole model are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from torch import Tensor

from rnnviz.element import Element
from rnnviz.model.provenance.activations import Activation
from rnnviz.model.provenance.around import reading
from rnnviz.model.provenance.around.letters import symbols, weight_sub
from rnnviz.model.provenance.around.spots import Spot, settle, spot
from rnnviz.model.provenance.around.whole import Whole
from rnnviz.model.provenance.expressions import (
    Dot,
    Negated,
    Node,
    Product,
    Quantity,
    Sum,
    Token,
    Tokens,
    Total,
    Values,
)
from rnnviz.model.provenance.terms import Group
from rnnviz.model.trace import as_numpy


class Made(NamedTuple):
    """How a number is made.

    Attributes:
        expression: the operations.
        groups: the terms of its sum.
        summed: what these add up to, where that is not the expression itself.
        activation: the last operation, where it is one.
    """

    expression: Node
    groups: tuple[Group, ...] = ()
    summed: Node | None = None
    activation: Activation | None = None


@dataclass(frozen=True)
class Outer:
    """A number of a tensor over timesteps or rows.

    Attributes:
        whole: the model.
        element: settled.
        spot: where it lies.
        unit: which of the strip; None where there is no strip.
    """

    whole: Whole
    element: Element
    spot: Spot
    unit: int | None = field(default=None)

    @property
    def value(self) -> float:
        """The number."""
        strip = self.spot.strip
        return float(strip if self.unit is None else strip[self.unit])

    @property
    def strip(self) -> Values:
        """All numbers of the strip in float64."""
        return floats(self.spot.strip)

    @property
    def quantity(self) -> Quantity:
        """It as a part of an equation."""
        return self.one(self.unit)

    def one(self, unit: int | None) -> Quantity:
        """Another number of the strip."""
        whole, value = symbols(self.whole, self.element), self.spot.strip
        if unit is None:
            row = self.element.row
            return Quantity(whole, "" if row is None else f"[{row}]", float(value), self.element)
        place = f"[{unit}]" if self.element.row is None else f"[{self.element.row}, {unit}]"
        return Quantity(whole, place, float(value[unit]), self.at(unit))

    def at(self, unit: int | None) -> Element:
        """The element of another number of the strip."""
        if self.element.row is not None:
            return self.element._replace(column=unit)
        return self.element._replace(unit=unit)


def outer(whole: Whole, element: Element, tensor: str | None = None) -> Outer:
    """A number of a tensor over timesteps, or of another one at the same place.

    Raises:
        UsageError: where there is none.
    """
    if tensor is not None:
        element = element._replace(tensor=tensor)
    named = reading.named_of(whole, element.tensor)
    element = settle(whole.pr, element, named)
    unit = element.column if element.row is not None else element.unit
    where = spot(whole.pr, element, named)
    return Outer(whole, element, where, unit if where.axis else None)


def weight_row(whole: Whole, name: str, row: int, vector: Outer) -> Dot:
    """A row of a parameter times a vector."""
    return Dot(
        weight=(Token("symbol", "W", weight_sub(name)),),
        vector=symbols(whole, vector.element),
        row_index=f"[{row}]",
        weights=floats(reading.weight_of(whole, name)[row]),
        values=vector.strip,
        row=Element(name, row=row),
        element_at=vector.at,
    )


def weight_column(whole: Whole, name: str, column: int, vector: Outer) -> Dot:
    """A column of a parameter times a vector: (Wᵀ v)[column]."""
    symbol = Token("symbol", "W", weight_sub(name))
    inner = symbols(whole, vector.element)
    return Dot(
        weight=(symbol,),
        vector=inner,
        row_index=f"[{column}]",
        weights=floats(reading.weight_of(whole, name)[:, column]),
        values=vector.strip,
        row=Element(name),
        element_at=vector.at,
        whole=transposed(symbol, inner, column),
        weight_at=lambda place: (
            (symbol._replace(behind=f"[{place}, {column}]"),),
            Element(name, row=place, column=column),
        ),
    )


def transposed(weight: Token, vector: Tokens, column: int) -> Tokens:
    """(Wᵀ v)[column]."""
    return (
        Token("operator", "("),
        weight._replace(behind="ᵀ"),
        Token("operator", " "),
        *vector,
        Token("operator", f")[{column}]"),
    )


def bias(whole: Whole, name: str, row: int) -> Quantity | None:
    """A number of a bias; None where there is none."""
    found = whole.pr.weights.get(name)
    if found is None:
        return None
    symbol = (Token("symbol", "b", weight_sub(name)),)
    return Quantity(symbol, f"[{row}]", float(found[row]), Element(name, row=row))


def linear(whole: Whole, part: str, row: int, vector: Outer) -> Made:
    """A row of a Linear layer: a sum of products, and the bias."""
    dot, added = weight_row(whole, f"{part}.weight", row, vector), bias(whole, f"{part}.bias", row)
    return summed(dot) if added is None else summed(dot, added)


def summed(*items: Node) -> Made:
    """A sum and its terms."""
    expression = items[0] if len(items) == 1 else Sum(items)
    return Made(expression, group_of(*items))


def group_of(*items: Node) -> tuple[Group, ...]:
    """The terms of a sum, where all of them can be shown as such."""
    parts = tuple(
        item for item in items if isinstance(item, Dot | Total | Quantity | Product | Negated)
    )
    return (Group(parts),) if parts and len(parts) == len(items) else ()


def floats(values: Tensor) -> Values:
    """Numbers in float64."""
    return as_numpy(values).astype(np.float64)
