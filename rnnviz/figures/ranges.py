"""The colour ranges of a view: symmetric around 0, shared by everything that is compared."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.memo import Memo
from rnnviz.model.trace import Trace, as_numpy

_MEMO = Memo()
_STEPS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True)
class Ranges:
    """The limits of the signed colours of one view.

    Attributes:
        state: of `h` and of `g` and `n`, 1 where a tanh bounds them.
        hidden: of `h` alone: its own where nothing bounds it (relu, projection), else `state`.
        wide: shared by `x`, `c` and everything before activation.
    """

    state: float = 1.0
    hidden: float = 1.0
    wide: float = 1.0

    def limit(self, tensor: str) -> float:
        """The limit for a tensor, by the name that elements give it."""
        if tensor in _WIDE:
            return self.wide
        return self.hidden if tensor in _HIDDEN else self.state


_WIDE = frozenset({"x", "c", "c_0", "c_n", "data"})
_HIDDEN = frozenset({"h", "h_0", "h_n", "output"})


def largest_magnitude(values: NDArray[np.floating]) -> float:
    """The largest finite magnitude, 0.0 where there is none."""
    if values.size == 0:
        return 0.0
    high = float(np.fmax.reduce(values, axis=None))
    low = float(np.fmin.reduce(values, axis=None))
    if math.isinf(high) or math.isinf(low):
        finite = values[np.isfinite(values)]
        return float(np.abs(finite).max()) if finite.size else 0.0
    return 0.0 if math.isnan(high) else max(abs(high), abs(low))


def round_limit(largest: float) -> float:
    """A round number at or above the largest magnitude, to end a colour bar with; 1 for 0."""
    if not (math.isfinite(largest) and largest > 0):
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    if power == 0:
        return 1.0
    share = largest / power
    return next((step * power for step in _STEPS if step >= share * (1 - 1e-9)), 10 * power)


def value_ranges(run: Trace, whole: Trace | None = None) -> Ranges:
    """The ranges of a run; of the whole one where it is known, so that colours stand still."""
    source = run if whole is None else whole
    return _MEMO.get(source, "ranges", lambda: _measure(source))


def _measure(run: Trace) -> Ranges:
    wide = largest_magnitude(as_numpy(run.inputs(0)))
    hidden = 0.0
    bounded = _bounded(run)
    for layer in range(run.num_layers):
        for direction in range(run.num_directions):
            states = run.states(layer, direction)
            if states.c is not None:
                wide = max(wide, largest_magnitude(as_numpy(states.c)))
            if not bounded:
                hidden = max(hidden, largest_magnitude(as_numpy(states.h)))
    return Ranges(hidden=1.0 if bounded else round_limit(hidden), wide=round_limit(wide))


def _bounded(run: Trace) -> bool:
    return run.output_size == run.hidden_size and run.spec.nonlinearity != "relu"
