"""What a cell publishes: its gates, its equations and one step of its arithmetic."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

from torch import Tensor

from rnnviz.model.cells.operations import Operation
from rnnviz.model.cells.scanning import Array, Lane
from rnnviz.model.cells.stepping import StepArrays, StepWeights


class Parameters(NamedTuple):
    """The weights of one layer and direction, under PyTorch's names without the suffix."""

    weight_ih: Tensor  # (gates * H_cell, in_features)
    weight_hh: Tensor  # (gates * H_cell, H_out)
    bias_ih: Tensor | None = None
    bias_hh: Tensor | None = None
    weight_hr: Tensor | None = None  # (proj_size, H_cell)
    nonlinearity: str = "tanh"


class Step(NamedTuple):
    """What one step of a cell computes, for any number of rows.

    Attributes:
        h: (rows, H_out), the next hidden state.
        c: (rows, H_cell), the next cell state; None but for LSTM.
        gates: activated gates (rows, H_cell) by PyTorch's names.
        preactivations: the same before activation.
        unprojected: (rows, H_cell), h before `weight_hr`; `h` itself without a projection.
    """

    h: Tensor
    c: Tensor | None
    gates: dict[str, Tensor]
    preactivations: dict[str, Tensor]
    unprojected: Tensor

    def in_torch(self) -> Step:
        """Itself: a step in numpy gives the same tensors by this name."""
        return self


class Cell(ABC):
    """A kind of recurrent cell.

    Attributes:
        name: of the module in `torch.nn`.
        gates: names of the gates, in the order of the rows of PyTorch's weights.
        sigmoid_gates: those that lie between 0 and 1; the others are of tanh (or relu).
        has_c: whether there is a cell state beside the hidden state.
        equations: LaTeX by tensor name, with biases: each gate, `c`, `h`, and `h_proj`, which
            is h where a projection is set.
    """

    name: ClassVar[str]
    gates: ClassVar[tuple[str, ...]]
    sigmoid_gates: ClassVar[frozenset[str]] = frozenset()
    has_c: ClassVar[bool] = False

    @property
    def equations(self) -> dict[str, str]:
        return self.equations_for()

    @abstractmethod
    def equations_for(
        self, *, bias: bool = True, projection: bool = False, nonlinearity: str = "tanh"
    ) -> dict[str, str]:
        """LaTeX by tensor name, as the given options make it."""

    @abstractmethod
    def operations(
        self, *, bias: bool = True, projection: bool = False, nonlinearity: str = "tanh"
    ) -> tuple[Operation, ...]:
        """The operations inside the cell, in the order in which they are computed."""

    @abstractmethod
    def step(self, x: Tensor, h: Tensor, c: Tensor | None, parameters: Parameters) -> Step:
        """One step for rows that are all independent of each other.

        Args:
            x: (rows, in_features).
            h: (rows, H_out), the previous hidden state.
            c: (rows, H_cell), the previous cell state; None but for LSTM.
        """

    @abstractmethod
    def step_arrays(self, x: Array, h: Array, c: Array | None, weights: StepWeights) -> StepArrays:
        """The same step in numpy; for float32 and float64 of moderate size."""

    @abstractmethod
    def torch_cell(
        self, x: Tensor, h: Tensor, c: Tensor | None, parameters: Parameters
    ) -> tuple[Tensor, Tensor | None]:
        """The same by torch's own cell function: h and c."""

    @abstractmethod
    def scan(self, lane: Lane, parameters: Parameters) -> None:
        """Fills a lane's h and c, in numpy; for float32 and float64 of moderate size."""
