"""Forced gates and states: the numbers that follow from them, and what of them torch can tell."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnnviz import Clamp, InputError, Stepper, UsageError, trace
from rnnviz.model.trace import Trace
from tests.model.forced import by_hand, clamps_of
from tests.model.runs import Case, assert_same, cases


def lstm(length: int = 6, **options: Any) -> tuple[Any, torch.Tensor]:
    torch.manual_seed(0)
    module = nn.LSTM(3, 4, dtype=torch.float64, **options).eval()
    return module, torch.randn(length, 2, 3, dtype=torch.float64)


def assert_runs_equal(run: Trace, other: Trace, tolerance: float = 1e-12) -> None:
    assert_same(run.output, other.output, tolerance)
    assert_same(run.h_n, other.h_n, tolerance)
    assert_same(run.c_n, other.c_n, tolerance)
    for layer in range(run.num_layers):
        for direction in range(run.num_directions):
            for mine, wanted in zip(
                run.states(layer, direction), other.states(layer, direction), strict=True
            ):
                assert_same(mine, wanted, tolerance)


@given(cases(), st.data())
def test_a_forced_run_is_what_its_equations_say(case: Case, data: st.DataObject) -> None:
    clamps = data.draw(clamps_of(case))
    run = trace(*case.seeded(), clamps)
    for (layer, direction, t, n), expected in by_hand(run, clamps).items():
        states, inside = run.states(layer, direction), run.tensors(layer, direction, t)
        found = {name: values[n] for name, values in inside.items()}
        assert_same(states.h[t, n], expected["h"], 1e-12)
        if states.c is not None:
            assert_same(states.c[t, n], expected["c"], 1e-12)
        for name, gate in run.gates(layer, direction, t).items():
            assert_same(gate[n], expected[name], 1e-12)
        for name, before in run.preactivations(layer, direction, t).items():
            assert_same(before[n], expected[f"a_{name}"], 1e-12)
        for name, values in expected.items():
            assert_same(found[name], values, 1e-12)
        for name, values in run.gate_states(layer, direction).items():
            assert_same(values[t, n], expected[name], 1e-12)


@given(cases(), st.data())
def test_steps_layers_and_operations_give_the_same_forced_run(
    case: Case, data: st.DataObject
) -> None:
    clamps = data.draw(clamps_of(case))
    whole = trace(*case.seeded(), clamps)
    stepper, by_operation = Stepper(*case.seeded(), clamps), Stepper(*case.seeded(), clamps)
    for records in stepper:
        for record in records:
            for n, t in enumerate(record.t):
                if t >= 0:
                    gates = whole.gates(record.layer, record.direction, t)
                    for name, gate in record.gates.items():
                        assert_same(gate[n], gates[name][n], 1e-12)
    while by_operation.position < by_operation.total:
        by_operation.step_operation()
    assert_runs_equal(stepper.trace, whole)
    assert_runs_equal(by_operation.trace, whole)
    for run in (whole, stepper.trace, by_operation.trace):
        assert run.step_difference <= 1e-12 * run.value_scale
        assert run.matches
        assert run.clamps == clamps


@given(cases(), st.data())
def test_what_is_clamped_is_told(case: Case, data: st.DataObject) -> None:
    clamps = data.draw(clamps_of(case, most=3))
    run, anything = trace(*case.seeded(), clamps), False
    for layer in range(run.num_layers):
        for direction in range(run.num_directions):
            for t in range(run.L):
                for tensor in dict.fromkeys([*run.cell.gates, "h", *(["c"] * run.cell.has_c)]):
                    mask = run.clamped(tensor, layer, direction, t)
                    inside = run.tensors(layer, direction, t)[tensor]
                    assert mask.shape == inside.shape
                    assert not mask[~run.valid[t]].any()
                    anything |= bool(mask.any())
                    wanted = {c.value for c in clamps if c.tensor == tensor}
                    assert set(inside[mask].tolist()) <= wanted
    assert run.expressible is not anything
    if run.expressible:
        assert run.max_difference <= 1e-12 * run.value_scale
    else:
        assert run.max_difference == 0.0


@given(cases(), st.data())
def test_forcing_numbers_to_what_they_are_changes_nothing(case: Case, data: st.DataObject) -> None:
    run = trace(*case.seeded())
    layer = data.draw(st.integers(0, run.num_layers - 1))
    direction = data.draw(st.integers(0, run.num_directions - 1))
    n = data.draw(st.integers(0, run.N - 1))
    t = data.draw(st.integers(0, run.lengths[n] - 1))
    inside = run.tensors(layer, direction, t)
    names = dict.fromkeys([*run.cell.gates, "h", *(["c"] * run.cell.has_c)])
    clamps = [
        Clamp(name, float(value), layer, direction, t, n, unit)
        for name in names
        for unit, value in enumerate(inside[name][n])
    ]
    output, h_n, c_n = case.by_torch()
    forced = trace(*case.seeded(), clamps)
    assert_same(forced.output, output, 1e-12)
    assert_same(forced.h_n, h_n, 1e-12)
    assert_same(forced.c_n, c_n, 1e-12)


def test_a_forget_gate_forced_open_carries_c_across_the_sequence() -> None:
    module, values = lstm(50)
    c_0 = torch.randn(1, 2, 4, dtype=torch.float64)
    run = trace(
        module, values, (torch.zeros_like(c_0), c_0), [Clamp("f", 1.0), Clamp("i", 0.0, unit=2)]
    )
    c = run.states(0).c
    assert c is not None
    assert torch.equal(c[:, :, 2], c_0[0, :, 2].expand(50, -1))
    assert not torch.equal(c[-1, :, 1], c_0[0, :, 1])
    assert (run.gates(0, 0, 30)["f"] == 1).all()
    assert not (run.preactivations(0, 0, 30)["f"].sigmoid() == 1).any()


def test_a_silenced_unit_is_silent_where_it_is_fed_back_and_goes_up() -> None:
    module, values = lstm(num_layers=2)
    run = trace(module, values, None, [Clamp("h", 0.0, layer=0, unit=3)])
    with torch.no_grad():
        module.weight_hh_l0[:, 3] = 0
        module.weight_ih_l1[:, 3] = 0
    assert_same(run.output, module(values)[0].detach(), 1e-12)


def test_the_later_of_two_clamps_holds() -> None:
    module, values = lstm()
    clamps = [Clamp("o", 0.25), Clamp("o", 0.5, t=2), Clamp("o", 0.75, t=2, sequence=1, unit=0)]
    run = trace(module, values, None, clamps)
    assert (run.gates(0, 0, 1)["o"] == 0.25).all()
    assert run.gates(0, 0, 2)["o"].tolist() == [[0.5] * 4, [0.75, 0.5, 0.5, 0.5]]
    assert (trace(module, values, None, clamps[::-1]).gates(0, 0, 2)["o"] == 0.25).all()


@pytest.mark.parametrize("length", [5, 60])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_long_lanes_are_scanned_up_to_what_is_forced(length: int, bidirectional: bool) -> None:
    module, values = lstm(length, num_layers=2, bidirectional=bidirectional)
    clamps = [Clamp("c", 0.5, layer=1, t=t, direction=None) for t in (1, length // 2, length - 2)]
    run, stepper = trace(module, values, None, clamps), Stepper(module, values, None, clamps)
    assert_runs_equal(run, stepper.run(), 1e-12)


PROJECTED: dict[str, Any] = {"proj_size": 2}


@pytest.mark.parametrize(
    ("tensor", "options", "reached"),
    [
        ("f", {}, {"h": [1], "c": [1]}),
        ("o", {}, {"h": [1]}),
        ("c", {}, {"h": [1], "c": [1]}),
        ("h", {}, {"h": [1]}),
        ("f", PROJECTED, {"h": [0, 1], "c": [1]}),
        ("o", PROJECTED, {"h": [0, 1]}),
        ("h", PROJECTED, {"h": [1]}),
    ],
)
def test_only_what_follows_from_a_forced_number_is_not_compared(
    tensor: str, options: dict[str, Any], reached: dict[str, list[int]]
) -> None:
    module, values = lstm(**options)
    for name in ("h", "c"):
        for unit in range(4 if name == "c" else options.get("proj_size", 4)):
            for n in (0, 1):
                run = trace(module, values, None, [Clamp(tensor, 0.5, t=5, sequence=1, unit=1)])
                kept = run.states(0)._asdict()[name]
                kept[5, n, unit] += 1.0
                differs = not (n == 1 and unit in reached.get(name, []))
                consequence = name == "c" and run.step_difference > 0.01  # h follows from c
                assert (run.step_difference_at(5) > 0.5) is differs
                assert (run.step_difference > 0.5) is differs
                assert consequence is (name == "c" and differs)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300, 1e-320])
@pytest.mark.parametrize("cell", [nn.RNN, nn.LSTM, nn.GRU])
def test_any_number_may_be_forced(value: float, cell: Any) -> None:
    torch.manual_seed(0)
    module, values = cell(3, 4, num_layers=2), torch.randn(40, 2, 3)
    clamps = [Clamp("h", value, t=1, unit=0)]
    run, stepped = trace(module, values, None, clamps), Stepper(module, values, None, clamps).run()
    forced = torch.tensor(value, dtype=torch.float64).to(torch.float32)
    assert_same(run.states(0).h[1, :, 0], forced.expand(2), 0.0)
    assert_same(run.output, stepped.output, 1e-5)
    assert run.matches
    found = run.first_not_finite
    assert (found is None) is bool(forced.isfinite())
    assert found is None or (found.tensor, found.layer, found.t, found.unit) == ("h", 0, 1, 0)


def test_gates_beyond_one_may_let_c_overflow() -> None:
    torch.manual_seed(0)
    module, values = nn.LSTM(3, 4), torch.randn(300, 1, 3)
    clamps = [Clamp("f", 3.0, t=None)]
    run, stepped = trace(module, values, None, clamps), Stepper(module, values, None, clamps).run()
    assert run.c_n is not None
    assert run.c_n.isinf().all()
    assert_same(run.c_n, stepped.c_n, 1e-5)
    assert run.matches


@settings(max_examples=20)
@given(cases(dtype=torch.bfloat16), st.data())
def test_low_precision(case: Case, data: st.DataObject) -> None:
    clamps = data.draw(clamps_of(case))
    run, stepped = trace(*case.seeded(), clamps), Stepper(*case.seeded(), clamps).run()
    assert_runs_equal(run, stepped, 0.0)
    assert run.matches


@pytest.mark.parametrize(
    ("clamp", "message"),
    [
        (Clamp("c_0", 1.0), "clamp: expected one of i, f, g, o, h, c, got 'c_0'"),
        (Clamp("f", 1.0, layer=2), "clamp: expected layer 0 to 1, got 2"),
        (Clamp("f", 1.0, direction=1), "clamp: expected direction 0 to 0, got 1"),
        (Clamp("f", 1.0, t=6), "clamp: expected t 0 to 5, got 6"),
        (Clamp("f", 1.0, t=-1), "clamp: expected t 0 to 5, got -1"),
        (Clamp("f", 1.0, sequence=2), "clamp: expected sequence 0 to 1, got 2"),
        (Clamp("h", 1.0, unit=2), "clamp: expected unit 0 to 1, got 2"),
        (Clamp("f", 1.0, unit=True), "clamp: expected unit 0 to 3, got True"),
        (Clamp("f", "1"), "clamp: expected a number as its value, got '1'"),  # type: ignore[arg-type]
        (Clamp("f", 1.0, t=1.5), "clamp: expected t 0 to 5, got 1.5"),  # type: ignore[arg-type]
    ],
)
def test_a_clamp_that_does_not_fit(clamp: Clamp, message: str) -> None:
    module, values = lstm(num_layers=2, proj_size=2)
    for compute in (trace, Stepper):
        with pytest.raises(InputError) as caught:
            compute(module, values, None, [clamp])
        assert str(caught.value) == message
        assert caught.value.field == "clamp"


@pytest.mark.parametrize(("clamps", "got"), [("f", "a str"), ([1], "a int in it"), (3, "a int")])
def test_clamps_that_are_none(clamps: Any, got: str) -> None:
    module, values = lstm()
    with pytest.raises(InputError, match=f"clamps: expected a sequence of Clamp, got {got}"):
        trace(module, values, None, clamps)


def test_runs_that_are_forced_otherwise_are_not_the_same() -> None:
    module, values = lstm()
    stepper = Stepper(module, values, None, [Clamp("f", math.nan, t=0)])
    with pytest.raises(UsageError):
        stepper.adopt(trace(module, values))
    stepper.adopt(trace(module, values, None, [Clamp("f", math.nan, t=0)]))
