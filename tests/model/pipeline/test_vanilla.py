"""The vanilla cell is nn.RNN + nn.Linear, number for number, and so are its gradients."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from rnnviz.errors import InputError, SpecError
from rnnviz.model.pipeline import Loss, VanillaCell
from rnnviz.model.pipeline.vanilla import same_numbers
from tests.model.pipeline.test_pipeline import close

FLOAT = torch.float64


@st.composite
def cells(draw: st.DrawFn) -> tuple[VanillaCell, Tensor, Tensor | None]:
    """A cell, a batch and an initial state."""
    torch.manual_seed(draw(st.integers(0, 2**32)))
    H_in, H, O, L, N = (draw(st.integers(1, 5)) for _ in range(5))  # noqa: E741, N806
    batch_first = draw(st.booleans())
    parts: dict[str, Any] = {"U": (H, H_in), "W": (H, H)}
    if draw(st.booleans()):
        parts["V"] = (O, H)
        parts |= {"c": (O,)} if draw(st.booleans()) else {}
    for name in ("b", "b_hh"):
        parts |= {name: (H,)} if draw(st.booleans()) else {}
    tensors = {name: torch.randn(shape, dtype=FLOAT) for name, shape in parts.items()}
    cell = VanillaCell(
        **tensors,
        nonlinearity=draw(st.sampled_from(["tanh", "relu"])),
        identity=draw(st.booleans()),
        batch_first=batch_first,
    )
    shape = draw(st.sampled_from([(L,), (N, L) if batch_first else (L, N)]))
    x = torch.randn(*shape, H_in, dtype=FLOAT)
    kind = draw(st.sampled_from(["zero", "vector", "given"]))
    batch = (N,) if kind == "given" and len(shape) == 2 else ()
    return cell, x, None if kind == "zero" else torch.randn(*batch, H, dtype=FLOAT)


@given(cells())
def test_its_own_loop_and_the_modules_agree(case: tuple[VanillaCell, Tensor, Any]) -> None:
    cell, x, h_0 = case
    same = same_numbers(cell, x, h_0)
    close(same.module.h, same.own.h)
    assert same.difference <= 1e-12 * max(1.0, float(same.own.h.abs().max()))
    if same.own.o is not None:
        assert same.module.o is not None
        close(same.module.o, same.own.o)


@given(cells())
def test_its_gradients_bear_its_own_names(case: tuple[VanillaCell, Tensor, Any]) -> None:
    cell, x, h_0 = case
    own = {name: getattr(cell, name).clone().requires_grad_() for name in cell.names}
    kept = {n: getattr(cell, n) for n in ("U", "W", "V", "b", "c", "b_hh") if n not in own}
    rebuilt = VanillaCell(
        **own | kept,
        nonlinearity=cell.nonlinearity,
        identity=cell.identity,
        batch_first=cell.batch_first,
    )
    vector = None if h_0 is None else h_0.clone().requires_grad_()
    h, o = rebuilt.unroll(x, vector)
    scores = h if o is None else o
    ((scores - 1.0) ** 2).sum().backward()
    hx = None if h_0 is None else (h_0 if h_0.dim() == 1 else h_0[None])
    pipeline = cell.pipeline(loss=Loss("mse", reduction="sum"))
    gradients = pipeline.run(x, torch.ones_like(scores), hx).backward()
    for name, weight in own.items():
        assert weight.grad is not None
        close(gradients.weights[cell.names[name]], weight.grad, 1e-11)
    if vector is not None:
        name = "h_0_vector" if vector.dim() == 1 else "h_0"
        close(gradients.tensors[name].tensor.view(vector.shape), vector.grad, 1e-11)


def test_what_is_not_applied_is_not_trained() -> None:
    cell = VanillaCell(torch.randn(4, 2), torch.randn(4, 4), b=torch.randn(4), identity=True)
    module = cell.recurrent()
    assert torch.equal(module.weight_hh_l0, torch.eye(4))
    assert module.bias_hh_l0.tolist() == [0] * 4
    trained = {name for name, weight in module.named_parameters() if weight.requires_grad}
    assert trained == {"weight_ih_l0", "bias_ih_l0"}
    assert cell.names == {"U": "recurrent.weight_ih_l0", "b": "recurrent.bias_ih_l0"}


def test_the_slip_gives_other_numbers() -> None:
    torch.manual_seed(0)
    wi, wh = nn.Linear(3, 4), nn.Linear(4, 4)
    x = torch.randn(5, 2, 3)
    right, slip = (
        VanillaCell.of_layers(wi, wh, identity=identity).unroll(x).h for identity in (False, True)
    )
    assert not torch.allclose(right, slip)


def test_a_change_of_the_layers_does_not_reach_the_cell() -> None:
    wi, wh = nn.Linear(3, 4), nn.Linear(4, 4)
    cell = VanillaCell.of_layers(wi, wh)
    before = cell.U.clone()
    with torch.no_grad():
        wi.weight.zero_()
    assert torch.equal(cell.U, before)


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ({"W": torch.ones(4, 3)}, "W: expected (4, 4), got (4, 3)"),
        ({"V": torch.ones(2, 3)}, "V: expected (2, 4), got (2, 3)"),
        ({"b": torch.ones(3)}, "b: expected (4), got (3)"),
        ({"c": torch.ones(3)}, "c: expected None without V, got (3)"),
        ({"U": torch.ones(4)}, "U: expected a matrix (H, H_in), got (4)"),
        ({"b": torch.ones(4).double()}, "b: expected torch.float32, that of U, got torch.float64"),
        ({"nonlinearity": "gelu"}, "nonlinearity: expected 'tanh' or 'relu', got gelu"),
    ],
)
def test_parts_that_do_not_fit(parts: dict[str, Any], line: str) -> None:
    with pytest.raises(SpecError) as problem:
        VanillaCell(**({"U": torch.ones(4, 2), "W": torch.ones(4, 4)} | parts))
    assert str(problem.value) == line


def test_a_vector_of_another_size() -> None:
    cell = VanillaCell(torch.ones(4, 2), torch.ones(4, 4))
    with pytest.raises(InputError, match=r"x: expected \(2\) or \(N, 2\), got \(3\)"):
        cell.step(torch.ones(3))
    with pytest.raises(InputError, match="h_0: expected 4 numbers for every sequence, got 3"):
        cell.pipeline().run(torch.ones(5, 2), hx=torch.ones(3))
