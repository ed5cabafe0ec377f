"""A run after an edit, computed from where it may differ from the one before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.binding import Binding, as_bits, same_bits
from rnnviz.model.engine import compute_run
from rnnviz.model.forcing import forced_otherwise
from rnnviz.model.spec import ModelSpec
from rnnviz.model.states import Known
from rnnviz.model.trace import Trace
from rnnviz.model.weight_names import suffix

Lane = tuple[int, int]


def recompute(
    before: Trace, binding: Binding, cancelled: Callable[[], bool] | None = None
) -> Trace:
    """Computes a whole run, as far as it may differ from one that is known.

    Weights, biases, input, initial states, dropout masks and clamps may differ. What cannot have
    changed is taken from `before` to the last bit: the timesteps before an edit, the layers below
    it, the other sequences of the batch. Where the sizes, the lengths or the nonlinearity are
    others, or `before` is not computed to its end, everything is computed.

    Args:
        before: the run before the edit.
        binding: what the edited run follows from.
        cancelled: asked between timesteps whether to give up.

    Raises:
        Cancelled: where it said so.
    """
    known = None
    if _is_comparable(before, binding):
        known = Known(before.buffers, changes(before.buffers.binding, binding))
    return Trace(compute_run(binding, cancelled, known))


@plain_arithmetic()
def changes(before: Binding, after: Binding) -> dict[Lane, Tensor]:
    """Which states may differ between two runs of the same sizes: (L, N) bool for each lane."""
    layout, found = after.layout, {}
    received = layout.grid(_changed_rows(before.x, after.x)) & layout.valid
    for layer in range(after.spec.num_layers):
        lanes = [(layer, direction) for direction in range(after.spec.num_directions)]
        for lane in lanes:
            found[lane] = _changes_of(before, after, lane, received) & layout.valid
        received = torch.stack([found[lane] for lane in lanes]).any(dim=0)
        if layer in after.masks:
            masks = _changed_rows(before.masks[layer], after.masks[layer])
            received |= layout.grid(masks) & layout.valid
    return found


def _changes_of(before: Binding, after: Binding, lane: Lane, received: Tensor) -> Tensor:
    """Where the states of a lane may differ: from the first cause on, along its direction."""
    if not _same_weights(before, after, lane):
        return torch.ones_like(received)
    causes = received | forced_otherwise(
        before.forcing.get(lane), after.forcing.get(lane), received
    )
    ordered = causes if lane[1] == 0 else causes.flip(0)
    reached = ordered.cumsum(dim=0) > 0
    spread = reached if lane[1] == 0 else reached.flip(0)
    return spread | _changed_initial(before, after, lane)


def _same_weights(before: Binding, after: Binding, lane: Lane) -> bool:
    end = suffix(*lane)
    return all(
        same_bits(weight, before.weights[name])
        for name, weight in after.weights.items()
        if name.endswith(end)
    )


def _changed_initial(before: Binding, after: Binding, lane: Lane) -> Tensor:
    """The sequences that start from another state: (N,) bool."""
    pairs = zip(before.initial(*lane), after.initial(*lane), strict=True)
    changed = [_changed_rows(a, b) for a, b in pairs if a is not None and b is not None]
    return torch.stack(changed).any(dim=0)


def _changed_rows(first: Tensor, second: Tensor) -> Tensor:
    """Which rows (rows, width) differ in any bit: (rows,) bool."""
    return (as_bits(first) != as_bits(second)).any(dim=-1)


def _is_comparable(before: Trace, binding: Binding) -> bool:
    states = before.buffers
    known = states.binding
    return (
        not before.is_difference
        and states.filled == states.cells(states.schedule.total)
        and _essence(known.spec) == _essence(binding.spec)
        and known.layout == binding.layout
        and known.x.dtype == binding.x.dtype
        and known.masks.keys() == binding.masks.keys()
    )


def _essence(spec: ModelSpec) -> ModelSpec:
    """A spec without what shows in the masks and the form of the input alone."""
    return replace(spec, seed=0, dropout=0.0, batch_first=False)
