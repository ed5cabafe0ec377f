"""The Elman cell of `torch.nn.RNN`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import linear

from rnnviz.model.cells.base import Cell, Parameters, Step
from rnnviz.model.cells.operations import Operation, Verb, gate_sums
from rnnviz.model.cells.scanning import Array, Lane, Recurrent, blocks, by_gate
from rnnviz.model.cells.stepping import StepArrays, StepWeights

Activate = Callable[[Array, Array], object]

_ORDER, _SCALES = (0,), (1,)


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
        bias = None if w.bias_ih is None or w.bias_hh is None else w.bias_ih + w.bias_hh
        activate = _relu if w.nonlinearity == "relu" else np.tanh
        if len(lane.h_0) == 1:
            _scan_one(lane, w, bias, activate)
            return
        recurrent = Recurrent(w.weight_hh, _ORDER, _SCALES, lane.h_0)
        for rows, a, kept, _ in blocks(lane, w.weight_ih, bias, _ORDER, _SCALES):
            multiply, h, (p,) = recurrent.of(rows)
            for x, h_t in zip(a[:, 0], kept, strict=True):
                multiply()
                np.add(p, x, p)
                activate(p, h)
                h_t[:] = h


def _scan_one(lane: Lane, parameters: Parameters, bias: Tensor | None, activate: Activate) -> None:
    """Of one sequence: the share of x lies where h is kept, and h is read from there."""
    kept = torch.from_numpy(lane.h)[None]
    weight: Array = by_gate(parameters.weight_hh, _ORDER, _SCALES)[0].numpy()
    h, p, add = lane.h_0[0], np.empty_like(lane.h_0[0]), np.add
    for block in blocks(lane, parameters.weight_ih, bias, _ORDER, _SCALES, into=kept):
        for h_t in block.h[:, 0]:
            h.dot(weight, p)
            add(h_t, p, h_t)
            activate(h_t, h_t)
            h = h_t


def _relu(a: Array, out: Array) -> None:
    np.maximum(a, 0, out=out)
