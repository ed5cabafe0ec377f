"""Tensors as the Python that makes them, bit by bit."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from rnnviz.model.binding import same_bits
from rnnviz.model.pipeline.literals import tensor_code
from rnnviz.model.pipeline.script import script

DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.float16]


def made(values: Tensor) -> Any:
    names: dict[str, Any] = {}
    exec(compile(script([f"made = {tensor_code(values)}"]), "script.py", "exec"), names)
    return names["made"]


@given(
    st.integers(0, 2**32),
    st.lists(st.integers(0, 9), max_size=3),
    st.sampled_from([*DTYPES, torch.int64]),
)
def test_numbers_come_back_bit_by_bit(seed: int, shape: list[int], dtype: torch.dtype) -> None:
    torch.manual_seed(seed)
    values = (torch.randn(shape) * 50).to(dtype)
    back = made(values)
    assert back.dtype == values.dtype
    assert back.shape == values.shape
    assert same_bits(back, values)


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_no_number(dtype: torch.dtype) -> None:
    values = torch.tensor([[float("inf"), float("-inf")], [float("nan"), -0.0]], dtype=dtype)
    torch.testing.assert_close(made(values), values, equal_nan=True)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (torch.arange(128.0).view(16, 8), "torch.arange(128, dtype=torch.float32).view(16, 8)"),
        (torch.zeros(1, 2, 5), "torch.full((1, 2, 5), 0.0)"),
        (torch.full((3,), 7), "torch.full((3,), 7, dtype=torch.int64)"),
        (torch.eye(3).double(), "torch.eye(3, dtype=torch.float64)"),
        (torch.tensor([1, 2]), "torch.tensor([1, 2])"),
        (torch.tensor([0.5, 2]).double(), "torch.tensor([0.5, 2.0], dtype=torch.float64)"),
        (torch.tensor(3.0), "torch.tensor(3.0)"),
        (torch.tensor([True, True]), "torch.tensor([True, True], dtype=torch.bool)"),
    ],
)
def test_short_where_it_can_be(values: Tensor, code: str) -> None:
    assert tensor_code(values) == code
    assert torch.equal(made(values), values)


def test_many_numbers_stand_as_bytes() -> None:
    values = torch.randn(30, 40)
    assert "unpacked(" in tensor_code(values)
    assert all(len(line) < 100 for line in tensor_code(values).splitlines())
    assert torch.equal(made(values), values)
