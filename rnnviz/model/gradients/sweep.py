"""Back through one layer and direction, in numpy on the tensors' own memory.

The local derivatives of a block of timesteps are computed at once; what is left for each timestep
is one product and a few elementwise operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.model.binding import Binding
from rnnviz.model.cells import Parameters
from rnnviz.model.cells.scanning import Array, Span, product_into
from rnnviz.model.gradients.derivatives import (
    Around,
    Lane,
    Local,
    Places,
    local_derivatives,
    through_gates,
)

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
            _spread_to_input(local, w, way, block)
    back.end()


def blocks_back(binding: Binding, forward: bool) -> Iterator[Block]:
    """Blocks of a direction's timesteps, the last ones first."""
    spans = binding.layout.spans if forward else binding.layout.spans[::-1]
    width = binding.spec.gate_count * binding.spec.hidden_size
    step = len(spans)
    while step and binding.layout.row_count:
        rows = _size(spans[step - 1])
        most = max(1, _BLOCK // (width * rows))
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


class _Back:
    """Goes back block by block, with the gradients of the states before in buffers.

    Making the views of a product is dear: what it reads and writes stays in place from step to
    step, and is made anew only where the number of rows changes.
    """

    def __init__(self, weights: Parameters, way: Way) -> None:
        self._weights, self._way, self._forward = weights, way, way.lane[1] == 0
        self._rows = 0
        self._h, self._c = way.final_h[:0], None if way.final_c is None else way.final_c[:0]

    def begin(self, rows: int) -> None:
        """Goes on with so many sequences: some end here, or have come to their beginning."""
        if rows == self._rows:
            return
        self.end()
        self._rows, way, w = rows, self._way, self._weights
        self._h = way.final_h[:rows].clone()
        self._c = None if way.final_c is None else way.final_c[:rows].clone()
        self._gates = w.weight_hh.new_empty(rows, len(w.weight_hh))
        self._projected = self._unprojected = self._h
        if w.weight_hr is not None:
            self._projected = torch.empty_like(self._h)
            self._unprojected = self._h.new_empty(rows, w.weight_hr.shape[1])

    def end(self) -> None:
        """Puts down where the sequences are."""
        self._way.final_h[: self._rows] = self._h
        if self._way.final_c is not None and self._c is not None:
            self._way.final_c[: self._rows] = self._c

    @np.errstate(invalid="ignore", over="ignore")  # what is infinite is told by what is shown
    def through(self, local: Local, block: Block) -> None:
        """One block back."""
        rows = slice(block.first, block.last)
        grad_h = self._by_step(self._way.grad_h[rows])
        if self._c is None or self._way.grad_c is None:
            self._through_h(local, grad_h)
        else:
            self._through_c(local, grad_h, self._by_step(self._way.grad_c[rows]), self._c.numpy())

    def _by_step(self, values: Tensor) -> Array:
        """(rows of all, *) as (steps, rows, *), the last along the direction first; a view."""
        steps: Array = values.view(-1, self._rows, *values.shape[1:]).numpy()
        return steps[::-1] if self._forward else steps

    def _through_h(self, local: Local, grad_h: Array) -> None:
        onwards = product_into(self._gates, self._weights.weight_hh, self._h)
        add, multiply = np.add, np.multiply
        h, gates = self._h.numpy(), self._gates.view(-1, *local.gates.shape[1:]).numpy()
        none = repeat(None, len(grad_h))
        carries = none if local.carry is None else self._by_step(local.carry)
        each = zip(grad_h, grad_h[:, :, None], self._by_step(local.gates), carries, strict=False)
        for grad, grad_by_gate, by_h, carry in each:
            add(grad, h, grad)
            multiply(by_h, grad_by_gate, gates)
            onwards()
            if carry is not None:
                multiply(carry, grad, carry)
                add(h, carry, h)

    def _through_c(self, local: Local, grad_h: Array, grad_c: Array, c: Array) -> None:
        assert local.c_by_h is not None
        assert local.carry is not None
        onwards = product_into(self._gates, self._weights.weight_hh, self._h)
        add, multiply = np.add, np.multiply
        h, gates = self._h.numpy(), self._gates.view(-1, *local.gates.shape[1:]).numpy()
        ifg, o = gates[:, : local.from_c], gates[:, local.from_c]
        each = zip(
            grad_h,
            self._before_projection(local, grad_h),
            grad_c,
            grad_c[:, :, None],
            self._by_step(local.gates[:, : local.from_c]),
            self._by_step(local.gates[:, local.from_c]),
            self._by_step(local.c_by_h),
            self._by_step(local.carry),
            strict=True,
        )
        for grad, project, at_c, at_c_by_gate, by_c, by_h, c_by_h, carry in each:
            add(grad, h, grad)
            unprojected = grad if project is None else project()
            multiply(c_by_h, unprojected, c_by_h)
            add(c, c_by_h, at_c)
            multiply(by_c, at_c_by_gate, ifg)
            multiply(by_h, unprojected, o)
            multiply(at_c, carry, c)
            onwards()

    def _before_projection(
        self, local: Local, grad_h: Array
    ) -> Iterable[Callable[[], Array] | None]:
        """What gives each timestep's gradient of h before the projection; None without one."""
        weight, given, result = self._weights.weight_hr, self._projected, self._unprojected
        if weight is None:
            return repeat(None, len(grad_h))
        into, unprojected = given.numpy(), result.numpy()
        multiply = product_into(given, weight, result)

        def project(grad: Array, free: Array | None) -> Array:
            np.multiply(grad, 1 if free is None else free, out=into)
            multiply()
            return unprojected

        none = repeat(None, len(grad_h))
        free = none if local.free_h is None else self._by_step(local.free_h)
        return (partial(project, *pair) for pair in zip(grad_h, free, strict=False))


def _spread_to_input(local: Local, weights: Parameters, way: Way, block: Block) -> None:
    """Adds what reaches the input through the gradients of the gates."""
    assert way.grad_x is not None
    rows = slice(block.first, block.last)
    grad_c = None if way.grad_c is None else way.grad_c[rows]
    within = through_gates(local, weights, way.grad_h[rows], grad_c)
    way.grad_x[rows].addmm_(within.ih, weights.weight_ih)


def _size(span: Span) -> int:
    return span[1] - span[0]
