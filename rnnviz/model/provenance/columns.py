"""What a state keeps and what is written to it, unit by unit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.model.cells import Operation
from rnnviz.model.provenance.inside import symbol_of
from rnnviz.model.provenance.places import given_inside
from rnnviz.model.provenance.sources import previous_state
from rnnviz.model.provenance.words import time
from rnnviz.model.trace import Trace, as_numpy

Values = NDArray[np.floating]


class Column(NamedTuple):
    """One tensor over all units.

    Attributes:
        vector: as an element, without its unit.
        text, sub: its symbol; `sub` stands below.
        role: whose colour it has.
        is_gate: whether it lies between 0 and 1.
        values: (units,).
    """

    vector: Element
    text: str
    sub: str
    role: str
    is_gate: bool
    values: Values


class Columns(NamedTuple):
    """A state as the sum of two products, over all units.

    Attributes:
        columns: what is multiplied, the products, and the state itself last.
        kept, written: of these, what is left of the state before, and what is new.
        unit: the one that is selected.
    """

    columns: tuple[Column, ...]
    kept: Values
    written: Values
    unit: int

    @property
    def state(self) -> Column:
        """The sum."""
        return self.columns[-1]


def columns_of(run: Trace, state: Element) -> Columns | None:
    """The products that a state is the sum of; None where it is no such sum, or not computed.

    Args:
        state: c or h inside a cell, with all its indices.
    """
    made = given_inside(run)
    operation = made.get(state.tensor)
    if operation is None or operation.verb != "add" or len(operation.gives) > 1:
        return None
    if state.t is None or state.unit is None or state.tensor.startswith("a_"):
        return None
    layer, direction, n = state.layer or 0, state.direction or 0, state.sequence or 0
    if not run.is_computed(state.tensor, layer, direction, state.t, n):
        return None
    products = sorted((made[name] for name in operation.takes), key=_is_new)
    names = dict.fromkeys(name for product in products for name in (*product.takes, *product.gives))
    tensors = run.tensors(layer, direction, state.t)
    columns = [_column(run, state, name, as_numpy(tensors[name][n])) for name in names]
    own = _column(run, state, state.tensor, as_numpy(tensors[state.tensor][n]))
    kept, written = (as_numpy(tensors[product.gives[0]][n]) for product in products)
    return Columns((*columns, own), kept, written, state.unit)


def _is_new(product: Operation) -> bool:
    """Whether a product has no part in the state before."""
    return not any(name.endswith("_prev") for name in product.takes)


def _column(run: Trace, state: Element, name: str, values: Values) -> Column:
    vector = state.vector()._replace(tensor=name)
    if name.endswith("_prev"):
        vector = previous_state(run, state.vector(), name[0])
    text, role = symbol_of(name)
    sub = "" if len(text) > 1 else ("0" if vector.t is None else time(vector))
    return Column(vector, text, sub, role, name in run.cell.sigmoid_gates, values)
