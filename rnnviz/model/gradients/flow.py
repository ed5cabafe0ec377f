"""The gradients that are kept: ∂loss/∂h_t and ∂loss/∂c_t, from which all others follow locally."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.binding import Binding
from rnnviz.model.gradients.derivatives import Lane
from rnnviz.model.gradients.seeds import Seeds
from rnnviz.model.gradients.sweep import Way, sweep
from rnnviz.model.states import LayerStates, States

_WIDE = (torch.float32, torch.float64)


@dataclass(frozen=True, eq=False)
class Flow:
    """Gradients of the states of a run, in float32 or float64; of other dtypes in float32.

    Attributes:
        states: of the run.
        seeds: where back through time begins.
        h: (L, N, H_out) by layer and direction, NaN at padding and where nothing is computed.
        c: (L, N, H_cell) likewise; empty but for LSTM.
    """

    states: States
    seeds: Seeds
    h: dict[Lane, Tensor]
    c: dict[Lane, Tensor]

    @property
    def binding(self) -> Binding:
        """What the run follows from."""
        return self.states.binding

    @cached_property
    def output(self) -> Tensor:
        """∂loss/∂output as (L, N, D, H_out), NaN at padding."""
        return self.binding.layout.grid(self.seeds.output)


@plain_arithmetic()
def empty_flow(states: States, seeds: Seeds) -> Flow:
    """Gradients of which nothing is computed yet."""
    states, seeds = widened(states), _wide_seeds(seeds)
    binding = states.binding
    grid, spec = (binding.layout.L, binding.layout.N), binding.spec
    nothing = float("nan")
    h = {lane: binding.x.new_full((*grid, spec.output_size), nothing) for lane in binding.lanes}
    c = {
        lane: binding.x.new_full((*grid, spec.hidden_size), nothing)
        for lane in (binding.lanes if binding.cell.has_c else ())
    }
    return Flow(states, seeds, h, c)


@plain_arithmetic()
def compute_flow(states: States, seeds: Seeds, check: Callable[[], None]) -> Flow:
    """Goes back through a whole run, layer by layer from the top.

    Args:
        check: called between blocks of work; may raise to end it.
    """
    flow = Flow(widened(states), _wide_seeds(seeds), {}, {})
    spec, layout = flow.binding.spec, flow.binding.layout
    above = flow.seeds.output
    for layer in range(spec.num_layers - 1, -1, -1):
        x = _received(flow, layer)
        grad_x = torch.zeros_like(x) if layer else None
        for direction in range(spec.num_directions):
            way = _way(flow, (layer, direction), x, above, grad_x, check)
            sweep(flow.binding, way)
            flow.h[way.lane] = layout.grid(way.grad_h)
            if way.grad_c is not None:
                flow.c[way.lane] = layout.grid(way.grad_c)
        if grad_x is not None:
            mask = flow.binding.masks.get(layer - 1)
            grad_x = grad_x if mask is None else grad_x.mul_(mask)
            above = grad_x.view(-1, spec.num_directions, spec.output_size)
    return flow


def _way(
    flow: Flow,
    lane: Lane,
    x: Tensor,
    above: Tensor,
    grad_x: Tensor | None,
    check: Callable[[], None],
) -> Way:
    layer, direction = lane
    layout, seeds = flow.binding.layout, flow.seeds
    row = layer * flow.binding.spec.num_directions + direction
    h, c = flow.states.rows(layer)
    return Way(
        lane=lane,
        x=x,
        h=h[:, direction],
        c=None if c is None else c[:, direction],
        grad_h=above[:, direction].clone(memory_format=torch.contiguous_format),
        grad_c=None if c is None else c.new_empty(len(c), c.shape[2]),
        final_h=layout.sort(seeds.h_n[row]).clone(),
        final_c=None if seeds.c_n is None else layout.sort(seeds.c_n[row]).clone(),
        grad_x=grad_x,
        check=check,
    )


def _received(flow: Flow, layer: int) -> Tensor:
    """(rows, in_features), what a layer receives."""
    if layer == 0:
        return flow.binding.x
    below = flow.states.rows(layer - 1).h.flatten(1)
    mask = flow.binding.masks.get(layer - 1)
    return below if mask is None else below * mask


def widened(states: States) -> States:
    """The same run in a dtype to compute gradients in: itself, but for low precision."""
    binding = states.binding
    if binding.x.dtype in _WIDE:
        return states
    wide = replace(
        binding,
        weights={name: weight.float() for name, weight in binding.weights.items()},
        x=binding.x.float(),
        h_0=binding.h_0.float(),
        c_0=None if binding.c_0 is None else binding.c_0.float(),
        masks={layer: mask.float() for layer, mask in binding.masks.items()},
    )
    layers = [states.rows(layer) for layer in range(binding.spec.num_layers)]
    rows = [LayerStates(h.float(), None if c is None else c.float()) for h, c in layers]
    return States.of_rows(wide, rows)


def _wide_seeds(seeds: Seeds) -> Seeds:
    if seeds.output.dtype in _WIDE:
        return seeds
    c_n = None if seeds.c_n is None else seeds.c_n.float()
    return Seeds(seeds.output.float(), seeds.h_n.float(), c_n)
