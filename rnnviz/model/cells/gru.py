"""The cell of `torch.nn.GRU`: the reset gate acts after the recurrent product."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import linear

from rnnviz.model.cells.base import Cell, Parameters, Step
from rnnviz.model.cells.operations import Operation, gate_sums
from rnnviz.model.cells.scanning import Array, Lane, Recurrent, blocks
from rnnviz.model.cells.stepping import StepArrays, StepWeights

_ORDER = (0, 1, 2)
_INPUT_SCALES = (0.5, 0.5, 1.0)


class GRUCell(Cell):
    """Gates r z n, and h_t = (1 − z) ⊙ n + z ⊙ h_{t−1}.

    References:
        https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
    """

    name = "GRU"
    gates = ("r", "z", "n")
    sigmoid_gates = frozenset("rz")

    def equations_for(
        self, *, bias: bool = True, projection: bool = False, nonlinearity: str = "tanh"
    ) -> dict[str, str]:
        equations = {gate: _sigmoid_equation(gate, bias) for gate in "rz"}
        recurrent = r"(W_{hn} h_{t-1} + b_{hn})" if bias else r"(W_{hn} h_{t-1})"
        b_in = " + b_{in}" if bias else ""
        equations["n"] = rf"n_t = \tanh(W_{{in}} x_t{b_in} + r_t \odot {recurrent})"
        equations["h"] = r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}"
        return equations

    def operations(
        self, *, bias: bool = True, projection: bool = False, nonlinearity: str = "tanh"
    ) -> tuple[Operation, ...]:
        gated = r"r_t \odot (W_{hn} h_{t-1} + b_{hn})" if bias else r"r_t \odot (W_{hn} h_{t-1})"
        return (
            *gate_sums(self.gates, bias=bias, added="rz"),
            Operation("r", "sigmoid", ("a_r",), ("r",), "r_t"),
            Operation("z", "sigmoid", ("a_z",), ("z",), "z_t"),
            Operation("r*hh_n", "multiply", ("r", "hh_n"), ("r*hh_n",), gated),
            Operation("a_n", "add", ("ih_n", "r*hh_n"), ("a_n",), "a_n"),
            Operation("n", "tanh", ("a_n",), ("n",), "n_t"),
            Operation("(1-z)*n", "complement", ("z", "n"), ("(1-z)*n",), r"(1 - z_t) \odot n_t"),
            Operation("z*h", "multiply", ("z", "h_prev"), ("z*h",), r"z_t \odot h_{t-1}"),
            Operation("h", "add", ("(1-z)*n", "z*h"), ("h",), "h_t"),
        )

    def step(self, x: Tensor, h: Tensor, c: Tensor | None, parameters: Parameters) -> Step:
        w = parameters
        a_r, a_z, x_n = linear(x, w.weight_ih, w.bias_ih).chunk(3, dim=-1)
        h_r, h_z, h_n = linear(h, w.weight_hh, w.bias_hh).chunk(3, dim=-1)
        a_r, a_z = a_r + h_r, a_z + h_z
        r, z = a_r.sigmoid(), a_z.sigmoid()
        a_n = x_n + r * h_n
        n = a_n.tanh()
        h_t = (h - n) * z + n  # (1 − z) n + z h as torch rounds it
        before = {"r": a_r, "z": a_z, "n": a_n}
        return Step(h_t, None, {"r": r, "z": z, "n": n}, before, h_t)

    def step_arrays(self, x: Array, h: Array, c: Array | None, weights: StepWeights) -> StepArrays:
        a, recurrent = weights.ih(x), weights.hh(h)
        if weights.bias_ih is not None and weights.bias_hh is not None:
            a += weights.bias_ih
            recurrent += weights.bias_hh
        both = 2 * weights.units
        gates = np.empty(a.shape, a.dtype)
        (a_rz, a_n), (rz, n) = (a[:, :both], a[:, both:]), (gates[:, :both], gates[:, both:])
        a_rz += recurrent[:, :both]
        weights.activate(a_rz, rz)
        gated = recurrent[:, both:]
        gated *= rz[:, : weights.units]
        a_n += gated
        np.tanh(a_n, out=n)
        h_t = h - n
        h_t *= rz[:, weights.units :]
        h_t += n
        return StepArrays(self, h_t, None, gates, a, h_t)

    def torch_cell(
        self, x: Tensor, h: Tensor, c: Tensor | None, parameters: Parameters
    ) -> tuple[Tensor, Tensor | None]:
        w = parameters
        return torch.gru_cell(x, h, w.weight_ih, w.weight_hh, w.bias_ih, w.bias_hh), None

    def scan(self, lane: Lane, parameters: Parameters) -> None:
        w = parameters
        # r is twice as large as it should be below, so its factor is halved too.
        recurrent = Recurrent(w.weight_hh, _ORDER, (0.5, 0.5, 0.5), lane.h_0)
        bias, b_hn = None, np.zeros(1, lane.h.dtype)
        if w.bias_ih is not None and w.bias_hh is not None:
            b_hr, b_hz, recurrent_bias = w.bias_hh.chunk(3)
            bias = w.bias_ih + torch.cat((b_hr, b_hz, torch.zeros_like(recurrent_bias)))
            b_hn = (recurrent_bias * 0.5).numpy()
        one, half = np.ones((), lane.h.dtype), np.full((), 0.5, lane.h.dtype)
        add, multiply, tanh = np.add, np.multiply, np.tanh
        for rows, a, kept, _ in blocks(lane, w.weight_ih, bias, _ORDER, _INPUT_SCALES):
            advance, h, p = recurrent.of(rows)
            rz, (r, z, n) = p[:2], p
            for x, h_t in zip(a, kept, strict=True):
                advance()
                add(rz, x[:2], rz)
                tanh(rz, rz)
                add(rz, one, rz)
                add(n, b_hn, n)
                multiply(n, r, n)
                add(n, x[2], n)
                tanh(n, n)
                np.subtract(h, n, h)
                multiply(z, half, z)
                multiply(h, z, h)
                add(h, n, h)
                h_t[:] = h


def _sigmoid_equation(gate: str, bias: bool) -> str:
    b_i, b_h = (f" + b_{{i{gate}}}", f" + b_{{h{gate}}}") if bias else ("", "")
    return rf"{gate}_t = \sigma(W_{{i{gate}}} x_t{b_i} + W_{{h{gate}}} h_{{t-1}}{b_h})"
