"""Pipelines of every kind with a batch for each, and what torch's own modules make of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from hypothesis import strategies as st
from torch import Tensor, nn

from rnnviz.model.pipeline import Head, Loss, OneHot, Pipeline, PipelineRun

FLOAT = torch.float64


@dataclass
class PipelineCase:
    """One call `pipeline.run(batch, targets, hx, lengths)`."""

    pipeline: Pipeline
    batch: Tensor
    targets: Tensor | None
    hx: Any
    lengths: list[int] | None
    generator: Tensor

    def run(self) -> PipelineRun:
        torch.set_rng_state(self.generator)
        return self.pipeline.run(self.batch, self.targets, self.hx, self.lengths)


@st.composite
def pipeline_cases(draw: st.DrawFn) -> PipelineCase:
    """Any front, cell, head and loss, in every form of batch."""
    torch.manual_seed(draw(st.integers(0, 2**32)))
    V, E, L, N = (draw(st.integers(1, 5)) for _ in range(4))  # noqa: N806
    embedding: Any = draw(st.sampled_from([None, "table", "one_hot", "rows", "linear"]))
    front = {
        None: lambda: None,
        "table": lambda: nn.Embedding(V, E, padding_idx=draw(st.sampled_from([None, 0]))),
        "one_hot": lambda: OneHot(V, nn.Linear(V, E, bias=False, dtype=FLOAT)),
        "rows": lambda: OneHot(V),
        "linear": lambda: nn.Linear(V, E, dtype=FLOAT),
    }[embedding]()
    if isinstance(front, nn.Embedding):
        front = front.to(FLOAT)
    width = V if embedding in (None, "rows") else E
    recurrent = draw(_recurrent(width))
    form = draw(st.sampled_from(["batch", "batch", "padded", "unbatched", "single"]))
    if recurrent is not None:
        width = (2 if recurrent.bidirectional else 1) * (
            recurrent.proj_size or recurrent.hidden_size
        )
    batch_first = recurrent.batch_first if recurrent is not None else draw(st.booleans())
    places = ["every", "last"] + (["h_n"] if recurrent is not None else [])
    classes = draw(st.integers(1, 4))
    head, loss = None, None
    kind = draw(st.sampled_from([None, "cross_entropy", "mse", "bce"]))
    if draw(st.booleans()) or (
        embedding in (None, "rows") and recurrent is None  # else there is no weight at all
    ):
        activations = [None, "softmax"] + ([] if kind == "cross_entropy" else ["sigmoid"])
        linear = nn.Linear(width, classes, bias=draw(st.booleans()), dtype=FLOAT)
        head = Head(linear, draw(st.sampled_from(places)), draw(st.sampled_from(activations)))
    else:
        classes = width
    if kind is not None:
        loss = Loss(kind, reduction=draw(st.sampled_from(["mean", "sum"])))
    pipeline = Pipeline(front, recurrent, head, loss, batch_first)
    shape = {"unbatched": (L,), "single": ()}.get(form, (N, L) if batch_first else (L, N))
    batch = (
        torch.randint(V, shape)
        if embedding in ("table", "one_hot", "rows")
        else torch.randn(*shape, V, dtype=FLOAT)
    )
    lengths = [draw(st.integers(1, L)) for _ in range(N)] if form == "padded" else None
    scores_shape = shape
    if head is not None and head.on != "every" and (len(shape) == 2 or recurrent is not None):
        scores_shape = (N,) if len(shape) == 2 else ()
    targets = None if loss is None else _targets(loss, scores_shape, classes)
    hx = draw(st.sampled_from([None, "given", "vector"])) if recurrent is not None else None
    if hx is not None:
        hx = _initial(recurrent, hx, (N,) if len(shape) == 2 else ())
    return PipelineCase(pipeline, batch, targets, hx, lengths, torch.get_rng_state())


@st.composite
def _recurrent(draw: st.DrawFn, width: int) -> Any:
    cell = draw(st.sampled_from([None, "RNN", "LSTM", "GRU"]))
    if cell is None:
        return None
    hidden_size = draw(st.integers(1, 4))
    options: dict[str, Any] = {
        "num_layers": draw(st.integers(1, 2)),
        "bias": draw(st.booleans()),
        "batch_first": draw(st.booleans()),
        "bidirectional": draw(st.booleans()),
        "dropout": draw(st.sampled_from([0.0, 0.0, 0.4])),
    }
    if cell == "RNN":
        options["nonlinearity"] = draw(st.sampled_from(["tanh", "relu"]))
    if cell == "LSTM" and hidden_size > 1:
        options["proj_size"] = draw(st.integers(0, hidden_size - 1))
    module = getattr(nn, cell)(width, hidden_size, dtype=FLOAT, **options)
    return module.train(draw(st.booleans()))


def _targets(loss: Loss, shape: tuple[int, ...], classes: int) -> Tensor:
    if not loss.takes_classes:
        return torch.rand(*shape, classes, dtype=FLOAT)
    targets = torch.randint(classes, shape)
    if targets.numel() > 2:
        targets.view(-1)[1] = loss.ignore_index
    return targets


def _initial(module: Any, kind: str, batch: tuple[int, ...]) -> Any:
    rows = module.num_layers * (2 if module.bidirectional else 1)
    shape = (rows, *batch) if kind == "given" else ()
    h_0 = torch.randn(*shape, module.proj_size or module.hidden_size, dtype=FLOAT)
    if not isinstance(module, nn.LSTM):
        return h_0
    return h_0, torch.randn(*shape, module.hidden_size, dtype=FLOAT)
