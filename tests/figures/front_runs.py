"""Models of the lessons that begin with ids or with a Linear layer, and views of them."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from rnnviz.figures.surroundings import Surroundings
from rnnviz.figures.view import View
from rnnviz.model.pipeline import Head, OneHot, Pipeline, PipelineRun
from rnnviz.model.tokens import Vocabulary

TOKENS = ("<pad>", "hello", "world", "the", "cat", "sat")


def view_of(pr: PipelineRun, position: int | None = None, **fields: Any) -> View:
    """A run as far as a position; the whole of it without one."""
    names = {name: fields.pop(name) for name in ("vocabulary", "classes") if name in fields}
    if pr.run is None:
        around = Surroundings(pr, position=pr.form.L if position is None else position, **names)
        return View(None, around=around, **fields)
    run = pr.run if position is None else pr.run.at(position)
    return View(run, pr.run, around=Surroundings(pr, **names), **fields)


def pretrained() -> PipelineRun:
    """A 5×4 table whose row i is all i, padding_idx 1."""
    table = torch.arange(5.0)[:, None].repeat(1, 4)
    embedding = nn.Embedding.from_pretrained(table, padding_idx=1)
    return Pipeline(embedding, batch_first=True).run(torch.tensor([[2, 4, 3, 1], [2, 0, 1, 1]]))


def small_table() -> PipelineRun:
    """`nn.Embedding(6, 5)` on ids of (3, 2)."""
    torch.manual_seed(0)
    return Pipeline(nn.Embedding(6, 5)).run(torch.tensor([[1, 2], [0, 5], [3, 1]]))


def two_to_three() -> PipelineRun:
    """`nn.Linear(2, 3)` on inputs of (2, 3, 2), 1, 2 and 3 in both features."""
    linear = nn.Linear(2, 3)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]]))
        linear.bias.fill_(1.0)
    inputs = torch.tensor([1.0, 2.0, 3.0]).view(1, 3, 1).expand(2, 3, 2)
    return Pipeline(linear, batch_first=True).run(inputs)


def eight_to_two() -> PipelineRun:
    """`nn.Linear(8, 2)` and a sigmoid on arange(128).view(16, 8)."""
    linear = nn.Linear(8, 2)
    with torch.no_grad():
        linear.weight.copy_(torch.sin(torch.arange(16.0)).view(2, 8) / 32)
        linear.bias.copy_(torch.tensor([0.25, -0.5]))
    head = Head(linear, activation="sigmoid")
    return Pipeline(head=head).run(torch.arange(128.0).view(16, 8))


def one_hot_rnn() -> PipelineRun:
    """One-hot (3, 2, 4) through `nn.Linear(4, 5, bias=False)` into `nn.RNN(5, 5)`."""
    torch.manual_seed(2)
    front = OneHot(4, nn.Linear(4, 5, bias=False))
    return Pipeline(front, nn.RNN(5, 5)).run(torch.tensor([[1, 3], [2, 2], [3, 1]]))


def words(
    cell: str = "LSTM",
    lengths: tuple[int, ...] | None = None,
    on: str = "every",
    sizes: tuple[int, int, int] = (6, 4, 3),
    shape: tuple[int, int] = (3, 6),
    **options: Any,
) -> tuple[PipelineRun, Vocabulary | None]:
    """Words through a table, recurrent layers and a head; sizes are V, E and H."""
    torch.manual_seed(3)
    (V, E, H), (N, L) = sizes, shape  # noqa: N806
    recurrent = getattr(nn, cell)(E, H, batch_first=True, **options)
    head = Head(nn.Linear(H * (2 if recurrent.bidirectional else 1), V), on=on)
    pipeline = Pipeline(nn.Embedding(V, E, padding_idx=0), recurrent, head, "cross_entropy")
    ids = torch.randint(1, V, (N, L))
    for row, length in enumerate(lengths or ()):
        ids[row, length:] = 0
    named = Vocabulary(TOKENS, padding="<pad>") if len(TOKENS) == V else None
    return pipeline.run(ids, lengths=lengths), named
