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
        layer, wave = divmod(step, self.L)
        return Advance(layer, 0, self._forward(wave)), Advance(layer, 1, self._reverse(wave))

    def computed(self, layer: int, direction: int, position: int) -> NDArray[np.bool_]:
        """Which timesteps are computed after `position` steps: (L, N)."""
        done = position - self._first_step(layer)
        if direction == 0:
            return self.valid & (self._t < done)
        return self.valid & (self._t >= self._ends - done)

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
        return tuple(wave if wave < length else -1 for length in self.lengths)

    def _reverse(self, wave: int) -> tuple[int, ...]:
        return tuple(max(length - 1 - wave, -1) for length in self.lengths)

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
