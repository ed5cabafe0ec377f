"""∂h_T/∂h_t against autograd."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.errors import UsageError
from rnnviz.model.clamps import Clamp
from rnnviz.model.engine import Cancelled
from rnnviz.model.gradients import jacobian, jacobian_norms
from rnnviz.model.trace import trace
from tests.model.gradients.autograd import Seeded, graph_of, seeded_runs
from tests.model.gradients.test_back import close


@settings(max_examples=40)
@given(seeded_runs(clamped=True), st.data())
def test_it_is_autograds(seeded: Seeded, data: st.DataObject) -> None:
    run, graph = seeded.run, graph_of(seeded)
    layer = data.draw(st.integers(0, run.num_layers - 1))
    direction = data.draw(st.integers(0, run.num_directions - 1))
    n = data.draw(st.integers(0, run.N - 1))
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, run.lengths[n] - 1)] * 2)))
    T, t = (last, first) if direction == 0 else (first, last)  # noqa: N806
    names = st.sampled_from(["h", "c"] if run.kind == "LSTM" else ["h"])
    of, by = data.draw(names), data.draw(names)
    later = graph.inside[layer, direction, T, n][of][0]
    earlier = graph.inside[layer, direction, t, n][by]
    rows = [
        torch.autograd.grad(unit, earlier, retain_graph=True, allow_unused=True)[0]
        for unit in later
    ]
    wanted = torch.stack([torch.zeros_like(earlier) if row is None else row for row in rows])[:, 0]
    found = jacobian(run, layer, direction, T, t, n, of=of, by=by)
    close(found.values, wanted)
    assert found.norm == pytest.approx(float(wanted.norm()), rel=1e-9, abs=1e-12)
    largest = float(torch.linalg.svdvals(wanted)[0])
    assert found.largest_singular_value == pytest.approx(largest, rel=1e-9, abs=1e-12)


@settings(max_examples=20)
@given(seeded_runs())
def test_all_sizes_at_once_are_those_one_by_one(seeded: Seeded) -> None:
    run = seeded.run
    n = run.N - 1
    for direction in range(run.num_directions):
        T = run.lengths[n] - 1 if direction == 0 else 0  # noqa: N806
        norms = jacobian_norms(run, 0, direction, T, n)
        assert norms.norm.shape == norms.largest_singular_value.shape == (run.L,)
        for t in range(run.L):
            if not run.valid[t, n]:
                assert math.isnan(norms.norm[t])
                continue
            one = jacobian(run, 0, direction, T, t, n)
            assert norms.norm[t] == pytest.approx(one.norm, rel=1e-9)
            assert norms.largest_singular_value[t] == pytest.approx(
                one.largest_singular_value, rel=1e-9
            )


def run_of(cell: str = "LSTM", hidden_size: int = 3, **options: Any) -> Any:
    torch.manual_seed(0)
    module = getattr(torch.nn, cell)(2, hidden_size, **options)
    return trace(module, torch.randn(5, 2, 2))


def test_a_state_by_itself() -> None:
    found = jacobian(run_of(), 0, 0, 3, 3)
    assert torch.equal(found.values, torch.eye(3))
    assert found.norm == pytest.approx(math.sqrt(3))
    assert found.largest_singular_value == pytest.approx(1)


def test_a_forced_state_depends_on_nothing_before() -> None:
    torch.manual_seed(0)
    run = trace(torch.nn.RNN(2, 3), torch.randn(5, 1, 2), clamps=[Clamp("h", 0.5, t=2)])
    assert not jacobian(run, 0, 0, 4, 1).values.any()
    assert jacobian(run, 0, 0, 4, 2).values.any()


def test_vanishing_shows() -> None:
    module: Any = torch.nn.RNN(2, 4, dtype=torch.float64)
    with torch.no_grad():
        module.weight_hh_l0.copy_(0.5 * torch.eye(4))
        module.weight_ih_l0.zero_()
        module.bias_ih_l0.zero_()
        module.bias_hh_l0.zero_()
    run = trace(module, torch.zeros(10, 1, 2).double())
    norms = jacobian_norms(run, 0, 0, 9)
    assert norms.largest_singular_value.tolist() == pytest.approx(
        [0.5 ** (9 - t) for t in range(10)]
    )


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_low_precision(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    run = trace(torch.nn.GRU(2, 3, dtype=dtype), torch.randn(4, 1, 2).to(dtype))
    assert jacobian(run, 0, 0, 3, 0).values.dtype == dtype


def test_what_is_not_finite() -> None:
    torch.manual_seed(0)
    x = torch.randn(4, 1, 2)
    x[2] = math.nan
    found = jacobian(trace(torch.nn.LSTM(2, 3), x), 0, 0, 3, 0)
    assert math.isnan(found.norm)
    assert math.isnan(found.largest_singular_value)


def test_it_can_be_given_up_and_leaves_the_threads_alone() -> None:
    threads, asked = torch.get_num_threads(), []

    def cancelled() -> bool:
        asked.append(torch.get_num_threads())
        return len(asked) == 3

    with pytest.raises(Cancelled):
        jacobian_norms(run_of(), 0, 0, 4, cancelled=cancelled)
    assert asked == [1, 1, 1]
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((0, 0, 1, 2), {}, "t: expected a timestep before T = 1 along the direction, got 2"),
        ((0, 0, 5, 2), {}, "T: expected 0 to 4, got 5"),
        ((1, 0, 3, 2), {}, "layer: expected 0 to 0, got 1"),
        ((0, 0, 3, 2, 2), {}, "sequence: expected 0 to 1, got 2"),
        ((0, 0, 3, 2), {"of": "f"}, "tensor: expected h or c, got 'f'"),
    ],
)
def test_places_that_are_not_there(arguments: Any, options: Any, message: str) -> None:
    with pytest.raises((UsageError, IndexError), match=message):
        jacobian(run_of(), *arguments, **options)


def test_sizes_that_would_take_long() -> None:
    with pytest.raises(UsageError, match="jacobian: expected hidden_size up to 512, got 513"):
        jacobian(run_of(hidden_size=513), 0, 0, 3, 2)
    with pytest.raises(UsageError, match="tensor: expected h, got 'c'"):
        jacobian(run_of("GRU"), 0, 0, 3, 2, by="c")
