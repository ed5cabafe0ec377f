"""What an edit changed: a run that is the difference of two."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import NoReturn

import torch
from torch import Tensor

from rnnviz.errors import UsageError
from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.binding import Binding
from rnnviz.model.comparison import Difference
from rnnviz.model.schedule import Progress
from rnnviz.model.states import LayerStates, States
from rnnviz.model.trace import Trace


def difference_run(new: Trace, old: Trace) -> DifferenceTrace:
    """The difference of two runs of the same sizes: every number is the new one minus the old.

    Args:
        new: the run after an edit.
        old: the run before it.

    Returns:
        A run that answers as `new` does, computed as far as both of them are.

    Raises:
        UsageError: where the runs have not the same tensors.
    """
    _check(new, old)
    progress = min(new.progress, old.progress)
    return DifferenceTrace(new.at(progress), old.at(progress))


class DifferenceTrace(Trace):
    """Two runs' difference, which answers like a run; gates lie between −1 and 1, or beyond.

    Equal values, infinity included, differ by 0; a NaN in either run stays NaN. Progress, masks
    and clamps are those of the new run; `state_norms` tells how far apart the states are. It is
    not compared with torch, which the two runs are themselves.

    Attributes:
        new, old: the two runs, at the same progress.
    """

    def __init__(self, new: Trace, old: Trace) -> None:
        self.new, self.old = new, old
        self._differences = _shared(new.buffers, old.buffers)
        super().__init__(self._differences, new.progress)

    @property
    def is_difference(self) -> bool:
        return True

    def at(self, position: int | Progress) -> DifferenceTrace:
        new = self.new.at(position)
        return self if new is self.new else DifferenceTrace(new, self.old.at(position))

    @property
    def weights(self) -> Mapping[str, Tensor]:
        return self._differences.weights

    def inputs(self, layer: int, at: slice = slice(None)) -> Tensor:
        def difference() -> Tensor:
            return _minus(self.new.inputs(layer, at), self.old.inputs(layer, at))

        if at != slice(None):
            return difference()
        return self._cached(("difference of inputs", layer), difference)

    def tensors(self, layer: int, direction: int, t: int) -> dict[str, Tensor]:
        place = (layer, direction, t)
        return _minus_each(self.new.tensors(*place), self.old.tensors(*place))

    def gates(self, layer: int, direction: int, t: int) -> dict[str, Tensor]:
        place = (layer, direction, t)
        return _minus_each(self.new.gates(*place), self.old.gates(*place))

    def preactivations(self, layer: int, direction: int, t: int) -> dict[str, Tensor]:
        place = (layer, direction, t)
        return _minus_each(self.new.preactivations(*place), self.old.preactivations(*place))

    def before_projection(self, layer: int, direction: int, t: int) -> Tensor:
        place = (layer, direction, t)
        return _minus(self.new.before_projection(*place), self.old.before_projection(*place))

    def gate_states(
        self, layer: int, direction: int = 0, start: int = 0, stop: int | None = None
    ) -> dict[str, Tensor]:
        place = (layer, direction, start, stop)
        return _minus_each(self.new.gate_states(*place), self.old.gate_states(*place))

    @property
    def first_not_finite(self) -> None:
        """None: what is not finite lies in one of the two runs."""

    @property
    def largest_step_difference(self) -> Difference:
        _refuse()

    def largest_step_difference_at(self, step: int) -> Difference:
        _refuse()

    @property
    def max_difference(self) -> float:
        _refuse()

    @property
    def expressible(self) -> bool:
        """False: torch computes no difference."""
        return False


class Differences(States):
    """The differences of two runs' states, made when they are asked for, then kept up to date.

    Attributes:
        new, old: the states of the two runs.
    """

    def __init__(self, new: States, old: States) -> None:
        super().__init__(_difference_binding(new.binding, old.binding))
        self.new, self.old = new, old
        self.follow()

    @cached_property
    def weights(self) -> Mapping[str, Tensor]:
        """The differences of the weights, the same tensors at every step."""
        return _WeightDifferences(self.new.binding.weights, self.old.binding.weights)

    def follow(self) -> None:
        """Takes in the cells that both runs have computed since."""
        filled = min(self.new.filled, self.old.filled)
        for layer, mine in self._grids.items():
            for direction in range(self.binding.spec.num_directions):
                at, fresh = self.fresh(layer, direction, self.filled, filled)
                for values, pair in zip(mine, self._pairs(layer), strict=True):
                    if values is not None and pair is not None:
                        new, old = (part[at, :, direction][fresh] for part in pair)
                        values[at, :, direction][fresh] = _minus(new, old)
        self.filled = filled

    def _grid(self, layer: int) -> LayerStates:
        if layer not in self._grids:
            h, c = (None if pair is None else _minus(*pair) for pair in self._pairs(layer))
            assert h is not None
            self._grids[layer] = LayerStates(h, c)
        return self._grids[layer]

    def _pairs(self, layer: int) -> tuple[_Pair, _Pair | None]:
        """h of both runs, and c of both."""
        c, old_c = self.new.c(layer), self.old.c(layer)
        both = None if c is None or old_c is None else (c, old_c)
        return (self.new.h(layer), self.old.h(layer)), both


class _WeightDifferences(Mapping[str, Tensor]):
    """Differences by name, each made when it is asked for: few are, and some are large."""

    def __init__(self, new: Mapping[str, Tensor], old: Mapping[str, Tensor]) -> None:
        self._new, self._old = new, old
        self._made: dict[str, Tensor] = {}

    def __getitem__(self, name: str) -> Tensor:
        if name not in self._made:
            self._made[name] = _minus(self._new[name], self._old[name])
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._new

    def __iter__(self) -> Iterator[str]:
        return iter(self._new)

    def __len__(self) -> int:
        return len(self._new)


_Pair = tuple[Tensor, Tensor]


def _shared(new: States, old: States) -> Differences:
    """The differences of two runs: those in use, where there are some, since figures know them."""
    known = new.differences() if new.differences is not None else None
    if not isinstance(known, Differences) or known.old is not old:
        known = Differences(new, old)
        new.differences = weakref.ref(known)
    known.follow()
    return known


def _difference_binding(new: Binding, old: Binding) -> Binding:
    """Input and initial states are differences; the rest is the new run's."""
    x = old.x if old.layout == new.layout else new.layout.rows(old.x_grid)
    c_0 = None if new.c_0 is None or old.c_0 is None else _minus(new.c_0, old.c_0)
    given = new.initial_given or old.initial_given
    return replace(
        new, x=_minus(new.x, x), h_0=_minus(new.h_0, old.h_0), c_0=c_0, initial_given=given
    )


@plain_arithmetic()
def _minus(new: Tensor, old: Tensor) -> Tensor:
    """new − old; 0 where they are equal, infinity included."""
    if torch.equal(new, old):
        return torch.zeros_like(new)
    difference = (new - old).add_(0.0)  # −0 − 0 becomes 0, as the difference of equal values is
    if difference.sum().isnan():  # an infinity less itself, among others
        difference.masked_fill_(new == old, 0.0)
    return difference


def _minus_each(new: Mapping[str, Tensor], old: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: _minus(values, old[name]) for name, values in new.items()}


def _check(new: Trace, old: Trace) -> None:
    mine, others = _sizes(new), _sizes(old)
    for name, size in mine.items():
        if size != others[name]:
            raise UsageError(f"{name}: expected {size} in both runs, got {others[name]}")


def _sizes(run: Trace) -> dict[str, object]:
    """What two runs must have in common for their tensors to correspond."""
    spec = run.spec
    return {
        "kind": run.kind,
        "input_size": spec.input_size,
        "hidden_size": spec.hidden_size,
        "num_layers": spec.num_layers,
        "bias": spec.bias,
        "bidirectional": spec.bidirectional,
        "proj_size": spec.proj_size,
        "dtype": run.dtype,
        "lengths": run.lengths,
        "L": run.L,
    }


def _refuse() -> NoReturn:
    raise UsageError("a difference of two runs is not compared with torch")
