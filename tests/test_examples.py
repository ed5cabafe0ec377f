"""The examples: their shapes, and the packed rows, against torch itself."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from rnnviz.errors import UsageError
from rnnviz.figures import figure_names
from rnnviz.model.trace import trace
from rnnviz.session.binding import Bound, bind
from rnnviz.session.examples import DEFAULT, example_keys, get_example, load_example

KEYS = ("lstm", "batch-first-rnn", "packed-rnn", "lstm-projection", "gru-unsorted", "rnn-100")


def results(key: str) -> tuple[Bound, Any, Any]:
    """What torch's own module returns."""
    bound = bind(load_example(key))
    with torch.no_grad():
        output, state = bound.module(bound.input, bound.hx)
    return bound, output, state


def test_the_first_example_is_listed_first() -> None:
    assert example_keys() == KEYS
    assert KEYS[0] == DEFAULT


def test_unknown_example_names_those_there_are() -> None:
    with pytest.raises(UsageError, match="there is no example 'x': expected one of lstm, batch"):
        load_example("x")


@pytest.mark.parametrize("key", KEYS)
def test_run_equals_torch_and_opens_where_its_file_says(key: str) -> None:
    bound, output, state = results(key)
    run = trace(bound.module, bound.input, bound.hx)
    data, expected = (
        (run.output.data, output.data)
        if isinstance(output, PackedSequence)
        else (run.output, output)
    )
    assert torch.allclose(data, expected, atol=1e-5)
    h_n = state[0] if isinstance(state, tuple) else state
    assert torch.allclose(run.h_n, h_n, atol=1e-5)
    assert run.matches
    example = get_example(key)
    assert 0 < example.position < run.total
    assert example.figure in figure_names()
    assert "\n" not in example.title


def test_batch_first_rnn() -> None:
    bound, output, h_n = results("batch-first-rnn")
    assert isinstance(bound.module, nn.RNN)
    assert bound.input.tolist() == [  # type: ignore[union-attr]
        [[11, 11], [12, 12]],
        [[21, 21], [22, 22]],
        [[31, 31], [32, 32]],
    ]
    assert (output.shape, h_n.shape) == ((3, 2, 5), (1, 3, 5))


def test_packed_rnn() -> None:
    bound, output, h_n = results("packed-rnn")
    packed = bound.input
    assert isinstance(packed, PackedSequence)
    assert packed.data.tolist() == [[n, n] for n in (11, 21, 31, 41, 12, 22)]
    assert packed.batch_sizes.tolist() == [4, 2]
    padded, lengths = pad_packed_sequence(output, padding_value=1.0)
    assert padded.shape == (2, 4, 6)
    assert lengths.tolist() == [2, 2, 1, 1]
    assert padded[1, 2:].eq(1.0).all()
    assert h_n.shape == (4, 4, 3)
    run = trace(bound.module, packed)
    assert run.plan is not None
    ours = run.plan.pad(run.output.data, padding_value=1.0)
    assert torch.allclose(torch.as_tensor(ours), padded, atol=1e-6)


def test_lstm() -> None:
    bound, output, (h_n, c_n) = results("lstm")
    assert isinstance(bound.module, nn.LSTM)
    assert (output.shape, h_n.shape, c_n.shape) == ((1, 6, 8), (2, 1, 8), (2, 1, 8))


def test_lstm_projection() -> None:
    bound, output, (h_n, c_n) = results("lstm-projection")
    assert bound.document.spec.code() == (
        "nn.LSTM(768, 8, num_layers=2, batch_first=True, proj_size=2)"
    )
    assert isinstance(bound.input, torch.Tensor)
    assert bound.input.shape == (16, 10, 768)
    assert (output.shape, h_n.shape, c_n.shape) == ((16, 10, 2), (2, 16, 2), (2, 16, 8))


def test_gru_unsorted() -> None:
    bound, output, _ = results("gru-unsorted")
    assert isinstance(bound.module, nn.GRU)
    assert bound.module.bidirectional
    assert isinstance(bound.input, PackedSequence)
    lengths = bound.document.lengths
    assert len(lengths) == 5
    assert list(lengths) != sorted(lengths, reverse=True)
    assert bound.input.sorted_indices is not None
    assert pad_packed_sequence(output)[1].tolist() == list(lengths)


def test_rnn_100() -> None:
    bound, output, h_n = results("rnn-100")
    assert isinstance(bound.input, torch.Tensor)
    assert bound.input.shape == (10, 3, 100)
    assert (output.shape, h_n.shape) == ((10, 3, 20), (1, 3, 20))
