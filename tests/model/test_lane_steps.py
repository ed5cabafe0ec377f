"""Steps in numpy: the same numbers as torch's, and torch's own where states are out of bounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from torch import nn

from rnnviz.model import engine
from rnnviz.model.clamps import Clamp
from rnnviz.model.stepper import Stepper, StepRecord
from tests.model.runs import Case, cases


def by_torch(stepper: Stepper) -> Stepper:
    """The same stepper, whose steps torch computes."""
    stepper._states.lane_steps = {}
    return stepper


def by_numpy(monkeypatch: pytest.MonkeyPatch, stepper: Stepper) -> list[bool]:
    """Of each cell that the stepper computes from now on, whether numpy did."""
    told: list[bool] = []
    compute = engine._by_numpy

    def tell(*arguments: Any) -> Any:
        done = compute(*arguments)
        told.append(done is not None)
        return done

    monkeypatch.setattr(engine, "_by_numpy", tell)
    stepper.run()
    return told


def assert_same_record(mine: StepRecord, other: StepRecord, tolerance: float) -> None:
    assert (mine.layer, mine.direction, mine.t) == (other.layer, other.direction, other.t)
    assert mine.gates.keys() == other.gates.keys()
    assert (mine.c is None) == (other.c is None)
    pairs = [(mine.h, other.h), *((mine.gates[name], other.gates[name]) for name in mine.gates)]
    pairs += [] if mine.c is None or other.c is None else [(mine.c, other.c)]
    for first, second in pairs:
        torch.testing.assert_close(first, second, rtol=tolerance, atol=tolerance, equal_nan=True)


def assert_same_steps(case: Case, tolerance: float) -> None:
    mine, other = Stepper(*case.seeded()), by_torch(Stepper(*case.seeded()))
    for records, others in zip(mine, other, strict=True):
        for record, expected in zip(records, others, strict=True):
            assert_same_record(record, expected, tolerance)
        for layer, direction, t in mine.trace.current:
            if t.count(t[0]) == len(t) and t[0] >= 0:
                gates = mine.trace.gates(layer, direction, t[0])
                for name, gate in other.trace.gates(layer, direction, t[0]).items():
                    torch.testing.assert_close(gates[name], gate, rtol=tolerance, atol=tolerance)
    for layer, direction in mine._binding.lanes:
        kept, expected_states = (
            mine.trace.states(layer, direction),
            other.trace.states(layer, direction),
        )
        for values, expected_values in zip(kept, expected_states, strict=True):
            if values is not None:
                torch.testing.assert_close(
                    values, expected_values, rtol=tolerance, atol=tolerance, equal_nan=True
                )


@given(cases())
def test_every_number_of_a_step_is_torchs(case: Case) -> None:
    assert_same_steps(case, 1e-12)


@settings(max_examples=40)
@given(cases(dtype=torch.float32))
def test_in_float32_to_rounding(case: Case) -> None:
    assert_same_steps(case, 1e-5)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("sequences", [1, 3])
@pytest.mark.parametrize("units", [8, 400])
def test_numpy_computes_what_is_tame(
    monkeypatch: pytest.MonkeyPatch, kind: Callable[..., Any], sequences: int, units: int
) -> None:
    torch.manual_seed(0)
    stepper = Stepper(kind(3, units, num_layers=2), torch.randn(3, sequences, 3))
    assert by_numpy(monkeypatch, stepper) == [True] * 6
    assert stepper.trace.step_difference < 1e-6


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 3e38])
def test_torch_computes_what_is_not(
    monkeypatch: pytest.MonkeyPatch, kind: Callable[..., Any], value: float
) -> None:
    torch.manual_seed(0)
    module, values = kind(3, 4, num_layers=2), torch.randn(3, 2, 3)
    values[1, 0, 2] = value
    stepper, other = Stepper(module, values), by_torch(Stepper(module, values))
    assert not any(by_numpy(monkeypatch, stepper))
    torch.testing.assert_close(stepper.trace.output, other.run().output, equal_nan=True)


def test_torch_goes_on_where_relu_explodes(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(1)
    module: Any = nn.RNN(4, 8, nonlinearity="relu")
    with torch.no_grad():
        module.weight_hh_l0.mul_(10)
    stepper = Stepper(module, torch.randn(200, 1, 4))
    told = by_numpy(monkeypatch, stepper)
    assert told[0]
    assert not told[-1]
    assert not stepper.trace.states(0).h.isfinite().all()
    assert stepper.trace.matches


def test_torch_computes_where_something_is_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    module, values = nn.LSTM(3, 4, num_layers=2), torch.randn(3, 2, 3)
    stepper = Stepper(module, values, clamps=[Clamp("i", 0.5, layer=1)])
    assert by_numpy(monkeypatch, stepper) == [True, False] * 3


def test_torch_computes_above_what_is_forced_to_the_utmost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.manual_seed(0)
    module, values = nn.LSTM(3, 4, num_layers=2), torch.randn(3, 2, 3)
    stepper = Stepper(module, values, clamps=[Clamp("h", 3e38, layer=0, t=1)])
    assert by_numpy(monkeypatch, stepper) == [False, True, False, False, False, True]


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("sequences", [1, 3])
def test_what_the_caller_has_switched_on_changes_nothing(
    kind: Callable[..., Any], sequences: int
) -> None:
    torch.manual_seed(0)
    module, values = kind(3, 4, num_layers=2), torch.randn(3, sequences, 3)
    expected = [record for records in Stepper(module, values) for record in records]
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        found = [record for records in Stepper(module, values) for record in records]
        for mine, other in zip(found, expected, strict=True):
            assert not mine.h.is_inference()
            assert_same_record(mine, other, 0.0)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_a_batch_of_no_sequences(kind: Callable[..., Any]) -> None:
    stepper = Stepper(kind(3, 4), torch.zeros(2, 0, 3))
    assert [record.h.shape for records in stepper for record in records] == [(0, 4), (0, 4)]


def test_a_record_is_nobody_elses() -> None:
    torch.manual_seed(0)
    stepper = Stepper(nn.RNN(3, 4), torch.randn(3, 2, 3))
    (record,) = stepper.step()
    kept = record.h.clone()
    record.gates["h"].zero_()
    stepper.trace.states(0).h.fill_(7.0)
    assert torch.equal(record.h, kept)
