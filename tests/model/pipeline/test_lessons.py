"""The models of the lessons that people learn recurrent networks from, with their shapes."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnviz.model.pipeline import (
    Head,
    OneHot,
    Pipeline,
    PipelineRun,
    SequenceToSequence,
    VanillaCell,
)
from rnnviz.model.pipeline.arrangements import arrange
from rnnviz.model.pipeline.linear import linear_product
from rnnviz.model.pipeline.lookup import look_up
from rnnviz.model.pipeline.vanilla import same_numbers
from rnnviz.model.spec import ModelSpec

FLOAT = torch.float64
IDS = torch.tensor([[1, 2, 3], [3, 2, 1]]).T.contiguous()  # (3, 2)


def shapes(pr: PipelineRun) -> dict[str, tuple[int, ...]]:
    return {name: tuple(named.tensor.shape) for name, named in pr.tensors.items()}


def as_script(pr: PipelineRun) -> dict[str, Any]:
    """Runs the script of a run; it prints what the run holds, digit by digit."""
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(pr.code(), "script.py", "exec"), names)
    for name in ("embedded", "output", "h_n", "scores", "probabilities", "loss"):
        if name in pr.tensors and pr.tensors[name].tensor.dtype == FLOAT:
            assert f"{name} {pr.tensors[name].tensor!s}\n" in printed.getvalue()
        if name in pr.tensors:
            torch.testing.assert_close(names[name].detach(), pr.tensors[name].tensor)
    return names


def test_embedding_of_a_pretrained_table() -> None:
    table = torch.arange(5.0)[:, None].expand(5, 4)
    embedding = nn.Embedding.from_pretrained(table, padding_idx=1)
    ids = [[2, 4, 3, 1], [2, 0, 1, 1]]
    pr = Pipeline(embedding, batch_first=True).run(ids)
    assert pr.tensors["embedded"].legend == "(N, L, E) = (2, 4, 4)"
    assert torch.equal(pr.embedded, torch.tensor(ids)[..., None].expand(2, 4, 4).float())
    as_script(pr)
    found = look_up(embedding, ids)
    assert found.agree
    assert found.counts.tolist() == [1, 3, 2, 1, 1]


def test_embedding_of_six_tokens() -> None:
    pr = Pipeline(nn.Embedding(6, 5)).run(torch.randint(6, (3, 2)))
    assert shapes(pr) == {"ids": (3, 2), "embedded": (3, 2, 5)}
    as_script(pr)


def test_embedding_of_two_words() -> None:
    words = {"hello": 0, "world": 1}
    embedding = nn.Embedding(2, 5)
    pr = Pipeline(embedding).run([words["hello"]])
    assert pr.tensors["embedded"].legend == "(N, E) = (1, 5)"
    assert torch.equal(pr.embedded[0], embedding.weight[0])
    as_script(pr)


def test_linear_on_a_batch_of_stacked_rows() -> None:
    linear = nn.Linear(2, 3)
    linear.load_state_dict(
        {"weight": torch.tensor([[0.0, 0], [0, 1], [1, 0]]), "bias": torch.ones(3)}
    )
    batch = torch.tensor([1.0, 2, 3])[None, :, None].expand(2, 3, 2)
    pr = Pipeline(head=linear, batch_first=True).run(batch)
    rows = [[1.0, 2, 2], [1, 3, 3], [1, 4, 4]]
    assert pr.scores is not None
    assert pr.scores.tolist() == [rows, rows]
    as_script(pr)
    stacked = linear_product(linear, batch)
    assert stacked.X.shape == (6, 2)
    assert stacked.H.tolist() == rows + rows
    assert torch.equal(stacked.output, pr.scores)
    assert stacked.places[4] == (1, 1)
    assert stacked.terms(5, 1).tolist() == [0, 3]


def test_linear_and_a_sigmoid() -> None:
    batch = torch.arange(128, dtype=torch.float32).view(16, 8)
    linear = nn.Linear(8, 2)
    pr = Pipeline(head=Head(linear, activation="sigmoid")).run(batch)
    assert pr.tensors["probabilities"].legend == "(N, C) = (16, 2)"
    assert torch.equal(pr.probabilities, linear(batch).sigmoid().detach())
    names = as_script(pr)
    assert "torch.arange(128, dtype=torch.float32).view(16, 8)" in pr.code()
    assert torch.equal(names["probabilities"].detach(), pr.probabilities)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
@pytest.mark.parametrize("layout", ["view", "transpose"])
def test_one_hot_through_linear_into_an_rnn(nonlinearity: str, layout: str) -> None:
    sequences = torch.tensor([[1, 2, 3], [3, 2, 1]])
    arranged = getattr(arrange(sequences), layout)
    joined = functional.one_hot(torch.cat([*sequences]), 4).view(3, 2, 4)
    if layout == "view":
        assert arranged.mixed == ((0, 0, 1), (0, 1, 1))
    else:
        joined = functional.one_hot(sequences, 4).transpose(0, 1)
        assert arranged.mixed == ((0, 0, 0), (1, 1, 1))
    linear, rnn = nn.Linear(4, 5, bias=False), nn.RNN(5, 5, nonlinearity=nonlinearity)
    h_0 = torch.zeros(1, 2, 5)
    pr = Pipeline(OneHot(4, linear), rnn).run(arranged.tensor, hx=h_0)
    assert shapes(pr) == {
        "ids": (3, 2),
        "one_hot": (3, 2, 4),
        "embedded": (3, 2, 5),
        "h_0": (1, 2, 5),
        "output": (3, 2, 5),
        "h_n": (1, 2, 5),
    }
    output, h_n = rnn(linear(joined.float()), h_0)
    torch.testing.assert_close(pr.output, output.detach())
    torch.testing.assert_close(pr.tensors["h_n"].tensor, h_n.detach())
    assert torch.equal(Pipeline(linear, rnn).run(joined.float(), hx=h_0).output, pr.output)
    as_script(pr)


def test_one_hot_of_a_single_sequence() -> None:
    pipeline = Pipeline(OneHot(4, nn.Linear(4, 7, bias=False)), nn.RNN(7, 5))
    pr = pipeline.run(torch.tensor([[1], [2], [3]]), hx=torch.zeros(1, 1, 5))
    assert shapes(pr)["one_hot"] == (3, 1, 4)
    assert shapes(pr)["embedded"] == (3, 1, 7)
    assert shapes(pr)["output"] == (3, 1, 5)
    as_script(pr)


def test_embedding_into_an_rnn() -> None:
    embedding, rnn = nn.Embedding(4, 5), nn.RNN(5, 5)
    pr = Pipeline(embedding, rnn).run(IDS, hx=torch.zeros(1, 2, 5))
    assert shapes(pr)["ids"] == (3, 2)
    assert shapes(pr)["output"] == (3, 2, 5)
    one_hot = OneHot(4, nn.Linear(4, 5, bias=False))
    one_hot.linear.weight.data = embedding.weight.data.T.clone()
    assert torch.equal(Pipeline(one_hot, rnn).run(IDS).output, pr.output)
    as_script(pr)


def test_embedding_into_a_bidirectional_rnn() -> None:
    pr = Pipeline(nn.Embedding(4, 5), nn.RNN(5, 5, bidirectional=True)).run(
        IDS, hx=torch.zeros(2, 2, 5)
    )
    assert pr.output is not None
    assert pr.run is not None
    assert pr.output.shape == (3, 2, 10)
    apart = pr.output.view(3, 2, 2, 5)
    for direction in range(2):
        assert torch.equal(apart[:, :, direction], pr.run.states(0, direction).h)
    as_script(pr)


def test_next_word_score() -> None:
    torch.manual_seed(0)
    pipeline = Pipeline(nn.Embedding(4, 5), nn.RNN(5, 5), nn.Linear(5, 4), "cross_entropy", seed=0)
    labels = torch.tensor([2, 2, 3, 1, 0, 0])
    pr = pipeline.run(IDS, labels, hx=torch.zeros(1, 2, 5))
    assert pr.tensors["flat_scores"].legend == "(L * N, C) = (6, 4)"
    assert pr.flat_rows == ((0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2))
    torch.testing.assert_close(pr.probabilities.sum(-1), torch.ones(3, 2))
    torch.testing.assert_close(pr.loss, functional.cross_entropy(pr.flat_scores, labels))
    torch.testing.assert_close(pr.loss, pr.losses.mean())
    names = as_script(pr)
    gradients = pr.backward()
    torch.testing.assert_close(gradients.weights["head.weight"], names["head"].weight.grad)
    torch.testing.assert_close(
        gradients.weights["embedding.weight"], names["embedding"].weight.grad
    )
    assert gradients.weights["embedding.weight"][0].tolist() == [0] * 5  # no sequence has it


@pytest.mark.parametrize("identity", [False, True])
def test_three_linear_layers(identity: bool) -> None:
    wi, wh, wo = nn.Linear(128, 64), nn.Linear(64, 64), nn.Linear(64, 16)
    batch, h_0 = torch.randn(8, 32, 128), torch.randn(64)
    cell = VanillaCell.of_layers(wi, wh, wo, identity=identity, batch_first=True)
    h, outputs = h_0.expand(8, 64), []
    for x in batch.unbind(1):
        h = torch.tanh(wi(x) + (h if identity else wh(h)))
        outputs.append(wo(h))
    pr = cell.pipeline().run(batch, hx=h_0)
    assert pr.tensors["scores"].legend == "(N, L, C) = (8, 32, 16)"
    assert shapes(pr)["h_0"] == (1, 8, 64)
    torch.testing.assert_close(pr.scores, torch.stack(outputs, 1).detach(), atol=1e-5, rtol=0)
    assert same_numbers(cell, batch, h_0).difference < 1e-5
    as_script(pr)


def test_a_cell_with_a_softmax() -> None:
    torch.manual_seed(0)
    U, W, V = (torch.randn(*s, dtype=FLOAT) for s in ((8, 2), (8, 8), (3, 8)))  # noqa: N806
    b, c = torch.randn(8, dtype=FLOAT), torch.randn(3, dtype=FLOAT)
    cell = VanillaCell(U, W, V, b, c)
    x = torch.randn(10, 2, dtype=FLOAT)
    assert cell.step(x[0]).o.shape == (3,)
    one = cell.pipeline("softmax").run(x[0])
    assert shapes(one)["scores"] == (3,)
    torch.testing.assert_close(one.scores, cell.step(x[0]).o)
    ten = cell.pipeline("softmax").run(x)
    assert shapes(ten)["scores"] == (10, 3)
    h = torch.zeros(8, dtype=FLOAT)
    for t in range(10):
        h = torch.tanh(W @ h + U @ x[t] + b)
        torch.testing.assert_close(ten.scores[t], V @ h + c, atol=1e-12, rtol=0)
        torch.testing.assert_close(ten.probabilities[t], functional.softmax(V @ h + c, -1))
    as_script(one)
    as_script(ten)


def test_lstm_with_a_projection_of_two_classes() -> None:
    torch.manual_seed(1)
    lstm = nn.LSTM(768, 8, 2, batch_first=True, proj_size=2)
    batch, targets = torch.randn(16, 10, 768), torch.randint(2, (16, 10))
    pr = Pipeline(recurrent=lstm, loss="cross_entropy", seed=1).run(batch, targets)
    assert pr.tensors["output"].legend == "(N, L, D * H_out) = (16, 10, 2)"
    assert pr.tensors["flat_output"].legend == "(N * L, C) = (160, 2)"
    assert pr.tensors["c_n"].legend == "(D * num_layers, N, H_cell) = (2, 16, 8)"
    assert len(pr.code()) < 4000  # the seed draws the weights, the batch and the targets
    names, gradients = as_script(pr), pr.backward()
    for name, parameter in names["recurrent"].named_parameters():
        torch.testing.assert_close(gradients.weights[f"recurrent.{name}"], parameter.grad)


def test_a_script_is_a_program_of_its_own(tmp_path: Path) -> None:
    torch.manual_seed(0)
    parts: list[Any] = [nn.Embedding(4, 5), nn.GRU(5, 6, 2, dropout=0.5), nn.Linear(6, 4)]
    pipeline = Pipeline(*(part.to(FLOAT) for part in parts), "cross_entropy")
    pr = pipeline.run(IDS, IDS, lengths=[3, 2])  # in train mode, with masks
    (tmp_path / "script.py").write_text(pr.code(), "utf-8")
    command = [sys.executable, "-W", "error", str(tmp_path / "script.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    for name in ("embedded", "output", "h_n", "scores", "probabilities", "loss"):
        assert f"{name} {pr.tensors[name].tensor!s}\n" in done.stdout
    for name, grad in pr.backward().weights.items():
        assert f"{name}.grad {grad!s}\n" in done.stdout


def test_parameters_of_an_rnn() -> None:
    pipeline = Pipeline(recurrent=ModelSpec("RNN", 100, 10))
    assert {name: tuple(weight.shape) for name, weight in pipeline.named_parameters()} == {
        "recurrent.weight_ih_l0": (10, 100),
        "recurrent.weight_hh_l0": (10, 10),
        "recurrent.bias_ih_l0": (10,),
        "recurrent.bias_hh_l0": (10,),
    }
    assert "torch.manual_seed(0)\nrecurrent = nn.RNN(100, 10).eval()\n" in pipeline.code()
    made: dict[str, Any] = {}
    exec(pipeline.code(), made)
    for name, weight in pipeline.named_parameters():
        assert torch.equal(dict(made["recurrent"].named_parameters())[name[10:]], weight)


def test_a_toy_learns_to_reverse_its_input() -> None:
    torch.manual_seed(0)
    start, end, symbols, length = 0, 1, 4, 4
    model = SequenceToSequence(
        nn.GRU(8, 32),
        nn.GRU(8, 32),
        nn.Embedding(2 + symbols, 8),
        nn.Linear(32, 2 + symbols),
        start,
        end,
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    for step in range(2000):  # some 300 are enough; a step takes 4 ms on one core
        source, targets = reversed_batch(symbols, length, end)
        if step % 50 == 0 and right(model, source) == 1.0:
            break
        loss = model.forward_loss(source, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    run = model.run(source[:, :3])
    assert run.lengths == (length,) * 3
    assert torch.equal(run.choices[:length], source[:, :3].flip(0))


def reversed_batch(symbols: int, length: int, end: int) -> tuple[Tensor, Tensor]:
    source = 2 + torch.randint(symbols, (length, 64))
    return source, torch.cat([source.flip(0), torch.full((1, 64), end)])


def right(model: SequenceToSequence, source: Tensor) -> float:
    choices = model.run(source, steps=len(source) + 1).choices
    if len(choices) < len(source):
        return 0.0
    same: Tensor = (choices[: len(source)] == source.flip(0)).all(dim=0)
    return float(same.double().mean())
