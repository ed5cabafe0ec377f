"""Computes the steps of a schedule: one with torch, or a whole run."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.binding import Binding
from rnnviz.model.cells import Step
from rnnviz.model.scan import can_scan, scan_run
from rnnviz.model.schedule import Advance
from rnnviz.model.states import States


class Cancelled(Exception):  # noqa: N818
    """Nobody waits for this run any more."""


class Advanced(NamedTuple):
    """What one layer and direction computed in a step, for the sequences that advanced."""

    advance: Advance
    sequences: Tensor
    step: Step


@plain_arithmetic()
def compute_step(states: States, step: int) -> tuple[Advanced, ...]:
    """Computes one step of the schedule, and only that, and keeps its states."""
    done = []
    binding = states.binding
    for advance in states.schedule.advances(step):
        received = states.received(advance)
        parameters = binding.lanes[advance.layer, advance.direction]
        result = binding.cell.step(received.x, received.h, received.c, parameters)
        states.write(advance, received, result.h, result.c)
        if len(set(advance.t)) == 1:
            states.latest[advance.layer, advance.direction] = (advance.t[0], result)
        done.append(Advanced(advance, received.sequences, result))
    states.filled = max(states.filled, step + 1)
    return tuple(done)


@plain_arithmetic()
def compute_run(binding: Binding, cancelled: Callable[[], bool] | None = None) -> States:
    """Computes a whole run.

    Args:
        cancelled: asked between timesteps whether to give up.

    Raises:
        Cancelled: where it said so.
    """

    def check() -> None:
        if cancelled is not None and cancelled():
            raise Cancelled

    if can_scan(binding) and (scanned := scan_run(binding, check)):
        return scanned
    states = States.empty(binding)
    for step in range(states.schedule.total):
        check()
        compute_step(states, step)
    return states
