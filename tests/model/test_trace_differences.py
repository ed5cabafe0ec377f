"""How a run is compared with torch: computed, never assumed."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from rnnviz.model.comparison import Difference, absolute_difference
from rnnviz.model.trace import Trace, trace


def lstm_run(packed: bool = False) -> Trace:
    torch.manual_seed(0)
    module = nn.LSTM(3, 4, num_layers=2, bidirectional=True)
    if packed:
        sequences = [torch.randn(n, 3) for n in (3, 5)]
        return trace(module, pack_sequence(sequences, enforce_sorted=False))
    return trace(module, torch.randn(5, 2, 3))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("tensor", "direction"), [("h", 0), ("h", 1), ("c", 0), ("c", 1)])
def test_a_wrong_number_is_found_with_its_place(packed: bool, tensor: str, direction: int) -> None:
    run = lstm_run(packed)
    assert run.matches
    run = lstm_run(packed)
    values = getattr(run.states(1, direction), tensor)
    values[2, 1, 3] += 0.25
    found = run.largest_step_difference
    assert found == Difference(found.value, 1, direction, 2, 1, 3, tensor)
    assert run.step_difference == pytest.approx(0.25, rel=1e-3)
    assert not run.matches
    step = run.schedule.step_of(1, direction, 2, 1)
    assert run.largest_step_difference_at(step) == found
    assert run.step_difference_at(step) == found.value
    assert run.at(step).step_difference < 1e-6


def test_the_whole_run_is_compared_with_the_module_itself() -> None:
    for layer, t, tensor in ((1, 2, "h"), (0, 4, "h"), (0, 4, "c")):
        run = lstm_run()
        getattr(run.states(layer, 0), tensor)[t, 1, 3] += 0.25
        assert run.max_difference == pytest.approx(0.25, rel=1e-3)


def test_a_number_where_torch_has_none_is_infinitely_wrong() -> None:
    run = lstm_run()
    run.states(1).h[2, 1, 3] = math.nan
    assert run.step_difference == math.inf
    assert run.max_difference == math.inf
    assert not run.matches


def test_equal_nan_and_infinity_are_no_difference() -> None:
    nan, inf = math.nan, math.inf
    first = torch.tensor([nan, inf, -inf, nan, 1.0, inf, 2.0])
    second = torch.tensor([nan, inf, -inf, 1.0, nan, -inf, 0.5])
    expected = torch.tensor([0.0, 0.0, 0.0, inf, inf, inf, 1.5])
    assert torch.equal(absolute_difference(first, second), expected)


def test_the_scale_grows_with_the_values() -> None:
    torch.manual_seed(0)
    assert lstm_run().value_scale == 1.0
    module = nn.RNN(3, 4, nonlinearity="relu")
    run = trace(module, torch.randn(5, 2, 3) * 1000)
    assert run.value_scale == pytest.approx(float(run.states(0).h.max()))
    assert run.matches


@pytest.mark.parametrize("size", [100.0, 1e4, 1e6])
def test_large_inputs_alone_are_no_reason_to_cry_wolf(size: float) -> None:
    torch.manual_seed(0)
    for cell in (nn.RNN, nn.LSTM, nn.GRU):
        assert trace(cell(8, 16), torch.randn(50, 4, 8) * size).matches


def test_steps_outside_the_run_have_no_difference() -> None:
    run = lstm_run().at(3)
    with pytest.raises(IndexError, match="step"):
        run.step_difference_at(3)
    assert run.at(0).step_difference == 0.0
    assert run.at(0).max_difference == 0.0


@pytest.mark.parametrize("t", range(5))
def test_rows_are_compared_in_chunks(monkeypatch: pytest.MonkeyPatch, t: int) -> None:
    """Each of them is found; some processors round products of other sizes otherwise."""

    def found() -> Difference:
        run = lstm_run(packed=True)
        run.states(1, 1).c[t, 1, 3] += 0.25
        return run.largest_step_difference

    together = found()
    monkeypatch.setattr("rnnviz.model.replay._CHUNK", 1)
    apart = found()
    assert apart == together._replace(value=apart.value)
    assert (apart.layer, apart.direction, apart.t, apart.unit) == (1, 1, t, 3)
    assert apart.value == pytest.approx(together.value, rel=1e-5)
