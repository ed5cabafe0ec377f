"""How far a run is from torch: its steps from torch's own cells, the whole from the module."""

from __future__ import annotations

from functools import cached_property

from rnnviz.model import comparison, reference, replay
from rnnviz.model.comparison import Difference
from rnnviz.model.reached import Reached
from rnnviz.model.scan import can_scan


class Exactness(Reached):
    """A run held against torch, as far as it is computed."""

    @property
    def tolerance(self) -> float:
        """What counts as rounding in this dtype, relative to the size of the values."""
        return comparison.tolerance(self.dtype)

    @cached_property
    def value_scale(self) -> float:
        """The size of the values that `tolerance` is relative to; at least 1."""
        sizes = [1.0]
        if can_scan(self._binding):  # else torch itself computes every step, and rounds alike
            sizes += [comparison.rounding_scale(self._binding)]
        for layer in range(self.num_layers):
            c = self._c(layer)
            sizes += [comparison.size_of(self._h(layer))]
            sizes += [] if c is None else [comparison.size_of(c)]
        return max(sizes)

    @cached_property
    def largest_step_difference(self) -> Difference:
        """The largest difference to torch's own cell functions, and where it is.

        Every computed timestep is compared, from the same previous state. A forced number, and
        what follows from it within its cell, torch's functions don't tell; that is left out.
        """
        found = replay.largest_difference(self.buffers, self.position)
        if found.value <= self.tolerance * self.value_scale:
            return found
        return replay.largest_difference_by_step(self.buffers, self.position)

    @property
    def step_difference(self) -> float:
        """The largest absolute difference of any timestep to torch's own cell function."""
        return self.largest_step_difference.value

    def step_difference_at(self, step: int) -> float:
        """The same for one step of the schedule, from 0 to position − 1."""
        return self.largest_step_difference_at(step).value

    def largest_step_difference_at(self, step: int) -> Difference:
        """The same with its place."""
        if not 0 <= step < self.position:
            raise IndexError(f"step: expected 0 to {self.position - 1}, got {step}")
        return replay.difference_of_step(self.buffers, step)

    @cached_property
    def max_difference(self) -> float:
        """The largest absolute difference of `output`, `h_n` and `c_n` to the module's own.

        The module is rebuilt from the snapshot and run, with the same masks. Of a run that is
        computed in part, that part is compared. Of a run in which something is forced nothing
        is, since the module cannot compute it (`expressible`): 0.0.
        """
        if not self.expressible:
            return 0.0
        return reference.whole_difference(self.buffers, self.position)

    @property
    def matches(self) -> bool:
        """Whether no timestep differs from torch by more than rounding."""
        return self.step_difference <= self.tolerance * self.value_scale
