"""The colour ranges of a view: symmetric around 0, shared by everything that is compared."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.memo import Memo
from rnnviz.model.differences import DifferenceTrace
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
        entering: of `x` alone where it has a limit of its own; None for `wide`.
    """

    state: float = 1.0
    hidden: float = 1.0
    wide: float = 1.0
    entering: float | None = None

    def limit(self, tensor: str) -> float:
        """The limit for a tensor, by the name that elements give it."""
        if tensor in _ENTERING:
            return self.wide if self.entering is None else self.entering
        if tensor in _CELL:
            return self.wide
        return self.hidden if tensor in _HIDDEN else self.state


_ENTERING = frozenset({"x", "data"})
_CELL = frozenset({"c", "c_0", "c_n"})
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
    measure = difference_ranges if source.is_difference else _measure
    size = source.L * source.N * source.hidden_size * source.num_layers
    if source.is_difference:
        size = max(size, min(_gate_work(source), _MOST_WORK) // _AT_A_TIME)
    return _MEMO.get(source, "ranges", lambda: measure(source), size)


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
    if any(clamp.tensor == "h" and not abs(clamp.value) <= 1 for clamp in run.clamps):
        return False
    return run.output_size == run.hidden_size and run.spec.nonlinearity != "relu"


_HIDES = 3.0  # times: a difference so much larger than another's would hide it
_MOST_WORK = 10**8  # multiplications, up to which all gates are computed to measure them
_AT_A_TIME = 64  # of which take as long as going through one number


def difference_ranges(run: Trace) -> Ranges:
    """One limit for all differences of a run, the largest one.

    A tensor that changes so much less that nothing of it would be seen has a limit of its own.
    """
    sizes = {"hidden": _largest(run, "h"), "entering": largest_magnitude(as_numpy(run.inputs(0)))}
    sizes["state"] = _largest_gate(run)
    if run.cell.has_c:
        sizes["wide"] = _largest(run, "c")
    most = max(sizes.values())
    shared = round_limit(most)
    limits = {
        name: round_limit(size) if 0 < size * _HIDES < most else shared
        for name, size in sizes.items()
    }
    return Ranges(**{"wide": shared, **limits})


def _largest(run: Trace, tensor: str) -> float:
    """The largest magnitude of h or c, the initial one included."""
    given = run.h_0 if tensor == "h" else run.c_0
    sizes = [0.0 if given is None else largest_magnitude(as_numpy(given))]
    for layer in range(run.num_layers):
        for direction in range(run.num_directions):
            states = run.states(layer, direction)
            values = states.h if tensor == "h" else states.c
            sizes.append(0.0 if values is None else largest_magnitude(as_numpy(values)))
    return max(sizes)


def _largest_gate(run: Trace) -> float:
    """The largest difference of a gate; what bounds it where computing them all takes long."""
    lanes = [
        (layer, direction)
        for layer in range(run.num_layers)
        for direction in range(run.num_directions)
    ]
    if _gate_work(run) > _MOST_WORK:
        widest = max((abs(clamp.value) + 1 for clamp in run.clamps), default=0.0)
        return max(widest, 2.0) if math.isfinite(widest) else 2.0
    found = [as_numpy(gate) for lane in lanes for gate in run.gate_states(*lane).values()]
    if run.output_size != run.hidden_size and isinstance(run, DifferenceTrace):
        pairs = ((_unprojected(run.new, lane), _unprojected(run.old, lane)) for lane in lanes)
        found += [new - old for new, old in pairs]
    return max((largest_magnitude(values) for values in found), default=0.0)


def _gate_work(run: Trace) -> int:
    """How many multiplications all gates take."""
    above = run.num_directions * run.output_size
    entering = run.input_size + (run.num_layers - 1) * above
    received = run.num_directions * (entering + run.num_layers * run.output_size)
    return run.L * run.N * len(run.cell.gates) * run.hidden_size * received


def _unprojected(run: Trace, lane: tuple[int, int]) -> NDArray[np.floating]:
    """h before its projection at every timestep, (L, N, H_cell)."""
    c = run.states(*lane).c
    assert c is not None
    values: NDArray[np.floating] = as_numpy(run.gate_states(*lane)["o"]) * np.tanh(as_numpy(c))
    return values
