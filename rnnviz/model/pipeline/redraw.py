"""What a script draws by itself, so that only the numbers that differ need be written out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from rnnviz.model.building import build_module, read_module
from rnnviz.model.pipeline.embedding import OneHot, vocabulary_size
from rnnviz.model.pipeline.literals import dtype_argument

if TYPE_CHECKING:
    from rnnviz.model.pipeline.pipeline import Pipeline


@dataclass(frozen=True, eq=False)
class Redrawn:
    """What a script has once its seeds are set and its modules are made.

    Attributes:
        weights: by the pipeline's names; empty where no seed is known.
        batch: the expression that draws the batch next; "" where none does.
        targets: the same of the targets.
    """

    weights: dict[str, Tensor] = field(default_factory=dict)
    batch: str = ""
    targets: str = ""


def construction(module: nn.Module) -> str:
    """The expression that makes a module like this one, its defaults left out."""
    if isinstance(module, nn.RNN | nn.LSTM | nn.GRU):
        return read_module(module).code() + (".eval()" if not module.training else "")
    if isinstance(module, nn.Embedding):
        arguments = [str(module.num_embeddings), str(module.embedding_dim)]
        if module.padding_idx is not None:
            arguments.append(f"padding_idx={module.padding_idx}")
        if module.scale_grad_by_freq:
            arguments.append("scale_grad_by_freq=True")
        name = "Embedding"
    else:
        assert isinstance(module, nn.Linear)
        arguments = [str(module.in_features), str(module.out_features)]
        if module.bias is None:
            arguments.append("bias=False")
        name = "Linear"
    dtype = dtype_argument(module.weight.dtype).removeprefix(", ")
    return f"nn.{name}({', '.join([*arguments, dtype] if dtype else arguments)})"


def redraw(
    pipeline: Pipeline, batch: Tensor | None = None, targets: Tensor | None = None
) -> Redrawn:
    """Draws what a script would draw, in its order; the global generator is as before."""
    weights: dict[str, Tensor] = {}
    known = pipeline.seed is not None
    with torch.random.fork_rng(devices=[]):
        if pipeline.seed is not None:
            torch.manual_seed(pipeline.seed)
        for part, module in pipeline.modules.items():
            if part == "recurrent" and pipeline.recurrent_seed is not None:
                torch.manual_seed(pipeline.recurrent_seed)
                known = True
            made = _like(module)
            if known:
                weights |= {
                    f"{part}.{key}": value.detach() for key, value in made.named_parameters()
                }
        if not known:
            return Redrawn()
        first, second = _batch_drawn(pipeline, batch), ""
        if targets is not None and (batch is None or first):
            second = _drawn(targets, pipeline.classes)
    return Redrawn(weights, first, second)


def _like(module: nn.Module) -> nn.Module:
    """Another module of the same arguments, drawn by the global generator."""
    if isinstance(module, nn.RNN | nn.LSTM | nn.GRU):
        made: Any = build_module(read_module(module))
        made.reset_parameters()
        return made  # type: ignore[no-any-return]
    if isinstance(module, nn.Embedding):
        return nn.Embedding(
            module.num_embeddings,
            module.embedding_dim,
            padding_idx=module.padding_idx,
            dtype=module.weight.dtype,
        )
    assert isinstance(module, nn.Linear)
    return nn.Linear(
        module.in_features,
        module.out_features,
        bias=module.bias is not None,
        dtype=module.weight.dtype,
    )


def _batch_drawn(pipeline: Pipeline, batch: Tensor | None) -> str:
    if batch is None:
        return ""
    embedding = pipeline.embedding
    if isinstance(embedding, nn.Embedding | OneHot):
        return _drawn(batch, vocabulary_size(embedding))
    return _drawn(batch, None)


def _drawn(values: Tensor, count: int | None) -> str:
    """The expression that draws these values next, normal or of ids below `count`; "" if none."""
    shape = tuple(values.shape)
    if values.is_floating_point():
        drawn = torch.randn(shape, dtype=values.dtype)
        code = f"torch.randn({', '.join(map(str, shape))}{dtype_argument(values.dtype)})"
    elif count is not None:
        drawn = torch.randint(count, shape)
        code = f"torch.randint({count}, {shape})"
    else:
        return ""
    return code if torch.equal(drawn, values) else ""
