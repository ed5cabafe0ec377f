"""The first number that is none is found where it arises."""

from __future__ import annotations

import pytest
import torch

from rnnviz.element import Element
from rnnviz.model.stepper import Stepper
from rnnviz.model.trace import trace


def test_a_tame_run_has_none() -> None:
    assert trace(torch.nn.LSTM(2, 3), torch.randn(4, 2, 2)).first_not_finite is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_the_input_is_named_before_what_follows_from_it(value: float) -> None:
    input = torch.zeros(5, 3, 2)
    input[2, 1, 1] = value
    run = trace(torch.nn.GRU(2, 3, num_layers=2, bidirectional=True), input)
    assert run.first_not_finite == Element("x", layer=0, t=2, sequence=1, unit=1)


def test_a_weight_shows_at_the_first_step_of_its_layer() -> None:
    module = torch.nn.LSTM(2, 3, num_layers=2)
    with torch.no_grad():
        module.weight_hh_l1[3, 0] = float("nan")  # the forget gate of unit 0
    run = trace(module, torch.randn(4, 1, 2))
    assert run.first_not_finite == Element("c", 1, 0, 0, 0, 0)
    assert run.at(0).first_not_finite is None


def test_the_reverse_direction_begins_at_the_end() -> None:
    module = torch.nn.RNN(1, 1, nonlinearity="relu", bidirectional=True)
    with torch.no_grad():
        module.weight_hh_l0_reverse.fill_(1e30)
        module.weight_ih_l0_reverse.fill_(1e10)
    run = trace(module, torch.ones(6, 1, 1))
    found = run.first_not_finite
    assert found is not None
    assert found[:4] == ("h", 0, 1, 4)


def test_padding_and_what_is_not_computed_do_not_count() -> None:
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        torch.randn(4, 2, 2), torch.tensor([4, 2]), enforce_sorted=True
    )
    stepper = Stepper(torch.nn.GRU(2, 3), packed)
    stepper.step()
    assert stepper.trace.first_not_finite is None
    assert stepper.run().first_not_finite is None
