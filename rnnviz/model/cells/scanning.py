"""What the fast scans of all cells share: blocks of timesteps, and the products that precede them.

Gates are the first axis of every array here, so that each gate's rows lie together. The weights
of sigmoid gates are halved, for σ(a) = (tanh(a / 2) + 1) / 2; a power of two, so nothing is
rounded by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.floating]
Span = tuple[int, int]

_BLOCK = 1 << 18  # numbers of gates in a block: little enough to stay in a core's cache


@dataclass(frozen=True)
class Lane:
    """One layer and direction of a whole run.

    Rows are those of packed data, so that a padded batch is the case where all are as long.

    Attributes:
        spans: first row, and one behind the last, of every timestep in the wavefront's order.
        x: (rows, in_features), what the layer receives.
        h_0, c_0: (N, H_out), (N, H_cell), in the order of the rows.
        h, c: (rows, H_out), (rows, H_cell), for the scan to fill; c is None but for LSTM.
        check: called before each block of work with its timesteps; may raise to end it.
    """

    spans: list[Span]
    x: Tensor
    h_0: Array
    c_0: Array | None
    h: Array
    c: Array | None
    check: Callable[[int], None]


class Block(NamedTuple):
    """Consecutive timesteps with equally many rows.

    Attributes:
        rows: of each timestep.
        spans: of each timestep, rows of the lane.
        first: the lowest row of the lane; row 0 of `a`.
        a: (gates, rows of all, H_cell), the gates' share of x and of the bias.
    """

    rows: int
    spans: list[Span]
    first: int
    a: Array


class Weights(NamedTuple):
    """Weights of a lane, transposed gate by gate."""

    ih: Tensor  # (gates, in_features, H_cell)
    hh: Tensor  # (gates, H_out, H_cell)


def by_gate(weight: Tensor, order: Sequence[int], scales: Sequence[float]) -> Tensor:
    """(gates * H_cell, n) as (gates, n, H_cell), reordered and scaled gate by gate."""
    gates = weight.chunk(len(order))
    return torch.stack([gates[index].T * scale for index, scale in zip(order, scales, strict=True)])


def blocks(lane: Lane, weight: Tensor, bias: Tensor | None) -> Iterator[Block]:
    """The lane's timesteps in blocks; `a` is only good until the next block.

    Args:
        weight: (gates, in_features, H_cell).
        bias: (gates, 1, H_cell).
    """
    gates, _, units = weight.shape
    limit = max(1, _BLOCK // (gates * units))
    sizes = [stop - start for start, stop in lane.spans]
    widest, total = max(sizes), sum(sizes)
    pool = weight.new_empty(gates, min(max(limit, widest), total), units)
    is_even = total == widest * len(sizes)
    for spans in _even_runs(lane.spans, widest, limit) if is_even else _runs(lane.spans, limit):
        lane.check(len(spans))
        first, last = min(spans[0][0], spans[-1][0]), max(spans[0][1], spans[-1][1])
        a = pool[:, : last - first]
        x = lane.x[first:last]
        for gate in range(gates):
            if bias is None:
                torch.mm(x, weight[gate], out=a[gate])
            else:
                torch.addmm(bias[gate], x, weight[gate], out=a[gate])
        yield Block(spans[0][1] - spans[0][0], spans, first, a.numpy())


def continued(previous: Array, initial: Array, rows: int) -> Array:
    """The previous states of `rows` sequences; those that begin here have their initial one."""
    if len(previous) >= rows:
        return previous[:rows]
    return np.concatenate((previous, initial[len(previous) : rows]))


class Recurrent:
    """h @ W for all gates at once, in buffers that stay in place from step to step.

    Of a single row numpy's product is the faster one, by what a call costs. Of several torch's
    is, up to twice; making its views is dear, so they are made anew only where the number of rows
    changes.

    Attributes:
        h: (rows, H_out), to be filled with the previous states.
        p: (gates, rows, H_cell), what `multiplication` fills.
    """

    h: Array
    p: Array

    def __init__(self, weight: Tensor, rows: int) -> None:
        gates, features, units = weight.shape
        self._weight = weight
        self._all_h = weight.new_empty(1, rows, features)
        self._all_p = weight.new_empty(gates * rows * units)

    def begin(self, h: Array) -> None:
        """Takes the previous states, and as many rows as they have."""
        rows, (gates, _, units) = len(h), self._weight.shape
        left = self._all_h[:, :rows]
        product = self._all_p[: gates * rows * units].view(gates, rows, units)
        self._left, self._product = left.expand(gates, -1, -1), product
        self.h, self.p = left[0].numpy(), product.numpy()
        np.copyto(self.h, h)

    def multiplication(self) -> Callable[[], object]:
        """What computes p = h @ W, as long as the number of rows stays the same."""
        if len(self.h) == 1:
            row, weight, product = self.h[0], self._side_by_side, self.p.reshape(-1)
            return partial(np.dot, row, weight, product)
        return partial(torch.bmm, self._left, self._weight, out=self._product)

    @cached_property
    def _side_by_side(self) -> Array:
        """The weights of all gates: (H_out, gates * H_cell)."""
        weight: Array = self._weight.transpose(0, 1).flatten(1).numpy()
        return weight


def _even_runs(spans: list[Span], rows: int, limit: int) -> Iterator[list[Span]]:
    """As many spans as have `limit` rows together, where all have equally many."""
    count = max(1, limit // max(1, rows))
    for start in range(0, len(spans), count):
        yield spans[start : start + count]


def _runs(spans: list[Span], limit: int) -> Iterator[list[Span]]:
    """Consecutive spans of equal size, as many as have `limit` rows together."""
    run: list[Span] = []
    size = 0
    for span in spans:
        rows = span[1] - span[0]
        if run and (rows != size or (len(run) + 1) * rows > limit):
            yield run
            run = []
        run.append(span)
        size = rows
    yield run
