"""One tensor of one layer, direction and sequence over time: known, computed, to come."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.compared import is_alike
from rnnviz.figures.memo import Memo
from rnnviz.figures.numerals import difference_digits, signed
from rnnviz.figures.ranges import largest_magnitude, round_limit
from rnnviz.figures.trajectories.options import TrajectoriesOptions, tensor_names
from rnnviz.figures.view import View
from rnnviz.model.provenance import sources
from rnnviz.model.trace import Trace, as_numpy
from rnnviz.scene.axes import format_value

_SMALL = 1 << 16  # values that can be joined for every frame
_memo = Memo()
_drawn = Memo(48)

T = TypeVar("T")
Values = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Series:
    """What the panels draw.

    Attributes:
        source: the run that most values come from, which derived results are kept by.
        values: `(T, units)` of all timesteps that are no padding, NaN where not known.
        steps: L, padding included; `length`: T.
        first, stop: what has been computed up to now, `first <= t < stop`.
        cursor: index of the current timestep, None before the first.
        low, high: the range of values on show; `signed` says it is centred on 0.
        selected: the selected unit, None where there is none.
        marked: the timestep that is selected of it, None where there is none.
        complete: all values are known.
        missing: why there are none, "" where there are.
        ghost: `(T, units)` of the run before it was edited, where that lies behind this one.
    """

    source: Trace
    tensor: str
    layer: int
    direction: int
    sequence: int
    values: Values
    steps: int
    first: int
    stop: int
    cursor: int | None
    low: float
    high: float
    selected: int | None
    complete: bool
    missing: str = ""
    marked: int | None = None
    ghost: Values | None = None

    @property
    def is_difference(self) -> bool:
        """Whether every value is the difference of two runs."""
        return self.source.is_difference

    @property
    def digits(self) -> int | None:
        """The decimals of differences; None of plain values."""
        return difference_digits(self.high) if self.is_difference else None

    @property
    def letter(self) -> str:
        """What the values are called."""
        return f"Δ{self.tensor}" if self.is_difference else self.tensor

    def written(self, value: float, digits: int = 2) -> str:
        """A value in words; a difference with its sign."""
        if self.digits is None:
            return format_value(value, digits)
        return signed(value, max(self.digits, digits))

    @property
    def length(self) -> int:
        return int(self.values.shape[0])

    @property
    def units(self) -> int:
        return int(self.values.shape[1])

    @property
    def signed(self) -> bool:
        return self.low < 0

    @property
    def limit(self) -> float:
        return self.high

    @property
    def stable(self) -> bool:
        """Whether the values are the source's own, so that what follows can be kept."""
        return self.complete and self.values.size > _SMALL

    @cached_property
    def any_finite(self) -> bool:
        """Whether there is a value that could be drawn."""
        if np.isfinite(self.values[:1]).any():
            return True
        return bool(self.kept("finite", partial(_any_finite, self.values)))

    @property
    def key(self) -> Element:
        """All units at all timesteps."""
        return Element(
            self.tensor, layer=self.layer, direction=self.direction, sequence=self.sequence
        )

    @property
    def identity(self) -> tuple[Hashable, ...]:
        """What tells this series from the others of its source."""
        return self.tensor, self.layer, self.direction, self.sequence

    def at_cursor(self) -> Values | None:
        """The value of every unit at the cursor; None before the first and in padding."""
        if self.cursor is None or not 0 <= self.cursor < self.length:
            return None
        now: Values = self.values[self.cursor]
        return now

    def columns(self, units: tuple[int, ...]) -> Values:
        """`(T, n)`: some units only."""
        take = partial(_columns, self.values, units)
        return self.kept(("columns", units), take) if self.stable else take()

    def kept(self, key: Hashable, compute: Callable[[], T]) -> T:
        """A result that follows from the values; kept where they stay what they are."""
        if not self.complete:
            return compute()
        return _memo.get(self.source, (*self.identity, key), compute, self.values.size)

    def drawn(self, key: Hashable, draw: Callable[[], T]) -> T:
        """Marks that follow from all values and a key; of a long run kept, to stay the same."""
        return _drawn.get(self.source, (*self.identity, key), draw) if self.stable else draw()


def _any_finite(values: Values) -> bool:
    return bool(np.isfinite(values).any())


def _columns(values: Values, units: tuple[int, ...]) -> Values:
    taken: Values = np.ascontiguousarray(values[:, list(units)])
    return taken


def series(view: View, options: TrajectoriesOptions) -> Series:
    """The series that the options ask for, the nearest that exists."""
    run = view.run
    layer = min(max(options.layer, 0), run.num_layers - 1)
    direction = min(max(options.direction, 0), run.num_directions - 1)
    names = tensor_names(view)
    tensor = options.tensor if options.tensor in names else names[0]
    sequence = min(view.sequence or 0, max(run.N - 1, 0))
    length = run.lengths[sequence] if run.N else 0
    whole = view.whole if view.whole is not None and _is_whole(view.whole) else None
    source = whole if whole is not None else run
    complete = _is_whole(source)
    values, missing = _known(view, source, (tensor, layer, direction, sequence), length)
    first, stop, cursor = _progress(run, layer, direction, sequence, length)
    low, high = _range(view, source, (tensor, layer, direction))
    chosen = _chosen(view, (tensor, layer, direction, sequence), values.shape[1])
    return Series(
        source=source,
        tensor=tensor,
        layer=layer,
        direction=direction,
        sequence=sequence,
        values=values,
        steps=int(run.L),
        first=first,
        stop=stop,
        cursor=cursor,
        low=low,
        high=high,
        selected=None if chosen is None else chosen.unit,
        complete=complete,
        missing=missing,
        marked=_marked(chosen, sequence, length),
        ghost=_ghost(view, (tensor, layer, direction, sequence), values),
    )


def _is_whole(run: Trace) -> bool:
    return run.position >= run.total


def _known(
    view: View, source: Trace, which: tuple[str, int, int, int], length: int
) -> tuple[Values, str]:
    """All values known of a tensor `(T, units)`, and why there are none."""
    tensor, layer, direction, sequence = which
    run = view.run
    if not run.N:
        return np.empty((0, run.hidden_size)), "This batch has no sequences."
    if tensor not in ("h", "c"):
        return _gates(source, tensor, layer, direction)[:length, sequence], ""
    values = _states(source, tensor, layer, direction)[:length, sequence]
    if source is not run and source is not view.original and values.size <= _SMALL:
        stepped = _states(run, tensor, layer, direction)[:length, sequence]
        done = as_numpy(run.computed(layer, direction)).astype(bool)[:length, sequence]
        values = np.where(done[:, None], stepped, values)
    return values, ""


def _ghost(view: View, which: tuple[str, int, int, int], values: Values) -> Values | None:
    """What the run before the edits has; None where that is what is shown, or cannot be told."""
    original = view.original
    if view.showing != "new" or original is None or not is_alike(view.run, original):
        return None
    found, _ = _known(view, original, which, len(values))
    return found if found.shape == values.shape else None


def _states(run: Trace, tensor: str, layer: int, direction: int) -> Values:
    states = run.states(layer, direction)
    found = states.h if tensor == "h" else states.c
    assert found is not None
    return as_numpy(found)


def _gates(run: Trace, gate: str, layer: int, direction: int) -> Values:
    """A gate of every timestep `(L, N, H)`, computed once per run."""
    compute = partial(run.gate_states, layer, direction)
    size = 16 * _size(run)  # products, not numbers that are there
    return as_numpy(_memo.get(run, ("gates", layer, direction), compute, size)[gate])


def _progress(
    run: Trace, layer: int, direction: int, sequence: int, length: int
) -> tuple[int, int, int | None]:
    """What has been computed, first and last + 1, and where the cursor stands."""
    computed = as_numpy(run.computed(layer, direction)).astype(bool)
    done = np.flatnonzero(computed[:, sequence]) if run.N else np.empty(0, dtype=np.intp)
    if not len(done):
        return 0, 0, None
    first, stop = int(done[0]), int(done[-1]) + 1
    if direction == 1:
        return first, stop, first
    waves = int(computed.any(axis=1).sum())
    return first, stop, waves - 1


def _range(view: View, source: Trace, which: tuple[str, int, int]) -> tuple[float, float]:
    """A gate's 0 to 1, a tanh's −1 to 1, or what the layer's values of all sequences reach."""
    tensor, layer, direction = which
    if source.is_difference:
        compute = partial(_reach, source, tensor, layer, direction)
        limit = _memo.get(source, ("reach", *which), compute, _size(source))
        return -limit, limit
    if tensor in view.run.cell.sigmoid_gates:
        return 0.0, 1.0
    if tensor == "c" or (tensor == "h" and not _bounded(view.run)):
        compute = partial(_reach, source, tensor, layer, direction)
        limit = _memo.get(source, ("reach", *which), compute, _size(source))
        return -limit, limit
    return -1.0, 1.0


def _size(run: Trace) -> int:
    return run.L * run.N * run.hidden_size


def _bounded(run: Trace) -> bool:
    return run.output_size == run.hidden_size and run.spec.nonlinearity != "relu"


def _reach(run: Trace, tensor: str, layer: int, direction: int) -> float:
    find = _states if tensor in ("h", "c") else _gates
    return round_limit(largest_magnitude(find(run, tensor, layer, direction)))


def _chosen(view: View, which: tuple[str, int, int, int], units: int) -> Element | None:
    """The selected unit, or one that it was computed from, where the panels show it."""
    if view.selection is None or view.selection.tensor in tensor_names(view):
        found: tuple[Element, ...] = () if view.selection is None else (view.selection,)
    else:
        found = sources(view.run, view.selection)
    for element in found:
        unit, here = element.unit, (element.tensor, element.layer, element.direction or 0)
        if unit is not None and 0 <= unit < units and here == which[:3]:
            return element
    return None


def _marked(chosen: Element | None, sequence: int, length: int) -> int | None:
    """The timestep that is selected, where it is one of this sequence."""
    if chosen is None or chosen.t is None or (chosen.sequence or 0) != sequence:
        return None
    return chosen.t if 0 <= chosen.t < length else None
