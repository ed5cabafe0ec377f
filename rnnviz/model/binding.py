"""A module, an input and an initial state, checked and copied, so that no later change reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.building import read_module
from rnnviz.model.cells import CELLS, Cell, Operation, Parameters, operations
from rnnviz.model.checks import check_initial, check_input, check_module
from rnnviz.model.clamps import Clamp, check_clamps, same_clamps
from rnnviz.model.forcing import Forcing
from rnnviz.model.layout import Layout
from rnnviz.model.masks import GeneratorState, draw_masks
from rnnviz.model.sequences import PackingPlan
from rnnviz.model.spec import ModelSpec
from rnnviz.model.terms import term_size
from rnnviz.model.weight_names import suffix
from rnnviz.model.weights import live_weights

if TYPE_CHECKING:
    from rnnviz.model.spec import Recurrent

Initial = Tensor | tuple[Tensor, Tensor] | None

_BITS = {2: torch.int16, 4: torch.int32, 8: torch.int64}


@dataclass(frozen=True, eq=False)
class Binding:
    """A snapshot of everything that a run follows from, on the CPU, detached.

    Attributes:
        spec: the module's arguments.
        training: whether the module was in train mode.
        weights: by PyTorch's names, in PyTorch's order.
        layout: how rows and the (L, N) grid correspond.
        x: (rows, H_in), the input.
        h_0, c_0: (D * num_layers, N, H_out), (D * num_layers, N, H_cell); c_0 of LSTM alone.
        initial_given: whether the caller gave them.
        unbatched: whether the caller's tensors have no batch axis.
        masks: dropout masks (rows, D * H_out) by the layer below.
        device: the module's.
        packing: of a packed input its data (rows, H_in) and indices.
        generator: the generators' state before masks were drawn; None where none are.
        clamps: what is forced to a value while the run is computed.
    """

    spec: ModelSpec
    training: bool
    weights: dict[str, Tensor]
    layout: Layout
    x: Tensor
    h_0: Tensor
    c_0: Tensor | None
    initial_given: bool
    unbatched: bool
    masks: dict[int, Tensor]
    device: torch.device
    packing: PackedSequence | None = None
    generator: GeneratorState | None = None
    clamps: tuple[Clamp, ...] = ()

    @property
    def cell(self) -> Cell:
        """The cell's arithmetic, gates and equations."""
        return CELLS[self.spec.cell]

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """The operations inside each cell, in their order."""
        return operations(self.spec)

    @cached_property
    def lanes(self) -> dict[tuple[int, int], Parameters]:
        """The parameters of each (layer, direction)."""
        pairs = [
            (layer, d)
            for layer in range(self.spec.num_layers)
            for d in range(self.spec.num_directions)
        ]
        return {pair: self._parameters(*pair) for pair in pairs}

    @cached_property
    @plain_arithmetic()
    def forcing(self) -> dict[tuple[int, int], Forcing]:
        """What is forced, by (layer, direction); only those in which something is."""
        found = {}
        for lane in self.lanes:
            here = [clamp for clamp in self.clamps if clamp.reaches(*lane)]
            if here:
                found[lane] = Forcing(self, here)
        return found

    @property
    def expressible(self) -> bool:
        """Whether torch can compute this run: nothing in it is forced."""
        valid = self.layout.valid
        return not any(bool((forcing.steps & valid).any()) for forcing in self.forcing.values())

    @cached_property
    @plain_arithmetic()
    def term_size(self) -> float:
        """How large the terms are that the gates add up."""
        return term_size(self)

    @cached_property
    def x_grid(self) -> Tensor:
        """(L, N, H_in), NaN at padding."""
        return self.layout.grid(self.x)

    @cached_property
    def mask_grids(self) -> dict[int, Tensor]:
        """(L, N, D * H_out) by the layer below, NaN at padding."""
        return {layer: self.layout.grid(mask) for layer, mask in self.masks.items()}

    def initial(self, layer: int, direction: int) -> tuple[Tensor, Tensor | None]:
        """h_0 (N, H_out) and c_0 (N, H_cell) of a layer and direction."""
        row = layer * self.spec.num_directions + direction
        return self.h_0[row], None if self.c_0 is None else self.c_0[row]

    @property
    def given_input(self) -> Tensor | PackedSequence:
        """The input in the caller's form, order and device."""
        return self.as_given(self.x)

    @property
    def given_initial(self) -> Initial:
        """`hx` in the caller's form and device; None where it was not given."""
        if not self.initial_given:
            return None
        h_0 = self.state_as_given(self.h_0)
        return h_0 if self.c_0 is None else (h_0, self.state_as_given(self.c_0))

    def as_given(self, rows: Tensor) -> Tensor | PackedSequence:
        """(rows, *) in the form in which the module takes its input and returns its output."""
        rows = rows.to(self.device)
        if self.packing is not None:
            return PackedSequence(rows, *self.packing[1:])
        grid = self.layout.grid(rows)
        if self.unbatched:
            return grid.squeeze(1)
        return grid.transpose(0, 1) if self.spec.batch_first else grid

    def state_as_given(self, state: Tensor) -> Tensor:
        """(D * num_layers, N, *) as the module takes `h_0` and returns `h_n`."""
        state = state.to(self.device)
        return state.squeeze(1) if self.unbatched else state

    def is_same(self, other: Binding) -> bool:
        """Whether a run of the other computes the same: every tensor is equal, bit by bit."""
        if self is other:
            return True
        mine, others = self._tensors(), other._tensors()
        return (
            replace(self.spec, seed=0) == replace(other.spec, seed=0)
            and self.layout == other.layout
            and same_clamps(self.clamps, other.clamps)
            and mine.keys() == others.keys()
            and all(same_bits(values, others[name]) for name, values in mine.items())
        )

    def _tensors(self) -> dict[str, Tensor]:
        tensors = {**self.weights, "x": self.x, "h_0": self.h_0}
        if self.c_0 is not None:
            tensors["c_0"] = self.c_0
        return tensors | {f"mask_{layer}": mask for layer, mask in self.masks.items()}

    def _parameters(self, layer: int, direction: int) -> Parameters:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
        tensors: Any = {name: self.weights.get(name + suffix(layer, direction)) for name in names}
        return Parameters(**tensors, nonlinearity=self.spec.nonlinearity)


@plain_arithmetic()
def bind(
    module: Recurrent,
    values: Tensor | PackedSequence,
    hx: Initial = None,
    clamps: Sequence[Clamp] = (),
) -> Binding:
    """Checks what the caller gave, copies it and draws the masks that the module would draw.

    Raises:
        SpecError: where `module` is no recurrent module of torch.
        InputError: where `values`, `hx` or `clamps` do not fit it.
    """
    spec = read_module(module)
    live = live_weights(module, spec)
    reference = live["weight_ih_l0"]
    check_module(live)
    check_input(spec, values, reference)
    unbatched = isinstance(values, Tensor) and values.dim() == 2
    layout, x, packing = _lay_out(spec, values)
    h_0, c_0 = _initial(spec, hx, layout.N, unbatched, reference)
    checked = check_clamps(clamps, spec, layout.L, layout.N)
    draws = module.training and spec.dropout > 0 and spec.num_layers > 1
    device = reference.device
    generator = GeneratorState.capture(device) if draws else None
    masks = _masks(spec, layout, reference) if draws else {}
    return Binding(
        spec=spec,
        training=module.training,
        weights={name: _copy(weight) for name, weight in live.items()},
        layout=layout,
        x=x,
        h_0=h_0,
        c_0=c_0,
        initial_given=hx is not None,
        unbatched=unbatched,
        masks=masks,
        device=device,
        packing=packing,
        generator=generator,
        clamps=checked,
    )


def same_bits(first: Tensor, second: Tensor) -> bool:
    """Whether two tensors are equal, NaN included."""
    if first.shape != second.shape or first.dtype != second.dtype:
        return False
    return torch.equal(as_bits(first), as_bits(second))


def as_bits(values: Tensor) -> Tensor:
    """The same memory as whole numbers, so that every NaN equals itself."""
    return values.view(_BITS[values.element_size()])


def _copy(values: Tensor) -> Tensor:
    return values.detach().to("cpu", copy=True, memory_format=torch.contiguous_format)


def _lay_out(
    spec: ModelSpec, values: Tensor | PackedSequence
) -> tuple[Layout, Tensor, PackedSequence | None]:
    if isinstance(values, PackedSequence):
        spec.check_trace_fits(len(values.data), 1)  # before a plan of so many rows is made
        plan = PackingPlan.of(values)
        spec.check_trace_fits(len(plan.batch_sizes), len(plan.lengths))
        layout = Layout(len(plan.batch_sizes), len(plan.lengths), plan)
        packing = PackedSequence(values.data.detach(), *(_kept(part) for part in values[1:]))
        data = _copy(values.data)
        return layout, data, packing._replace(data=data)
    if values.dim() == 2:
        values = values.unsqueeze(1)
    elif spec.batch_first:
        values = values.transpose(0, 1)
    L, N, features = values.shape  # noqa: N806
    spec.check_trace_fits(L, N)
    return Layout(L, N), _copy(values).view(L * N, features), None


def _kept(indices: Tensor | None) -> Tensor | None:
    return None if indices is None else indices.clone()


def _initial(
    spec: ModelSpec, hx: Initial, sequences: int, unbatched: bool, weight: Tensor
) -> tuple[Tensor, Tensor | None]:
    if hx is None:
        shape = (spec.num_layers * spec.num_directions, sequences)
        h_0 = torch.zeros(*shape, spec.output_size, dtype=weight.dtype, device="cpu")
        if spec.cell != "LSTM":
            return h_0, None
        return h_0, torch.zeros(*shape, spec.hidden_size, dtype=weight.dtype, device="cpu")
    check_initial(spec, hx, sequences, unbatched, weight)
    given: Sequence[Tensor] = (hx,) if isinstance(hx, Tensor) else hx
    states = [_copy(_batched(state) if unbatched else state) for state in given]
    return states[0], states[1] if len(states) == 2 else None


def _masks(spec: ModelSpec, layout: Layout, weight: Tensor) -> dict[int, Tensor]:
    features = spec.num_directions * spec.output_size
    shape = (layout.L, layout.N, features) if layout.plan is None else (layout.row_count, features)
    masks = draw_masks(shape, spec.num_layers - 1, spec.dropout, weight.dtype, weight.device)
    return {layer: mask.view(-1, features) for layer, mask in masks.items()}


def _batched(state: Tensor) -> Tensor:
    return state.unsqueeze(1)
