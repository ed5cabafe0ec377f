"""The local derivatives of a cell, at many places at once: what one step back multiplies by."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from rnnviz.model.binding import Binding
from rnnviz.model.cells import Parameters
from rnnviz.model.forcing import Forcing

Lane = tuple[int, int]
Places = tuple[Tensor, Tensor]


class Around(NamedTuple):
    """What enters a cell and what it gives, at any number of places (rows).

    Attributes:
        x: (rows, in_features).
        h_prev, h: (rows, H_out), the state before and after.
        c_prev, c: (rows, H_cell), likewise; None but for LSTM.
    """

    x: Tensor
    h_prev: Tensor
    h: Tensor
    c_prev: Tensor | None = None
    c: Tensor | None = None


class Local(NamedTuple):
    """What gradients are multiplied by on their way through a cell.

    With ∂h for ∂loss/∂h_t (through `weight_hr` where there is one, then of H_cell) and ∂c for
    ∂loss/∂c_t, the gradient of each gate's part of W_hh h_{t−1} + b_hh is `gates` ⊙ ∂c for the
    first `from_c` gates, `gates` ⊙ ∂h for the others. What is forced to a value has derivative 0.

    Attributes:
        gates: (rows, gates, H_cell), in the order of PyTorch's weights.
        from_c: how many gates, from the first, are reached through c: i, f and g of LSTM.
        c_by_h: (rows, H_cell), ∂(o ⊙ tanh c)/∂c of LSTM; None of others.
        carry: (rows, H_cell), of LSTM f, which ∂c is multiplied by on its way to c_{t−1}; of
            GRU z, which ∂h is multiplied by on its way to h_{t−1}; None of RNN.
        input_n: (rows, H_cell), of GRU the derivative of W_in x + b_in, where r is no factor.
        unprojected: (rows, H_cell), of LSTM with proj_size what `weight_hr` is multiplied by.
        free_h: (rows, H_out) bool, where h is not forced; None where nothing of it is.
    """

    gates: Tensor
    from_c: int = 0
    c_by_h: Tensor | None = None
    carry: Tensor | None = None
    input_n: Tensor | None = None
    unprojected: Tensor | None = None
    free_h: Tensor | None = None


def local_derivatives(
    binding: Binding, lane: Lane, around: Around, places: Callable[[], Places]
) -> Local:
    """The local derivatives of a layer and direction.

    Args:
        binding: what the run follows from, in float32 or float64.
        lane: layer and direction.
        around: what enters the cell and what it gives, at independent places.
        places: gives t and sequence of each place; asked only where something is forced.
    """
    forcing = binding.forcing.get(lane)
    forced = None if forcing is None else ForcedHere(forcing, *places())
    return _DERIVATIVES[binding.spec.cell](around, binding.lanes[lane], forced)


class Within(NamedTuple):
    """Gradients inside cells.

    Attributes:
        h: (rows, H_out), ∂loss/∂h_t, 0 where h is forced.
        unprojected: (rows, H_cell), of h before `weight_hr`; the same where there is none.
        ih, hh: (rows, gates * H_cell), of W_ih x_t + b_ih and of W_hh h_{t−1} + b_hh.
    """

    h: Tensor
    unprojected: Tensor
    ih: Tensor
    hh: Tensor


def through_gates(local: Local, weights: Parameters, h: Tensor, c: Tensor | None) -> Within:
    """Takes gradients of states on to the gates.

    Args:
        h, c: (rows, H_out), (rows, H_cell), ∂loss/∂h_t and ∂loss/∂c_t; c is None but for LSTM.
    """
    h, unprojected = before_projection(local, weights, h)
    hh = local.gates * unprojected[:, None]
    if c is not None:
        torch.mul(local.gates[:, : local.from_c], c[:, None], out=hh[:, : local.from_c])
    ih = hh
    if local.input_n is not None:
        ih = torch.cat((hh[:, :2], (local.input_n * unprojected)[:, None]), dim=1)
    return Within(h, unprojected, ih.flatten(1), hh.flatten(1))


def before_projection(local: Local, weights: Parameters, h: Tensor) -> tuple[Tensor, Tensor]:
    """∂loss/∂h_t without what is forced, and the same before the projection."""
    if local.free_h is not None:
        h = h * local.free_h
    return h, h if weights.weight_hr is None else h @ weights.weight_hr


class ForcedHere:
    """What is forced at some places of a layer and direction."""

    def __init__(self, forcing: Forcing, t: Tensor, sequences: Tensor) -> None:
        self._forcing, self._t, self._sequences = forcing, t, sequences

    def value(self, name: str, values: Tensor) -> Tensor:
        """A gate as it is used further on."""
        return self._forcing.at(self._t, self._sequences)(name, values)

    def stop(self, name: str, *derivatives: Tensor) -> None:
        """Puts 0 where a tensor is forced, since nothing before it has a part in it."""
        mask = self._forcing.mask(name, self._t, self._sequences)
        if mask is not None:
            for derivative in derivatives:
                derivative.masked_fill_(mask, 0.0)

    def free(self, name: str) -> Tensor | None:
        """Where a tensor is not forced; None where nothing of it is."""
        mask = self._forcing.mask(name, self._t, self._sequences)
        return None if mask is None else ~mask


def _rnn(around: Around, w: Parameters, forced: ForcedHere | None) -> Local:
    h = around.h
    by_h = (h > 0).to(h.dtype) if w.nonlinearity == "relu" else 1 - h * h
    if forced is not None:
        forced.stop("h", by_h)
    return Local(by_h[:, None])


def _lstm(around: Around, w: Parameters, forced: ForcedHere | None) -> Local:
    assert around.c_prev is not None
    assert around.c is not None
    a = _by_gate(_linear(around.x, w.weight_ih, w.bias_ih, w.bias_hh), 4)
    a.flatten(1).addmm_(around.h_prev, w.weight_hh.T)
    a[:, :2].sigmoid_()
    a[:, 2].tanh_()
    a[:, 3].sigmoid_()
    i, f, g, o = _forced_gates("ifgo", a, forced)
    tanh_c = around.c.tanh()
    carry, unprojected = f.clone(), None if w.weight_hr is None else o * tanh_c
    i_by_c = (1 - i).mul_(i).mul_(g)
    f.mul_(torch.rsub(f, 1)).mul_(around.c_prev)
    torch.addcmul(i, i, g * g, value=-1, out=g)
    i.copy_(i_by_c)
    c_by_h = torch.addcmul(o, o, tanh_c * tanh_c, value=-1)
    o.mul_(torch.rsub(o, 1)).mul_(tanh_c)
    if forced is not None:
        for gate, derivative in zip("ifgo", (i, f, g, o), strict=True):
            forced.stop(gate, derivative)
        forced.stop("c", i, f, g, carry)
        if w.weight_hr is None:
            forced.stop("h", o, c_by_h)
    free = forced.free("h") if forced is not None and w.weight_hr is not None else None
    return Local(a, 3, c_by_h, carry, unprojected=unprojected, free_h=free)


def _gru(around: Around, w: Parameters, forced: ForcedHere | None) -> Local:
    x = _by_gate(_linear(around.x, w.weight_ih, w.bias_ih), 3)
    a = _by_gate(_linear(around.h_prev, w.weight_hh, w.bias_hh), 3)
    hh_n = a[:, 2].clone()
    a[:, :2].add_(x[:, :2]).sigmoid_()
    r, z = _forced_gates("rz", a[:, :2], forced)
    n = a[:, 2].mul_(r).add_(x[:, 2]).tanh_()
    if forced is not None:
        n.copy_(forced.value("n", n))
    carry = z.clone()
    input_n = torch.rsub(n * n, 1).mul_(1 - z)
    z.mul_(torch.rsub(z, 1)).mul_(around.h_prev - n)
    if forced is not None:
        forced.stop("n", input_n)
        forced.stop("z", z)
        forced.stop("h", input_n, z, carry)
    by_r = torch.rsub(r, 1).mul_(r).mul_(hh_n).mul_(input_n)
    torch.mul(input_n, r, out=n)
    r.copy_(by_r)
    if forced is not None:
        forced.stop("r", r)
    return Local(a, carry=carry, input_n=input_n)


def _forced_gates(names: str, gates: Tensor, forced: ForcedHere | None) -> tuple[Tensor, ...]:
    """Views of (rows, gates, H_cell), gate by gate, forced values put in."""
    views = gates.unbind(1)
    if forced is not None:
        for name, gate in zip(names, views, strict=True):
            gate.copy_(forced.value(name, gate))
    return views


def _linear(values: Tensor, weight: Tensor, *biases: Tensor | None) -> Tensor:
    """values @ weightᵀ and all biases that there are: (rows, gates * H_cell)."""
    given = [bias for bias in biases if bias is not None]
    if not given:
        return values @ weight.T
    return torch.addmm(torch.stack(given).sum(dim=0), values, weight.T)


def _by_gate(values: Tensor, gates: int) -> Tensor:
    """(rows, gates * H_cell) as (rows, gates, H_cell)."""
    return values.view(len(values), gates, values.shape[1] // gates)


_DERIVATIVES: dict[str, Callable[[Around, Parameters, ForcedHere | None], Local]] = {
    "RNN": _rnn,
    "LSTM": _lstm,
    "GRU": _gru,
}
