"""The order of work: which (layer, direction, t) a step computes, as data.

A unidirectional stack goes timestep by timestep through all its layers. A reverse direction
begins at each sequence's own last timestep, and a layer above needs both directions of the one
below at every t, so a bidirectional stack goes layer by layer, both wavefronts at once.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import UsageError


class Advance(NamedTuple):
    """One layer and direction that a step computes.

    Attributes:
        layer: 0 is the lowest.
        direction: 0 forward, 1 reverse.
        t: for each sequence the timestep computed; −1 where it does not advance.
    """

    layer: int
    direction: int
    t: tuple[int, ...]


class Progress(NamedTuple):
    """How far a run is computed, to the operation.

    Attributes:
        step: whole steps of the schedule that are done.
        cell: cells of the next step that are done, in the order of `Schedule.advances`.
        operation: operations inside the next cell that are done.
    """

    step: int
    cell: int = 0
    operation: int = 0


@dataclass(frozen=True)
class Schedule:
    """The order of work of a stack on a batch.

    Args:
        L: the longest sequence's length.
        lengths: of each sequence (N).
        num_layers: of the stack.
        num_directions: 2 if bidirectional, else 1.
    """

    L: int
    lengths: tuple[int, ...]
    num_layers: int
    num_directions: int

    @property
    def total(self) -> int:
        """How many steps there are: L, or L × num_layers if bidirectional."""
        return self.L * (self.num_layers if self.num_directions == 2 else 1)

    @property
    def cells_per_step(self) -> int:
        """How many cells a step computes: one a layer, or one a direction if bidirectional."""
        return self.num_directions if self.num_directions == 2 else self.num_layers

    def advances(self, step: int) -> tuple[Advance, ...]:
        """What a step computes, in the order it is computed.

        Args:
            step: 0 to total − 1.
        """
        if not 0 <= step < self.total:
            raise IndexError(f"step {step} of {self.total}")
        if self.num_directions == 1:
            forward = self._forward(step)
            return tuple(Advance(layer, 0, forward) for layer in range(self.num_layers))
        return self.advance(step, 0), self.advance(step, 1)

    def advance(self, step: int, cell: int) -> Advance:
        """What a step computes in one of its cells."""
        if self.num_directions == 1:
            return Advance(cell, 0, self._forward(step))
        layer, wave = divmod(step, self.L)
        return Advance(layer, cell, self._reverse(wave) if cell else self._forward(wave))

    def steps_done(self, layer: int, direction: int, position: int, cells: int = 0) -> int:
        """How many steps of a layer and direction are done: 0 to L.

        Args:
            position: whole steps of the schedule that are done.
            cells: cells of the next one that are.
        """
        done = position - self._first_step(layer)
        index = direction if self.num_directions == 2 else layer
        under_way = position < self.total and 0 <= done < self.L
        return min(max(done + (under_way and index < cells), 0), self.L)

    def computed(
        self,
        layer: int,
        direction: int,
        position: int,
        cells: int = 0,
        *,
        at: slice = slice(None),
    ) -> NDArray[np.bool_]:
        """Which timesteps are computed after `position` steps and `cells` cells: (T, N).

        Args:
            at: which timesteps are asked about; all of them by default, and (L, N) is returned.
        """
        done = self.steps_done(layer, direction, position, cells)
        t, valid = self._t[at], self.valid[at]
        if direction == 0:
            return valid & (t < done)
        return valid & (t >= self._ends - done)

    def between(self, direction: int, before: int, after: int) -> slice:
        """Timesteps that hold all which are computed between two numbers of `steps_done`."""
        if direction == 0 or before >= after:
            return slice(before, after)
        return slice(max(min(self.lengths) - after, 0), self.L - before)

    def step_of(self, layer: int, direction: int, t: int, n: int) -> int:
        """The step that computes timestep t of sequence n; −1 at padding."""
        length = self.lengths[n]
        if not 0 <= t < length:
            return -1
        return self._first_step(layer) + (t if direction == 0 else length - 1 - t)

    @cached_property
    def valid(self) -> NDArray[np.bool_]:
        """What is no padding: (L, N)."""
        return self._t < self._ends

    def _first_step(self, layer: int) -> int:
        return layer * self.L if self.num_directions == 2 else 0

    def _forward(self, wave: int) -> tuple[int, ...]:
        if self._is_even:
            return (wave,) * len(self.lengths)
        return tuple(wave if wave < length else -1 for length in self.lengths)

    def _reverse(self, wave: int) -> tuple[int, ...]:
        if self._is_even:
            return (self.L - 1 - wave,) * len(self.lengths)
        return tuple(max(length - 1 - wave, -1) for length in self.lengths)

    @cached_property
    def _is_even(self) -> bool:
        """Whether all sequences are as long as the longest."""
        return self.lengths.count(self.L) == len(self.lengths)

    @cached_property
    def _t(self) -> NDArray[np.int64]:
        return np.arange(self.L)[:, None]

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        return np.asarray(self.lengths, dtype=np.int64)[None, :]


def checked_position(position: object, last: int) -> int:
    """A position of a Stepper as a plain int.

    Raises:
        UsageError: where it is no whole number from 0 to `last`.
    """
    try:
        whole = -1 if isinstance(position, bool) else operator.index(position)  # type: ignore[arg-type]
    except TypeError:
        whole = -1
    if not 0 <= whole <= last:
        raise UsageError(f"step: expected 0 to {last}, got {position!r}")
    return whole


def checked_progress(progress: object, schedule: Schedule, operations: int) -> Progress:
    """A place between the operations of a run, a whole cell or step written as such.

    Args:
        progress: a `Progress`, or a whole number of steps.
        operations: how many there are in a cell.

    Raises:
        UsageError: where there is no such place.
    """
    if not isinstance(progress, Progress):
        return Progress(checked_position(progress, schedule.total))
    step, cell, operation = progress
    checked_position(step, schedule.total)
    cells = schedule.cells_per_step if step < schedule.total else 0
    _check_part("cell", cell, cells)
    _check_part("operation", operation, operations if cell < cells else 0)
    return normal(progress, schedule, operations)


def normal(progress: Progress, schedule: Schedule, operations: int) -> Progress:
    """The same place; all operations of a cell are the cell, all cells of a step the step."""
    step, cell, operation = progress
    more, operation = divmod(operation, operations)
    more, cell = divmod(cell + more, schedule.cells_per_step)
    return Progress(step + more, cell, operation)


def _check_part(name: str, part: object, last: int) -> None:
    whole = isinstance(part, int) and not isinstance(part, bool)
    if not (whole and 0 <= part <= last):  # type: ignore[operator]
        raise UsageError(f"{name}: expected 0 to {last}, got {part!r}")
