"""A document's model as it learns: made of its parts, and trained for a moment at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rnnviz.model.pipeline import Pipeline
from rnnviz.model.training.batch import Batch
from rnnviz.model.training.loop import Training, train
from rnnviz.model.training.records import Snapshot
from rnnviz.model.training.spec import TrainingSpec
from rnnviz.model.training.stopping import TrainingError
from rnnviz.model.training.task import Task
from rnnviz.session import assembly
from rnnviz.session.binding import bind
from rnnviz.session.state import Document
from rnnviz.session.tasks import task_of

Weights = Mapping[str, NDArray[Any]]

CHUNK = 0.04  # seconds of work before the window may ask for something else


class Chunk(NamedTuple):
    """What some steps brought.

    Attributes:
        step: how many are done by now.
        losses, norms: of the steps since the last chunk.
        snapshots: weights kept since then, by step.
        weights: those of now, where they were asked for.
        ended: no more steps are to come.
        failure: why it ended, where it left the numbers.
    """

    step: int
    losses: list[float]
    norms: list[float]
    snapshots: dict[int, Weights]
    weights: Weights | None
    ended: bool
    failure: TrainingError | None


@dataclass(frozen=True, eq=False)
class Learned:
    """A model as a training takes it, its parts by the names that the document has for them."""

    modules: Mapping[str, nn.Module]
    batch_first: bool
    dtype: torch.dtype
    forward_loss: Callable[..., Tensor]
    forward: Callable[..., Any]


class Learner:
    """Trains a document's model, beside the window; the document itself stays as it is.

    Args:
        document: with a loss.
        spec: the choices of the training.
        cancelled: asked before each step whether to end there.
    """

    def __init__(
        self, document: Document, spec: TrainingSpec, cancelled: Callable[[], bool]
    ) -> None:
        self._document, self._spec, self._cancelled = document, spec, cancelled
        self._training: Training | None = None
        self._modules: nn.Module = nn.ModuleDict()
        self._told = self._kept = 0

    def chunk(self, wants_weights: bool, seconds: float = CHUNK) -> Chunk:
        """Some steps, at least one, in about so many seconds.

        Raises:
            RnnvizError: for what cannot be trained.
        """
        training, ended, failure = self._begun(), False, None
        until = time.perf_counter() + seconds
        try:
            while not ended:
                ended = next(training, None) is None or training.step == self._spec.steps
                if time.perf_counter() >= until:
                    break
        except TrainingError as error:
            ended, failure = True, error
        return self._report(training, wants_weights, ended, failure)

    def _begun(self) -> Training:
        if self._training is None:
            model, data = learned(self._document), data_of(self._document)
            self._modules = nn.ModuleDict(dict(model.modules))
            self._training = train(model, data, cancelled=self._cancelled, **vars(self._spec))
        return self._training

    def _report(
        self, training: Training, wanted: bool, ended: bool, failure: TrainingError | None
    ) -> Chunk:
        records = training.records[self._told :]
        self._told = training.step
        fresh = [each for each in training.snapshots if each.step > self._kept]
        self._kept = max([self._kept, *(each.step for each in fresh)])
        now = training.snapshots[-1] if ended else None
        if wanted and now is None:
            now = Snapshot.of(training.step, self._modules)
        return Chunk(
            training.step,
            [record.loss for record in records],
            [record.grad_norm for record in records],
            {each.step: _arrays(each.weights) for each in fresh},
            None if now is None else _arrays(now.weights),
            ended,
            failure,
        )


def learned(document: Document) -> Learned:
    """The model of a document, made of its parts, with the weights that it has."""
    if not document.recurrent:
        return _of_pipeline(assembly.assemble(document, None), None)
    bound = bind(document)
    assert bound.pipeline is not None  # there is a loss
    if document.decoder is None:
        return _of_pipeline(bound.pipeline, _initial(document, bound.hx))
    whole = assembly.assemble_decoder(document, bound.pipeline)
    parts = {"encoder": "recurrent"}
    modules = {parts.get(name, name): module for name, module in whole.modules.items()}
    return Learned(modules, whole.batch_first, whole.dtype, whole.forward_loss, whole.forward)


def data_of(document: Document) -> Task | Batch:
    """What it learns from: its task, or its own input and targets, shown at every step.

    Raises:
        SpecError: where the model does not fit the task.
    """
    if document.task:
        return task_of(document)
    targets = assembly.targets_of(document)
    assert targets is not None
    return Batch(assembly.batch_of(document), targets, assembly.lengths_of(document))


def _of_pipeline(pipeline: Pipeline, hx: Any) -> Learned:
    return Learned(
        pipeline.modules,
        pipeline.batch_first,
        pipeline.dtype,
        partial(pipeline.forward_loss, hx=hx),
        partial(pipeline.forward, hx=hx),
    )


def _initial(document: Document, hx: Any) -> Any:
    """Initial states for any batch, where they are one vector; else those of the own batch."""
    if document.initial.kind != "vector":
        return hx
    states = [hx] if isinstance(hx, Tensor) else list(hx or ())
    vectors = tuple(state.reshape(-1, state.shape[-1])[0] for state in states)
    return vectors[0] if len(vectors) == 1 else vectors or None


def _arrays(weights: Mapping[str, Tensor]) -> Weights:
    """Tensors that nobody writes to any more, as arrays on the same memory."""
    return {name: _array(weight.detach()) for name, weight in weights.items()}


def _array(weight: Tensor) -> NDArray[Any]:
    known = weight.dtype in (torch.float32, torch.float64)
    values: NDArray[Any] = (weight if known else weight.float()).numpy()
    return values


def as_given(weights: Weights) -> dict[str, NDArray[np.float64]]:
    """Weights as a document keeps them."""
    return {name: np.asarray(values, dtype=np.float64) for name, values in weights.items()}
