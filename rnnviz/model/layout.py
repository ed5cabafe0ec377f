"""How the rows of a run's data and its (L, N) grid of timesteps and sequences correspond."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import overload

import torch
from torch import Tensor

from rnnviz.model.sequences import PackingPlan

Span = tuple[int, int]


@dataclass(frozen=True)
class EvenSpans(Sequence[Span]):
    """The first row, and the one behind the last, of timesteps with equally many rows.

    A list of them would take as much memory as the states of a small model.
    """

    timesteps: range
    rows: int

    @overload
    def __getitem__(self, index: int) -> Span: ...
    @overload
    def __getitem__(self, index: slice) -> EvenSpans: ...
    def __getitem__(self, index: int | slice) -> Span | EvenSpans:
        if isinstance(index, slice):
            return EvenSpans(self.timesteps[index], self.rows)
        first = self.timesteps[index] * self.rows
        return first, first + self.rows

    def __len__(self) -> int:
        return len(self.timesteps)

    def __iter__(self) -> Iterator[Span]:
        rows = self.rows
        return ((t * rows, (t + 1) * rows) for t in self.timesteps)


@dataclass(frozen=True)
class Layout:
    """A batch of L timesteps and N sequences, packed or not.

    The rows of packed data are those of `PackedSequence.data`; a batch that was not packed has
    the rows of its time-major tensor, L × N of them. A grid is (L, N, *), in the caller's order
    of sequences.
    """

    L: int
    N: int
    plan: PackingPlan | None = None

    @property
    def lengths(self) -> tuple[int, ...]:
        """Of each sequence, in the caller's order."""
        return (self.L,) * self.N if self.plan is None else self.plan.lengths

    @property
    def row_count(self) -> int:
        """How many timesteps all sequences have together."""
        return self.L * self.N if self.plan is None else self.plan.offsets[-1]

    @property
    def is_even(self) -> bool:
        """Whether all sequences are as long as the longest."""
        return self.row_count == self.L * self.N

    @cached_property
    def spans(self) -> Sequence[Span]:
        """The first row, and the one behind the last, of every timestep."""
        if self.is_even:
            return EvenSpans(range(self.L), self.N)
        assert self.plan is not None
        return list(pairwise(self.plan.offsets))

    @cached_property
    def ends(self) -> Tensor:
        """The last timestep of each sequence: (N,)."""
        return torch.tensor(self.lengths, dtype=torch.long, device="cpu") - 1

    @cached_property
    def sequences(self) -> Tensor:
        """0 … N − 1."""
        return torch.arange(self.N, device="cpu")

    @cached_property
    def valid(self) -> Tensor:
        """What is no padding: (L, N) bool."""
        return torch.arange(self.L, device="cpu")[:, None] <= self.ends

    def grid(self, rows: Tensor) -> Tensor:
        """(rows, *) as (L, N, *), NaN at padding; a view where there is none."""
        if self.plan is None:
            return rows.view(self.L, self.N, *rows.shape[1:])
        return self.plan.pad(rows, float("nan"))

    def rows(self, grid: Tensor) -> Tensor:
        """(L, N, *) as (rows, *)."""
        return grid.flatten(0, 1) if self.plan is None else self.plan.pack(grid)

    def sort(self, states: Tensor) -> Tensor:
        """(N, *) in the order of the rows of a timestep."""
        if self.plan is None or self.plan.sorted_indices is None:
            return states
        return states[torch.tensor(self.plan.sorted_indices, device="cpu")]
