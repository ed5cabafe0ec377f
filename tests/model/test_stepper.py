"""Stepping: the same numbers as a whole run and as torch, one timestep at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.errors import UsageError
from rnnviz.model import engine
from rnnviz.model.engine import Cancelled
from rnnviz.model.stepper import Stepper
from rnnviz.model.trace import trace
from tests.model.runs import Case, assert_same, cases


def lstm_stepper(length: int = 6, **options: Any) -> Stepper:
    torch.manual_seed(0)
    return Stepper(torch.nn.LSTM(3, 4, **options).eval(), torch.randn(length, 2, 3))


@given(cases())
def test_stepping_to_the_end_gives_what_torch_returns(case: Case) -> None:
    stepper = Stepper(*case.seeded())
    records = list(stepper)
    output, h_n, c_n = case.by_torch()
    assert len(records) == stepper.total == stepper.position
    assert_same(stepper.trace.output, output, 1e-10)
    assert_same(stepper.trace.h_n, h_n, 1e-10)
    assert_same(stepper.trace.c_n, c_n, 1e-10)
    assert stepper.trace.matches
    assert stepper.trace.max_difference <= 1e-10 * stepper.trace.value_scale


@given(cases())
def test_records_are_the_states_and_gates_of_the_whole_run(case: Case) -> None:
    stepper, whole = Stepper(*case.seeded()), trace(*case.seeded())
    for step, records in enumerate(stepper):
        assert [(r.layer, r.direction, r.t) for r in records] == list(whole.schedule.advances(step))
        for record in records:
            h, c = whole.states(record.layer, record.direction)
            for n, t in enumerate(record.t):
                if t < 0:
                    assert record.h[n].isnan().all()
                    continue
                torch.testing.assert_close(record.h[n], h[t, n], rtol=0, atol=1e-10)
                if c is not None and record.c is not None:
                    torch.testing.assert_close(record.c[n], c[t, n], rtol=0, atol=1e-10)
                for name, gate in whole.gates(record.layer, record.direction, t).items():
                    torch.testing.assert_close(record.gates[name][n], gate[n], rtol=0, atol=1e-10)
        assert stepper.trace.step_difference_at(step) <= 1e-10 * whole.value_scale


@given(cases(), st.data())
def test_a_trace_on_the_way_is_the_whole_one_up_to_its_position(
    case: Case, data: st.DataObject
) -> None:
    stepper, whole = Stepper(*case.seeded()), trace(*case.seeded())
    for _ in range(4):
        k = data.draw(st.integers(0, stepper.total))
        run, expected = stepper.seek(k), whole.at(k)
        assert run.position == stepper.position == k
        assert run.current == (whole.schedule.advances(k - 1) if k else ())
        assert_same(run.output, expected.output, 1e-10)
        assert_same(run.h_n, expected.h_n, 1e-10)
        for layer in range(run.num_layers):
            assert_same(run.inputs(layer), expected.inputs(layer), 1e-10)
            for direction in range(run.num_directions):
                computed = run.computed(layer, direction)
                h, c = run.states(layer, direction)
                assert torch.equal(~h.isnan().any(-1), computed)
                assert c is None or torch.equal(~c.isnan().any(-1), computed)
        assert run.step_difference <= 1e-10 * run.value_scale
        assert run.max_difference <= 1e-10 * run.value_scale


def test_a_step_computes_its_timestep_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    stepper = lstm_stepper(num_layers=2)
    rows: list[int] = []
    cell = stepper.trace.cell
    step, arrays = cell.step, cell.step_arrays
    monkeypatch.setattr(cell, "step", lambda x, *rest: rows.append(len(x)) or step(x, *rest))
    monkeypatch.setattr(
        cell, "step_arrays", lambda x, *rest: rows.append(len(x)) or arrays(x, *rest)
    )
    stepper.step()
    assert rows == [2, 2]


def test_it_goes_forwards_and_back_and_ends() -> None:
    stepper = lstm_stepper(3)
    first = stepper.step()
    stepper.back()
    assert stepper.position == 0
    stepper.back()
    assert stepper.position == 0
    again = stepper.step()
    assert torch.equal(first[0].h, again[0].h)
    assert stepper.run().position == stepper.total == 3
    with pytest.raises(StopIteration):
        stepper.step()
    assert list(stepper) == []
    for k in (-1, 4):
        with pytest.raises(UsageError, match="step: expected 0 to 3"):
            stepper.seek(k)


def test_records_and_earlier_traces_stay_as_they_were() -> None:
    stepper = lstm_stepper()
    (record,) = stepper.step()
    early, h = stepper.trace, record.h.clone()
    stepper.run()
    stepper.back()
    assert torch.equal(record.h, h)
    assert early.position == 1
    assert torch.equal(early.states(0).h[0], h)
    assert early.states(0).h[1:].isnan().all()
    assert not early.computed(0)[1:].any()


def test_a_far_seek_copies_what_is_known_and_single_steps_compute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stepper = lstm_stepper(100, bidirectional=True)
    stepper.adopt(stepper.whole())
    steps: list[int] = []
    compute = engine._compute_cell
    monkeypatch.setattr(
        engine,
        "_compute_cell",
        lambda states, step, cell: steps.append(step) or compute(states, step, cell),
    )
    stepper.seek(90)
    assert steps == []
    stepper.step()
    stepper.seek(97)
    assert steps == [step for step in range(90, 97) for _ in ("forward", "reverse")]
    assert stepper.run().max_difference < 1e-6
    assert stepper.trace.step_difference < 1e-6


def test_only_a_whole_trace_of_the_same_run_is_adopted() -> None:
    stepper, other = lstm_stepper(), lstm_stepper(5)
    stepper.adopt(lstm_stepper().run())
    for wrong in (other.run(), lstm_stepper().seek(2)):
        with pytest.raises(UsageError):
            stepper.adopt(wrong)


def test_the_whole_run_has_the_masks_of_the_steps() -> None:
    torch.manual_seed(0)
    module = torch.nn.GRU(3, 4, num_layers=2, dropout=0.5)
    stepper = Stepper(module, torch.randn(5, 2, 3))
    state = torch.get_rng_state()
    whole = stepper.whole()
    assert torch.equal(state, torch.get_rng_state())
    assert whole.is_of(stepper.trace)
    assert_same(stepper.run().output, whole.output, 1e-5)


def test_a_whole_run_can_be_given_up_between_timesteps() -> None:
    torch.manual_seed(0)
    module = torch.nn.LSTM(3, 64, num_layers=2)
    for dtype in (torch.float32, torch.bfloat16):
        stepper = Stepper(module.to(dtype), torch.randn(3000, 2, 3, dtype=dtype))
        answers = iter([False, False, False, True])
        with pytest.raises(Cancelled):
            stepper.whole(cancelled=lambda answers=answers: next(answers))
        assert next(answers, None) is None


@settings(max_examples=20)
@given(cases(dtype=torch.float32))
def test_float32(case: Case) -> None:
    stepper = Stepper(*case.seeded())
    stepper.run()
    output, h_n, c_n = case.by_torch()
    assert_same(stepper.trace.output, output, 1e-5)
    assert_same(stepper.trace.h_n, h_n, 1e-5)
    assert_same(stepper.trace.c_n, c_n, 1e-5)
    assert stepper.trace.matches


@pytest.mark.parametrize("k", [-1, 6, 1.5, "3", None, True, math.nan])
def test_a_position_that_is_none(k: Any) -> None:
    with pytest.raises(UsageError, match="step: expected 0 to 5, got"):
        Stepper(torch.nn.RNN(3, 4), torch.zeros(5, 2, 3)).seek(k)


@pytest.mark.parametrize("k", [np.int64(3), torch.tensor(3)])
def test_a_position_is_kept_as_a_plain_int(k: Any) -> None:
    stepper = Stepper(torch.nn.RNN(3, 4), torch.zeros(5, 2, 3))
    stepper.seek(k)
    assert type(stepper.position) is int
    assert stepper.position == 3


@given(cases())
def test_what_is_foreseen_is_what_comes(case: Case) -> None:
    stepper = Stepper(*case.seeded())
    while stepper.position < stepper.total:
        here = stepper.trace
        foreseen = stepper.foresee(stepper.position + 1)
        assert stepper.trace is here
        before = [values.clone() for values in (foreseen.h_n, foreseen.inputs(0))]
        stepper.step()
        assert stepper.trace is foreseen
        for now, then in zip((foreseen.h_n, foreseen.inputs(0)), before, strict=True):
            assert_same(now, then, 0.0)
