"""The difference of two runs: every number of one minus that of the other, as far as both go."""

from __future__ import annotations

import gc
import math
import weakref
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from rnnviz import Clamp, Stepper, UsageError, difference_run, trace
from rnnviz.model.binding import bind
from rnnviz.model.padding import without_packing
from rnnviz.model.recompute import recompute
from rnnviz.model.schedule import Progress
from rnnviz.model.trace import Trace
from tests.model.edited import edits_of
from tests.model.forced import clamps_of
from tests.model.runs import Case, cases


def progresses(data: st.DataObject, run: Trace) -> Progress:
    """Any place of a run, to the operation."""
    step = data.draw(st.integers(0, run.total))
    if step == run.total:
        return Progress(step)
    cell = data.draw(st.integers(0, run.schedule.cells_per_step - 1))
    return Progress(step, cell, data.draw(st.integers(0, len(run.operations) - 1)))


def assert_minus(difference: Any, new: Any, old: Any) -> None:
    if isinstance(new, PackedSequence):
        assert isinstance(difference, PackedSequence)
        difference, new, old = difference.data, new.data, old.data
    if new is None:
        assert difference is None
        return
    assert difference.shape == new.shape
    assert torch.equal((new - old).nan_to_num(nan=7.5), difference.nan_to_num(nan=7.5))


def assert_each_minus(
    difference: dict[str, Tensor], new: dict[str, Tensor], old: dict[str, Tensor]
) -> None:
    assert difference.keys() == new.keys()
    for name, values in difference.items():
        assert_minus(values, new[name], old[name])


def assert_is_difference(run: Trace, new: Trace, old: Trace) -> None:
    """Everything that a figure may ask for."""
    for name in ("output", "h_n", "c_n", "h_0", "c_0", "input"):
        assert_minus(*(getattr(each, name) for each in (run, new, old)))
    assert_each_minus(run.weights, new.weights, old.weights)
    assert all(
        torch.equal(mask.nan_to_num(), new.masks[k].nan_to_num()) for k, mask in run.masks.items()
    )
    for layer in range(run.num_layers):
        assert_minus(*(each.inputs(layer) for each in (run, new, old)))
        for direction in range(run.num_directions):
            lane = (layer, direction)
            assert torch.equal(run.computed(*lane), new.computed(*lane))
            states = [each.states(*lane) for each in (run, new, old)]
            assert_minus(*(each.h for each in states))
            assert_minus(*(each.c for each in states))
            assert_each_minus(*(each.gate_states(*lane) for each in (run, new, old)))
            for t in range(run.L):
                place = (*lane, t)
                assert_each_minus(*(each.gates(*place) for each in (run, new, old)))
                assert_each_minus(*(each.preactivations(*place) for each in (run, new, old)))
                assert_each_minus(*(each.tensors(*place) for each in (run, new, old)))
                assert_minus(*(each.before_projection(*place) for each in (run, new, old)))
        both = [torch.cat([run.states(layer, d).h for d in range(run.num_directions)], -1)]
        norms = torch.from_numpy(run.state_norms(layer))
        torch.testing.assert_close(norms, both[0].norm(dim=-1).double(), equal_nan=True)


@given(cases(), st.data())
def test_every_number_is_the_new_one_minus_the_old(case: Case, data: st.DataObject) -> None:
    old = trace(*case.seeded())
    edited, clamps = data.draw(edits_of(case, old)), data.draw(clamps_of(case))
    new = recompute(old, bind(*edited.seeded(), clamps))
    run = difference_run(new, old)
    assert run.is_difference
    assert not new.is_difference
    assert (run.progress, run.clamps) == (new.progress, clamps)
    assert_is_difference(run, new, old)
    progress = progresses(data, new)
    assert_is_difference(difference_run(new.at(progress), old), new.at(progress), old.at(progress))
    assert_is_difference(run.at(progress), new.at(progress), old.at(progress))
    assert_is_difference(difference_run(new, old.at(progress)), new.at(progress), old.at(progress))


@given(cases(), st.data())
def test_a_difference_follows_a_stepper(case: Case, data: st.DataObject) -> None:
    old = trace(*case.seeded())
    stepper = Stepper(*data.draw(edits_of(case, old)).seeded())
    kept = []
    for _ in range(4):
        new = stepper.seek(progresses(data, old))
        run = difference_run(new, old)
        assert run.progress == stepper.progress
        assert run.active == new.active
        assert_is_difference(run, new, old.at(new.progress))
        kept.append(run)
    assert len({id(run.buffers) for run in kept}) == 1
    for layer in range(run.num_layers):
        assert_minus(run.buffers.h(layer), stepper._states.h(layer), old.buffers.h(layer))


def lstm() -> tuple[Trace, Trace]:
    torch.manual_seed(0)
    module, values = nn.LSTM(3, 4, num_layers=2), torch.randn(9, 2, 3)
    old = trace(module, values)
    return recompute(old, bind(module, values, None, [Clamp("f", 1.0, layer=0, t=4)])), old


def test_it_is_nought_before_an_edit_and_spreads_from_there() -> None:
    run = difference_run(*lstm())
    for layer in (0, 1):
        h = run.states(layer).h
        assert (h[:4] == 0).all()
        assert (h[4:] != 0).all()
    assert (run.gates(0, 0, 4)["f"] > 0).all()
    assert (run.gates(0, 0, 3)["f"] == 0).all()
    assert (run.preactivations(0, 0, 4)["f"] == 0).all()
    assert all((weight == 0).all() for weight in run.weights.values())


def test_equal_infinities_differ_by_nothing_and_nan_is_told() -> None:
    module = nn.RNN(1, 1, nonlinearity="relu")
    with torch.no_grad():
        for weight in module.parameters():
            weight.fill_(1.0)
    values = torch.tensor([[1.0], [math.inf], [1.0], [math.nan], [1.0]])
    old = trace(module, values)
    values[0] = 2.0
    run = difference_run(trace(module, values), old)
    h = run.states(0).h.flatten().tolist()
    assert h[:3] == [1.0, 0.0, 0.0]
    assert all(math.isnan(value) for value in h[3:])
    assert run.input[1] == 0
    assert run.first_not_finite is None


def test_packed_runs_in_another_order_of_rows() -> None:
    torch.manual_seed(0)
    module = nn.GRU(3, 4)
    sequences = [torch.randn(length, 3) for length in (5, 3, 2)]
    first, second = pack_sequence(sequences), pack_sequence(sequences, enforce_sorted=False)
    run = difference_run(trace(module, second), trace(module, first))
    assert (run.inputs(0)[run.valid] == 0).all()
    assert run.states(0).h[run.valid].abs().max() < 1e-6


def test_it_is_not_compared_with_torch() -> None:
    run = difference_run(*lstm())
    assert not run.expressible
    for compare in (
        lambda: run.step_difference,
        lambda: run.step_difference_at(0),
        lambda: run.max_difference,
        lambda: run.matches,
    ):
        with pytest.raises(UsageError, match="not compared with torch"):
            compare()


def test_runs_of_other_sizes_have_no_difference() -> None:
    run = trace(nn.LSTM(3, 4), torch.zeros(5, 2, 3))
    for module, shape, message in (
        (nn.LSTM(3, 5), (5, 2, 3), "hidden_size: expected 4 in both runs, got 5"),
        (nn.GRU(3, 4), (5, 2, 3), "kind: expected LSTM in both runs, got GRU"),
        (nn.LSTM(3, 4), (6, 2, 3), r"lengths: expected \(5, 5\) in both runs, got \(6, 6\)"),
        (nn.LSTM(3, 4, bias=False), (5, 2, 3), "bias: expected True in both runs, got False"),
    ):
        with pytest.raises(UsageError, match=message):
            difference_run(run, trace(module, torch.zeros(shape)))


def test_runs_and_their_difference_do_not_keep_one_another() -> None:
    new, old = lstm()
    run = difference_run(new, old)
    kept = weakref.ref(run.buffers)
    assert run.states(0).h is not None
    del run
    gc.collect()
    assert kept() is None


def test_packing_makes_the_difference_that_it_makes_to_the_new_run() -> None:
    torch.manual_seed(0)
    module: Any = nn.GRU(3, 4)
    values = pack_sequence([torch.randn(length, 3) for length in (5, 3)])
    old = trace(module, values)
    with torch.no_grad():
        module.weight_hh_l0[1, 1] = 2.0
    new = trace(module, values)
    assert without_packing(difference_run(new, old)) is without_packing(new)
