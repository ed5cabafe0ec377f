"""The steps of one layer and direction in numpy, on the memory in which a run's states are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.cells import StepArrays
from rnnviz.model.cells.scanning import Array
from rnnviz.model.cells.stepping import StepWeights

if TYPE_CHECKING:
    from rnnviz.model.states import States

Rows = NDArray[np.intp]


class LaneStep(NamedTuple):
    """What a step computed of one layer and direction.

    Attributes:
        sequences: which sequences the rows are; None where it is all of them in their order.
        step: of those rows.
    """

    sequences: Rows | None
    step: StepArrays


class LaneSteps:
    """Computes the steps of one layer and direction, one at a time.

    Args:
        states: where they are kept.
        checked: whether states may grow so large that sums of them overflow.
    """

    @plain_arithmetic()
    def __init__(self, states: States, layer: int, direction: int, *, checked: bool) -> None:
        binding = states.binding
        h, c = states.h(layer), states.c(layer)
        h_0, c_0 = binding.initial(layer, direction)
        below = binding.x_grid if layer == 0 else states.h(layer - 1).flatten(2)
        mask = binding.mask_grids.get(layer - 1)
        self._cell = binding.cell
        self._weights = StepWeights(binding.cell, binding.lanes[layer, direction])
        self._x: Array = below.numpy()
        self._mask: Array | None = None if mask is None else mask.numpy()
        self._h: Array = h[:, :, direction].numpy()
        self._c: Array | None = None if c is None else c[:, :, direction].numpy()
        self._h_0: Array = h_0.numpy()
        self._c_0: Array | None = None if c_0 is None else c_0.numpy()
        self._lengths = binding.layout.lengths
        self._is_reverse = direction == 1
        self._checked = checked

    def compute(self, t: tuple[int, ...]) -> LaneStep | None:
        """Computes one step and keeps its states; None where torch is to tell how it overflows.

        Args:
            t: for each sequence the timestep; −1 where it does not advance.
        """
        at: int | tuple[Rows, Rows] = t[0]
        sequences, first = None, 0
        if t[0] < 0 or t.count(t[0]) != len(t):
            timesteps = np.array(t, dtype=np.intp)
            sequences = np.flatnonzero(timesteps >= 0)
            if not len(sequences):
                return None
            first, at = int(sequences[0]), (timesteps[sequences], sequences)
        x = self._x[at] if self._mask is None else self._x[at] * self._mask[at]
        h, c = self._before(at, sequences, t[first], self._lengths[first])
        if self._checked:
            with np.errstate(all="ignore"):
                step = self._cell.step_arrays(x, h, c, self._weights)
                if not _are_moderate(x, h, step.preactivations, step.h):
                    return None
        else:
            step = self._cell.step_arrays(x, h, c, self._weights)
        self._h[at] = step.h
        if self._c is not None and step.c is not None:
            self._c[at] = step.c
        return LaneStep(sequences, step)

    def _before(
        self, at: int | tuple[Rows, Rows], sequences: Rows | None, t: int, length: int
    ) -> tuple[Array, Array | None]:
        """The previous states; a wavefront begins for all its sequences at once."""
        if t == (length - 1 if self._is_reverse else 0):
            rows = slice(None) if sequences is None else sequences
            return self._h_0[rows], None if self._c_0 is None else self._c_0[rows]
        back = 1 if self._is_reverse else -1
        previous = at + back if isinstance(at, int) else (at[0] + back, at[1])
        return self._h[previous], None if self._c is None else self._c[previous]


def _are_moderate(*values: Array) -> bool:
    """Whether the sums of their squares are finite, so that no product of two overflows."""
    return all(bool(np.isfinite(np.vdot(each, each))) for each in values)
