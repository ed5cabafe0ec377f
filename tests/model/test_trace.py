"""A whole run: what torch returns, every state, and every gate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import pack_sequence

from rnnviz.model import engine
from rnnviz.model.binding import bind
from rnnviz.model.engine import compute_run
from rnnviz.model.spec import ModelSpec
from rnnviz.model.stepper import Stepper
from rnnviz.model.trace import Trace, as_numpy, trace
from tests.model.runs import Case, assert_same, cases

CELLS = [nn.RNN, nn.LSTM, nn.GRU]


def close(actual: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(actual, expected, rtol=0, atol=1e-12, equal_nan=True)


@settings(max_examples=150)
@given(cases())
def test_it_returns_what_torch_returns_and_draws_as_torch_draws(case: Case) -> None:
    output, h_n, c_n = case.by_torch()
    after = torch.get_rng_state()
    run = trace(*case.seeded())
    assert torch.equal(torch.get_rng_state(), after)
    assert_same(run.output, output, 1e-10)
    assert_same(run.h_n, h_n, 1e-10)
    assert_same(run.c_n, c_n, 1e-10)
    assert run.step_difference <= 1e-10 * run.value_scale
    assert run.max_difference <= 1e-10 * run.value_scale
    assert run.matches
    assert torch.equal(torch.get_rng_state(), after)


@given(cases())
def test_the_scan_and_the_single_steps_agree(case: Case) -> None:
    fast = trace(*case.seeded())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "can_scan", lambda binding: False)
        slow = trace(*case.seeded())
    for layer in range(fast.num_layers):
        close(fast.inputs(layer), slow.inputs(layer))
        for direction in range(fast.num_directions):
            close(fast.states(layer, direction).h, slow.states(layer, direction).h)


@given(cases())
def test_states_lie_where_output_and_final_states_say(case: Case) -> None:
    run = trace(*case.seeded())
    if run.plan is None:
        output = run.output.unsqueeze(1) if run.unbatched else run.output
        output = output.transpose(0, 1) if run.spec.batch_first and not run.unbatched else output
    else:
        output = run.plan.pad(run.output.data, float("nan"))
    shape = (run.L, run.N, run.num_directions, run.output_size)
    finals = run.h_n.view(run.num_layers, run.num_directions, run.N, run.output_size)
    for direction in range(run.num_directions):
        h = run.states(run.num_layers - 1, direction).h
        close(h, output.reshape(shape)[:, :, direction])
        for layer in range(run.num_layers):
            h, c = run.states(layer, direction)
            assert torch.equal(h.isnan().any(-1), ~run.valid)
            assert torch.equal(run.computed(layer, direction), run.valid)
            assert (c is None) == (run.kind != "LSTM")
            for n, length in enumerate(run.lengths):
                close(h[0 if direction else length - 1, n], finals[layer, direction, n])


@given(cases())
def test_gates_make_the_states(case: Case) -> None:
    run = trace(*case.seeded())
    for layer in range(run.num_layers):
        for direction in range(run.num_directions):
            c = run.states(layer, direction).c
            whole = run.gate_states(layer, direction)
            for t in range(run.L):
                gates = run.gates(layer, direction, t)
                assert tuple(gates) == run.cell.gates
                for name, gate in gates.items():
                    close(whole[name][t], gate)
                    assert gate.shape == (run.N, run.hidden_size)
                    assert torch.equal(gate.isnan().any(-1), ~run.valid[t])
                _check_step(run, layer, direction, t, gates)
            part = run.gate_states(layer, direction, run.L // 3, run.L)
            for name, gate in part.items():
                close(gate, whole[name][run.L // 3 :])
            assert c is None or c.shape == (run.L, run.N, run.hidden_size)


def _check_step(run: Trace, layer: int, direction: int, t: int, gates: dict[str, Any]) -> None:
    h, c = run.states(layer, direction)
    unprojected = run.before_projection(layer, direction, t)
    before = run.preactivations(layer, direction, t)
    for name, gate in gates.items():
        if name in run.cell.sigmoid_gates:
            close(gate, before[name].sigmoid())
        elif run.spec.nonlinearity == "tanh":
            close(gate, before[name].tanh())
    if run.kind == "LSTM":
        assert c is not None
        close(unprojected, gates["o"] * c[t].tanh())
        suffix = f"_l{layer}{'_reverse' if direction else ''}"
        if run.spec.proj_size:
            close(h[t], unprojected @ run.weights["weight_hr" + suffix].T)
    if run.kind != "LSTM" or not run.spec.proj_size:
        close(unprojected, h[t])
    if run.kind == "RNN":
        close(gates["h"], h[t])


@settings(max_examples=40)
@given(cases(dtype=torch.float32))
def test_float32(case: Case) -> None:
    output, h_n, c_n = case.by_torch()
    run = trace(*case.seeded())
    assert_same(run.output, output, 1e-5)
    assert_same(run.h_n, h_n, 1e-5)
    assert_same(run.c_n, c_n, 1e-5)
    assert run.matches


@settings(max_examples=25)
@given(cases(dtype=torch.bfloat16))
def test_bfloat16(case: Case) -> None:
    output, h_n, _ = case.by_torch()
    run = trace(*case.seeded())
    assert_same(run.output, output, 4e-2)
    assert_same(run.h_n, h_n, 4e-2)
    assert run.matches
    assert as_numpy(run.states(0).h).dtype == np.float32


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), 1e38, -1e38, 1e30])
@pytest.mark.parametrize("cell", CELLS)
def test_extreme_values_are_answered_as_torch_answers_them(
    cell: Any, value: float, dtype: torch.dtype
) -> None:
    torch.manual_seed(0)
    module = cell(3, 4, num_layers=2, bidirectional=True, dtype=dtype)
    values = torch.randn(5, 2, 3, dtype=dtype)
    values[2, 1, 0] = value
    run = trace(module, values)
    output, final = module(values)
    h_n, c_n = final if isinstance(final, tuple) else (final, None)
    assert_same(run.output, output.detach(), 1e-5)
    assert_same(run.h_n, h_n.detach(), 1e-5)
    assert_same(run.c_n, None if c_n is None else c_n.detach(), 1e-5)
    assert run.step_difference < 1e-5
    assert run.max_difference < 1e-5
    assert run.matches
    if value != value:
        assert run.states(0).h[2, 1].isnan().all()
        assert run.valid.all()


def by_torchs_cell(module: Any, values: torch.Tensor, hx: Any) -> torch.Tensor:
    """The output of one layer, timestep by timestep."""
    cell = getattr(nn, f"{type(module).__name__}Cell")(module.input_size, module.hidden_size)
    cell.load_state_dict({name[: -len("_l0")]: w for name, w in module.state_dict().items()})
    state, found = (tuple(s[0] for s in hx) if isinstance(hx, tuple) else hx[0]), []
    with torch.no_grad():
        for x in values:
            state = cell(x, state)
            found.append(state[0] if isinstance(state, tuple) else state)
    return torch.stack(found)


@pytest.mark.parametrize("cell", CELLS)
def test_huge_initial_states_and_weights(cell: Any) -> None:
    torch.manual_seed(0)
    module = cell(3, 4)
    h_0 = torch.full((1, 2, 4), 1e38)
    hx = (h_0, -h_0) if cell is nn.LSTM else h_0
    values = torch.randn(4, 2, 3)
    run = trace(module, values, hx)
    assert_same(run.output, module(values, hx)[0].detach(), 1e-5)
    assert run.matches
    with torch.no_grad():
        module.weight_hh_l0.mul_(1e38)
    run = trace(module, values, hx)
    assert run.matches
    # Of inf - inf torch's cells make NaN; its fused kernel of an LSTM makes 0 on some processors.
    assert_same(run.output, by_torchs_cell(module, values, hx), 1e-5)


def test_the_smallest_and_the_empty() -> None:
    for cell in CELLS:
        module = cell(1, 1, num_layers=2, bidirectional=True)
        for shape in [(1, 1, 1), (1, 1), (3, 0, 1), (1, 0, 1)]:
            values = torch.randn(shape)
            run = trace(module, values)
            output, _ = module(values)
            assert_same(run.output, output.detach(), 1e-6)
            assert run.step_difference <= 1e-6
            assert run.max_difference <= 1e-6
            assert run.states(0).h.shape == (run.L, run.N, 1)
            assert run.gate_states(1, 1).keys() == run.gates(0, 0, 0).keys()
            if run.N == 0:
                assert run.step_difference == run.max_difference == 0.0
                assert run.total == run.L * 2
                assert run.at(1).output.shape == output.shape


@pytest.mark.parametrize("timesteps", [3, 300])  # of which the longer is worth copies of weights
@pytest.mark.parametrize("sequences", [1, 3])
@pytest.mark.parametrize("cell", CELLS)
def test_the_short_and_the_long(cell: Any, sequences: int, timesteps: int) -> None:
    torch.manual_seed(0)
    for bias in (False, True):
        module = cell(3, 4, num_layers=2, bidirectional=True, bias=bias, dtype=torch.float64)
        values = torch.randn(timesteps, sequences, 3, dtype=torch.float64)
        run = trace(module, values)
        close(run.output, module(values)[0].detach())
        assert run.matches


def test_the_hardest_form_of_all() -> None:
    torch.manual_seed(0)
    module = nn.LSTM(3, 6, num_layers=2, bidirectional=True, proj_size=2, dtype=torch.float64)
    lengths = [2, 5, 1, 5]
    values = pack_sequence(
        [torch.randn(n, 3, dtype=torch.float64) for n in lengths], enforce_sorted=False
    )
    hx = torch.randn(4, 4, 2, dtype=torch.float64), torch.randn(4, 4, 6, dtype=torch.float64)
    run = trace(module, values, hx)
    output, (h_n, c_n) = module(values, hx)
    assert_same(run.output, output._replace(data=output.data.detach()), 1e-12)
    assert_same(run.h_n, h_n.detach(), 1e-12)
    assert_same(run.c_n, c_n.detach(), 1e-12)
    assert run.lengths == tuple(lengths)
    assert run.initial_given
    assert run.hx is not None


def test_a_trace_keeps_what_the_module_was() -> None:
    torch.manual_seed(0)
    module, values = nn.GRU(3, 4, num_layers=2, dropout=0.5), torch.randn(5, 2, 3)
    h_0 = torch.randn(2, 2, 4)
    run = trace(module, values, h_0)
    output, gate = run.output.clone(), run.gates(1, 0, 3)["z"].clone()
    masks = {layer: mask.clone() for layer, mask in run.masks.items()}
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
        values.zero_()
        h_0.zero_()
    module.eval()
    assert torch.equal(run.output, output)
    assert torch.equal(run.gates(1, 0, 3)["z"], gate)
    assert all(torch.equal(run.masks[layer], mask) for layer, mask in masks.items())
    assert run.step_difference < 1e-6
    assert run.max_difference < 1e-6
    assert run.training


def test_a_trace_leaves_the_module_alone() -> None:
    module = nn.LSTM(3, 4)
    values = torch.randn(2, 5, 3, requires_grad=True).transpose(0, 1)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    run = trace(module, values)
    assert run.max_difference < 1e-6
    assert module.training
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert all(weight.requires_grad and weight.grad is None for weight in module.parameters())
    assert not any(weight.requires_grad for weight in run.weights.values())
    assert not run.input.requires_grad
    assert list(run.weights) == [name for name, _ in module.named_parameters()]


class Own(nn.GRU):
    """Somebody's own kind of GRU."""


def test_modules_of_any_origin() -> None:
    torch.manual_seed(0)
    shared = nn.RNN(4, 4, num_layers=2)
    shared.weight_hh_l1 = shared.weight_ih_l1 = shared.weight_hh_l0
    strided = nn.LSTM(3, 3)
    strided.weight_ih_l0 = nn.Parameter(torch.randn(3, 12).T)
    normed = nn.utils.parametrizations.weight_norm(nn.GRU(3, 4), "weight_hh_l0")
    for module in (shared, strided, normed, Own(3, 4)):
        values = torch.randn(5, 2, module.input_size)
        run = trace(module, values)
        assert_same(run.output, module(values)[0].detach(), 1e-6)
        assert run.max_difference < 1e-6


def test_what_is_switched_on_around_a_call_does_not_matter() -> None:
    torch.manual_seed(0)
    module, values = nn.LSTM(3, 4, num_layers=2), torch.randn(5, 2, 3)
    expected = trace(module, values)
    with torch.inference_mode(), torch.autocast("cpu"), torch.device("meta"):
        stepper, run = Stepper(module, values), trace(module, values)
        stepper.step()
        gate = run.gates(0, 0, 1)["f"]
        assert run.matches
        assert run.max_difference < 1e-6
    stepper.run()
    for result in (run, stepper.trace):
        assert_same(result.output, expected.output, 1e-6)
        assert_same(result.gates(0, 0, 1)["f"], gate, 1e-6)


def test_dropout_of_everything_and_of_nothing() -> None:
    for p, drawn in ((1.0, 0.0), (0.0, None)):
        torch.manual_seed(0)
        module, values = nn.RNN(3, 4, num_layers=3, dropout=p), torch.randn(5, 2, 3)
        state = torch.get_rng_state()
        run = trace(module, values)
        torch.set_rng_state(state)
        assert_same(run.output, module(values)[0].detach(), 1e-6)
        if drawn is None:
            assert run.masks == {}
        else:
            assert all((mask == drawn).all() for mask in run.masks.values())
            assert sorted(run.masks) == [0, 1]


def test_what_a_layer_receives() -> None:
    torch.manual_seed(0)
    module, values = nn.RNN(3, 4, num_layers=2, dropout=0.5, batch_first=True), torch.randn(2, 5, 3)
    run = trace(module, values)
    assert torch.equal(run.inputs(0), values.transpose(0, 1))
    assert torch.equal(run.inputs(1), run.states(0).h * run.masks[0])
    assert set(run.masks[0].unique().tolist()) == {0.0, 2.0}


def test_a_chaotic_network_is_told_from_a_wrong_one() -> None:
    torch.manual_seed(0)
    module = nn.RNN(2, 64)
    with torch.no_grad():
        module.weight_hh_l0.copy_(torch.randn(64, 64))
    run = trace(module, torch.randn(400, 1, 2))
    assert run.max_difference > 0.1
    assert run.step_difference < 1e-5
    assert run.matches


@given(cases(), st.data())
def test_a_part_of_a_moment_is_as_in_the_whole_of_it(case: Case, data: st.DataObject) -> None:
    run = trace(*case.seeded())
    position = data.draw(st.integers(0, run.total))
    t = data.draw(st.integers(0, run.L - 1))
    at = slice(t, data.draw(st.integers(t + 1, run.L)))
    part, whole = run.at(position), run.at(position)
    for layer in range(run.num_layers):
        close(part.inputs(layer, at), whole.inputs(layer)[at])
        for direction in range(run.num_directions):
            for some, every in zip(
                part.states(layer, direction, at), whole.states(layer, direction), strict=True
            ):
                if some is not None and every is not None:
                    close(some, every[at])


def test_a_moment_of_a_run_hides_what_comes_later() -> None:
    torch.manual_seed(0)
    run = trace(nn.LSTM(3, 4, num_layers=2), torch.randn(5, 2, 3))
    moment = run.at(2)
    assert (moment.position, moment.total, run.position) == (2, 5, 5)
    assert torch.equal(moment.states(1).h[:2], run.states(1).h[:2])
    assert moment.states(1).h[2:].isnan().all()
    assert moment.output[2:].isnan().all()
    assert moment.h_n.isnan().all()
    assert moment.gates(0, 0, 3)["i"].isnan().all()
    assert moment.gate_states(0)["i"][2:].isnan().all()
    assert np.isnan(moment.state_norms(0)[2:]).all()
    assert moment.at(2) is moment
    assert [advance.t for advance in moment.current] == [(1, 1), (1, 1)]
    assert run.at(0).current == ()
    for wrong in (-1, 6):
        with pytest.raises(IndexError, match="position"):
            run.at(wrong)


def test_indices_are_pythons() -> None:
    run = trace(nn.GRU(3, 4, num_layers=2), torch.randn(5, 2, 3))
    assert torch.equal(run.states(-1).h, run.states(1).h)
    assert torch.equal(run.gates(0, 0, -1)["r"], run.gates(0, 0, 4)["r"])
    with pytest.raises(IndexError, match="layer: expected 0 to 1, got 2"):
        run.states(2)
    with pytest.raises(IndexError, match="direction: expected 0 to 0, got 1"):
        run.states(0, 1)
    with pytest.raises(IndexError, match="t: expected 0 to 4, got 5"):
        run.gates(0, 0, 5)


def test_norms_are_over_both_directions_together() -> None:
    run = trace(nn.GRU(3, 4, bidirectional=True), torch.randn(5, 2, 3))
    both = torch.cat((run.states(0, 0).h, run.states(0, 1).h), -1)
    np.testing.assert_allclose(run.state_norms(0), both.norm(dim=-1).numpy(), rtol=1e-6)


def test_the_spec_is_the_modules() -> None:
    run = trace(nn.LSTM(3, 4, num_layers=2, proj_size=2, batch_first=True), torch.randn(2, 5, 3))
    assert run.spec == ModelSpec("LSTM", 3, 4, num_layers=2, proj_size=2, batch_first=True)
    assert (run.kind, run.L, run.N, run.output_size, run.unbatched) == ("LSTM", 5, 2, 2, False)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("kind", [torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU])
def test_a_run_tells_how_far_it_is(kind: type[torch.nn.Module], dtype: torch.dtype) -> None:
    module = kind(3, 40, num_layers=2, bidirectional=True).to(dtype)  # type: ignore[call-arg]
    told: list[tuple[int, int]] = []
    binding = bind(module, torch.randn(900, 4, 3).to(dtype))  # type: ignore[arg-type]
    compute_run(binding, told=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[0] == (0, 4 * 900)
    assert len(told) >= 4
    assert told[-1][0] < told[-1][1] == 4 * 900
