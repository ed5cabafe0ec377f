"""From somebody's own pipeline and batch to a document."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from rnnviz.errors import SpecError
from rnnviz.model.pipeline import OneHot, Pipeline
from rnnviz.model.pipeline.embedding import takes_ids
from rnnviz.model.spec import ModelSpec
from rnnviz.session.adoption import adopt_module
from rnnviz.session.edits import check
from rnnviz.session.parts import FrontPart, HeadPart
from rnnviz.session.state import Document

if TYPE_CHECKING:
    from rnnviz.model.pipeline.run import PipelineRun
    from rnnviz.model.tokens import Vocabulary

IGNORED = -100


def adopt_pipeline(
    pipeline: Pipeline,
    batch: Any,
    targets: Any = None,
    hx: Any = None,
    lengths: Any = None,
    vocabulary: Vocabulary | None = None,
) -> Document:
    """A document that computes what `pipeline.run(batch, targets, hx, lengths)` does.

    Raises:
        SpecError: for a loss with choices that the window does not have.
        InputError: for what does not fit.
    """
    loss = pipeline.loss
    if loss is not None and (
        loss.weight is not None
        or loss.label_smoothing
        or loss.reduction != "mean"
        or loss.ignore_index != IGNORED
    ):
        raise SpecError(
            "loss", expected="a mean, unweighted and without smoothing, in the window", got=loss
        )
    pr = pipeline.run(batch, targets, hx, lengths)
    document = _recurrent(pipeline, pr)
    return check(
        replace(
            document,
            values=_values(pipeline, pr),
            front=_front(pipeline),
            vocabulary=vocabulary if takes_ids(pipeline.embedding) else None,
            head=_head(pipeline),
            loss=None if loss is None or targets is None else loss.kind,
            targets=None if targets is None else _targets(pr),
            weights=MappingProxyType({name: _array(w) for name, w in pr.weights.items()}),
            title="your pipeline",
        )
    )


def _recurrent(pipeline: Pipeline, pr: PipelineRun) -> Document:
    """The recurrent layers as a document of their own, or one that has none."""
    form = pr.form
    lengths = form.lengths or (form.L,) * form.N
    if pipeline.recurrent is not None and pr.run is not None:
        given = form.to_module(pr.embedded)
        initial = pr.run.h_0 if pr.run.c_0 is None else (pr.run.h_0, pr.run.c_0)
        if pr.run.unbatched:
            pairs = initial if isinstance(initial, tuple) else (initial,)
            flat = tuple(state.squeeze(1) for state in pairs)
            initial = flat[0] if len(flat) == 1 else (flat[0], flat[1])
        return adopt_module(pipeline.recurrent, given, initial if pr.run.initial_given else None)
    dtype = str(pipeline.dtype).removeprefix("torch.")
    spec = ModelSpec("RNN", pr.embedded.shape[-1], 4, batch_first=form.batch_first, dtype=dtype)
    values = np.zeros((form.N, form.L, 0))
    return Document(spec, values, lengths, recurrent=False, unbatched=form.axes == ("L",))


def _values(pipeline: Pipeline, pr: PipelineRun) -> NDArray[np.float64]:
    """The batch as (N, L, features)."""
    first = next(iter(pr.tensors.values())).tensor
    grid = pr.form.grid(first).transpose(0, 1)
    return _array(grid[..., None] if takes_ids(pipeline.embedding) else grid)


def _front(pipeline: Pipeline) -> FrontPart | None:
    found = pipeline.embedding
    if isinstance(found, nn.Embedding):
        return FrontPart("embedding", found.num_embeddings, found.embedding_dim, found.padding_idx)
    if isinstance(found, OneHot):
        width = None if found.linear is None else found.linear.out_features
        return FrontPart("one_hot", found.num_classes, width)
    if found is None:
        return None
    return FrontPart("linear", found.in_features, found.out_features, bias=found.bias is not None)


def _head(pipeline: Pipeline) -> HeadPart | None:
    head = pipeline.head
    if head is None:
        return None
    bias = head.linear.bias is not None
    return HeadPart(head.linear.out_features, head.on, head.activation, bias)


def _targets(pr: PipelineRun) -> NDArray[Any]:
    """The targets with N first: (N, L), (N,), or with C behind."""
    flat = pr.tensors["flat_targets"].tensor
    tail = tuple(flat.shape[1:])
    head = pr.pipeline.head
    if head is not None and head.on != "every":
        return _numbers(flat.reshape(pr.form.N, *tail))
    sizes = {"L": pr.form.L, "N": pr.form.N}
    grid = pr.form.grid(flat.reshape([*(sizes[axis] for axis in pr.form.axes), *tail]))
    return _numbers(grid.transpose(0, 1))


def _numbers(tensor: torch.Tensor) -> NDArray[Any]:
    values: NDArray[Any] = tensor.contiguous().numpy()
    return values.copy()


def _array(tensor: torch.Tensor) -> NDArray[np.float64]:
    values: NDArray[np.float64] = tensor.detach().to(torch.float64).contiguous().numpy()
    return values.copy()
