"""Gradient clipping against torch's own."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch

from rnnviz.errors import InputError
from rnnviz.model.gradients import back, clip_norm
from rnnviz.model.trace import trace


@pytest.mark.parametrize("max_norm", [0.0, 0.1, 1.0, 1e6])
@pytest.mark.parametrize("norm_type", [1.0, 2.0, math.inf])
def test_it_is_torchs(max_norm: float, norm_type: float) -> None:
    torch.manual_seed(0)
    module = torch.nn.LSTM(3, 4, 2, dtype=torch.float64)
    x, grad = torch.randn(5, 2, 3).double(), torch.randn(5, 2, 4).double()
    found = back(trace(module, x), grad)
    before = copy.deepcopy(found.weights)
    for name, parameter in module.named_parameters():
        parameter.grad = found.weights[name].clone()
    total = torch.nn.utils.clip_grad_norm_(module.parameters(), max_norm, norm_type)
    clipped = clip_norm(found, max_norm, norm_type)
    assert clipped.total_norm == float(total)
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None
        assert torch.equal(clipped.weights[name], parameter.grad)
        assert torch.equal(found.weights[name], before[name])


def test_any_gradients_by_name() -> None:
    clipped = clip_norm({"a": torch.tensor([3.0]), "b": torch.tensor([4.0])}, 1.0)
    assert clipped.total_norm == 5.0
    assert clipped.coefficient == pytest.approx(0.2, rel=1e-6)
    assert clipped.weights["b"].item() == pytest.approx(0.8, rel=1e-6)
    assert clip_norm({}, 1.0).total_norm == 0.0
    assert clip_norm({"a": torch.tensor([3.0])}, 5.0).coefficient == 1.0


@pytest.mark.parametrize("value", [-1.0, math.nan, "1", True, None])
def test_no_norm(value: Any) -> None:
    with pytest.raises(InputError, match="max_norm: expected a number of at least 0"):
        clip_norm({}, value)


def test_no_norm_type() -> None:
    with pytest.raises(InputError, match="norm_type: expected a number above 0, got 0"):
        clip_norm({}, 1.0, 0)
