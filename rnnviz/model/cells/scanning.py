"""What the fast scans of all cells share: blocks of timesteps, and the products that precede them.

Gates are the first axis of every array here, so that each gate's rows lie together. The weights
of sigmoid gates are halved, for σ(a) = (tanh(a / 2) + 1) / 2; a power of two, so nothing is
rounded by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.floating]
Span = tuple[int, int]

# Numbers of gates in a block: little enough to stay in a core's cache, and beside the states.
_LEAST_BLOCK, _LARGEST_BLOCK, _SHARE = 1 << 17, 3 << 16, 16
_FEW = 20  # of a lane's states there are so many times the numbers of a weight that is copied


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

    spans: Sequence[Span]
    x: Tensor
    h_0: Array
    c_0: Array | None
    h: Array
    c: Array | None
    check: Callable[[int], None]


class Block(NamedTuple):
    """Consecutive timesteps with equally many rows, T of them, in the wavefront's order.

    Attributes:
        rows: of each timestep.
        a: (T, gates, rows, H_cell), the gates' share of x and of the bias.
        h, c: (T, rows, H_out), (T, rows, H_cell), for the scan to fill; c is None but for LSTM.
    """

    rows: int
    a: Array
    h: Array
    c: Array | None


def by_gate(
    weight: Tensor, order: Sequence[int], scales: Sequence[float], *, together: bool = False
) -> Tensor:
    """(gates * H_cell, n) as (gates, n, H_cell), reordered and scaled gate by gate.

    Args:
        together: whether the gates lie side by side in memory, as (n, gates, H_cell).
    """
    gates: Array = weight.numpy().reshape(len(order), -1, weight.shape[1])
    count, units, features = gates.shape
    shape = (features, count, units) if together else (count, features, units)
    result: Array = weight.new_empty(shape).numpy()  # aligned as torch's products like it
    result = result.swapaxes(0, 1) if together else result
    for gate, index, scale in zip(result, order, scales, strict=True):
        np.multiply(gates[index].T, scale, out=gate)
    return torch.from_numpy(result)


def blocks(
    lane: Lane,
    weight: Tensor,
    bias: Tensor | None,
    order: Sequence[int],
    scales: Sequence[float],
    into: Tensor | None = None,
) -> Iterator[Block]:
    """The lane's timesteps in blocks; `a` is only good until the next block.

    Args:
        weight: (gates * H_cell, in_features), `order` and `scales` as of `by_gate`.
        bias: (gates * H_cell,).
        into: (gates, rows, H_cell), where `a` of all the lane's rows is to lie; else they share
            memory that is little enough to be at hand.
    """
    gates, units = len(order), len(weight) // len(order)
    (first, end), (begin, last) = sorted((lane.spans[0], lane.spans[-1]))
    widest, total = max(end - first, last - begin), last - first
    block = min(max(total * units // _SHARE, _LEAST_BLOCK), _LARGEST_BLOCK)
    limit = max(1, block // (gates * units))
    pool = into
    if pool is None:
        pool = weight.new_empty(gates, min(max(limit, widest), total), units)
    weights = _columns(weight, gates, lane.h.size + (0 if lane.c is None else lane.c.size))
    biases = None if bias is None else bias.view(gates, units)
    is_even = total == widest * len(lane.spans)
    for spans in _even_runs(lane.spans, widest, limit) if is_even else _runs(lane.spans, limit):
        lane.check(len(spans))
        first, last = min(spans[0][0], spans[-1][0]), max(spans[0][1], spans[-1][1])
        x = lane.x[first:last]
        a = pool[:, : last - first] if into is None else pool[:, first:last]
        for gate, scale, out in zip(order, scales, a, strict=True):
            if biases is None:
                torch.addmm(out, x, weights[gate], beta=0, alpha=scale, out=out)
            else:
                torch.addmm(biases[gate], x, weights[gate], beta=scale, alpha=scale, out=out)
        yield _block(lane, spans, slice(first, last), a.numpy())


def _columns(weight: Tensor, gates: int, states: int) -> Tensor:
    """(gates, in_features, H_cell) of a weight, for a lane of so many numbers.

    Products of a copy are faster, but it is to be little next to the states.
    """
    columns = weight.view(gates, -1, weight.shape[1]).transpose(1, 2)
    return columns.contiguous() if weight.numel() * _FEW <= states else columns


def _block(lane: Lane, spans: Sequence[Span], rows: slice, a: Array) -> Block:
    """A block of the lane's rows; `a` is (gates, rows, H_cell)."""
    gates, total, units = a.shape
    steps, each = len(spans), total // len(spans)
    onwards = slice(None) if spans[0] <= spans[-1] else slice(None, None, -1)
    return Block(
        each,
        a.reshape(gates, steps, each, units).swapaxes(0, 1)[onwards],
        lane.h[rows].reshape(steps, each, -1)[onwards],
        None if lane.c is None else lane.c[rows].reshape(steps, each, -1)[onwards],
    )


def continued(previous: Array, initial: Array, rows: int) -> Array:
    """The previous states of `rows` sequences; those that begin here have their initial one."""
    if len(previous) >= rows:
        return previous[:rows]
    return np.concatenate((previous, initial[len(previous) : rows]))


class Product(NamedTuple):
    """p = h @ W for all gates at once, of buffers that stay in place from step to step.

    Attributes:
        multiply: fills p.
        h: (rows, H_out), the previous states, to be overwritten by the next.
        p: (gates, rows, H_cell).
    """

    multiply: Callable[[], object]
    h: Array
    p: Array


def product_into(left: Tensor, right: Tensor, out: Tensor) -> Callable[[], object]:
    """Fills (rows, m) by (rows, n) @ (n, m), of contiguous tensors that stay in place.

    Of a single row numpy's product takes half the time, of several torch's does.
    """
    if len(left) == 1:
        return partial(left.numpy()[0].dot, right.numpy(), out.numpy()[0])
    return partial(torch.mm, left, right, out=out)


class Recurrent:
    """Makes the products of the previous states and the weights, for each number of rows.

    Making the views of a product is dear, so they are made anew only where the number of rows
    changes.

    Args:
        weight: (gates * H_cell, H_out); `order` and `scales` as of `by_gate`.
        initial: (N, H_out).
    """

    def __init__(
        self, weight: Tensor, order: Sequence[int], scales: Sequence[float], initial: Array
    ) -> None:
        self._weight = by_gate(weight, order, scales, together=len(initial) == 1)
        gates, _, units = self._weight.shape
        self._all_h = torch.from_numpy(np.array(initial, order="C"))
        self._all_p = weight.new_empty(gates * len(initial) * units)
        self._product: Product | None = None

    def of(self, rows: int) -> Product:
        """Goes on with so many sequences; those that begin here have their initial state."""
        if self._product is None or len(self._product.h) != rows:
            self._product = self._make(rows)
        return self._product

    def _make(self, rows: int) -> Product:
        weight, (gates, _, units) = self._weight, self._weight.shape
        left, right = self._all_h[:rows], self._all_p[: gates * rows * units]
        product = right.view(gates, rows, units)
        h, p = left.numpy(), product.numpy()
        if rows == 1 or gates == 1:
            together = weight.transpose(0, 1).flatten(1)
            return Product(product_into(left, together, right.view(rows, -1)), h, p)
        return Product(partial(torch.bmm, left.expand(gates, -1, -1), weight, out=product), h, p)


def _even_runs(spans: Sequence[Span], rows: int, limit: int) -> Iterator[Sequence[Span]]:
    """As many spans as have `limit` rows together, where all have equally many."""
    count = max(1, limit // max(1, rows))
    for start in range(0, len(spans), count):
        yield spans[start : start + count]


def _runs(spans: Sequence[Span], limit: int) -> Iterator[Sequence[Span]]:
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
