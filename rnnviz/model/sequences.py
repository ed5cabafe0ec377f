"""Sequences of several lengths: how torch packs them, as data."""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.errors import InputError
from rnnviz.model.memory import memory_limit

Values = TypeVar("Values", Tensor, NDArray[np.generic])

_BYTES_PER_ROW = 64  # of the plan itself, without any values


@dataclass(frozen=True)
class PackingPlan:
    """How `pack_padded_sequence` orders a padded batch, without any values.

    Args:
        lengths: of each sequence, in the caller's order (N).
        total_length: L of the padded batch; the longest length if None.
        enforce_sorted: the lengths are in decreasing order already, as torch asks by default.

    Attributes:
        batch_sizes: how many sequences have a timestep t, for t = 0 … longest − 1.
        sorted_indices: caller's row of each sorted row; None when enforce_sorted, as in torch.
        unsorted_indices: sorted row of each caller's row; None likewise.

    Raises:
        InputError: for what torch refuses (no sequence, a length below 1, lengths out of
            order) and for what it lets through (lengths that are no whole numbers or lie
            beyond total_length).

    References:
        https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html
    """

    lengths: tuple[int, ...]
    total_length: int | None = None
    enforce_sorted: bool = True
    batch_sizes: tuple[int, ...] = field(init=False)
    sorted_indices: tuple[int, ...] | None = field(init=False)
    unsorted_indices: tuple[int, ...] | None = field(init=False)

    def __post_init__(self) -> None:
        lengths = _whole_lengths(self.lengths)
        total_length = _checked_total(self.total_length, lengths)
        _set(self, lengths=lengths, total_length=total_length)
        if self.enforce_sorted:
            _check_sorted(lengths)
            self._order(None)
        else:
            # torch's own sort: the order it gives to equal lengths is not the stable one.
            order = torch.tensor(lengths, device="cpu").sort(descending=True).indices
            self._order(tuple(order.tolist()))

    @classmethod
    def of(cls, packed: PackedSequence) -> PackingPlan:
        """The plan by which a PackedSequence was made, its own order kept.

        Raises:
            InputError: where its batch_sizes grow, don't add up to the rows of its data, or its
                indices are no permutations of its sequences.
        """
        batch_sizes = packed.batch_sizes.numpy()
        _check_packed(packed, batch_sizes)
        ranks = np.arange(batch_sizes[0])
        sorted_lengths = len(batch_sizes) - np.searchsorted(batch_sizes[::-1], ranks, "right")
        if packed.sorted_indices is None:
            return cls(tuple(sorted_lengths.tolist()))
        order = tuple(packed.sorted_indices.tolist())
        _check_permutations(packed, order)
        lengths = sorted_lengths[np.argsort(order)]
        plan = cls(tuple(lengths.tolist()), enforce_sorted=False)
        plan._order(order)
        return plan

    @property
    def order(self) -> tuple[int, ...]:
        """The caller's row of each sorted row: sorted_indices, or 0, 1, 2 … without them."""
        return self.sorted_indices or tuple(range(len(self.lengths)))

    @property
    def ranks(self) -> tuple[int, ...]:
        """The sorted row of each caller's row: unsorted_indices, or 0, 1, 2 … without them."""
        return self.unsorted_indices or tuple(range(len(self.lengths)))

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """The first row of `data` of every timestep, and behind the last the number of rows."""
        return tuple(self.first_rows.tolist())

    @cached_property
    def first_rows(self) -> NDArray[np.int64]:
        """The offsets, to reckon with those of a long batch."""
        found: NDArray[np.int64] = np.cumsum((0, *self.batch_sizes), dtype=np.int64)
        found.flags.writeable = False
        return found

    @cached_property
    def rows(self) -> tuple[tuple[int, int], ...]:
        """The (sequence, timestep) of every row of `PackedSequence.data`, in the caller's order."""
        sequences, timesteps = self._row_indices
        return tuple(zip(sequences.tolist(), timesteps.tolist(), strict=True))

    def row_of(self, sequence: int, t: int) -> int:
        """The row of `PackedSequence.data` that holds timestep t of a sequence."""
        return self.offsets[t] + self.ranks[sequence]

    def pack(self, padded: Values) -> Values:
        """The rows of `PackedSequence.data` (rows, *) from a padded batch (L, N, *)."""
        sequences, timesteps = self._row_indices
        if isinstance(padded, Tensor):
            return padded[torch.from_numpy(timesteps), torch.from_numpy(sequences)]
        return padded[timesteps, sequences]

    def pad(self, data: Values, padding_value: float = 0.0) -> Values:
        """The padded batch, time-major and in the caller's order.

        Args:
            data: the rows of a PackedSequence, (rows, *), a tensor or an array.
            padding_value: what stands behind the end of a sequence.

        Returns:
            (total_length, N, *), of the type and dtype of `data`.

        Raises:
            InputError: where `data` has another number of rows.
        """
        if len(data) != self.offsets[-1]:
            raise InputError("data", expected=f"{self.offsets[-1]} rows", got=f"{len(data)} rows")
        assert self.total_length is not None
        shape = (self.total_length, len(self.lengths), *data.shape[1:])
        sequences, timesteps = self._row_indices
        if isinstance(data, Tensor):
            padded = data.new_full(shape, padding_value)
            padded[torch.from_numpy(timesteps), torch.from_numpy(sequences)] = data
            return padded
        array = np.full(shape, padding_value, dtype=data.dtype)
        array[timesteps, sequences] = data
        return array

    @cached_property
    def _row_indices(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        sizes = np.asarray(self.batch_sizes)
        timesteps = np.repeat(np.arange(len(sizes)), sizes)
        ranks = np.arange(len(timesteps)) - self.first_rows[timesteps]
        return np.asarray(self.order)[ranks], timesteps

    def _order(self, order: tuple[int, ...] | None) -> None:
        running = np.bincount(self.lengths)[::-1].cumsum()[::-1]  # how many are at least as long
        ranks = None if order is None else tuple(np.argsort(order).tolist())
        _set(
            self,
            batch_sizes=tuple(running[1:].tolist()),
            sorted_indices=order,
            unsorted_indices=ranks,
        )


def _set(plan: PackingPlan, **values: object) -> None:
    for name, value in values.items():
        object.__setattr__(plan, name, value)


def _whole_lengths(lengths: object) -> tuple[int, ...]:
    if isinstance(lengths, (Tensor, np.ndarray)):
        lengths = lengths.tolist()
    if isinstance(lengths, str) or not isinstance(lengths, Iterable):
        raise InputError("lengths", expected="one whole number a sequence", got=repr(lengths))
    whole = tuple(_whole(value, f"sequence {n}") for n, value in enumerate(lengths))
    if not whole:
        raise InputError("lengths", expected="at least one sequence", got="none")
    if sum(whole) * _BYTES_PER_ROW > memory_limit():
        raise InputError(
            "lengths", expected="a batch that fits in memory", got=f"{sum(whole)} timesteps"
        )
    return whole


def _whole(value: object, where: str) -> int:
    is_number = isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))
    if not is_number or value % 1 != 0:  # type: ignore[operator]  # NaN and infinity leave NaN
        raise InputError("lengths", expected="whole numbers", got=f"{value!r} for {where}")
    length: int = int(value)  # type: ignore[call-overload]
    if length < 1:
        raise InputError("lengths", expected="at least 1", got=f"{length} for {where}")
    return length


def _checked_total(total_length: object, lengths: tuple[int, ...]) -> int:
    if total_length is None:
        return max(lengths)
    if isinstance(total_length, bool) or not isinstance(total_length, numbers.Integral):
        raise InputError("total_length", expected="a whole number", got=repr(total_length))
    total_length = int(total_length)
    for n, length in enumerate(lengths):
        if length > total_length:
            raise InputError(
                "lengths",
                expected=f"at most total_length ({total_length})",
                got=f"{length} for sequence {n}",
            )
    if total_length * len(lengths) * _BYTES_PER_ROW > memory_limit():
        raise InputError(
            "total_length", expected="a batch that fits in memory", got=f"{total_length} timesteps"
        )
    return total_length


def _check_sorted(lengths: tuple[int, ...]) -> None:
    for n in range(1, len(lengths)):
        if lengths[n] > lengths[n - 1]:
            raise InputError(
                "lengths",
                expected="decreasing order, or enforce_sorted=False",
                got=f"{lengths[n]} for sequence {n} after {lengths[n - 1]}",
            )


def _check_packed(packed: PackedSequence, batch_sizes: NDArray[np.int64]) -> None:
    if len(batch_sizes) == 0 or batch_sizes[-1] < 1 or (np.diff(batch_sizes) > 0).any():
        raise InputError(
            "batch_sizes", expected="at least 1, never growing", got=batch_sizes.tolist()
        )
    if batch_sizes.sum() != len(packed.data):
        raise InputError(
            "data", expected=f"{batch_sizes.sum()} rows", got=f"{len(packed.data)} rows"
        )


def _check_permutations(packed: PackedSequence, order: tuple[int, ...]) -> None:
    count = int(packed.batch_sizes[0])
    if sorted(order) != list(range(count)):
        raise InputError(
            "sorted_indices", expected=f"each of 0 to {count - 1} once", got=list(order)
        )
    ranks = np.argsort(order).tolist()
    given = packed.unsorted_indices
    if given is not None and given.tolist() != ranks:
        raise InputError(
            "unsorted_indices",
            expected=f"the inverse of sorted_indices, {ranks}",
            got=given.tolist(),
        )
