"""Computes the steps of a schedule: one with torch, or a whole run."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.binding import Binding
from rnnviz.model.cells import Step, StepArrays, perform
from rnnviz.model.forcing import forced_step
from rnnviz.model.lane_steps import LaneSteps
from rnnviz.model.scan import Check, can_scan, scan_run
from rnnviz.model.schedule import Advance
from rnnviz.model.states import Known, Scratch, States


class Cancelled(Exception):  # noqa: N818
    """Nobody waits for this run any more."""


class Advanced(NamedTuple):
    """What one layer and direction computed in a step, for the sequences that advanced.

    Attributes:
        advance: of which layer and direction, and where.
        sequences: (rows,), which sequences advanced; None where all did.
        step: of their rows.
    """

    advance: Advance
    sequences: Tensor | None
    step: Step | StepArrays


def compute_step(states: States, step: int, first: int = 0) -> tuple[Advanced, ...]:
    """Computes one step of the schedule from its cell `first` on, and only that."""
    cells = range(first, states.schedule.cells_per_step)
    return tuple([_compute_cell(states, step, cell) for cell in cells])


def compute_cell(states: States, step: int, cell: int) -> Advanced:
    """Computes one cell of a step of the schedule, and only that, and keeps its states."""
    return _compute_cell(states, step, cell)


@plain_arithmetic()
def compute_operation(states: States, step: int, cell: int, operation: int) -> dict[str, Tensor]:
    """Computes one operation inside a cell, those before it having been computed.

    The last one is kept as the cell's states.

    Returns:
        What it gives, (rows, width), for the sequences that advance.
    """
    binding = states.binding
    scratch = _scratch(states, step, cell)
    done = binding.operations[operation]
    advance = states.schedule.advances(step)[cell]
    lane = advance.layer, advance.direction
    given = perform(done, scratch.tensors, binding.lanes[lane])
    if lane in binding.forcing:
        force = binding.forcing[lane].at(scratch.received.t, scratch.received.sequences)
        given = {name: force(name, values) for name, values in given.items()}
    scratch.tensors.update(given)
    if operation == len(binding.operations) - 1:
        states.write(advance, scratch.received, given["h"], scratch.tensors.get("c"))
        states.filled = max(states.filled, scratch.cell + 1)
    return given


@plain_arithmetic()
def compute_run(
    binding: Binding,
    cancelled: Callable[[], bool] | None = None,
    known: Known | None = None,
    told: Callable[[int, int], None] | None = None,
) -> States:
    """Computes a whole run.

    Args:
        cancelled: asked between timesteps whether to give up.
        known: a run of the same sizes; only what may differ from it is computed.
        told: hears now and then how many cells are done, and of how many at most.

    Raises:
        Cancelled: where it said so.
    """

    done, cells = 0, binding.layout.L * len(binding.lanes)

    def check(coming: int) -> None:
        nonlocal done
        if cancelled is not None and cancelled():
            raise Cancelled
        if told is not None:
            told(min(done, cells), cells)
        done += coming

    if can_scan(binding) and (scanned := scan_run(binding, check, known)):
        return scanned
    if known is not None:
        return _recompute_by_steps(binding, check, known)
    states = States.empty(binding)
    for step in range(states.schedule.total):
        check(states.schedule.cells_per_step)
        compute_step(states, step)
    return states


def _recompute_by_steps(binding: Binding, check: Check, known: Known) -> States:
    """Computes the cells in which anything may differ from a known run."""
    states = States.continuing(binding, known.states)
    changed = {lane: grid.numpy() for lane, grid in known.changed.items()}
    for step in range(states.schedule.total):
        check(states.schedule.cells_per_step)
        for cell, (layer, direction, t) in enumerate(states.schedule.advances(step)):
            grid = changed[layer, direction]
            if any(at >= 0 and grid[at, n] for n, at in enumerate(t)):
                _compute_cell(states, step, cell)
    return states


def _compute_cell(states: States, step: int, cell: int) -> Advanced:
    advance = states.schedule.advance(step, cell)
    done = _by_numpy(states, advance) or _by_torch(states, advance)
    layer, direction, t = advance
    if t and done.sequences is None and t.count(t[0]) == len(t):
        states.latest[layer, direction] = (t[0], done.step)
    states.filled = max(states.filled, states.cells(step, cell) + 1)
    return done


def _by_numpy(states: States, advance: Advance) -> Advanced | None:
    """A step in numpy; None where only torch serves."""
    if states.lane_steps is None:
        states.lane_steps = _lane_steps(states)
    lane = states.lane_steps.get((advance.layer, advance.direction))
    done = None if lane is None else lane.compute(advance.t)
    if done is None:
        return None
    rows = None if done.sequences is None else torch.from_numpy(done.sequences)
    return Advanced(advance, rows, done.step)


@plain_arithmetic()
def _by_torch(states: States, advance: Advance) -> Advanced:
    received = states.received(advance)
    sequences, t, x, h, c = received
    lane = advance.layer, advance.direction
    result = forced_step(states.binding, lane, (x, h, c), (t, sequences))
    states.write(advance, received, result.h, result.c)
    everyone = len(sequences) == len(advance.t)
    return Advanced(advance, None if everyone else sequences, result)


def _lane_steps(states: States) -> dict[tuple[int, int], LaneSteps]:
    """What computes steps in numpy, for each layer and direction in which nothing is forced."""
    binding = states.binding
    if not can_scan(binding):
        return {}
    checked = binding.spec.nonlinearity == "relu" or bool(binding.forcing)
    free = [lane for lane in binding.lanes if lane not in binding.forcing]
    return {lane: LaneSteps(states, *lane, checked=checked) for lane in free}


def _scratch(states: States, step: int, cell: int) -> Scratch:
    """What there is of a cell's operations; begun anew where another cell's were computed."""
    number = states.cells(step, cell)
    if states.scratch is None or states.scratch.cell != number:
        received = states.received(states.schedule.advances(step)[cell])
        entering = {"x": received.x, "h_prev": received.h}
        if received.c is not None:
            entering["c_prev"] = received.c
        states.scratch = Scratch(number, received, entering)
    return states.scratch
