"""Where sums overflow or are very large, and rounding alone makes two right answers differ."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from rnnviz.model.stepper import Stepper
from rnnviz.model.trace import Trace, trace
from rnnviz.session.badge import make_badge


def both(module: Any, values: torch.Tensor) -> tuple[Trace, Trace]:
    return trace(module, values), Stepper(module, values).run()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sequences", [1, 3])
def test_a_network_that_explodes(seed: int, sequences: int) -> None:
    torch.manual_seed(seed)
    module: Any = nn.RNN(16, 32, nonlinearity="relu")
    with torch.no_grad():
        module.weight_hh_l0 *= 5
    for run in both(module, torch.randn(400, sequences, 16)):
        assert not run.states(0).h.isfinite().all()
        assert run.matches
        assert make_badge(run, run).status == "matches"


@pytest.mark.parametrize("cell", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("seed", range(4))
def test_huge_inputs(cell: Any, seed: int) -> None:
    torch.manual_seed(seed)
    module = cell(16, 8, num_layers=2)
    for run in both(module, torch.randn(20, 5, 16).sign() * 3e38):
        assert run.matches
        assert run.step_difference < 1e-5
        assert run.value_scale < 100


def test_a_wrong_number_among_huge_inputs_is_found() -> None:
    torch.manual_seed(0)
    run = trace(nn.LSTM(16, 8), torch.randn(20, 5, 16) * 1e38)
    run.states(0).h[7, 2, 3] += 0.25
    found = run.largest_step_difference
    assert (found.t, found.sequence, found.unit) == (7, 2, 3)
    assert found.value == pytest.approx(0.25, rel=1e-3)
    assert not run.matches


@pytest.mark.parametrize("cell", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("name", ["weight_hh_l0", "weight_ih_l1", "bias_hh_l0"])
@pytest.mark.parametrize("size", [30.0, 3e3, 1e6])
def test_large_weights_alone_are_no_reason_to_cry_wolf(cell: Any, name: str, size: float) -> None:
    torch.manual_seed(0)
    module = cell(8, 32, num_layers=2)
    with torch.no_grad():
        getattr(module, name).mul_(size)
    assert trace(module, torch.randn(100, 8, 8)).matches


def test_large_initial_states_alone_are_no_reason_to_cry_wolf() -> None:
    torch.manual_seed(0)
    h_0, c_0 = torch.randn(1, 64, 64) * 1e4, torch.randn(1, 64, 64)
    assert trace(nn.LSTM(8, 64), torch.randn(5, 64, 8), (h_0, c_0)).matches


@pytest.mark.parametrize("cell", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_coarse_dtypes_are_rounded_as_torch_rounds_them(cell: Any, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    h_0, c_0 = torch.randn(2, 6, 16, dtype=dtype) * 3, torch.randn(2, 6, 16, dtype=dtype) * 3
    module = cell(8, 16, num_layers=2, dtype=dtype)
    run = Stepper(
        module, torch.randn(9, 6, 8, dtype=dtype), (h_0, c_0) if cell is nn.LSTM else h_0
    ).run()
    assert max(run.step_difference_at(step) for step in range(run.total)) < 1e-3
    assert run.matches
