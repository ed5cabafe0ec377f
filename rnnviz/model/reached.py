"""A run up to a position: what of it is computed there, and the states as far as they are."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.errors import UsageError
from rnnviz.model.facts import Facts
from rnnviz.model.schedule import Advance, Progress, Schedule, checked_progress
from rnnviz.model.states import States

_EVERY = slice(None)  # timestep


class LaneStates(NamedTuple):
    """The states of one layer and direction.

    Attributes:
        h: (L, N, H_out), NaN at padding and where nothing is computed.
        c: (L, N, H_cell) likewise; None but for LSTM.
    """

    h: Tensor
    c: Tensor | None


class Reached(Facts):
    """The states of a run, NaN where they lie beyond the position.

    Attributes:
        buffers: the states of all that is computed, whatever the position.
        progress: how far this view shows it as computed, to the operation.
    """

    def __init__(self, buffers: States, progress: Progress | None = None) -> None:
        super().__init__(buffers.binding)
        self._cache: dict[object, Tensor] = {}
        self.buffers = buffers
        self.progress = Progress(buffers.schedule.total) if progress is None else progress

    @property
    def schedule(self) -> Schedule:
        """The order of work."""
        return self.buffers.schedule

    @property
    def position(self) -> int:
        """How many whole steps of the schedule are computed."""
        return self.progress.step

    @property
    def total(self) -> int:
        """How many steps the whole run has."""
        return self.schedule.total

    @property
    def current(self) -> tuple[Advance, ...]:
        """What the last step computed; nothing at position 0.

        Of a step that is done in part, its cells that are done and the one that is under way.
        """
        step, cell, operation = self.progress
        if cell or operation:
            return self.schedule.advances(step)[: cell + (operation > 0)]
        return self.schedule.advances(step - 1) if step else ()

    @property
    def active(self) -> Advance | None:
        """The cell that is computed next, where its step is done in part; None at whole steps."""
        step, cell, operation = self.progress
        return self.schedule.advances(step)[cell] if cell or operation else None

    @cached_property
    def valid(self) -> Tensor:
        """What is no padding: (L, N) bool."""
        return torch.from_numpy(self.schedule.valid)

    def computed(self, layer: int, direction: int = 0) -> Tensor:
        """Which timesteps are computed: (L, N) bool, False at padding."""
        layer, direction = self._lane(layer, direction)
        step, cell, _ = self.progress
        return torch.from_numpy(self.schedule.computed(layer, direction, step, cell))

    def steps_done(self, layer: int, direction: int = 0) -> int:
        """How many steps of a layer and direction are computed: 0 to L."""
        layer, direction = self._lane(layer, direction)
        return self.schedule.steps_done(layer, direction, *self.progress[:2])

    def states(self, layer: int, direction: int = 0, at: slice = _EVERY) -> LaneStates:
        """h and c of one layer and direction, at every position t in the sequences.

        Args:
            at: which timesteps are asked about, where not all of them are: (T, N, *) each.
        """
        layer, direction = self._lane(layer, direction)
        c = self._c(layer, at)
        return LaneStates(
            self._h(layer, at)[:, :, direction], None if c is None else c[:, :, direction]
        )

    def _place(self, position: int | Progress) -> Progress:
        """A position up to this one, written in the one way."""
        problem = f"position: expected 0 to {self.position}, got {position}"
        try:
            place = checked_progress(position, self.schedule, len(self.operations))
        except UsageError:
            raise IndexError(problem) from None
        if place > self.progress:
            raise IndexError(problem)
        return place

    def _is_under_way(self, layer: int, direction: int) -> bool:
        """Whether a cell of this layer and direction is computed to an operation within."""
        active = self.active
        if active is None or not self.progress.operation:
            return False
        return self._lane(layer, direction) == (active.layer, active.direction)

    def _lane(self, layer: int, direction: int) -> tuple[int, int]:
        layers, directions = self.num_layers, self.num_directions
        return checked_index("layer", layer, layers), checked_index(
            "direction", direction, directions
        )

    @property
    def _cells_done(self) -> int:
        return self.buffers.cells(*self.progress[:2])

    def _h(self, layer: int, at: slice = _EVERY) -> Tensor:
        return self._shown("h", layer, self.buffers.h(layer), at)

    def _c(self, layer: int, at: slice = _EVERY) -> Tensor | None:
        c = self.buffers.c(layer)
        return None if c is None else self._shown("c", layer, c, at)

    def _shown(self, name: str, layer: int, values: Tensor, at: slice) -> Tensor:
        """(T, N, D, H) of (L, N, D, H): some timesteps, NaN beyond the position."""
        if self._cells_done == self.buffers.filled:
            return values[at]
        if at == _EVERY:
            return self._cached((name, layer), lambda: self._hidden(layer, values, at))
        return self._hidden(layer, values, at)

    def _hidden(self, layer: int, values: Tensor, at: slice) -> Tensor:
        computed = [
            self.schedule.computed(layer, direction, *self.progress[:2], at=at)
            for direction in range(self.num_directions)
        ]
        hidden = torch.from_numpy(~np.stack(computed, axis=-1)[..., None])
        return values[at].masked_fill(hidden, math.nan)

    def _cached(self, key: object, make: Callable[[], Tensor]) -> Tensor:
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]


def checked_index(name: str, index: int, size: int) -> int:
    """A position as Python counts, from 0 or back from −1."""
    position = operator.index(index)
    if not -size <= position < size:
        raise IndexError(f"{name}: expected 0 to {size - 1}, got {index}")
    return position % size
