"""What clamps do to a cell: which numbers are forced, and a step in which they are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.model.cells import Step, perform_all
from rnnviz.model.clamps import Clamp, clampable

if TYPE_CHECKING:
    from rnnviz.model.binding import Binding
    from rnnviz.model.cells import Cell, Operation
    from rnnviz.model.cells.by_operation import ForceRows
    from rnnviz.model.cells.operations import Force
    from rnnviz.model.cells.scanning import Array


class Forced(NamedTuple):
    """The forced numbers of one tensor; timesteps that are forced alike share a plan.

    Attributes:
        plan: (L,), which of the plans holds at each t.
        mask: (plans, N, width), what is forced.
        values: (plans, N, width), to what.
    """

    plan: Tensor
    mask: Tensor
    values: Tensor

    def steps(self) -> Tensor:
        """Where anything is forced: (L, N) bool."""
        return self.mask.any(dim=-1)[self.plan]


class Forcing:
    """The forced numbers of one layer and direction, tensor by tensor.

    Args:
        binding: what the run follows from.
        clamps: those of this layer and direction; of two for one number the later holds.
    """

    def __init__(self, binding: Binding, clamps: Sequence[Clamp]) -> None:
        self._binding = binding
        widths = clampable(binding.spec)
        self.tensors: dict[str, Forced] = {
            name: _forced(binding, [clamp for clamp in clamps if clamp.tensor == name], width)
            for name, width in widths.items()
            if any(clamp.tensor == name for clamp in clamps)
        }

    @cached_property
    def steps(self) -> Tensor:
        """Where any tensor is forced, padding included: (L, N) bool."""
        return torch.stack([forced.steps() for forced in self.tensors.values()]).any(dim=0)

    def mask(self, tensor: str, t: Tensor, sequences: Tensor) -> Tensor | None:
        """What of a tensor is forced at rows (t, sequence): (rows, width); None for nothing."""
        forced = self.tensors.get(tensor)
        return None if forced is None else forced.mask[forced.plan[t], sequences]

    def at(self, t: Tensor, sequences: Tensor) -> Force:
        """Puts the forced values into tensors whose rows are (t, sequence)."""

        def force(name: str, values: Tensor) -> Tensor:
            forced = self.tensors.get(name)
            if forced is None:
                return values
            plan = forced.plan[t]
            return torch.where(forced.mask[plan, sequences], forced.values[plan, sequences], values)

        return force

    def by_rows(self, t: Tensor, order: Tensor) -> dict[str, ForceRows]:
        """Puts the forced values into arrays (rows, width) in place, by tensor.

        Args:
            t: of each step.
            order: the sequences in the order of the rows; the first of them have a row.
        """
        return {name: _in_place(forced, t, order) for name, forced in self.tensors.items()}

    def follows(self, t: Tensor, sequences: Tensor) -> dict[str, Tensor]:
        """What is forced or follows from it within the cell: (rows, width) bool by name.

        A forced number reaches its own unit of the states; through a projection all of h.
        """
        reached: dict[str, Tensor] = {}
        for operation in self._binding.operations:
            for index, name in enumerate(operation.gives):
                found = [reached[taken] for taken in _taken(operation, index) if taken in reached]
                if found and operation.verb == "project":
                    width = self._binding.spec.output_size
                    found = [found[0].any(dim=-1, keepdim=True).expand(-1, width)]
                mask = self.mask(name, t, sequences)
                found += [] if mask is None else [mask]
                if found:
                    reached[name] = torch.stack(found).any(dim=0)
        return reached


def forced_otherwise(first: Forcing | None, second: Forcing | None, like: Tensor) -> Tensor:
    """Where two runs are not forced alike: (L, N) bool.

    Args:
        like: any (L, N) bool.
    """
    mine = {} if first is None else first.tensors
    other = {} if second is None else second.tensors
    result = torch.zeros_like(like)
    for name in mine.keys() | other.keys():
        if name in mine and name in other:
            result |= _unlike(mine[name], other[name])
        else:
            result |= (mine.get(name) or other[name]).steps()
    return result


def _unlike(first: Forced, second: Forced) -> Tensor:
    pairs = torch.stack((first.plan, second.plan))
    (mine, other), plan = torch.unique(pairs, dim=1, return_inverse=True)
    values, others = first.values[mine], second.values[other]
    same = (values == others) | (values.isnan() & others.isnan())
    unlike = (first.mask[mine] != second.mask[other]) | ~same
    return unlike.any(dim=-1)[plan]


def forced_step(
    binding: Binding,
    lane: tuple[int, int],
    entering: tuple[Tensor, Tensor, Tensor | None],
    rows: tuple[Tensor, Tensor],
) -> Step:
    """One step of a layer and direction for independent rows, with what is forced in it.

    Without clamps it is the cell's own step, else it goes operation by operation.

    Args:
        lane: layer and direction.
        entering: x (rows, in_features), h (rows, H_out), c (rows, H_cell) or None.
        rows: t and sequence of each row.
    """
    forcing = binding.forcing.get(lane)
    if forcing is None:
        return binding.cell.step(*entering, binding.lanes[lane])
    named = {"x": entering[0], "h_prev": entering[1]}
    if entering[2] is not None:
        named["c_prev"] = entering[2]
    force = forcing.at(*rows)
    return step_of(binding.cell, perform_all(binding.operations, named, binding.lanes[lane], force))


def step_of(cell: Cell, tensors: dict[str, Tensor]) -> Step:
    """A step from every tensor of its operations."""
    return Step(
        h=tensors["h"],
        c=tensors["c"] if cell.has_c else None,
        gates={name: tensors[name] for name in cell.gates},
        preactivations={name: tensors[f"a_{name}"] for name in cell.gates},
        unprojected=tensors.get("o*tanh_c", tensors["h"]),
    )


def _in_place(forced: Forced, t: Tensor, order: Tensor) -> ForceRows:
    plans = forced.plan[t].tolist()
    used = forced.mask.flatten(1).any(dim=1).tolist()
    mask, values = forced.mask[:, order].numpy(), forced.values[:, order].numpy()

    def force(rows: Array, step: int) -> None:
        plan = plans[step]
        if used[plan]:
            np.copyto(rows, values[plan, : len(rows)], where=mask[plan, : len(rows)])

    return force


def _taken(operation: Operation, index: int) -> Sequence[str]:
    """Which tensors one of those that an operation gives is made of, of its own cell."""
    if operation.verb == "add":
        return operation.takes[index], operation.takes[index + len(operation.gives)]
    return operation.takes


def _forced(binding: Binding, clamps: Sequence[Clamp], width: int) -> Forced:
    """Plan 0 is of the timesteps that no clamp names."""
    L, N = binding.layout.L, binding.layout.N  # noqa: N806
    named = sorted({clamp.t for clamp in clamps if clamp.t is not None})
    plan = torch.zeros(L, dtype=torch.long, device="cpu")
    plan[torch.tensor(named, dtype=torch.long, device="cpu")] = torch.arange(
        1, len(named) + 1, device="cpu"
    )
    mask = torch.zeros(len(named) + 1, N, width, dtype=torch.bool, device="cpu")
    values = binding.x.new_zeros(mask.shape)
    for clamp in clamps:
        place = tuple(
            slice(None) if index is None else index
            for index in (
                None if clamp.t is None else int(plan[clamp.t]),
                clamp.sequence,
                clamp.unit,
            )
        )
        mask[place] = True
        values[place] = torch.tensor(clamp.value, dtype=torch.float64, device="cpu").to(values)
    return Forced(plan, mask, values)
