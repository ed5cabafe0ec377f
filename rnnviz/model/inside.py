"""Inside one cell of a run: every tensor of its operations, as far as they are computed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.cells import perform_all

if TYPE_CHECKING:
    from rnnviz.model.trace import Trace


def operations_done(run: Trace, layer: int, direction: int, t: int) -> Tensor:
    """How many operations of the cell at t are computed, for each sequence: (N,)."""
    done = torch.zeros(run.N, dtype=torch.long, device="cpu")
    done[run.computed(layer, direction)[t]] = len(run.operations)
    active = run.active
    if active is not None and (active.layer, active.direction) == (layer, direction):
        here = torch.tensor([at == t for at in active.t], dtype=torch.bool, device="cpu")
        done[here] = run.progress.operation
    return done


@plain_arithmetic()
def entering(run: Trace, layer: int, direction: int, t: int) -> dict[str, Tensor]:
    """What enters the cell at t: `x`, `h_prev` and of LSTM `c_prev`, (N, width) each."""
    row = layer * run.num_directions + direction
    found = {
        "x": run.inputs(layer, slice(t, t + 1))[0],
        "h_prev": _before(run, (layer, direction), t, "h", run.h_0[row]),
    }
    if run.c_0 is not None:
        found["c_prev"] = _before(run, (layer, direction), t, "c", run.c_0[row])
    return found


def _before(run: Trace, lane: tuple[int, int], t: int, name: str, initial: Tensor) -> Tensor:
    """The states (N, H) before those at t, along the direction."""
    previous = t - 1 if lane[1] == 0 else t + 1
    if not 0 <= previous < run.L:
        return initial
    found: Tensor = getattr(run.states(*lane, slice(previous, previous + 1)), name)[0]
    if lane[1] == 0:
        return found
    begins = run.buffers.binding.layout.ends == t
    return torch.where(begins[:, None], initial, found)


@plain_arithmetic()
def tensors_inside(run: Trace, layer: int, direction: int, t: int) -> dict[str, Tensor]:
    """Every tensor of the cell at t by name, (N, width), NaN where it is not computed."""
    tensors = entering(run, layer, direction, t)
    done = operations_done(run, layer, direction, t)
    binding = run.buffers.binding
    forcing = binding.forcing.get((layer, direction))
    sequences = torch.arange(run.N, device="cpu")
    force = None if forcing is None else forcing.at(torch.full_like(sequences, t), sequences)
    tensors = perform_all(run.operations, tensors, binding.lanes[layer, direction], force)
    _take_what_was_computed(run, layer, direction, t, tensors)
    for number, operation in enumerate(run.operations):
        hidden = (done <= number)[:, None]
        for name in operation.gives:
            tensors[name] = tensors[name].masked_fill(hidden, math.nan)
    return tensors


def _take_what_was_computed(
    run: Trace, layer: int, direction: int, t: int, tensors: dict[str, Tensor]
) -> None:
    """Puts in place what the operations themselves gave, where they were computed one by one."""
    scratch, active = run.buffers.scratch, run.active
    if scratch is None or active is None or (active.layer, active.direction) != (layer, direction):
        return
    if scratch.cell != run.buffers.cells(*run.progress[:2]):
        return
    here = scratch.received.t == t
    sequences = scratch.received.sequences[here]
    for name, rows in scratch.tensors.items():
        tensors[name][sequences] = rows[here]
