"""Modules and inputs of every kind, and what torch itself makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence


@dataclass
class Case:
    """One call `module(input, hx)`."""

    module: Any
    input: Any
    hx: Any
    generator: Tensor

    def by_torch(self) -> tuple[Any, Tensor, Tensor | None]:
        """What torch returns, from the case's own generator state."""
        torch.set_rng_state(self.generator)
        with torch.no_grad():
            output, final = self.module(self.input, self.hx)
        h_n, c_n = final if isinstance(final, tuple) else (final, None)
        return output, h_n, c_n

    def seeded(self) -> tuple[Any, Any, Any]:
        """The arguments, after the generator is put where `by_torch` begins."""
        torch.set_rng_state(self.generator)
        return self.module, self.input, self.hx

    def describe(self) -> str:
        return f"{self.module}, {'packed' if isinstance(self.input, PackedSequence) else 'padded'}"


@st.composite
def cases(draw: st.DrawFn, dtype: torch.dtype = torch.float64, max_length: int = 5) -> Case:
    """Any cell, option and form of input."""
    cell = draw(st.sampled_from(["RNN", "LSTM", "GRU"]))
    hidden_size, features = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    options: dict[str, Any] = {
        "num_layers": draw(st.integers(1, 3)),
        "bias": draw(st.booleans()),
        "batch_first": draw(st.booleans()),
        "bidirectional": draw(st.booleans()),
        "dropout": draw(st.sampled_from([0.0, 0.0, 0.3, 1.0])),
    }
    if cell == "RNN":
        options["nonlinearity"] = draw(st.sampled_from(["tanh", "relu"]))
    if cell == "LSTM" and hidden_size > 1:
        options["proj_size"] = draw(st.integers(0, hidden_size - 1))
    torch.manual_seed(draw(st.integers(0, 2**32)))
    module = getattr(torch.nn, cell)(features, hidden_size, dtype=dtype, **options)
    module.train(draw(st.booleans()))
    form = draw(st.sampled_from(["padded", "unbatched", "sorted", "unsorted", "total"]))
    lengths = draw(st.lists(st.integers(1, max_length), min_size=1, max_size=4))
    values = _input(form, lengths, features, module.batch_first, dtype)
    sequences = None if form == "unbatched" else len(lengths)
    hx = _initial(module, sequences, dtype) if draw(st.booleans()) else None
    return Case(module, values, hx, torch.get_rng_state())


def _input(
    form: str, lengths: list[int], features: int, batch_first: bool, dtype: torch.dtype
) -> Tensor | PackedSequence:
    if form == "unbatched":
        return torch.randn(lengths[0], features, dtype=dtype)
    if form == "padded":
        values = torch.randn(lengths[0], len(lengths), features, dtype=dtype)
        return values.transpose(0, 1) if batch_first else values
    if form == "total":
        padded = torch.randn(max(lengths) + 2, len(lengths), features, dtype=dtype)
        return pack_padded_sequence(padded, torch.tensor(lengths), enforce_sorted=False)
    if form == "sorted":
        lengths = sorted(lengths, reverse=True)
    sequences = [torch.randn(length, features, dtype=dtype) for length in lengths]
    return pack_sequence(sequences, enforce_sorted=form == "sorted")


def _initial(module: Any, sequences: int | None, dtype: torch.dtype) -> Any:
    rows = module.num_layers * (2 if module.bidirectional else 1)
    batch = () if sequences is None else (sequences,)
    h_0 = torch.randn(rows, *batch, module.proj_size or module.hidden_size, dtype=dtype)
    if not isinstance(module, torch.nn.LSTM):
        return h_0
    return h_0, torch.randn(rows, *batch, module.hidden_size, dtype=dtype)


def assert_same(actual: Any, expected: Any, tolerance: float) -> None:
    """Same type, shape, order, dtype, and values within a tolerance relative to their size."""
    assert type(actual) is type(expected)
    if expected is None:
        return
    if isinstance(expected, PackedSequence):
        assert torch.equal(actual.batch_sizes, expected.batch_sizes)
        for name in ("sorted_indices", "unsorted_indices"):
            mine, theirs = getattr(actual, name), getattr(expected, name)
            assert (mine is None) == (theirs is None)
            assert theirs is None or torch.equal(mine, theirs)
        actual, expected = actual.data, expected.data
    assert actual.dtype == expected.dtype
    assert actual.device == expected.device
    assert actual.shape == expected.shape
    assert not actual.requires_grad
    finite = expected[expected.isfinite()]
    scale = max(1.0, float(finite.abs().max())) if finite.numel() else 1.0
    torch.testing.assert_close(
        actual, expected.detach(), rtol=0.0, atol=tolerance * scale, equal_nan=True
    )
