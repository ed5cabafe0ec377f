"""What can be trained, and on what: pipelines and torch modules, tasks and batches."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from inspect import signature
from typing import Any, Protocol, runtime_checkable

from torch import Tensor, nn

from rnnviz.errors import InputError, SpecError
from rnnviz.model.training.batch import Batch
from rnnviz.model.training.spec import TrainingSpec
from rnnviz.model.training.task import Task


@runtime_checkable
class Trainable(Protocol):
    """A model that knows its loss, such as a `Pipeline`."""

    @property
    def modules(self) -> Mapping[str, nn.Module]:
        """The torch modules by part."""

    def forward_loss(self, batch: Any, targets: Any) -> Tensor:
        """The loss of a batch, with gradients."""


class OwnLoss:
    """The loss of a pipeline, and the tensors on its way there."""

    def __init__(self, pipeline: Trainable) -> None:
        self._pipeline = pipeline

    def __call__(self, batch: Batch) -> Tensor:
        return self._pipeline.forward_loss(batch.input, batch.target, **_lengths(batch))

    def tensors(self, batch: Batch) -> dict[str, Tensor]:
        """Those from the batch to the scores, in their order."""
        forward: Any = getattr(self._pipeline, "forward", None)
        if forward is None:
            return {}
        choices = _lengths(batch)
        if "targets" in signature(forward).parameters:  # which are fed to a decoder
            choices["targets"] = batch.target
        found = forward(batch.input, **choices)
        return {name: named.tensor for name, named in found.items()}


def _lengths(batch: Batch) -> dict[str, Any]:
    return {} if batch.lengths is None else {"lengths": batch.lengths}


def modules_of(model: object) -> tuple[nn.Module, OwnLoss | None]:
    """The modules to train, as one, and the loss that comes with them.

    Raises:
        SpecError: for anything else.
    """
    if isinstance(model, nn.Module):
        return model, None
    if isinstance(model, Mapping):
        return nn.ModuleDict(model), None
    if isinstance(model, Trainable):
        return nn.ModuleDict(dict(model.modules)), OwnLoss(model)
    raise SpecError("model", expected="a Pipeline or torch modules", got=type(model).__name__)


def layout_of(model: object) -> dict[str, Any]:
    """The layout and the dtype that a pipeline wants its batches in."""
    if isinstance(model, nn.Module | Mapping):
        return {}
    found = {name: getattr(model, name, None) for name in ("batch_first", "dtype")}
    if found["dtype"] is not None:
        found["dtype"] = str(found["dtype"]).removeprefix("torch.")
    return {name: value for name, value in found.items() if value is not None}


def batches_of(data: object, spec: TrainingSpec) -> Iterator[Any]:
    """A batch for each step.

    Raises:
        InputError: for anything else.
    """
    if isinstance(data, Task):
        return data.batches(spec.batch_size, spec.seed)
    if isinstance(data, Batch):
        return itertools.repeat(data)
    if isinstance(data, Iterable) and not isinstance(data, Tensor | str):
        return iter(data)
    raise InputError("data", expected="a task, a Batch or batches", got=type(data).__name__)
