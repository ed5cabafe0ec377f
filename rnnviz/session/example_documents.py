"""From what an example's file states to its document; torch is not needed for it.

A file states under

- `model`: arguments of `ModelSpec`; without recurrent layers, `batch_first` alone.
- `recurrent`: false for a model without recurrent layers.
- `front`, `head`, `decoder`: arguments of `FrontPart`, `HeadPart` and `DecoderPart`.
- `vocabulary`: arguments of `Vocabulary`.
- `input`: what goes in, one of
  `ids`, a list of token ids a sequence, N of them, whatever the module's layout is;
  `text`, a text a sequence, parted as the vocabulary says;
  `values`, a list of timesteps a sequence, each a list of features, or an array;
  `fill` and `seed` with `lengths`, as the window draws values.
  Beside it the document's `packed`, `enforce_sorted`, `unbatched` and `padding_value`.
- `loss`, `lesson`, `task`, `classes`: as of a document.
- `targets`: an array (N, L), or as the loss takes it; drawn as the window does where left out.
- `weights`: arrays by the pipeline's names, or the file beside it that holds them.
- `rivals`: by cell, the file that holds its weights.
- `initial`: `h_0`, and `c_0`, each one vector for every sequence, layer and direction.

An array is nested lists, or one of `{"eye": n}`, `{"zeros": shape}`, `{"arange": shape}` and
`{"randn": shape, "seed": n}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.files.sequences import Sequences
from rnnviz.model.spec import ModelSpec
from rnnviz.model.texts import split
from rnnviz.model.tokens import Vocabulary
from rnnviz.resource import resource_path
from rnnviz.session.edits import with_initial
from rnnviz.session.fills import fill_values
from rnnviz.session.fitted_targets import default_targets
from rnnviz.session.parts import DecoderPart, FrontPart, HeadPart
from rnnviz.session.state import Document, InitialStates

Values = NDArray[np.float64]
Weights = Mapping[str, Values]

_WAITING = 8  # hidden_size of the recurrent layers that a model is without


def document_of(title: str, parts: Mapping[str, Any]) -> Document:
    """The document of an example.

    Args:
        title: what it is called.
        parts: what its file states.
    """
    front = FrontPart(**parts["front"]) if "front" in parts else None
    vocabulary = Vocabulary(**parts["vocabulary"]) if "vocabulary" in parts else None
    given, values, lengths = _input(dict(parts["input"]), parts, vocabulary)
    recurrent = parts.get("recurrent", True)
    document = Document(
        _spec(parts, recurrent, front, values),
        values,
        lengths,
        title=title,
        recurrent=recurrent,
        front=front,
        vocabulary=vocabulary,
        head=HeadPart(**parts["head"]) if "head" in parts else None,
        loss=parts.get("loss"),
        classes=tuple(parts.get("classes", ())),
        weights=_weights(parts.get("weights", {})),
        decoder=DecoderPart(**parts["decoder"]) if "decoder" in parts else None,
        lesson=parts.get("lesson", ""),
        task=parts.get("task", ""),
        rivals=MappingProxyType(
            {cell: _stored(file) for cell, file in parts.get("rivals", {}).items()}
        ),
        **given,
    )
    return _with_targets(_with_initial(document, parts.get("initial")), parts.get("targets"))


def _spec(
    parts: Mapping[str, Any], recurrent: bool, front: FrontPart | None, values: Values
) -> ModelSpec:
    if recurrent:
        return ModelSpec(**parts["model"])
    width = values.shape[2] if front is None else front.out
    return ModelSpec("LSTM", width, _WAITING, **parts.get("model", {}))


def _input(
    data: dict[str, Any], parts: Mapping[str, Any], vocabulary: Vocabulary | None
) -> tuple[dict[str, Any], Values, tuple[int, ...]]:
    """What the document says of its input, the values (N, L, features), and the lengths."""
    if "fill" in data:
        lengths = tuple(data.pop("lengths"))
        shape = (len(lengths), max(lengths), parts["model"]["input_size"])
        return data, fill_values(data["fill"], shape, data["seed"]), lengths
    padding = float(data.get("padding_value", 0.0))
    if "values" in data:
        tables = [_array(table) for table in _array(data.pop("values"), ragged=True)]
    else:
        rows = data.pop("ids") if "ids" in data else _ids(data.pop("text"), vocabulary)
        tables = [np.array(row, dtype=np.float64)[:, None] for row in rows]
        if vocabulary is not None and vocabulary.padding_idx is not None:
            padding = float(vocabulary.padding_idx)
    sequences = Sequences.padded(tables, padding)
    return data, sequences.values, sequences.lengths


def _ids(texts: list[str], vocabulary: Vocabulary | None) -> list[list[int]]:
    assert vocabulary is not None
    return [[vocabulary.id_of(token) for token in split(text, vocabulary.by)] for text in texts]


def _with_initial(document: Document, stated: Mapping[str, Any] | None) -> Document:
    """With one vector for each state, where it is stated."""
    if stated is None:
        return document
    rows = {name: _array(vector)[None, None] for name, vector in stated.items()}
    initial = InitialStates("vector", rows.get("h_0"), rows.get("c_0"))
    return with_initial(replace(document, initial=initial), "vector")


def _with_targets(document: Document, stated: Any) -> Document:
    if document.loss is None:
        return document
    if stated is None:
        return replace(document, targets=default_targets(document))
    dtype = np.int64 if document.loss == "cross_entropy" else np.float64
    return replace(document, targets=_array(stated).astype(dtype))


def _weights(stated: str | Mapping[str, Any]) -> Weights:
    if isinstance(stated, str):
        return _stored(stated)
    return MappingProxyType({name: _array(values) for name, values in stated.items()})


def _stored(name: str) -> Weights:
    """The weights in a file beside the examples."""
    with np.load(resource_path("examples") / name, allow_pickle=False) as held:
        return MappingProxyType({key: held[key].astype(np.float64) for key in held.files})


def _array(stated: Any, ragged: bool = False) -> Any:
    """An array as a file states it; with `ragged`, lists stay lists."""
    if isinstance(stated, Mapping):
        return _generated(stated)
    return stated if ragged else np.array(stated, dtype=np.float64)


def _generated(stated: Mapping[str, Any]) -> Values:
    if "eye" in stated:
        return np.eye(stated["eye"])
    if "zeros" in stated:
        return np.zeros(stated["zeros"])
    if "arange" in stated:
        shape = tuple(stated["arange"])
        return np.arange(float(np.prod(shape))).reshape(shape)
    values: Values = np.random.default_rng(stated["seed"]).standard_normal(stated["randn"])
    return values
