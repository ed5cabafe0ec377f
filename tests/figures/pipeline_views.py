"""Views of whole models that the figures around the recurrent layers are tested with."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import nn

from rnnviz.figures.surroundings import Surroundings
from rnnviz.figures.view import View
from rnnviz.model.pipeline import Head, Loss, OneHot, Pipeline, PipelineRun
from rnnviz.model.pipeline.differences import difference_of
from rnnviz.model.tokens import Vocabulary

WORDS = Vocabulary(("a", "she", "reads", "it"))
LETTERS = Vocabulary(("<pad>", "h", "e", "l", "o", "w", "r", "d"))
IDS = ((1, 2, 3), (3, 2, 1))
LABELS = ((2, 3, 0), (2, 1, 3))


def fill(pipeline: Pipeline) -> Pipeline:
    """The pipeline with weights that no generator has a hand in."""
    with torch.no_grad():
        for k, parameter in enumerate(pipeline.parameters()):
            ramp = torch.linspace(-1, 1, parameter.numel(), dtype=torch.float64)
            parameter.copy_(torch.sin(7 * ramp + k).reshape(parameter.shape) * 0.9)
    return pipeline


def view_of(
    pr: PipelineRun,
    step: int | None = None,
    vocabulary: Vocabulary | None = None,
    classes: tuple[str, ...] = (),
    returned: int | None = None,
    **view: Any,
) -> View:
    """A view of a run, all of it done unless a step says how much."""
    run = pr.run
    around = Surroundings(
        pr,
        vocabulary,
        classes,
        position=pr.form.L if step is None else step,
        gradients=None if pr.loss is None else pr.backward(),
        returned=returned,
    )
    trace = run if run is None or step is None else run.at(step)
    return View(trace, run, around=around, **view)


def next_word(batch_first: bool = False) -> PipelineRun:
    """Two sequences of three ids: the next word's score, (6, 4) once flattened."""
    ids, labels = torch.tensor(IDS), torch.tensor(LABELS)
    if not batch_first:
        ids, labels = ids.T.contiguous(), labels.T.contiguous()
    recurrent = nn.RNN(5, 5, batch_first=batch_first)
    pipeline = Pipeline(nn.Embedding(4, 5), recurrent, nn.Linear(5, 4), "cross_entropy")
    return fill(pipeline).run(ids, targets=labels)


def one_hot(batch: int = 2) -> PipelineRun:
    """The same ids as one-hot rows, without a head."""
    ids = torch.tensor(IDS).T[:, :batch].contiguous()
    return fill(Pipeline(OneHot(4), nn.RNN(4, 5))).run(ids)


def projected() -> PipelineRun:
    """An LSTM whose output of two numbers is the scores: 16 sequences of 10 timesteps."""
    values = torch.sin(torch.arange(16 * 10 * 768) * 0.37).reshape(16, 10, 768)
    labels = (torch.arange(160).reshape(16, 10) * 7 % 5) % 2
    recurrent = nn.LSTM(768, 8, 2, batch_first=True, proj_size=2)
    return fill(Pipeline(None, recurrent, None, "cross_entropy")).run(values, targets=labels)


def padded() -> PipelineRun:
    """Three words of 5, 3 and 4 letters, two of the labels ignored."""
    ids = torch.tensor([[1, 2, 3, 3, 4], [5, 4, 6, 0, 0], [2, 3, 4, 4, 0]])
    labels = torch.tensor([[2, 3, 3, 4, 5], [4, 6, -100, 0, 0], [3, 4, 4, -100, 0]])
    recurrent = nn.GRU(6, 7, batch_first=True)
    pipeline = Pipeline(nn.Embedding(8, 6), recurrent, nn.Linear(7, 8), "cross_entropy")
    return fill(pipeline).run(ids, targets=labels, lengths=[5, 3, 4])


def regression(batch_first: bool = True) -> PipelineRun:
    """Vectors and squared differences, padded."""
    shape = (3, 4, 2) if batch_first else (4, 3, 2)
    values = torch.sin(torch.arange(24.0)).reshape(shape)
    targets = torch.cos(torch.arange(24.0)).reshape(shape)
    pipeline = Pipeline(None, nn.GRU(2, 7, batch_first=batch_first), nn.Linear(7, 2), "mse")
    return fill(pipeline).run(values, targets=targets, lengths=[4, 2, 3])


def on_last(activation: str | None = "sigmoid") -> PipelineRun:
    """A head on each sequence's last timestep, binary cross-entropy."""
    head = Head(nn.Linear(7, 1), "last", activation)
    values = torch.sin(torch.arange(24.0)).reshape(4, 3, 2)
    pipeline = fill(Pipeline(None, nn.GRU(2, 7), head, "bce"))
    return pipeline.run(values, targets=torch.tensor([[1.0], [0.0], [1.0]]))


def on_states() -> PipelineRun:
    """A head on the final states of both directions, with a weight for each class."""
    loss = Loss("cross_entropy", weight=torch.tensor([1.0, 2.0, 0.5]))
    recurrent = nn.LSTM(4, 5, bidirectional=True, batch_first=True)
    pipeline = Pipeline(nn.Embedding(9, 4), recurrent, Head(nn.Linear(10, 3), "h_n"), loss)
    ids = torch.arange(20).reshape(4, 5) * 7 % 9
    return fill(pipeline).run(ids, targets=torch.tensor([0, 2, 1, 1]))


def unbatched() -> PipelineRun:
    """One sequence without axis N; scores and probabilities, nothing to compare with."""
    head = Head(nn.Linear(5, 4), activation="softmax")
    return fill(Pipeline(nn.Embedding(4, 5), nn.RNN(5, 5), head)).run(torch.tensor([1, 2, 3, 0]))


def large(L: int, N: int, C: int) -> PipelineRun:  # noqa: N803
    """Ids in any number, and as many classes."""
    pipeline = fill(Pipeline(nn.Embedding(50, 3), nn.RNN(3, 4), nn.Linear(4, C), "cross_entropy"))
    places = torch.arange(L * N).reshape(L, N)
    return pipeline.run(places * 7 % 50, targets=places * 11 % C)


def edited() -> tuple[PipelineRun, PipelineRun]:
    """The next word's score, before and after a weight of the head was changed."""
    before = next_word()
    head = copy.deepcopy(before.pipeline.head)
    assert head is not None
    with torch.no_grad():
        head.linear.weight[1, 2] += 0.8
    parts = before.pipeline
    pipeline = Pipeline(parts.embedding, parts.recurrent, head, parts.loss)
    return before, pipeline.run(before.ids, targets=before.tensors["targets"].tensor)


def difference_view() -> View:
    """What the edit changed."""
    before, after = edited()
    apart = difference_of(after, before)
    around = Surroundings(apart, WORDS, WORDS.tokens)
    return View(apart.run, apart.run, original=before.run, showing="difference", around=around)
