"""What does not fit is refused with its field, its axis and what was expected."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from rnnviz.errors import InputError, SpecError
from rnnviz.model.stepper import Stepper
from rnnviz.model.trace import trace

LSTM = nn.LSTM(4, 8, num_layers=2, proj_size=3)
GRU = nn.GRU(4, 8, batch_first=True, bidirectional=True)
PACKED = pack_sequence([torch.randn(3, 4), torch.randn(2, 4)])


def zeros(*shape: int) -> torch.Tensor:
    return torch.zeros(shape)


@pytest.mark.parametrize("take", [trace, Stepper])
@pytest.mark.parametrize(
    ("module", "values", "hx", "message"),
    [
        (LSTM, zeros(5, 2, 3), None, "input: expected 4 features in the last axis (H_in), got 3"),
        (LSTM, zeros(5, 3), None, "input: expected 4 features in the last axis (H_in), got 3"),
        (
            LSTM,
            zeros(4),
            None,
            "input: expected 2 axes (L, H_in) or 3 axes (L, N, H_in), got 1 axes (4)",
        ),
        (
            GRU,
            zeros(1, 2, 3, 4),
            None,
            "input: expected 2 axes (L, H_in) or 3 axes (N, L, H_in), got 4 axes (1, 2, 3, 4)",
        ),
        (LSTM, zeros(0, 2, 4), None, "input: expected at least 1 timestep in the first axis (L)"),
        (GRU, zeros(2, 0, 4), None, "input: expected at least 1 timestep in the second axis (L)"),
        (GRU, zeros(0, 4), None, "input: expected at least 1 timestep in the first axis (L)"),
        (LSTM, [[1.0]], None, "input: expected a tensor or a PackedSequence, got list"),
        (
            LSTM,
            zeros(5, 2, 4).double(),
            None,
            "input: expected dtype torch.float32, that of the weights, got torch.float64",
        ),
        (LSTM, zeros(5, 2, 4).to_sparse(), None, "input: expected a dense tensor"),
        (LSTM, zeros(5, 2, 4), zeros(2, 2, 3), "hx: expected a tuple (h_0, c_0) for nn.LSTM"),
        (LSTM, zeros(5, 2, 4), (zeros(2, 2, 3),), "hx: expected a tuple (h_0, c_0) for nn.LSTM"),
        (GRU, zeros(2, 5, 4), (zeros(2, 2, 8),) * 2, "hx: expected a tensor h_0 for nn.GRU"),
        (
            GRU,
            zeros(2, 5, 4),
            zeros(1, 2, 8),
            "h_0: expected 2 in the first axis of (D * num_layers, N, H_out) = (2, 2, 8), got 1",
        ),
        (
            GRU,
            zeros(2, 5, 4),
            zeros(2, 5, 8),
            "h_0: expected 2 in the second axis of (D * num_layers, N, H_out) = (2, 2, 8), got 5",
        ),
        (
            LSTM,
            zeros(5, 2, 4),
            (zeros(2, 2, 3), zeros(2, 2, 3)),
            "c_0: expected 8 in the third axis of (D * num_layers, N, H_cell) = (2, 2, 8), got 3",
        ),
        (
            LSTM,
            zeros(5, 2, 4),
            (zeros(2, 3), zeros(2, 8)),
            "h_0: expected 3 axes (D * num_layers, N, H_out) = (2, 2, 3), as the input is batched",
        ),
        (
            GRU,
            zeros(5, 4),
            zeros(2, 1, 8),
            "h_0: expected 2 axes (D * num_layers, H_out) = (2, 8), as the input is unbatched",
        ),
        (GRU, PACKED, zeros(2, 8), "h_0: expected 3 axes"),
        (GRU, zeros(2, 5, 4), zeros(2, 2, 8).double(), "h_0: expected dtype torch.float32"),
        (LSTM, zeros(5, 2, 4), (zeros(2, 2, 3), None), "c_0: expected a tensor"),
        (
            nn.RNN(5, 2),
            PACKED,
            None,
            "input: expected 5 features in the last axis of its data (H_in), got 4",
        ),
        (
            nn.RNN(4, 2),
            PackedSequence(zeros(4, 4), torch.tensor([1, 3])),
            None,
            "batch_sizes: expected",
        ),
    ],
)
def test_an_input_that_does_not_fit(
    take: Any, module: Any, values: Any, hx: Any, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        take(module, values, hx)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("module", [nn.Linear(4, 2), nn.LSTMCell(4, 2), None])
def test_a_module_that_is_not_recurrent(module: Any) -> None:
    with pytest.raises(SpecError, match=r"module: expected a torch\.nn\.RNN"):
        trace(module, zeros(5, 2, 4))


def test_weights_without_values() -> None:
    with pytest.raises(SpecError, match="module: expected weights with values, got device meta"):
        trace(nn.RNN(4, 2, device="meta"), zeros(5, 2, 4).to("meta"))


def test_weights_of_several_dtypes() -> None:
    module = nn.LSTM(4, 2)
    module.bias_hh_l0 = nn.Parameter(module.bias_hh_l0.double())
    with pytest.raises(SpecError, match=r"bias_hh_l0: expected torch.float32 on cpu"):
        trace(module, zeros(5, 2, 4))


def test_rows_that_no_machine_holds_are_refused_before_they_are_planned() -> None:
    packed = PackedSequence(zeros(1, 4).expand(10**9, 4), torch.ones(1).long().expand(10**9))
    with pytest.raises(InputError, match="input: expected a run whose trace fits"):
        trace(nn.LSTM(4, 2), packed)
