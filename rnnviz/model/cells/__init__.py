"""The cells, by the name of their module in `torch.nn`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.model.cells.base import Cell, Parameters, Step
from rnnviz.model.cells.gru import GRUCell
from rnnviz.model.cells.lstm import LSTMCell
from rnnviz.model.cells.operations import ACTIVATIONS, Operation, perform, perform_all
from rnnviz.model.cells.rnn import RNNCell
from rnnviz.model.cells.stepping import StepArrays

if TYPE_CHECKING:
    from rnnviz.model.spec import ModelSpec

__all__ = [
    "ACTIVATIONS",
    "CELLS",
    "Cell",
    "Operation",
    "Parameters",
    "Step",
    "StepArrays",
    "equations",
    "operations",
    "perform",
    "perform_all",
]

CELLS: dict[str, Cell] = {cell.name: cell for cell in (RNNCell(), LSTMCell(), GRUCell())}


def equations(spec: ModelSpec) -> dict[str, str]:
    """LaTeX by tensor name (each gate, `c`, `h`), as this spec's options make it."""
    return CELLS[spec.cell].equations_for(
        bias=spec.bias, projection=spec.proj_size > 0, nonlinearity=spec.nonlinearity
    )


def operations(spec: ModelSpec) -> tuple[Operation, ...]:
    """The operations inside a cell, in their order, as this spec's options make them."""
    return CELLS[spec.cell].operations(
        bias=spec.bias, projection=spec.proj_size > 0, nonlinearity=spec.nonlinearity
    )
