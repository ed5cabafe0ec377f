"""Two ways to compute one sequence, step by step."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from rnnviz.model.pipeline import Pipeline, VanillaCell
from rnnviz.model.pipeline.sides import (
    LONGEST_LOOP,
    Sides,
    applies_nothing,
    difference_sides,
    identity_sides,
    projection_sides,
    vanilla_cell,
    vanilla_sides,
)
from rnnviz.model.trace import Trace, trace
from tests.model.pipeline.test_pipeline import close
from tests.model.pipeline.test_vanilla import cells

FLOAT = torch.float64


def run_of(cell: VanillaCell, x: Tensor, h_0: Tensor | None) -> tuple[Trace, dict[str, Tensor]]:
    hx = None if h_0 is None else (h_0 if h_0.dim() == 1 else h_0[None])
    pr = cell.pipeline().run(x, hx=hx)
    assert pr.run is not None
    head = {k.removeprefix("head."): w for k, w in pr.weights.items() if k.startswith("head.")}
    return pr.run, head


@given(cells())
def test_the_loop_gives_at_each_step_what_the_module_gives(
    case: tuple[VanillaCell, Tensor, Tensor | None],
) -> None:
    run, head = run_of(*case)
    sides = vanilla_sides(run, run.N - 1, head)
    for t in range(run.L):
        left, right = sides.left.at(t), sides.right.at(t)
        assert list(left) == [name for name in right if name in left]
        for name, values in left.items():
            close(values, right[name])
        close(left["h"], sides.left.h[t])
    assert float(sides.difference.max()) <= 1e-11


def test_of_one_bias_the_second_is_left_out() -> None:
    module = nn.RNN(2, 3)
    run = trace(module, torch.randn(4, 2))
    assert vanilla_cell(run, {}).b_hh is not None
    with torch.no_grad():
        module.bias_hh_l0.zero_()
    assert vanilla_cell(trace(module, torch.randn(4, 2)), {}).b_hh is None


def test_a_loop_is_run_over_so_many_timesteps_only() -> None:
    run = trace(nn.RNN(1, 2), torch.randn(LONGEST_LOOP + 5, 1))
    sides = vanilla_sides(run, 0, {})
    assert len(sides.left.h) == len(sides.difference) == LONGEST_LOOP
    assert len(sides.right.h) == LONGEST_LOOP + 5


@given(cells(), st.booleans())
def test_either_of_the_identity_s_two_loops_may_be_the_run(
    case: tuple[VanillaCell, Tensor, Tensor | None], from_identity: bool
) -> None:
    cell, x, h_0 = case
    parts = (cell.U, cell.W, cell.V, cell.b, cell.c, cell.b_hh, cell.nonlinearity)
    shown = VanillaCell(*parts, from_identity, cell.batch_first)
    run, head = run_of(shown, x, h_0)
    sides = identity_sides(run, 0, head)
    assert applies_nothing(run) or not from_identity
    first = x if x.dim() == 2 else (x[0] if cell.batch_first else x[:, 0])
    start = h_0 if h_0 is None or h_0.dim() == 1 else h_0[0]
    made = vanilla_cell(run, head, identity=True)
    close(sides.left.h, made.unroll(first, start).h)
    weight = sides.right_weights["W"]
    again = VanillaCell(made.U, weight, made.V, made.b, made.c, made.b_hh, made.nonlinearity)
    close(sides.right.h, again.unroll(first, start).h)
    for side in (sides.left, sides.right):
        assert set(side.at(0)) >= {"x", "h_prev", "ih", "hh", "a", "h"}
    close(sides.left.at(0)["hh"], sides.left.at(0)["h_prev"])


def projected(hidden: int, features: int, bias: bool = True) -> tuple[nn.LSTM, Tensor]:
    lstm = nn.LSTM(3, hidden, proj_size=features, bias=bias, dtype=FLOAT)
    return lstm, torch.randn(5, 2, 3, dtype=FLOAT)


@given(st.integers(0, 2**32), st.booleans())
def test_a_projection_and_a_linear_layer_part_after_the_first_step(seed: int, bias: bool) -> None:
    torch.manual_seed(seed)
    lstm, x = projected(6, 2, bias)
    run = trace(lstm, x)
    drawn, product = (projection_sides(run, 1, choice) for choice in ("drawn", "product"))
    close(drawn.left.h, lstm(x)[0][:, 1])
    assert float(drawn.difference[0]) <= 1e-14
    assert (drawn.difference[1:] > 1e-9).all()
    assert float(product.difference.max()) <= 1e-12
    assert drawn.left.at(2)["h_prev"].shape == (2,)
    assert drawn.right.at(2)["h_prev"].shape == (6,)
    inside = product.left.at(3)["unprojected"], product.right.at(3)["h"]
    close(*inside)


def test_the_second_lstm_begins_with_the_same_c_0() -> None:
    lstm, x = projected(4, 2)
    c_0 = torch.randn(1, 2, 4, dtype=FLOAT)
    run = trace(lstm, x, (torch.zeros(1, 2, 2, dtype=FLOAT), c_0))
    assert float(projection_sides(run, 1).difference[0]) <= 1e-14


def shapes(sides: Sides) -> list[dict[str, tuple[int, ...]]]:
    both = (sides.left_weights, sides.right_weights)
    return [{name: tuple(weight.shape) for name, weight in side.items()} for side in both]


def test_the_weights_of_each_side_bear_its_names() -> None:
    lstm, x = projected(4, 2)
    first, second = shapes(projection_sides(trace(lstm, x), 0))
    assert first["weight_hh_l0"] == (16, 2)
    assert second["weight_hh_l0"] == (16, 4)
    assert first["weight_hr_l0"] == second["linear.weight"] == (2, 4)
    pr = Pipeline(recurrent=nn.RNN(2, 3), head=nn.Linear(3, 4)).run(torch.randn(5, 2))
    assert pr.run is not None
    head = {"weight": pr.weights["head.weight"], "bias": pr.weights["head.bias"]}
    own, module = shapes(vanilla_sides(pr.run, 0, head))
    assert own == {"U": (3, 2), "b": (3,), "W": (3, 3), "b_hh": (3,), "V": (4, 3), "c": (4,)}
    assert module["head.weight"] == (4, 3)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_other_dtypes(dtype: torch.dtype) -> None:
    run = trace(nn.RNN(2, 3, dtype=dtype), torch.randn(5, 2, dtype=dtype))
    for sides in (vanilla_sides(run, 0, {}), identity_sides(run, 0, {})):
        assert sides.left.h.dtype == dtype
        assert len(sides.difference) == 5


def test_what_an_edit_changed_on_either_side() -> None:
    torch.manual_seed(0)
    module, x = nn.RNN(2, 3, dtype=FLOAT), torch.randn(5, 2, dtype=FLOAT)
    head = {"weight": torch.randn(4, 3, dtype=FLOAT)}
    old = vanilla_sides(trace(module, x), 0, head)
    with torch.no_grad():
        module.weight_ih_l0[1, 0] += 0.5
    new = vanilla_sides(trace(module, x), 0, head)
    change = difference_sides(new, old)
    assert change.left_weights["U"].nonzero().tolist() == [[1, 0]]
    assert change.right_weights["weight_ih_l0"].nonzero().tolist() == [[1, 0]]
    close(change.left.h, new.right.h - old.right.h)
    assert change.left.o is not None
    close(change.left.at(2)["ih"], change.right.at(2)["ih"])
    assert float(change.difference.max()) <= 1e-12
