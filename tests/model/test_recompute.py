"""An edited run: the same as one computed from the beginning, and no more of it computed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from rnnviz import Clamp, Stepper, trace
from rnnviz.model.binding import bind
from rnnviz.model.engine import Cancelled, compute_run
from rnnviz.model.recompute import changes, recompute
from rnnviz.model.trace import Trace
from tests.model.edited import edits_of
from tests.model.forced import clamps_of
from tests.model.runs import Case, assert_same, cases


def lanes(run: Trace) -> list[tuple[int, int]]:
    return [
        (layer, direction)
        for layer in range(run.num_layers)
        for direction in range(run.num_directions)
    ]


def assert_as_if_computed_anew(run: Trace, anew: Trace, tolerance: float = 1e-12) -> None:
    assert run.is_of(anew)
    assert run.position == run.total
    assert_same(run.output, anew.output, tolerance)
    assert_same(run.h_n, anew.h_n, tolerance)
    assert_same(run.c_n, anew.c_n, tolerance)
    for lane in lanes(run):
        for mine, wanted in zip(run.states(*lane), anew.states(*lane), strict=True):
            assert_same(mine, wanted, tolerance)


def assert_kept(run: Trace, before: Trace) -> None:
    """What cannot have changed is the same to the last bit."""
    changed = changes(before.buffers.binding, run.buffers.binding)
    for lane in lanes(run):
        kept = run.valid & ~changed[lane]
        for mine, known in zip(run.states(*lane), before.states(*lane), strict=True):
            if mine is not None and known is not None:
                assert torch.equal(mine[kept], known[kept])


@given(cases(), st.data(), st.booleans())
def test_an_edited_run_is_what_torch_makes_of_the_edited_module(
    case: Case, data: st.DataObject, stepped: bool
) -> None:
    before = Stepper(*case.seeded()).run() if stepped else trace(*case.seeded())
    edited = data.draw(edits_of(case, before))
    run = recompute(before, bind(*edited.seeded()))
    assert_as_if_computed_anew(run, trace(*edited.seeded()))
    assert_kept(run, before)
    output, h_n, c_n = edited.by_torch()
    assert_same(run.output, output, 1e-12)
    assert_same(run.h_n, h_n, 1e-12)
    assert_same(run.c_n, c_n, 1e-12)
    assert run.step_difference <= 1e-12 * run.value_scale
    assert run.max_difference <= 1e-12 * run.value_scale


@given(cases(), st.data())
def test_edits_and_clamps_together_and_away_again(case: Case, data: st.DataObject) -> None:
    plain = trace(*case.seeded())
    clamps, others = data.draw(clamps_of(case)), data.draw(clamps_of(case))
    edited = data.draw(edits_of(case, plain))
    forced = recompute(plain, bind(*case.seeded(), clamps))
    assert_as_if_computed_anew(forced, trace(*case.seeded(), clamps))
    assert_kept(forced, plain)
    both = recompute(forced, bind(*edited.seeded(), others))
    assert_as_if_computed_anew(both, trace(*edited.seeded(), others))
    assert_kept(both, forced)
    assert_as_if_computed_anew(recompute(both, bind(*case.seeded())), plain)


@given(cases(), st.data())
def test_an_input_value_reaches_what_follows_it_in_its_own_sequence(
    case: Case, data: st.DataObject
) -> None:
    before = trace(*case.seeded())
    n = data.draw(st.integers(0, before.N - 1))
    t = data.draw(st.integers(0, before.lengths[n] - 1))
    binding = bind(*case.seeded())
    numbered = torch.arange(before.L * before.N).view(before.L, before.N)
    row = binding.layout.rows(numbered).tolist().index(t * before.N + n)
    binding.x[row, 0] += 1.0
    changed = changes(before.buffers.binding, binding)
    at = torch.arange(before.L)[:, None]
    own = torch.arange(before.N) == n
    for layer, direction in lanes(before):
        reached = at >= t if direction == 0 else at <= t
        if layer > 0 and before.num_directions == 2:
            reached = torch.ones_like(reached)
        assert torch.equal(changed[layer, direction], reached & own & before.valid)
    assert_as_if_computed_anew(recompute(before, binding), Trace(compute_run(binding)))


@settings(max_examples=20)
@given(cases(dtype=torch.bfloat16), st.data())
def test_low_precision(case: Case, data: st.DataObject) -> None:
    before = trace(*case.seeded())
    edited = data.draw(edits_of(case, before))
    run = recompute(before, bind(*edited.seeded()))
    assert_as_if_computed_anew(run, trace(*edited.seeded()), 0.0)
    assert_kept(run, before)


def packed(lengths: list[int]) -> Any:
    torch.manual_seed(0)
    return pack_sequence(
        [torch.randn(length, 3, dtype=torch.float64) for length in lengths], enforce_sorted=False
    )


@pytest.mark.parametrize("cell", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_long_packed_runs(cell: Any, bidirectional: bool) -> None:
    torch.manual_seed(0)
    module: Any = cell(3, 5, num_layers=2, bidirectional=bidirectional, dtype=torch.float64)
    values = packed([40, 90, 1, 65])
    before = trace(module, values)
    values.data[120, 1] = 3.0
    clamps = [Clamp("h", 0.5, t=50, sequence=3, direction=None), Clamp("h", -0.5, layer=1, t=70)]
    for some in ([], clamps[:1], clamps):
        run = recompute(before, bind(module, values, None, some))
        assert_as_if_computed_anew(run, trace(module, values, None, some))
        assert_kept(run, before)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda module, values: values[15].fill_(9), {(0, 0): 5, (1, 0): 5}),
        (lambda module, values: module.weight_hh_l0[1, 2].fill_(9), {(0, 0): 20, (1, 0): 20}),
        (lambda module, values: module.bias_hh_l1[1].fill_(9), {(1, 0): 20}),
        (lambda module, values: None, {}),
    ],
)
def test_only_the_timesteps_that_can_change_are_computed(
    edit: Callable[[Any, Any], object],
    expected: dict[tuple[int, int], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.manual_seed(0)
    module: Any = nn.LSTM(3, 4, num_layers=2, dtype=torch.float64)
    values = torch.randn(20, 1, 3, dtype=torch.float64)
    before = trace(module, values)
    with torch.no_grad():
        edit(module, values)
    anew, binding, found = trace(module, values), bind(module, values), {}
    scan = binding.cell.scan

    def counted(lane: Any, parameters: Any) -> None:
        key = next(key for key, own in binding.lanes.items() if own is parameters)
        found[key] = len(lane.spans)
        scan(lane, parameters)

    monkeypatch.setattr(binding.cell, "scan", counted)
    run = recompute(before, binding)
    assert found == expected
    assert_as_if_computed_anew(run, anew, 1e-6)


def test_numbers_that_grow_too_large_are_torchs_own() -> None:
    torch.manual_seed(0)
    module: Any = nn.RNN(3, 4, nonlinearity="relu")
    values = torch.randn(30, 2, 3)
    before = trace(module, values)
    for value in (1e30, math.inf, math.nan):
        with torch.no_grad():
            module.weight_hh_l0[2, 1] = value
        run = recompute(before, bind(module, values))
        assert_as_if_computed_anew(run, trace(module, values), 1e-5)
        assert run.matches
        before = run
    with torch.no_grad():
        module.weight_hh_l0[2, 1] = 0.1
    assert_as_if_computed_anew(recompute(before, bind(module, values)), trace(module, values), 1e-5)


@pytest.mark.parametrize(
    "other",
    [
        {"hidden_size": 5},
        {"num_layers": 1},
        {"bidirectional": True},
        {"bias": False},
        {"dtype": torch.float64},
        {"nonlinearity": "relu"},
    ],
)
def test_of_another_model_everything_is_computed(other: dict[str, Any]) -> None:
    torch.manual_seed(0)
    options: dict[str, Any] = {"hidden_size": 4, "num_layers": 2, "dtype": torch.float32}
    values = torch.randn(6, 2, 3)
    before = trace(nn.RNN(3, **options), values)
    module, values = nn.RNN(3, **options | other), values.to(other.get("dtype", torch.float32))
    assert_as_if_computed_anew(recompute(before, bind(module, values)), trace(module, values))
    values = torch.cat((values, values))
    assert_as_if_computed_anew(recompute(before, bind(module, values)), trace(module, values))


def test_of_a_run_that_is_not_whole_everything_is_computed() -> None:
    torch.manual_seed(0)
    module, values = nn.GRU(3, 4), torch.randn(6, 2, 3)
    before = Stepper(module, values).seek(3)
    assert_as_if_computed_anew(recompute(before, bind(module, values)), trace(module, values))
    moment = trace(module, values).at(2)
    assert_as_if_computed_anew(recompute(moment, bind(module, values)), trace(module, values))


def test_a_run_before_an_edit_stays_as_it_was() -> None:
    torch.manual_seed(0)
    module: Any = nn.LSTM(3, 4, num_layers=2)
    values = torch.randn(6, 2, 3)
    before = trace(module, values)
    lower, upper = (before.states(layer).h.clone() for layer in (0, 1))
    with torch.no_grad():
        module.weight_hh_l1[0, 0] = 2.0
    run = recompute(before, bind(module, values))
    assert torch.equal(before.states(1).h, upper)
    assert torch.equal(run.states(0).h, lower)
    assert not torch.equal(run.states(1).h, upper)
    assert max(run.max_difference, before.max_difference) < 1e-6


def test_it_can_be_given_up() -> None:
    module: Any = nn.LSTM(3, 64, num_layers=2)
    values = torch.randn(3000, 1, 3)
    before = trace(module, values)
    with torch.no_grad():
        module.bias_hh_l0[0] = 1
    with pytest.raises(Cancelled):
        recompute(before, bind(module, values), lambda: True)
