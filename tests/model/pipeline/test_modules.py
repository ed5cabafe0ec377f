"""Modules as people have them: shared, parametrized, frozen, seeded, in training."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from rnnviz.model.pipeline import Head, OneHot, Pipeline, SequenceToSequence
from rnnviz.model.spec import ModelSpec
from tests.model.pipeline.test_pipeline import close

IDS = torch.tensor([[1, 3], [2, 2], [3, 1]])


def test_a_shared_weight_has_a_share_of_each_place() -> None:
    embedding, head = nn.Embedding(4, 5), nn.Linear(5, 4)
    head.weight = embedding.weight
    pipeline = Pipeline(embedding, nn.RNN(5, 5), head, "cross_entropy")
    assert len(list(pipeline.parameters())) == 6
    gradients = pipeline.run(IDS, IDS).backward().weights
    pipeline.forward_loss(IDS, IDS).backward()
    assert embedding.weight.grad is not None
    both = gradients["embedding.weight"] + gradients["head.weight"]
    torch.testing.assert_close(both, embedding.weight.grad)


def test_weights_that_are_computed_from_others() -> None:
    torch.manual_seed(0)
    rnn = weight_norm(nn.RNN(5, 6), "weight_hh_l0")
    pipeline = Pipeline(nn.Embedding(4, 5), rnn, weight_norm(nn.Linear(6, 4)), "cross_entropy")
    pr = pipeline.run(IDS, IDS)
    loss = pipeline.forward_loss(IDS, IDS)
    torch.testing.assert_close(pr.loss, loss.detach())
    assert list(pr.backward().weights) == [
        "embedding.weight",
        "recurrent.weight_ih_l0",
        "recurrent.weight_hh_l0",
        "recurrent.bias_ih_l0",
        "recurrent.bias_hh_l0",
        "head.weight",
        "head.bias",
    ]
    names: dict[str, Any] = {"print": lambda *_: None}
    exec(pr.code(), names)
    torch.testing.assert_close(names["loss"], loss)


def test_a_frozen_table_is_not_printed_as_trained() -> None:
    table = nn.Embedding.from_pretrained(torch.randn(4, 5))
    pr = Pipeline(table, nn.RNN(5, 4), loss="cross_entropy").run(IDS, IDS)
    assert "embedding.weight.grad" not in pr.code()
    assert pr.backward().weights["embedding.weight"].shape == (4, 5)


def test_a_seed_writes_only_what_it_does_not_draw() -> None:
    torch.manual_seed(5)
    parts = nn.Embedding(4, 5, padding_idx=0), nn.GRU(5, 6), nn.Linear(6, 4)
    with torch.no_grad():
        parts[2].bias.zero_()
    state = torch.get_rng_state()
    code = Pipeline(*parts, seed=5).code()
    assert torch.equal(torch.get_rng_state(), state)
    assert "torch.manual_seed(5)" in code
    assert code.count("copy_(") == 1
    assert "head.bias.copy_(torch.full((4,), 0.0))" in code
    assert Pipeline(*parts, seed=6).code().count("copy_(") == 7
    assert Pipeline(*parts).code().count("copy_(") == 7


def test_a_part_is_replaced() -> None:
    pipeline = Pipeline(nn.Embedding(4, 5), ModelSpec("GRU", 5, 6), nn.Linear(6, 4))
    other = replace(pipeline, head=nn.Linear(6, 2))
    assert other.recurrent is pipeline.recurrent
    assert other.classes == 2


def test_a_spec_is_written_with_its_seed() -> None:
    pipeline = Pipeline(OneHot(4), ModelSpec("LSTM", 4, 3, seed=9, dtype="float64"))
    code = pipeline.run(IDS).code()
    assert "torch.manual_seed(9)\nrecurrent = nn.LSTM(4, 3, dtype=torch.float64).eval()\n" in code
    assert "copy_(" not in code
    names: dict[str, Any] = {"print": lambda *_: None}
    exec(code, names)
    close(pipeline.run(IDS).output, names["output"].detach())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_other_dtypes(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    parts = nn.Embedding(4, 5), nn.LSTM(5, 6), nn.Linear(6, 4)
    pipeline = Pipeline(*(part.to(dtype) for part in parts), "cross_entropy")
    pr = pipeline.run(IDS, IDS)
    assert pr.scores is not None
    assert pr.scores.dtype == dtype
    loss = pipeline.forward_loss(IDS, IDS)
    loss.backward()
    tolerance = {"rtol": 0.05, "atol": 0.02} if dtype != torch.float32 else {}
    torch.testing.assert_close(pr.loss, loss.detach(), **tolerance)
    gradients = pr.backward()
    for name, weight in pipeline.named_parameters():
        torch.testing.assert_close(gradients.weights[name], weight.grad, **tolerance)


@pytest.mark.parametrize("on", ["every", "last", "h_n"])
def test_it_learns(on: str) -> None:
    """A loop in plain torch, on the live modules; the run is then of what was learnt."""
    torch.manual_seed(0)
    pipeline = Pipeline(
        nn.Embedding(4, 8), nn.GRU(8, 16), Head(nn.Linear(16, 4), on), "cross_entropy"
    )
    targets = IDS if on == "every" else IDS[0]
    optimizer = torch.optim.Adam(pipeline.parameters(), lr=0.02)
    for _ in range(60):
        loss = pipeline.forward_loss(IDS, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    pr = pipeline.run(IDS, targets)
    assert pr.predictions is not None
    assert torch.equal(pr.predictions, targets)


def test_a_sequence_to_sequence_code_makes_its_modules() -> None:
    model = SequenceToSequence(
        nn.GRU(5, 6), nn.LSTM(5, 6), nn.Embedding(4, 5), nn.Linear(6, 4), start=0, end=1
    )
    names: dict[str, Any] = {}
    exec(model.code(), names)
    for name, weight in model.named_parameters():
        part, _, inner = name.partition(".")
        assert torch.equal(dict(names[part].named_parameters())[inner], weight)
