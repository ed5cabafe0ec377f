"""A run's batch as packing sees it: the plan, the values, and where the run stands in it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.compared import shown_words
from rnnviz.figures.memo import Memo
from rnnviz.figures.numerals import difference_digits, signed
from rnnviz.figures.ranges import Ranges, largest_magnitude, round_limit, value_ranges
from rnnviz.figures.view import View
from rnnviz.model.provenance.packing import plan_of
from rnnviz.model.sequences import PackingPlan
from rnnviz.model.trace import Trace, as_numpy
from rnnviz.scene.axes import format_value

_KEPT_VALUES = 4_000_000  # of `data`; larger ones keep only the largest feature of every row

_memo = Memo()
_pieces = Memo(48)
_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Values:
    """The inputs of a run, ready to be drawn.

    Attributes:
        padded: `(L, N, H_in)`, NaN at padding.
        largest: `(N, L)`, the feature of largest magnitude, NaN at padding.
        data: `(rows, H_in)`, the rows of `PackedSequence.data`; one column, the largest
            feature, where there are very many.
        decimals: that tell the values apart: none where all are whole numbers, else two.
        extremes: the least and the largest finite value, whose numerals are the widest.
        difference: they are differences and have their sign.
    """

    padded: NDArray[np.floating]
    largest: NDArray[np.floating]
    data: NDArray[np.floating]
    decimals: int
    extremes: tuple[float, float]
    difference: bool = False

    def written(self, value: float, digits: int) -> str:
        """A number as it stands in a cell."""
        return signed(value, digits) if self.difference else format_value(value, digits)


@dataclass(frozen=True, eq=False)
class Batch:
    """What the figure draws.

    Attributes:
        plan: how torch orders the batch; of full lengths where the input was not packed.
        packed: whether the module received a PackedSequence.
        t: the timestep that the forward direction has just computed, None before the first.
        reverse: the timestep that the reverse direction has just computed, by sequence, −1
            where it did not advance; empty for a run in one direction.
        layer: the layer that advanced; None where all of them did, or none.
        ranges: the ends of the colour scales.
        shown: what the key says of two runs that are compared, "" where one is.
    """

    run: Trace
    plan: PackingPlan
    packed: bool
    t: int | None
    reverse: tuple[int, ...]
    layer: int | None
    ranges: Ranges
    shown: str = ""

    @property
    def L(self) -> int:  # noqa: N802 (PyTorch's letter)
        """Timesteps of the padded batch."""
        return self.run.L

    @property
    def N(self) -> int:  # noqa: N802 (PyTorch's letter)
        """Sequences."""
        return self.run.N

    @property
    def rows(self) -> int:
        """Rows of `PackedSequence.data`."""
        return self.plan.offsets[-1]

    @property
    def slabs(self) -> int:
        """Timesteps that any sequence has."""
        return len(self.plan.batch_sizes)

    @property
    def bidirectional(self) -> bool:
        """Whether the run reads the sequences from their ends as well."""
        return self.run.num_directions == 2

    @property
    def skipped(self) -> int:
        """Places of the padded grid that are never computed."""
        return self.L * self.N - self.rows

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """`(N,)`, in the caller's order."""
        return np.asarray(self.plan.lengths, dtype=np.int64)

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The caller's row of each sorted row, `(N,)`."""
        return np.asarray(self.plan.order, dtype=np.int64)

    @cached_property
    def values(self) -> Values:
        """The inputs, read once for each run."""
        size = 8 * as_numpy(self.run.inputs(0)).size
        read = partial(_read_values, self.run, self.plan)
        return _memo.get(self.run.buffers, "values", read, size)

    def kept(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What follows from the run's numbers and a key, wherever the run stands: made once.

        A step finds the same marks again, so that nobody has to compare them or to measure them.
        """
        return _pieces.get(self.run.buffers, key, make)

    def running(self, t: int) -> NDArray[np.int64]:
        """The caller's rows that have a timestep t, ascending."""
        rows: NDArray[np.int64] = np.flatnonzero(self.lengths > t)
        return rows

    def sequences_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The caller's row of each of some rows of `data`."""
        offsets = self.plan.first_rows
        t = np.searchsorted(offsets, rows, side="right") - 1
        result: NDArray[np.int64] = self.order[rows - offsets[t]]
        return result

    def reverse_at(self, sequence: int) -> int:
        """The timestep at which the reverse direction has just been, −1 for none."""
        return self.reverse[sequence] if self.reverse else -1


def read_batch(view: View) -> Batch | None:
    """The batch of a view; None where it is empty and there is nothing to pack."""
    run = view.run
    if run.N == 0 or run.L == 0:
        return None
    forward = [advance for advance in run.current if advance.direction == 0]
    backward = [advance for advance in run.current if advance.direction == 1]
    moving = [t for advance in forward for t in advance.t if t >= 0]
    layers = {advance.layer for advance in run.current}
    return Batch(
        run=run,
        plan=plan_of(run),
        packed=run.plan is not None,
        t=max(moving) if moving else None,
        reverse=tuple(backward[0].t) if backward else (),
        layer=layers.pop() if len(layers) == 1 and run.num_layers > 1 else None,
        ranges=value_ranges(run, view.whole),
        shown=shown_words(view),
    )


def _decimals(run: Trace, values: NDArray[Any]) -> int:
    """Two; more of differences that are small."""
    return difference_digits(round_limit(largest_magnitude(values))) if run.is_difference else 2


def _read_values(run: Trace, plan: PackingPlan) -> Values:
    inputs, valid = as_numpy(run.inputs(0)), as_numpy(run.valid).astype(bool)
    padded: NDArray[Any] = np.where(valid[..., None], inputs, np.nan)
    high: NDArray[Any] = np.fmax.reduce(padded, axis=-1)
    low: NDArray[Any] = np.fmin.reduce(padded, axis=-1)
    largest: NDArray[Any] = np.where(np.abs(low) > np.abs(high), low, high)
    few = padded.size <= _KEPT_VALUES
    data: NDArray[Any] = plan.pack(padded if few else largest[..., None])
    finite = padded[np.isfinite(padded)] if few else np.empty(0)
    return Values(
        padded=padded,
        largest=np.ascontiguousarray(largest.T),
        data=data,
        decimals=0 if few and (finite == np.rint(finite)).all() else _decimals(run, finite),
        extremes=(float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0),
        difference=run.is_difference,
    )
