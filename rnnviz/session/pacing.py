"""How far one step of the transport goes: a timestep, a layer or an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rnnviz.model.schedule import Progress
    from rnnviz.model.trace import Trace

Granularity = Literal["timestep", "layer", "operation"]
GRANULARITIES: tuple[Granularity, ...] = ("timestep", "layer", "operation")


def moved(run: Trace, start: Progress, granularity: Granularity, count: int) -> Progress:
    """The place that lies `count` steps after `start`, before it if negative.

    From within a timestep or a cell the first step goes to its end, or back to its beginning.
    The ends of the run are not passed.
    """
    from rnnviz.model.schedule import Progress

    cells, operations = run.schedule.cells_per_step, operation_count(run)
    size = {"timestep": cells * operations, "layer": operations, "operation": 1}[granularity]
    place = (start.step * cells + start.cell) * operations + start.operation
    begun = place // size if count >= 0 else -(-place // size)
    goal = min(max((begun + count) * size, 0), run.total * cells * operations)
    done, operation = divmod(goal, operations)
    return Progress(*divmod(done, cells), operation)


def fitted(run: Trace, progress: Progress) -> Progress:
    """The same place in a run; the whole timestep where its cells are others, at most the end."""
    from rnnviz.model.schedule import Progress

    step, cell, operation = progress
    known = cell < run.schedule.cells_per_step and operation < operation_count(run)
    return max(
        min(Progress(step, *((cell, operation) if known else ())), Progress(run.total)), Progress(0)
    )


def operation_count(run: Trace) -> int:
    """How many operations each cell of a run has."""
    return len(run.operations)
