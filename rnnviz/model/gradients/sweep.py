"""Back through one layer and direction, in numpy on the tensors' own memory.

The local derivatives of a block of timesteps are computed at once; what is left for each timestep
is one product and a few elementwise operations. Gradients of the gates take the place of the
local derivatives that they are made from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.model.binding import Binding
from rnnviz.model.cells import Parameters
from rnnviz.model.cells.scanning import Array, Span
from rnnviz.model.gradients.derivatives import Around, Lane, Local, Places, local_derivatives

_BLOCK = 1 << 18  # numbers of gates in a block: little enough to stay in a core's cache


@dataclass(frozen=True)
class Way:
    """One layer and direction of a run, to go back along.

    Rows are those of packed data; sequences are in their order.

    Attributes:
        lane: layer and direction.
        x: (rows, in_features), what the layer receives.
        h, c: (rows, H_out), (rows, H_cell), its states; c is None but for LSTM, as all that
            is of c here.
        grad_h: (rows, H_out), holds ∂loss/∂h as far as it comes from above, and gets all of it.
        grad_c: (rows, H_cell), gets ∂loss/∂c.
        final_h, final_c: (N, H_out), (N, H_cell), what comes from h_n and c_n; of a sequence
            that has come to its beginning, the gradient of its initial state.
        grad_x: (rows, in_features), to which this way's share is added; None where not wanted.
        check: called between blocks of work; may raise to end it.
    """

    lane: Lane
    x: Tensor
    h: Tensor
    c: Tensor | None
    grad_h: Tensor
    grad_c: Tensor | None
    final_h: Tensor
    final_c: Tensor | None
    grad_x: Tensor | None
    check: Callable[[], None]


class Block(NamedTuple):
    """Consecutive timesteps with equally many rows.

    Attributes:
        step: of the first of them, counted along the direction.
        steps: how many there are.
        rows: of each.
        first, last: its rows of the lane, and one behind.
    """

    step: int
    steps: int
    rows: int
    first: int
    last: int


def sweep(binding: Binding, way: Way) -> None:
    """Fills the gradients of a layer and direction, from its last timestep to its first."""
    w, forward = binding.lanes[way.lane], way.lane[1] == 0
    back = _Back(w, way)
    for block in blocks_back(binding, forward):
        way.check()
        local = local_derivatives(
            binding, way.lane, around(binding, way, block), partial(_places, binding, block)
        )
        back.begin(block.rows)
        back.through(local, block)
        if way.grad_x is not None:
            _spread_to_input(local, w.weight_ih, way, block)
    back.end()


def blocks_back(binding: Binding, forward: bool) -> Iterator[Block]:
    """Blocks of a direction's timesteps, the last ones first."""
    spans = binding.layout.spans if forward else binding.layout.spans[::-1]
    width = binding.spec.gate_count * binding.spec.hidden_size
    step = len(spans)
    while step:
        rows = _size(spans[step - 1])
        most = max(1, _BLOCK // max(1, width * rows))
        end = step
        while step and end - step < most and _size(spans[step - 1]) == rows:
            step -= 1
        here = spans[step:end]
        first, last = min(here[0][0], here[-1][0]), max(here[0][1], here[-1][1])
        yield Block(step, end - step, rows, first, last)


def around(binding: Binding, way: Way, block: Block) -> Around:
    """What the cells of a block receive and give."""
    rows = slice(block.first, block.last)
    layout, (h_0, c_0) = binding.layout, binding.initial(*way.lane)
    c_prev = None
    if way.c is not None and c_0 is not None:
        c_prev = _before(binding, way.c, layout.sort(c_0), way.lane, block)
    return Around(
        x=way.x[rows],
        h_prev=_before(binding, way.h, layout.sort(h_0), way.lane, block),
        h=way.h[rows],
        c_prev=c_prev,
        c=None if way.c is None else way.c[rows],
    )


def _before(binding: Binding, states: Tensor, initial: Tensor, lane: Lane, block: Block) -> Tensor:
    """The states before those of a block: (rows, H)."""
    forward, count = lane[1] == 0, block.rows
    edge = initial[:count]
    if block.step:
        spans = binding.layout.spans
        start, stop = spans[block.step - 1] if forward else spans[-block.step]
        edge = states[start : min(stop, start + count)]
        if len(edge) < count:
            edge = torch.cat((edge, initial[len(edge) : count]))
    if forward:
        return torch.cat((edge, states[block.first : block.last - count]))
    return torch.cat((states[block.first + count : block.last], edge))


def _places(binding: Binding, block: Block) -> Places:
    """t and sequence of each row of a block."""
    layout = binding.layout
    starts = torch.tensor([start for start, _ in layout.spans], device="cpu")
    rows = torch.arange(block.first, block.last, device="cpu")
    t = torch.searchsorted(starts, rows, right=True) - 1
    return t, layout.sort(layout.sequences)[rows - starts[t]]


class _Timesteps(NamedTuple):
    """A block's timesteps, the last one along the direction first."""

    block: Block
    forward: bool

    def tensors(self, values: Tensor) -> tuple[Tensor, ...]:
        """(rows of all, *) timestep by timestep, views."""
        steps = self._by_step(values).unbind(0)
        return steps[::-1] if self.forward else steps

    def arrays(self, values: Tensor) -> Array:
        """(rows of all, *) as (steps, rows, *), a view."""
        steps: Array = self._by_step(values).numpy()
        return steps[::-1] if self.forward else steps

    def _by_step(self, values: Tensor) -> Tensor:
        return values.view(self.block.steps, self.block.rows, *values.shape[1:])


class _Back:
    """Goes back block by block, with the gradients of the states before in buffers."""

    def __init__(self, weights: Parameters, way: Way) -> None:
        self._weights, self._way, self._rows = weights, way, 0
        self._h, self._c = way.final_h[:0], None if way.final_c is None else way.final_c[:0]

    def begin(self, rows: int) -> None:
        """Goes on with so many sequences: some end here, or have come to their beginning."""
        if rows != self._rows:
            self.end()
            self._h = self._way.final_h[:rows].clone()
            self._c = None if self._way.final_c is None else self._way.final_c[:rows].clone()
            self._rows = rows

    def end(self) -> None:
        """Puts down where the sequences are."""
        self._way.final_h[: self._rows] = self._h
        if self._way.final_c is not None and self._c is not None:
            self._way.final_c[: self._rows] = self._c

    def through(self, local: Local, block: Block) -> None:
        """One block back; `local.gates` becomes the gradient of the gates."""
        at = _Timesteps(block, self._way.lane[1] == 0)
        if self._c is None:
            self._through_h(local, at)
        else:
            self._through_c(local, at, self._c)

    def _through_h(self, local: Local, at: _Timesteps) -> None:
        h, product, weight = self._h.numpy(), self._h, self._weights.weight_hh
        grads = at.arrays(self._way.grad_h[at.block.first : at.block.last])
        carries = repeat(None) if local.carry is None else iter(at.arrays(local.carry))
        each = zip(
            grads,
            grads[:, :, None],
            at.arrays(local.gates),
            at.tensors(local.gates.flatten(1)),
            carries,
            strict=False,
        )
        for grad, grad_by_gate, gates, rows_of_gates, carry in each:
            np.add(grad, h, out=grad)
            np.multiply(gates, grad_by_gate, out=gates)
            torch.mm(rows_of_gates, weight, out=product)
            if carry is not None:
                np.multiply(carry, grad, out=carry)
                np.add(h, carry, out=h)

    def _through_c(self, local: Local, at: _Timesteps, product_c: Tensor) -> None:
        assert self._way.grad_c is not None
        assert local.c_by_h is not None
        assert local.carry is not None
        h, c, product, weight = self._h.numpy(), product_c.numpy(), self._h, self._weights.weight_hh
        rows = slice(at.block.first, at.block.last)
        grads, grads_c = at.arrays(self._way.grad_h[rows]), at.arrays(self._way.grad_c[rows])
        each = zip(
            grads,
            self._unprojected(local, at),
            grads_c,
            grads_c[:, :, None],
            at.arrays(local.gates[:, : local.from_c]),
            at.arrays(local.gates[:, local.from_c]),
            at.arrays(local.c_by_h),
            at.arrays(local.carry),
            at.tensors(local.gates.flatten(1)),
            strict=True,
        )
        for grad, below, grad_c, grad_c_by_gate, ifg, o, c_by_h, carry, rows_of_gates in each:
            np.add(grad, h, out=grad)
            unprojected = grad if below is None else below()
            np.multiply(c_by_h, unprojected, out=c_by_h)
            np.add(c, c_by_h, out=grad_c)
            np.multiply(ifg, grad_c_by_gate, out=ifg)
            np.multiply(o, unprojected, out=o)
            np.multiply(grad_c, carry, out=c)
            torch.mm(rows_of_gates, weight, out=product)

    def _unprojected(self, local: Local, at: _Timesteps) -> list[Callable[[], Array] | None]:
        """What gives each timestep's gradient of h before the projection; None without one."""
        weight, steps = self._weights.weight_hr, at.block.steps
        if weight is None:
            return [None] * steps
        result = weight.new_empty(at.block.rows, weight.shape[1])
        array: Array = result.numpy()
        free = [None] * steps if local.free_h is None else list(at.tensors(local.free_h))

        def through(grad: Tensor, free_h: Tensor | None) -> Array:
            torch.mm(grad if free_h is None else grad * free_h, weight, out=result)
            return array

        grads = at.tensors(self._way.grad_h[at.block.first : at.block.last])
        return [partial(through, *pair) for pair in zip(grads, free, strict=True)]


def _spread_to_input(local: Local, weight_ih: Tensor, way: Way, block: Block) -> None:
    """Adds what reaches the input through the gradients of the gates."""
    assert way.grad_x is not None
    rows = slice(block.first, block.last)
    if local.input_n is not None:
        torch.mul(local.input_n, way.grad_h[rows], out=local.gates[:, 2])
    way.grad_x[rows].addmm_(local.gates.flatten(1), weight_ih)


def _size(span: Span) -> int:
    return span[1] - span[0]
