"""`view` beside `transpose`: which sequence each row of a batch ends up in."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, product, repeat
from typing import NamedTuple

import torch
from torch import Tensor

from rnnviz.errors import InputError
from rnnviz.model.pipeline.named import shape_text


@dataclass(frozen=True, eq=False)
class Arrangement:
    """A batch laid out as (L, N, *), and where each of its places came from.

    Attributes:
        tensor: (L, N, *).
        sequences: (L, N) int64, the sequence whose token stands there.
        timesteps: (L, N) int64, its timestep in that sequence.
    """

    tensor: Tensor
    sequences: Tensor
    timesteps: Tensor

    @property
    def right(self) -> Tensor:
        """Where timestep t of sequence n stands at [t, n]: (L, N) bool."""
        L, N = self.sequences.shape  # noqa: N806
        return (self.sequences == torch.arange(N)) & (self.timesteps == torch.arange(L)[:, None])

    @property
    def mixed(self) -> tuple[tuple[int, ...], ...]:
        """The sequences that each column holds, in the order of its timesteps."""
        return tuple(tuple(column) for column in self.sequences.T.tolist())


class Arrangements(NamedTuple):
    """The same batch laid out both ways."""

    view: Arrangement
    transpose: Arrangement


def arrange(batch: Tensor) -> Arrangements:
    """Lays a batch out time-major by `view`, which interleaves the sequences, and by `transpose`.

    Args:
        batch: (N, L, *), or the sequences one behind another, split again.

    Raises:
        InputError: where it has fewer than two axes.
    """
    if batch.dim() < 2:
        raise InputError("batch", expected="(N, L, *)", got=shape_text(tuple(batch.shape)))
    N, L = batch.shape[:2]  # noqa: N806
    sequences = torch.arange(N)[:, None].expand(N, L)
    timesteps = torch.arange(L).expand(N, L)
    tensors = (batch.detach().cpu(), sequences, timesteps)
    viewed = (values.reshape([L, N, *values.shape[2:]]) for values in tensors)
    turned = (values.transpose(0, 1).contiguous() for values in tensors)
    return Arrangements(Arrangement(*viewed), Arrangement(*turned))


@dataclass(frozen=True, eq=False)
class Pairing:
    """Which label each row of flattened scores is compared with.

    Attributes:
        scores: the (sequence, timestep) of every row of the scores.
        labels: the (sequence, timestep) of every row of the labels.
    """

    scores: tuple[tuple[int, int], ...]
    labels: tuple[tuple[int, int], ...]

    @cached_property
    def right(self) -> tuple[bool, ...]:
        """Which rows are compared with their own label."""
        return tuple(map(operator.eq, self.scores, self.labels))

    @cached_property
    def right_count(self) -> int:
        """How many of them."""
        return sum(self.right)


def pair_labels(L: int, N: int, scores: str = "time", labels: str = "batch") -> Pairing:  # noqa: N803
    """Flattens scores and labels of N sequences of L timesteps, each in its own order.

    Args:
        L: timesteps.
        N: sequences.
        scores: "time" by time, as (L, N, C) is flattened, or "batch" by batch, as (N, L, C) is.
        labels: the same of the labels.
    """
    return Pairing(_rows(L, N, scores, "scores"), _rows(L, N, labels, "labels"))


def _rows(L: int, N: int, order: str, name: str) -> tuple[tuple[int, int], ...]:  # noqa: N803
    if order == "batch":
        return tuple(product(range(N), range(L)))
    if order != "time":
        raise InputError(name, expected="'time' or 'batch'", got=repr(order))
    timesteps = chain.from_iterable(repeat(t, N) for t in range(L))
    return tuple(zip(tuple(range(N)) * L, timesteps, strict=True))
