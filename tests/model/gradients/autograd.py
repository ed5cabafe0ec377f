"""Every gradient in a run as autograd gives it: the run computed anew, operation by operation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.model.cells import Parameters, perform_all
from rnnviz.model.trace import Trace, trace
from tests.model.forced import clamps_of
from tests.model.runs import Case, cases

Place = tuple[int, int, int, int]  # layer, direction, t, sequence


@dataclass
class Seeded:
    """A run, and the gradients of what it returns."""

    run: Trace
    case: Case
    grad_output: Any
    grad_h_n: Tensor | None
    grad_c_n: Tensor | None

    @property
    def given(self) -> tuple[Any, Tensor | None, Tensor | None]:
        """As `back` takes them."""
        return self.grad_output, self.grad_h_n, self.grad_c_n


@st.composite
def seeded_runs(draw: st.DrawFn, *, clamped: bool = False, max_length: int = 5) -> Seeded:
    """Any run, with the gradients of any of its outputs."""
    case = draw(cases(max_length=max_length))
    clamps = draw(clamps_of(case)) if clamped else ()
    run = trace(*case.seeded(), clamps)
    which = draw(st.sets(st.sampled_from(["output", "h_n", "c_n"]), min_size=1))
    output: Any = run.output
    grad_output: Any = None
    if "output" in which:
        if isinstance(output, PackedSequence):
            grad_output = output._replace(data=torch.randn_like(output.data))
        else:
            grad_output = torch.randn_like(output)
    grad_h_n = torch.randn_like(run.h_n) if "h_n" in which else None
    grad_c_n = torch.randn_like(run.c_n) if "c_n" in which and run.c_n is not None else None
    return Seeded(run, case, grad_output, grad_h_n, grad_c_n)


@dataclass
class Graph:
    """A run with autograd's graph kept.

    Attributes:
        weights, h_0, c_0: leaves.
        x: (L, N, H_in), a leaf.
        inside: every tensor of every cell, (1, width) each, by place and name.
        inputs: what each layer receives, (in_features,), by (layer, t, sequence).
        loss: what all gradients are of.
    """

    weights: dict[str, Tensor]
    h_0: Tensor
    c_0: Tensor | None
    x: Tensor
    inside: dict[Place, dict[str, Tensor]] = field(default_factory=dict)
    inputs: dict[tuple[int, int, int], Tensor] = field(default_factory=dict)
    loss: Tensor = field(default_factory=lambda: torch.zeros((), dtype=torch.float64))

    def of(self, *tensors: Tensor) -> list[Tensor]:
        """Gradients of the loss, 0 where it does not depend on a tensor."""
        if not tensors or not self.loss.requires_grad:
            return [torch.zeros_like(tensor) for tensor in tensors]
        found = torch.autograd.grad(self.loss, tensors, retain_graph=True, allow_unused=True)
        return [
            torch.zeros_like(tensor) if grad is None else grad
            for tensor, grad in zip(tensors, found, strict=True)
        ]


def graph_of(seeded: Seeded) -> Graph:
    """The same run by autograd."""
    run = seeded.run

    def leaf(values: Tensor) -> Tensor:
        return values.clone().requires_grad_()

    graph = Graph(
        {name: leaf(weight) for name, weight in run.weights.items()},
        leaf(run.h_0),
        None if run.c_0 is None else leaf(run.c_0),
        leaf(run.inputs(0).nan_to_num(0.0)),
    )
    last: dict[tuple[int, int, int], tuple[Tensor, Tensor | None]] = {}
    for layer in range(run.num_layers):
        for n, length in enumerate(run.lengths):
            for t in range(length):
                graph.inputs[layer, t, n] = _received(run, graph, layer, t, n)
        for direction in range(run.num_directions):
            for n in range(run.N):
                last[layer, direction, n] = _walk(run, graph, (layer, direction), n)
    graph.loss = graph.loss + _loss(seeded, graph, last)
    return graph


def _received(run: Trace, graph: Graph, layer: int, t: int, n: int) -> Tensor:
    if layer == 0:
        return graph.x[t, n]
    lanes = range(run.num_directions)
    below = torch.cat([graph.inside[layer - 1, d, t, n]["h"][0] for d in lanes])
    return below * run.masks[layer - 1][t, n] if layer - 1 in run.masks else below


def _walk(run: Trace, graph: Graph, lane: tuple[int, int], n: int) -> tuple[Tensor, Tensor | None]:
    """One sequence along one direction; its last h and c."""
    layer, direction = lane
    end = f"_l{layer}{'_reverse' if direction else ''}"
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr")
    weights: Any = {kind: graph.weights.get(kind + end) for kind in kinds}
    parameters = Parameters(**weights, nonlinearity=run.spec.nonlinearity)
    row = layer * run.num_directions + direction
    h, c = graph.h_0[row, n], None if graph.c_0 is None else graph.c_0[row, n]
    times = range(run.lengths[n])
    for t in times if direction == 0 else reversed(times):
        # Views of what enters, whose gradients are this cell's share alone.
        entering = {"x": graph.inputs[layer, t, n][None], "h_prev": h[None]}
        if c is not None:
            entering["c_prev"] = c[None]
        forcing = run.buffers.binding.forcing.get(lane)
        force = None if forcing is None else forcing.at(torch.tensor([t]), torch.tensor([n]))
        tensors = perform_all(run.operations, entering, parameters, force)
        graph.inside[layer, direction, t, n] = tensors
        h, c = tensors["h"][0], tensors["c"][0] if c is not None else None
    return h, c


def _loss(
    seeded: Seeded,
    graph: Graph,
    last: dict[tuple[int, int, int], tuple[Tensor, Tensor | None]],
) -> Tensor:
    run, binding = seeded.run, seeded.run.buffers.binding
    loss = torch.zeros((), dtype=torch.float64)
    if seeded.grad_output is not None:
        grid = time_major(run, seeded.grad_output)
        for (layer, d, t, n), tensors in graph.inside.items():
            if layer == run.num_layers - 1:
                loss = loss + (tensors["h"][0] * grid[t, n, d]).sum()
    for (layer, d, n), (h, c) in last.items():
        row = layer * run.num_directions + d
        for grad, state in ((seeded.grad_h_n, h), (seeded.grad_c_n, c)):
            if grad is not None and state is not None:
                batched = grad.unsqueeze(1) if binding.unbatched else grad
                loss = loss + (batched[row, n] * state).sum()
    return loss


def time_major(run: Trace, given: Any) -> Tensor:
    """A tensor in the form of the module's output as (L, N, D, H_out)."""
    layout = run.buffers.binding.layout
    if isinstance(given, PackedSequence):
        grid = layout.grid(given.data)
    elif run.unbatched:
        grid = given.unsqueeze(1)
    else:
        grid = given.transpose(0, 1) if run.spec.batch_first else given
    return grid.reshape(run.L, run.N, run.num_directions, run.output_size)
