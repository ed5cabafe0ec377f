"""Whole models, from the batch to the loss, that the tests of figures look at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from rnnviz.element import Element
from rnnviz.figures.surroundings import Surroundings
from rnnviz.figures.view import View
from rnnviz.model.pipeline import Head, OneHot, Pipeline, PipelineRun
from rnnviz.model.pipeline.differences import difference_of
from rnnviz.model.tokens import Vocabulary

LETTERS = Vocabulary(("h", "e", "l", "o", " "), by="characters")
WORDS = Vocabulary(("<pad>", "hello", "world", "again", "notwithstanding"), padding="<pad>")


def ramped(module: Any, scale: float = 0.8) -> Any:
    """A module whose weights are plain waves, the same on every machine."""
    with torch.no_grad():
        for k, parameter in enumerate(module.parameters()):
            wave = torch.arange(parameter.numel(), dtype=torch.float64)
            parameter.copy_((torch.sin(1.7 * wave + k) * scale).reshape(parameter.shape))
    return module


def letters(
    kind: str = "LSTM",
    *,
    L: int = 6,  # noqa: N803
    N: int = 1,  # noqa: N803
    on: str = "every",
    lengths: tuple[int, ...] | None = None,
    ignored: int | None = None,
    loss: bool = True,
    **options: Any,
) -> PipelineRun:
    """Next letters of "hello hello …": embedding 5 → 4, two layers of 8, Linear to 5.

    Args:
        ignored: a timestep whose target does not count.
    """
    sizes = {"num_layers": 2, "batch_first": True, **options}
    recurrent = ramped(getattr(nn, kind)(4, 8, **sizes, dtype=torch.float64))
    width = (sizes.get("proj_size") or 8) * (2 if sizes.get("bidirectional") else 1)
    head = Head(ramped(nn.Linear(width, 5, dtype=torch.float64)), on)
    table = ramped(nn.Embedding(5, 4, dtype=torch.float64), 1.5)
    text = ("hello " * (L + N))[: L + N + 1]
    ids = torch.tensor([[LETTERS.ids[c] for c in text[n : n + L]] for n in range(N)])
    targets = torch.tensor([[LETTERS.ids[c] for c in text[n + 1 : n + L + 1]] for n in range(N)])
    if ignored is not None:
        targets[:, ignored] = -100
    targets = targets if on == "every" else targets[:, -1]
    pipeline = Pipeline(table, recurrent, head, "cross_entropy")
    return pipeline.run(ids, targets=targets if loss else None, lengths=lengths)


def regression(L: int = 5) -> PipelineRun:  # noqa: N803
    """Vectors through a Linear, a GRU and a Linear, and what they should have been."""
    front = ramped(nn.Linear(3, 6, dtype=torch.float64))
    recurrent = ramped(nn.GRU(6, 5, batch_first=True, dtype=torch.float64))
    head = Head(ramped(nn.Linear(5, 2, dtype=torch.float64)))
    pipeline = Pipeline(front, recurrent, head, "mse")
    return pipeline.run(waves(1, L, 3), targets=waves(1, L, 2) * 0.7)


def verdicts() -> PipelineRun:
    """Words as one-hot rows through a Linear, an RNN, and two chances at the end."""
    front = OneHot(5, ramped(nn.Linear(5, 4, bias=False, dtype=torch.float64)))
    recurrent = ramped(nn.RNN(4, 5, batch_first=True, dtype=torch.float64))
    head = Head(ramped(nn.Linear(5, 2, dtype=torch.float64)), "last", "sigmoid")
    pipeline = Pipeline(front, recurrent, head, "bce")
    targets = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    return pipeline.run(torch.tensor([[1, 2, 3, 4]]), targets=targets)


def many_classes(count: int = 500, L: int = 6) -> PipelineRun:  # noqa: N803
    """More classes than have room for a bar each."""
    recurrent = ramped(nn.LSTM(4, 6, batch_first=True, dtype=torch.float64))
    table = ramped(nn.Embedding(count, 4, dtype=torch.float64))
    head = ramped(nn.Linear(6, count, dtype=torch.float64), 3.0)
    ids = torch.arange(L)[None] * 7 % count
    targets = (ids + 3) % count
    return Pipeline(table, recurrent, head, "cross_entropy").run(ids, targets=targets)


def waves(*shape: int) -> Tensor:
    """Plain waves of a shape."""
    count = int(torch.Size(shape).numel())
    return torch.cos(torch.arange(count, dtype=torch.float64) * 0.9).reshape(shape)


def view_of(
    pr: PipelineRun,
    position: int | None = None,
    *,
    returned: int | None = None,
    vocabulary: Vocabulary | None = LETTERS,
    classes: tuple[str, ...] | None = None,
    sequence: int | None = 0,
    selection: Element | None = None,
) -> View:
    """A run of a whole model at a position, forward or back."""
    assert pr.run is not None
    run = pr.run if position is None else pr.run.at(position)
    names = classes if classes is not None else vocabulary.tokens if vocabulary else ()
    gradients = pr.backward() if returned is not None else None
    around = Surroundings(pr, vocabulary, names, gradients=gradients, returned=returned)
    return View(run, pr.run, sequence, selection, around=around)


def difference_view() -> View:
    """What another head changes of the letters."""
    old = letters()
    new = letters()
    assert new.pipeline.head is not None
    with torch.no_grad():
        new.pipeline.head.linear.weight[1, 2] += 0.4
    changed = new.pipeline.run(new.tensors["ids"].tensor, new.tensors["targets"].tensor)
    found = difference_of(changed, old)
    view = view_of(found)
    return replace(view, whole=found.run, original=old.run, showing="difference")
