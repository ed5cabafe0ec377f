"""The cell of `torch.nn.LSTM`, with or without a projection."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import linear, pad

from rnnviz.model.cells.base import Cell, Parameters, Step
from rnnviz.model.cells.operations import Operation, gate_sums
from rnnviz.model.cells.scanning import Array, Lane, Recurrent, blocks, continued
from rnnviz.model.cells.stepping import StepArrays, StepWeights

_ORDER = (0, 1, 3, 2)  # i f o g: those of sigmoid first
_SCALES = (0.5, 0.5, 0.5, 1.0)


class LSTMCell(Cell):
    """Gates i f g o, a cell state c, and h = o ⊙ tanh(c), projected if proj_size is set.

    References:
        https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
    """

    name = "LSTM"
    gates = ("i", "f", "g", "o")
    sigmoid_gates = frozenset("ifo")
    has_c = True

    def equations_for(
        self, *, bias: bool = True, projection: bool = False, nonlinearity: str = "tanh"
    ) -> dict[str, str]:
        equations = {gate: _gate_equation(gate, bias) for gate in self.gates}
        equations["c"] = r"c_t = f_t \odot c_{t-1} + i_t \odot g_t"
        plain = r"h_t = o_t \odot \tanh(c_t)"
        projected = r"h_t = W_{hr} \, (o_t \odot \tanh(c_t))"
        equations["h"] = projected if projection else plain
        equations["h_proj"] = projected
        return equations

    def operations(
        self, *, bias: bool = True, projection: bool = False, nonlinearity: str = "tanh"
    ) -> tuple[Operation, ...]:
        product = r"o_t \odot \tanh(c_t)"
        last = [Operation("h", "multiply", ("o", "tanh_c"), ("h",), "h_t")]
        if projection:
            last = [
                Operation("o*tanh_c", "multiply", ("o", "tanh_c"), ("o*tanh_c",), product),
                Operation("h", "project", ("o*tanh_c",), ("h",), "h_t"),
            ]
        return (
            *gate_sums(self.gates, bias=bias),
            Operation("i", "sigmoid", ("a_i",), ("i",), "i_t"),
            Operation("f", "sigmoid", ("a_f",), ("f",), "f_t"),
            Operation("g", "tanh", ("a_g",), ("g",), "g_t"),
            Operation("o", "sigmoid", ("a_o",), ("o",), "o_t"),
            Operation("f*c", "multiply", ("f", "c_prev"), ("f*c",), r"f_t \odot c_{t-1}"),
            Operation("i*g", "multiply", ("i", "g"), ("i*g",), r"i_t \odot g_t"),
            Operation("c", "add", ("f*c", "i*g"), ("c",), "c_t"),
            Operation("tanh_c", "tanh", ("c",), ("tanh_c",), r"\tanh(c_t)"),
            *last,
        )

    def step(self, x: Tensor, h: Tensor, c: Tensor | None, parameters: Parameters) -> Step:
        assert c is not None
        w = parameters
        a = linear(x, w.weight_ih, w.bias_ih) + linear(h, w.weight_hh, w.bias_hh)
        before = dict(zip(self.gates, a.chunk(4, dim=-1), strict=True))
        i, f, o = (before[gate].sigmoid() for gate in "ifo")
        g = before["g"].tanh()
        c_t = f * c + i * g
        unprojected = o * c_t.tanh()
        h_t = unprojected if w.weight_hr is None else linear(unprojected, w.weight_hr)
        return Step(h_t, c_t, {"i": i, "f": f, "g": g, "o": o}, before, unprojected)

    def step_arrays(self, x: Array, h: Array, c: Array | None, weights: StepWeights) -> StepArrays:
        assert c is not None
        a, n = weights.sums(x, h), weights.units
        gates = np.empty(a.shape, a.dtype)
        weights.activate(a, gates)
        c_t = gates[:, n : 2 * n] * c
        unprojected = gates[:, :n] * gates[:, 2 * n : 3 * n]
        c_t += unprojected
        np.tanh(c_t, out=unprojected)
        unprojected *= gates[:, 3 * n :]
        h_t = unprojected if weights.hr is None else weights.hr(unprojected)
        return StepArrays(self, h_t, c_t, gates, a, unprojected)

    def torch_cell(
        self, x: Tensor, h: Tensor, c: Tensor | None, parameters: Parameters
    ) -> tuple[Tensor, Tensor | None]:
        assert c is not None
        w = parameters
        weight_hh = w.weight_hh
        if w.weight_hr is not None:  # the function knows no projection: h is padded with zeros
            padding = (0, c.shape[-1] - h.shape[-1])
            weight_hh, h = pad(weight_hh, padding), pad(h, padding)
        h_t, c_t = torch.lstm_cell(x, (h, c), w.weight_ih, weight_hh, w.bias_ih, w.bias_hh)
        return h_t if w.weight_hr is None else linear(h_t, w.weight_hr), c_t

    def scan(self, lane: Lane, parameters: Parameters) -> None:
        w = parameters
        assert lane.c is not None
        assert lane.c_0 is not None
        bias = None if w.bias_ih is None or w.bias_hh is None else w.bias_ih + w.bias_hh
        # Gates are twice what they should be below, and so is h until it is projected or kept.
        factor = 2 if w.weight_hr is None else 1
        scales = [scale / factor for scale in _SCALES]
        weight_hr = None if w.weight_hr is None else (w.weight_hr.T * 0.5).numpy()
        one, half = np.ones((), lane.h.dtype), np.full((), 0.5, lane.h.dtype)
        recurrent = Recurrent(w.weight_hh, _ORDER, scales, lane.h_0 * factor)
        add, multiply, tanh = np.add, np.multiply, np.tanh
        c = lane.c_0
        for block in blocks(lane, w.weight_ih, bias, _ORDER, _SCALES):
            advance, h, p = recurrent.of(block.rows)
            c = continued(c, lane.c_0, block.rows)
            ifo, (i, f, o, g) = p[:3], p
            assert block.c is not None
            for x, h_t, c_t in zip(block.a, block.h, block.c, strict=True):
                advance()
                add(p, x, p)
                tanh(p, p)
                add(ifo, one, ifo)
                multiply(f, c, c_t)
                c = c_t
                multiply(i, g, i)
                add(c, i, c)
                multiply(c, half, c)
                tanh(c, i)
                if weight_hr is None:
                    multiply(o, i, h)
                    multiply(h, half, h_t)
                else:
                    multiply(o, i, i)
                    np.matmul(i, weight_hr, h)
                    h_t[:] = h


def _gate_equation(gate: str, bias: bool) -> str:
    activation = r"\tanh" if gate == "g" else r"\sigma"
    b_i, b_h = (f" + b_{{i{gate}}}", f" + b_{{h{gate}}}") if bias else ("", "")
    return rf"{gate}_t = {activation}(W_{{i{gate}}} x_t{b_i} + W_{{h{gate}}} h_{{t-1}}{b_h})"
