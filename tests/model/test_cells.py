"""Cells: their arithmetic against torch's own functions, and what they publish."""

from __future__ import annotations

import pytest
import torch

from rnnviz.model.cells import CELLS, Parameters, equations
from rnnviz.model.spec import ModelSpec

CASES = [
    ("RNN", "tanh", 0),
    ("RNN", "relu", 0),
    ("LSTM", "tanh", 0),
    ("LSTM", "tanh", 2),
    ("GRU", "tanh", 0),
]


def parameters(cell: str, nonlinearity: str, proj_size: int, bias: bool) -> Parameters:
    torch.manual_seed(3)
    rows, output_size = len(CELLS[cell].gates) * 4, proj_size or 4

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, dtype=torch.float64)

    return Parameters(
        drawn(rows, 3),
        drawn(rows, output_size),
        drawn(rows) if bias else None,
        drawn(rows) if bias else None,
        drawn(proj_size, 4) if proj_size else None,
        nonlinearity,
    )


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("cell", "nonlinearity", "proj_size"), CASES)
def test_a_step_is_what_torch_computes(
    cell: str, nonlinearity: str, proj_size: int, bias: bool
) -> None:
    weights = parameters(cell, nonlinearity, proj_size, bias)
    x = torch.randn(6, 3, dtype=torch.float64)
    h = torch.randn(6, proj_size or 4, dtype=torch.float64)
    c = torch.randn(6, 4, dtype=torch.float64) if CELLS[cell].has_c else None
    step = CELLS[cell].step(x, h, c, weights)
    expected_h, expected_c = CELLS[cell].torch_cell(x, h, c, weights)
    torch.testing.assert_close(step.h, expected_h, rtol=0, atol=1e-14)
    assert (step.c is None) == (expected_c is None)
    if step.c is not None and expected_c is not None:
        torch.testing.assert_close(step.c, expected_c, rtol=0, atol=1e-14)


@pytest.mark.parametrize(("cell", "nonlinearity", "proj_size"), CASES)
def test_gates_are_the_activated_preactivations(
    cell: str, nonlinearity: str, proj_size: int
) -> None:
    x, c = torch.randn(6, 3, dtype=torch.float64), torch.randn(6, 4, dtype=torch.float64)
    h = torch.randn(6, proj_size or 4, dtype=torch.float64)
    kind = CELLS[cell]
    step = kind.step(x, h, c, parameters(cell, nonlinearity, proj_size, True))
    assert tuple(step.gates) == kind.gates
    assert tuple(step.preactivations) == kind.gates
    for gate, before in step.preactivations.items():
        if gate in kind.sigmoid_gates:
            activated = before.sigmoid()
        else:
            activated = before.relu() if nonlinearity == "relu" else before.tanh()
        assert torch.equal(step.gates[gate], activated)


def test_gates_are_in_the_order_of_the_rows_of_the_weights() -> None:
    weights = parameters("LSTM", "tanh", 0, False)
    x, zeros = torch.randn(1, 3, dtype=torch.float64), torch.zeros(1, 4, dtype=torch.float64)
    step = CELLS["LSTM"].step(x, zeros, zeros, weights)
    product = x @ weights.weight_ih.T
    torch.testing.assert_close(torch.cat(list(step.preactivations.values()), 1), product)


def test_equations_are_those_of_the_options() -> None:
    assert equations(ModelSpec("GRU", 2, 3)) == {
        "r": r"r_t = \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr})",
        "z": r"z_t = \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz})",
        "n": r"n_t = \tanh(W_{in} x_t + b_{in} + r_t \odot (W_{hn} h_{t-1} + b_{hn}))",
        "h": r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}",
    }
    relu = equations(ModelSpec("RNN", 2, 3, nonlinearity="relu", bias=False))
    assert relu == {"h": r"h_t = \mathrm{ReLU}(W_{ih} x_t + W_{hh} h_{t-1})"}
    lstm = equations(ModelSpec("LSTM", 2, 3, proj_size=2))
    assert lstm["c"] == r"c_t = f_t \odot c_{t-1} + i_t \odot g_t"
    assert lstm["h"] == lstm["h_proj"]
    assert equations(ModelSpec("LSTM", 2, 3))["h"] == r"h_t = o_t \odot \tanh(c_t)"
    assert CELLS["LSTM"].equations["f"].startswith(r"f_t = \sigma(W_{if} x_t + b_{if}")
