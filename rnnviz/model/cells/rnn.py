"""The Elman cell of `torch.nn.RNN`."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import linear

from rnnviz.model.cells.base import Cell, Parameters, Step
from rnnviz.model.cells.operations import Operation, Verb, gate_sums
from rnnviz.model.cells.scanning import Array, Lane, Recurrent, blocks
from rnnviz.model.cells.stepping import StepArrays, StepWeights


class RNNCell(Cell):
    """h_t = tanh(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh), or relu.

    References:
        https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
    """

    name = "RNN"
    gates = ("h",)

    def equations_for(
        self, *, bias: bool = True, projection: bool = False, nonlinearity: str = "tanh"
    ) -> dict[str, str]:
        activation = r"\mathrm{ReLU}" if nonlinearity == "relu" else r"\tanh"
        b_ih, b_hh = (" + b_{ih}", " + b_{hh}") if bias else ("", "")
        return {"h": rf"h_t = {activation}(W_{{ih}} x_t{b_ih} + W_{{hh}} h_{{t-1}}{b_hh})"}

    def operations(
        self, *, bias: bool = True, projection: bool = False, nonlinearity: str = "tanh"
    ) -> tuple[Operation, ...]:
        verb: Verb = "relu" if nonlinearity == "relu" else "tanh"
        return (
            *gate_sums(self.gates, bias=bias),
            Operation("h", verb, ("a_h",), ("h",), "h_t"),
        )

    def step(self, x: Tensor, h: Tensor, c: Tensor | None, parameters: Parameters) -> Step:
        w = parameters
        a = linear(x, w.weight_ih, w.bias_ih) + linear(h, w.weight_hh, w.bias_hh)
        h_t = a.relu() if w.nonlinearity == "relu" else a.tanh()
        return Step(h_t, None, {"h": h_t}, {"h": a}, h_t)

    def step_arrays(self, x: Array, h: Array, c: Array | None, weights: StepWeights) -> StepArrays:
        a = weights.sums(x, h)
        h_t = np.maximum(a, 0) if weights.relu else np.tanh(a)
        return StepArrays(self, h_t, None, h_t, a, h_t)

    def torch_cell(
        self, x: Tensor, h: Tensor, c: Tensor | None, parameters: Parameters
    ) -> tuple[Tensor, Tensor | None]:
        function = torch.rnn_relu_cell if parameters.nonlinearity == "relu" else torch.rnn_tanh_cell
        w = parameters
        return function(x, h, w.weight_ih, w.weight_hh, w.bias_ih, w.bias_hh), None

    def scan(self, lane: Lane, parameters: Parameters) -> None:
        w = parameters
        recurrent = Recurrent(w.weight_hh, (0,), (1,), lane.h_0)
        bias = None
        if w.bias_ih is not None and w.bias_hh is not None:
            bias = (w.bias_ih + w.bias_hh)[None, None]
        activate = _relu if w.nonlinearity == "relu" else np.tanh
        for rows, a, kept, _ in blocks(lane, w.weight_ih.T[None], bias):
            multiply, h, (p,) = recurrent.of(rows)
            for x, h_t in zip(a[:, 0], kept, strict=True):
                multiply()
                np.add(p, x, p)
                activate(p, out=h)
                h_t[:] = h


def _relu(a: Array, out: Array) -> None:
    np.maximum(a, 0, out=out)
