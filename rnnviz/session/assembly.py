"""From the parts of a document to torch's modules, and its input and targets as these take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from rnnviz.errors import InputError, SpecError
from rnnviz.model.building import draw_like
from rnnviz.model.pipeline import Head, OneHot, Pipeline, SequenceToSequence
from rnnviz.model.pipeline.embedding import Embedding
from rnnviz.session.fitted_targets import IGNORED
from rnnviz.session.parts import FrontPart, HeadPart
from rnnviz.session.state import Document

if TYPE_CHECKING:
    from rnnviz.model.spec import Recurrent


def assemble(document: Document, recurrent: Recurrent | None) -> Pipeline:
    """The whole model about a recurrent module.

    What the document has no weights for is drawn as a script draws it that makes the modules in
    their order after `torch.manual_seed`; no generator but its own is touched.

    Args:
        document: with a front, a head or a loss, or none of them.
        recurrent: its module, weights and all; None where it has no recurrent layers.
    """
    spec, dtype = document.spec, getattr(torch, document.spec.dtype)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(spec.seed)
        embedding = _front(document.front, dtype)
        if recurrent is not None:
            # The head's numbers are those that follow on the module's own.
            torch.manual_seed(spec.seed)
            draw_like(recurrent)
        head = _head(document.head, document.out_width, dtype)
    whole = Pipeline(
        embedding,
        recurrent,
        head,
        document.loss,
        batch_first=spec.batch_first,
        seed=spec.seed,
    )
    # It only makes scripts shorter: one that draws the recurrent layers after their own seed.
    object.__setattr__(whole, "recurrent_seed", None if recurrent is None else spec.seed)
    put_weights(document, whole.modules)
    return whole


def assemble_decoder(document: Document, encoding: Pipeline) -> SequenceToSequence:
    """The encoder's pipeline with the decoder and the head behind it.

    Raises:
        SpecError: where the parts do not fit each other.
    """
    part, spec = document.decoder, document.spec
    assert part is not None
    assert encoding.recurrent is not None
    if document.head is None:
        raise SpecError("head", expected="a Linear head, which scores the tokens", got="none")
    decoder = part.spec(spec).build()
    dtype = getattr(torch, spec.dtype)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(part.seed)
        draw_like(decoder)
        head = _head(document.head, spec.output_size, dtype)
    assert head is not None
    model = SequenceToSequence(
        encoding.recurrent,
        decoder,
        encoding.embedding,
        head,
        start=part.start,
        end=part.end,
        loss=document.loss or "cross_entropy",
    )
    put_weights(document, {"decoder": decoder, "head": head.linear})
    return model


@torch.no_grad()
def put_weights(document: Document, modules: dict[str, nn.Module]) -> None:
    """Puts the document's own numbers into modules, and then its edits of single ones."""
    for part, module in modules.items():
        for name, parameter in module.named_parameters():
            given = document.weights.get(f"{part}.{name}")
            if given is not None:
                parameter.copy_(torch.from_numpy(np.ascontiguousarray(given)))
            for edit in document.weight_edits:
                if part == "recurrent" or edit.name != f"{part}.{name}":
                    continue  # those of the recurrent layers are put in with their module
                place = edit.row if edit.column is None else (edit.row, edit.column)
                parameter[place] = edit.value


def batch_of(document: Document) -> Tensor:
    """The input as the front takes it: ids, or vectors, with the leading axes of the module.

    Raises:
        InputError: for an id that is no whole number or that the front does not know.
    """
    front = document.front
    if front is None or not front.takes_ids:
        dtype = getattr(torch, document.spec.dtype)
        return _turned(document, torch.tensor(_padded(document), dtype=torch.float64)).to(dtype)
    return _turned(document, torch.from_numpy(ids_of(document)))


def ids_of(document: Document) -> NDArray[np.int64]:
    """The ids (N, L), whatever is padding among them the padding token's, or 0.

    Raises:
        InputError: for an id that is no whole number or that the front does not know.
    """
    front = document.front
    assert front is not None
    given = document.values[:, :, 0].copy()
    fill = front.padding_idx
    if fill is None and document.vocabulary is not None:
        fill = document.vocabulary.padding_idx
    given[_padding(document)] = 0 if fill is None else fill
    wrong = np.argwhere(~((given >= 0) & (given < front.size) & (given == np.floor(given))))
    if len(wrong):
        n, t = (int(index) for index in wrong[0])
        known = "" if document.vocabulary is None else ", as the vocabulary has them"
        raise InputError(
            "ids",
            expected=f"whole numbers 0 to {front.size - 1}{known}",
            got=f"{given[n, t]:g} at t = {t + 1} of sequence {n}",
        )
    return given.astype(np.int64)


def targets_of(document: Document) -> Tensor | None:
    """The targets as the loss takes them; class ids beyond a sequence's length are ignored."""
    if document.targets is None or document.loss is None:
        return None
    given = document.targets
    every = document.head is None or document.head.on == "every" or document.decoder is not None
    if document.loss == "cross_entropy":
        classes = np.array(given, dtype=np.int64)
        if every and document.decoder is None and classes.shape == (document.N, document.L):
            classes[_padding(document)] = IGNORED
        return _placed(document, torch.from_numpy(classes), every, 2)
    numbers = torch.tensor(np.asarray(given), dtype=getattr(torch, document.spec.dtype))
    return _placed(document, numbers, every, 3)


def lengths_of(document: Document) -> tuple[int, ...] | None:
    """The lengths where the batch is packed."""
    return document.lengths if document.packed and document.recurrent else None


def _placed(document: Document, values: Tensor, every: bool, axes: int) -> Tensor:
    """Targets with N first, with the leading axes of the module."""
    if every and values.dim() == axes:
        return _turned(document, values)
    return values[0] if document.unbatched and values.dim() == axes - 1 else values


def _turned(document: Document, values: Tensor) -> Tensor:
    """(N, L, *) with the leading axes of the module."""
    if document.unbatched:
        return values[0, 0] if document.is_single else values[0]
    return values if document.spec.batch_first else values.transpose(0, 1).contiguous()


def _padding(document: Document) -> NDArray[np.bool_]:
    lengths = np.asarray(document.lengths, dtype=np.int64)
    return np.arange(document.L) >= lengths[:, None]


def _padded(document: Document) -> NDArray[np.float64]:
    """The values `(N, L, features)` with `padding_value` beyond each sequence's length."""
    padding = _padding(document)
    if not padding.any():
        return document.values
    return np.where(padding[:, :, None], document.padding_value, document.values)


def _front(part: FrontPart | None, dtype: torch.dtype) -> Embedding:
    if part is None:
        return None
    if part.kind == "embedding":
        assert part.width is not None
        return nn.Embedding(part.size, part.width, padding_idx=part.padding_idx, dtype=dtype)
    linear = None
    if part.width is not None:
        bias = part.bias and part.kind == "linear"
        linear = nn.Linear(part.size, part.width, bias=bias, dtype=dtype)
    return OneHot(part.size, linear) if part.kind == "one_hot" else linear


def _head(part: HeadPart | None, features: int, dtype: torch.dtype) -> Head | None:
    if part is None:
        return None
    linear = nn.Linear(features, part.out_features, bias=part.bias, dtype=dtype)
    return Head(linear, part.on, part.activation)
