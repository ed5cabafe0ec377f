"""The gates of the step taken last are kept, and are what a replay computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from rnnviz.model.stepper import Stepper
from rnnviz.model.trace import trace


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_gates_of_the_latest_step(kind: Callable[..., Any], bidirectional: bool) -> None:
    torch.manual_seed(0)
    module = kind(3, 4, num_layers=2, bidirectional=bidirectional).eval()
    input = torch.randn(5, 2, 3)
    stepper = Stepper(module, input)
    for _ in range(stepper.total):
        stepper.step()
        for layer, direction, times in stepper.trace.current:
            gates = stepper.trace.gates(layer, direction, times[0])
            stepper._states.latest.clear()
            for name, again in stepper.trace.gates(layer, direction, times[0]).items():
                torch.testing.assert_close(gates[name], again, rtol=0, atol=1e-6)


def test_what_is_given_out_is_nobody_elses() -> None:
    module, input = nn.LSTM(3, 4).eval(), torch.randn(5, 2, 3)
    stepper = Stepper(module, input)
    (record,) = stepper.step()
    record.gates["i"].zero_()
    stepper.trace.gates(0, 0, 0)["i"].zero_()
    whole = trace(module, input)
    assert torch.allclose(stepper.trace.gates(0, 0, 0)["i"], whole.gates(0, 0, 0)["i"])


def test_a_step_back_hides_the_latest_gates() -> None:
    stepper = Stepper(nn.GRU(3, 4).eval(), torch.randn(5, 1, 3))
    stepper.step()
    stepper.back()
    assert stepper.trace.gates(0, 0, 0)["z"].isnan().all()
