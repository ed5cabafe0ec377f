"""What stands in front of the recurrent layers: a table, a one-hot code, a Linear, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from rnnviz.errors import InputError, SpecError
from rnnviz.model.pipeline.form import Form
from rnnviz.model.pipeline.named import Named, place_text

_WHOLE = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)


@dataclass(frozen=True, eq=False)
class OneHot:
    """Ids as rows of zeros with a single 1, and perhaps a Linear layer over them.

    Args:
        num_classes: V, the length of a row.
        linear: `nn.Linear(num_classes, E, bias=False)`, whose columns are then the vectors of
            the tokens; None to take the rows themselves.

    Raises:
        SpecError: where there is no class, or `linear` takes rows of another length.
    """

    num_classes: int
    linear: nn.Linear | None = None

    def __post_init__(self) -> None:
        if isinstance(self.num_classes, bool) or not isinstance(self.num_classes, int):
            raise SpecError("num_classes", expected="a whole number", got=self.num_classes)
        if self.num_classes < 1:
            raise SpecError("num_classes", expected="at least 1", got=self.num_classes)
        if self.linear is not None and self.linear.in_features != self.num_classes:
            raise SpecError(
                "linear",
                expected=f"in_features {self.num_classes} (num_classes)",
                got=self.linear.in_features,
            )


Embedding = nn.Embedding | OneHot | nn.Linear | None


def check_embedding(embedding: object) -> None:
    """Refuse what cannot stand in front.

    Raises:
        SpecError: for another kind of object, and for a table that changes when it is read.
    """
    if embedding is not None and not isinstance(embedding, nn.Embedding | OneHot | nn.Linear):
        raise SpecError(
            "embedding",
            expected="nn.Embedding, OneHot, nn.Linear or None",
            got=type(embedding).__name__,
        )
    if isinstance(embedding, nn.Embedding) and embedding.max_norm is not None:
        raise SpecError(
            "max_norm",
            expected="None (with it a lookup changes the table)",
            got=embedding.max_norm,
        )


def module_of(embedding: Embedding) -> nn.Embedding | nn.Linear | None:
    """The torch module that holds the weights, if any."""
    return embedding.linear if isinstance(embedding, OneHot) else embedding


def takes_ids(embedding: Embedding) -> bool:
    """Whether a batch is of ids rather than of vectors."""
    return isinstance(embedding, nn.Embedding | OneHot)


def width_of(embedding: Embedding) -> int | None:
    """E, the length of the vectors that come out; None where they are as they come in."""
    module = module_of(embedding)
    if isinstance(module, nn.Embedding):
        return module.embedding_dim
    if module is not None:
        return module.out_features
    return embedding.num_classes if isinstance(embedding, OneHot) else None


def vocabulary_size(embedding: nn.Embedding | OneHot) -> int:
    """V, how many ids there are."""
    if isinstance(embedding, OneHot):
        return embedding.num_classes
    return embedding.num_embeddings


def read_batch(embedding: Embedding, batch: object, dtype: torch.dtype) -> Tensor:
    """A batch of ids as int64, or of vectors in the dtype of the weights; a copy.

    Raises:
        InputError: for anything else, for ids outside the vocabulary and for vectors of
            another length.
    """
    if isinstance(embedding, nn.Embedding | OneHot):
        return _read_ids(embedding, _tensor("ids", batch))
    values = _tensor("batch", batch)
    if not values.is_floating_point() or values.dtype != dtype:
        raise InputError("batch", expected=f"vectors of {dtype}", got=values.dtype)
    if values.dim() == 0:
        raise InputError("batch", expected="at least 1 axis (H_in)", got="a single number")
    if isinstance(embedding, nn.Linear) and values.shape[-1] != embedding.in_features:
        raise InputError(
            "batch",
            expected=f"{embedding.in_features} features in the last axis (in_features)",
            got=values.shape[-1],
        )
    return values.detach().clone()


def embed(
    embedding: Embedding,
    batch: Tensor,
    weights: dict[str, Tensor],
    form: Form,
    dtype: torch.dtype,
    differentiable: bool = False,
) -> dict[str, Named]:
    """From a batch to what the recurrent layers receive, every tensor on the way.

    Args:
        batch: as `read_batch` returns it.
        weights: "embedding.weight", perhaps "embedding.bias", with or without gradients.
        form: the batch's leading axes.
        dtype: of the vectors.
        differentiable: whether gradients of the one-hot rows will be asked for.

    Returns:
        `ids`, or `input` for vectors; `one_hot` (…, V); `embedded` (…, E). The last of them is
        what goes on.
    """
    weight = weights.get("embedding.weight")
    if not takes_ids(embedding):
        found = {"input": Named(batch, (*form.axes, "H_in"))}
        rows = batch
    else:
        found = {"ids": Named(batch, form.axes)}
        if isinstance(embedding, nn.Embedding):
            assert weight is not None
            vectors = _look_up(embedding, batch, weight)
            return found | {"embedded": Named(vectors, (*form.axes, "E"))}
        assert isinstance(embedding, OneHot)
        rows = functional.one_hot(batch, embedding.num_classes).to(dtype)
        rows.requires_grad_(differentiable)
        found["one_hot"] = Named(rows, (*form.axes, "V"))
    if weight is not None:
        vectors = functional.linear(rows, weight, weights.get("embedding.bias"))
        found["embedded"] = Named(vectors, (*form.axes, "E"))
    return found


def _look_up(embedding: nn.Embedding, ids: Tensor, weight: Tensor) -> Tensor:
    return functional.embedding(
        ids,
        weight,
        padding_idx=embedding.padding_idx,
        scale_grad_by_freq=embedding.scale_grad_by_freq,
    )


def _tensor(name: str, values: object) -> Tensor:
    if isinstance(values, Tensor):
        return values.cpu()
    try:
        return torch.as_tensor(values, device="cpu")
    except (TypeError, ValueError, RuntimeError):
        raise InputError(name, expected="a tensor", got=f"a {type(values).__name__}") from None


def _read_ids(embedding: nn.Embedding | OneHot, ids: Tensor) -> Tensor:
    if ids.dtype not in _WHOLE:
        raise InputError("ids", expected="whole numbers", got=ids.dtype)
    size = vocabulary_size(embedding)
    ids = ids.long().clone()
    wrong = ((ids < 0) | (ids >= size)).nonzero()
    if len(wrong):
        place = tuple(wrong[0].tolist())
        name = "num_embeddings" if isinstance(embedding, nn.Embedding) else "num_classes"
        raise InputError(
            "ids",
            expected=f"0 to {size - 1} ({name} is {size})",
            got=f"{int(ids[place])} at {place_text('ids', place)}",
        )
    return ids
