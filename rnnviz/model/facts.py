"""What a run follows from: the module's sizes and weights, the input and the initial states."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.model.binding import Binding, Initial
from rnnviz.model.cells import Cell, Operation
from rnnviz.model.clamps import Clamp
from rnnviz.model.sequences import PackingPlan
from rnnviz.model.spec import ModelSpec


class Facts:
    """A snapshot by its names: what does not change while a run is computed."""

    def __init__(self, binding: Binding) -> None:
        self._binding = binding

    @property
    def spec(self) -> ModelSpec:
        """The module's arguments; the seed is not known."""
        return self._binding.spec

    @property
    def kind(self) -> str:
        """ "RNN", "LSTM" or "GRU"."""
        return self.spec.cell

    @property
    def cell(self) -> Cell:
        """The cell's gates and equations."""
        return self._binding.cell

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations inside each cell, in the order in which they are computed."""
        return self._binding.operations

    @property
    def training(self) -> bool:
        """Whether the module was in train mode."""
        return self._binding.training

    @property
    def dtype(self) -> torch.dtype:
        """Of weights, input and states."""
        return self._binding.x.dtype

    @property
    def L(self) -> int:  # noqa: N802
        """How many timesteps the longest sequence has."""
        return self._binding.layout.L

    @property
    def N(self) -> int:  # noqa: N802
        """How many sequences there are."""
        return self._binding.layout.N

    @property
    def lengths(self) -> tuple[int, ...]:
        """Of each sequence (N)."""
        return self._binding.layout.lengths

    @property
    def plan(self) -> PackingPlan | None:
        """How the input was packed; None where it was not."""
        return self._binding.layout.plan

    @property
    def unbatched(self) -> bool:
        """Whether the input had no batch axis."""
        return self._binding.unbatched

    @property
    def num_layers(self) -> int:
        """Stacked layers."""
        return self.spec.num_layers

    @property
    def num_directions(self) -> int:
        """D: 2 if bidirectional, else 1."""
        return self.spec.num_directions

    @property
    def input_size(self) -> int:
        """H_in."""
        return self.spec.input_size

    @property
    def hidden_size(self) -> int:
        """H_cell."""
        return self.spec.hidden_size

    @property
    def output_size(self) -> int:
        """H_out: proj_size if set, else hidden_size."""
        return self.spec.output_size

    @property
    def weights(self) -> Mapping[str, Tensor]:
        """The parameters by PyTorch's names, in PyTorch's order."""
        return self._binding.weights

    @property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """The parameters' shapes, for which none of their values is asked."""
        return {name: tuple(weight.shape) for name, weight in self._binding.weights.items()}

    @property
    def input(self) -> Tensor | PackedSequence:
        """The input in the form in which it was given."""
        return self._binding.given_input

    @property
    def hx(self) -> Initial:
        """The initial states in the form in which they were given; None where they were not."""
        return self._binding.given_initial

    @property
    def h_0(self) -> Tensor:
        """(D * num_layers, N, H_out), zeros where it was not given."""
        return self._binding.h_0

    @property
    def c_0(self) -> Tensor | None:
        """(D * num_layers, N, H_cell), zeros where it was not given; None but for LSTM."""
        return self._binding.c_0

    @property
    def initial_given(self) -> bool:
        """Whether `hx` was given."""
        return self._binding.initial_given

    @property
    def clamps(self) -> tuple[Clamp, ...]:
        """What was forced to a value while the run was computed."""
        return self._binding.clamps

    @property
    def expressible(self) -> bool:
        """Whether torch itself can compute this run: nothing in it is forced to a value."""
        return self._binding.expressible

    @property
    def masks(self) -> dict[int, Tensor]:
        """Dropout masks (L, N, D * H_out), between layer l and l + 1 under key l."""
        return self._binding.mask_grids
