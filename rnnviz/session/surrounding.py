"""Edits of what stands around the recurrent layers: each takes a document and gives the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import InputError, SpecError
from rnnviz.model.texts import split
from rnnviz.model.tokens import Vocabulary
from rnnviz.session.fills import fill_values, generator_of
from rnnviz.session.fitted_targets import IGNORED, with_fitting_targets
from rnnviz.session.parts import DecoderPart, FrontKind, FrontPart, HeadPart
from rnnviz.session.state import Document
from rnnviz.session.whatif import parameter_shapes

if TYPE_CHECKING:
    from rnnviz.files.vectors import WordVectors

Values = NDArray[np.float64]
Weights = Mapping[str, NDArray[np.float64]]

START, END = "<start>", "<end>"  # tokens of a decoder
_LARGEST_ID = 2**53  # what a float still tells from its neighbours
_DIMENSION = 4  # of the vectors of a new table


def with_front(document: Document, kind: FrontKind | None, linear: bool = True) -> Document:
    """Another kind of front, or none: the input becomes tokens or vectors.

    Args:
        document: what it is put into.
        kind: what it does.
        linear: of "one_hot": with a Linear layer behind, or the rows themselves.
    """
    from rnnviz.session.edits import fitted

    front = document.front
    if front is None and kind is None:
        return document
    if front is not None and front.kind == kind and (front.width is not None) == linear:
        return document
    spec = document.spec
    part = None if kind is None else _new_front(document, kind, linear)
    if part is not None and document.recurrent:
        spec = spec.with_changes(input_size=part.out)
    ids = document.values if document.takes_ids and part and part.takes_ids else None
    new = np.zeros((document.N, document.L, 0))
    if part is None and not document.recurrent:
        if document.head is None:
            raise SpecError("front", expected="a layer, where it is all of the model", got="none")
        # What the head was given comes in by itself: nothing else says how many features it has.
        shape = (document.N, document.L, document.out_width)
        new = fill_values(document.fill, shape, document.seed)
    changed = replace(
        document,
        front=part,
        vocabulary=document.vocabulary if part is not None and part.takes_ids else None,
        module=None if spec.input_size != document.spec.input_size else document.module,
        values=new if ids is None else ids,
    )
    return fitted(changed, spec, document.N, document.L)


def with_front_fields(document: Document, **changes: Any) -> Document:
    """Other sizes of what stands in front; the recurrent layers' input_size goes along.

    Raises:
        SpecError: where there is nothing in front, or fewer rows than the vocabulary has tokens.
    """
    from rnnviz.session.edits import fitted

    if document.front is None:
        raise SpecError("front", expected="something in front", got="nothing")
    part = replace(document.front, **changes)
    known = document.vocabulary
    if known is not None and part.takes_ids and part.size < len(known):
        raise SpecError(
            "num_embeddings" if part.kind == "embedding" else "num_classes",
            expected=f"at least {len(known)}, as many as the vocabulary has",
            got=part.size,
        )
    spec = document.spec
    if document.recurrent:
        spec = spec.with_changes(input_size=part.out)
    return fitted(replace(document, front=part), spec, document.N, document.L)


def with_recurrent(document: Document, recurrent: bool) -> Document:
    """With recurrent layers, or without them."""
    from rnnviz.session.edits import fitted

    if not recurrent and document.front is None and document.head is None:
        raise SpecError("cell", expected="a layer in front or a Linear head with it", got="none")
    spec = document.spec
    if recurrent:
        spec = spec.with_changes(
            input_size=document.front.out if document.front else document.features
        )
    changed = replace(
        document,
        recurrent=recurrent,
        decoder=document.decoder if recurrent else None,
        lesson=document.lesson if recurrent else "",
    )
    return fitted(changed, spec, document.N, document.L)


def with_vocabulary(
    document: Document, vocabulary: Vocabulary, rows: tuple[int | None, ...] | None = None
) -> Document:
    """Another vocabulary: tokens keep their rows of the table, wherever their ids go.

    Args:
        document: its input and targets follow.
        vocabulary: the new one.
        rows: for each id the one that it had before, None for a new one; by default a token is
            known again by its name.

    Raises:
        InputError: where the input has a token that it neither has nor stands in for.
    """
    front, before = document.front, document.vocabulary
    if front is None or not front.takes_ids:
        raise InputError("vocabulary", expected="a front that takes ids", got="vectors")
    ids = document.values
    targets, weights = document.targets, dict(document.weights)
    decoder = document.decoder
    if before is not None:
        rows = vocabulary.rows_from(before) if rows is None else rows
        moved = _moved_ids(before, vocabulary, rows)
        ids = _translated(ids, moved, before, "input")
        if targets is not None and _targets_are_tokens(document):
            targets = _translated(targets, moved, before, "targets")
        weights = _moved_rows(document, rows)
        if decoder is not None:
            start, end = (_moved_sign(decoder, which, moved) for which in ("start", "end"))
            decoder = replace(decoder, start=start, end=end)
    width = None if front.width is None else front.width
    part = FrontPart(front.kind, len(vocabulary), width, vocabulary.padding_idx, front.bias)
    head = document.head
    if head is not None and _targets_are_tokens(document):
        head = replace(head, out_features=len(vocabulary))
    changed = replace(
        document,
        front=part,
        vocabulary=vocabulary,
        values=ids,
        targets=targets,
        head=head,
        weights=MappingProxyType(weights),
        decoder=decoder,
    )
    spec = document.spec
    if document.recurrent and part.out != spec.input_size:  # one-hot rows: as long as V
        from rnnviz.session.edits import fitted

        changed = replace(changed, module=None)
        return fitted(changed, spec.with_changes(input_size=part.out), document.N, document.L)
    return _refitted(changed)


def with_text(document: Document, text: str, by: str) -> Document:
    """The input as tokens of a text, each of its lines a sequence.

    Tokens that the vocabulary does not have are added to it, unless it has an unknown token;
    texts of unequal length are padded.

    Raises:
        InputError: for a text without tokens.
    """
    lines = [line for line in text.split("\n") if line.strip() or (by == "characters" and line)]
    if not lines:
        raise InputError("text", expected=f"some {by}", got="none")
    document = document if document.takes_ids else with_front(document, "embedding")
    if document.vocabulary is None or document.vocabulary.by != by:
        document = _without_input(document)
    vocabulary = _grown(document, lines, by)
    if vocabulary is not document.vocabulary:
        document = with_vocabulary(document, vocabulary)
    assert document.vocabulary is not None
    parted = [split(line, by) for line in lines]
    lengths = tuple(len(tokens) for tokens in parted)
    values = np.zeros((len(parted), max(lengths), 1))
    for n, tokens in enumerate(parted):
        values[n, : len(tokens), 0] = [document.vocabulary.id_of(token) for token in tokens]
        values[n, len(tokens) :] = document.vocabulary.padding_idx or 0
    return with_tokens(document, values, lengths)


def with_tokens(document: Document, values: Values, lengths: tuple[int, ...]) -> Document:
    """Other ids `(N, L, 1)`; sequences of unequal length are packed, and targets follow them."""
    from rnnviz.session.edits import fitted, with_packed

    N, L = values.shape[:2]  # noqa: N806
    next_token = document.loss == "cross_entropy" and _targets_are_tokens(document)
    changed = replace(
        document,
        values=values,
        lengths=lengths,
        unbatched=document.unbatched and N == 1,
        targets=None if next_token else document.targets,
        task="",
    )
    changed = fitted(changed, document.spec, N, L)
    if document.recurrent and (len(set(lengths)) > 1) != document.packed:
        changed = with_packed(changed, len(set(lengths)) > 1)
    return changed


def with_ids(document: Document, ids: NDArray[np.float64]) -> Document:
    """Ids (N, L), or (L,), as the input; whether the front knows them is checked by `check`.

    Raises:
        InputError: for more axes, and where the input is of vectors.
    """
    if not document.takes_ids:
        raise InputError("ids", expected="a front that takes ids", got="vectors")
    if ids.ndim > 2:
        raise InputError("ids", expected="(N, L) or (L,)", got=f"shape {ids.shape}")
    rows = ids[None] if ids.ndim < 2 else ids
    rows = rows.T if rows.shape[1] == 1 else rows  # one id a line
    return with_tokens(document, rows.reshape(*rows.shape, 1), (rows.shape[1],) * len(rows))


def with_head(document: Document, head: HeadPart | None) -> Document:
    """Another head, or none."""
    if head is None and document.decoder is not None:
        raise SpecError("head", expected="one, which scores the decoder's tokens", got="none")
    return _refitted(replace(document, head=head, classes=_kept_classes(document, head)))


def with_decoder(document: Document, on: bool) -> Document:
    """With a decoder behind the recurrent layers, which become its encoder, or without one.

    Two tokens are added for it, `<start>` and `<end>`; its targets are the input backwards, to
    be edited like any others.

    Raises:
        SpecError: where the input is of vectors, or the recurrent layers go both ways.
    """
    if not on:
        return _refitted(replace(document, decoder=None))
    front, spec = document.front, document.spec
    if front is None or not front.takes_ids or not document.recurrent:
        raise SpecError("decoder", expected="tokens and recurrent layers before it", got="none")
    if spec.bidirectional:
        raise SpecError("bidirectional", expected="False before a decoder", got=True)
    document, start, end = _with_ends(replace(document, unbatched=False))
    assert document.front is not None
    part = DecoderPart(spec.cell, spec.seed + 1, start, end)
    targets = np.full((document.N, document.L + 1), IGNORED, dtype=np.int64)
    for n, length in enumerate(document.lengths):
        targets[n, :length] = document.values[n, :length, 0][::-1]
        targets[n, length] = end
    head = HeadPart(document.front.size)
    changed = replace(
        document, decoder=part, head=head, loss="cross_entropy", targets=targets, classes=()
    )
    return _refitted(changed)


def _with_ends(document: Document) -> tuple[Document, int, int]:
    """The document with tokens at which a written sequence starts and ends, and their ids."""
    known, front = document.vocabulary, document.front
    assert front is not None
    if known is None:
        document = with_front_fields(document, size=front.size + 2)
        return document, front.size, front.size + 1
    missing = [token for token in (START, END) if token not in known]
    if missing:
        grown = known.adding(*missing)
        # The targets are about to be replaced: those of before need not fit.
        document = with_vocabulary(replace(document, loss=None, targets=None), grown)
        known = grown
    return document, known.ids[START], known.ids[END]


def new_head(document: Document) -> HeadPart:
    """The head that a switch puts behind: a score for each token, or a few."""
    known = document.vocabulary
    return HeadPart(5 if known is None else len(known))


def with_loss(document: Document, loss: str | None) -> Document:
    """Another loss, or none; the targets are made to fit it."""
    activation = None if document.head is None else document.head.activation
    if loss == "cross_entropy" and activation == "sigmoid":
        raise SpecError(
            "loss", expected="mse or bce behind a sigmoid, or no activation", got="cross_entropy"
        )
    return _refitted(replace(document, loss=loss))


def with_target(document: Document, place: tuple[int, ...], value: float) -> Document:
    """One target: its place is (sequence, t), (sequence,) or with a feature behind.

    Raises:
        InputError: where there is no such place, class or value.
    """
    given = document.targets
    if given is None:
        raise InputError("targets", expected="a loss", got="none")
    if len(place) != given.ndim:
        raise InputError("targets", expected=f"a place of {given.ndim} axes", got=place)
    for index, size in zip(place, given.shape, strict=True):
        if not 0 <= index < size:
            raise InputError("targets", expected=f"0 to {size - 1}", got=index)
    if given.dtype.kind == "i" and not (abs(value) <= _LARGEST_ID and value == int(value)):
        raise InputError("targets", expected="a class id, a whole number", got=value)
    targets = given.copy()
    targets[place] = value
    return replace(document, targets=targets)


def with_weights(document: Document, weights: Weights, origin: str = "given") -> Document:
    """Numbers in place of those that are drawn; edits of single ones are in them, or go.

    Args:
        document: what they are put into.
        weights: by the pipeline's names.
        origin: what they are called: "trained", the name of a file.

    Raises:
        SpecError: where a weight has another shape, or there is no such one.
        InputError: where a number is not finite.
    """
    shapes = weight_shapes(document)
    for name, values in weights.items():
        if name not in shapes:
            raise SpecError("weights", expected=f"one of {', '.join(shapes)}", got=name)
        if values.shape != shapes[name]:
            raise SpecError(name, expected=f"shape {shapes[name]}", got=values.shape)
        wrong = np.argwhere(~np.isfinite(values))
        if len(wrong):
            place = tuple(int(index) for index in wrong[0])
            raise InputError(name, expected="finite numbers", got=f"{values[place]} at {place}")
    kept = tuple(edit for edit in document.weight_edits if pipeline_name(edit.name) not in weights)
    merged = MappingProxyType({**document.weights, **weights})
    return replace(document, weights=merged, weight_edits=kept, weights_from=origin)


def with_drawn_weights(document: Document) -> Document:
    """The weights that the seed draws: none are given, and none edited."""
    none: Weights = MappingProxyType({})
    return replace(document, weights=none, weights_from="", weight_edits=(), module=None)


def with_table(document: Document, table: Values, origin: str = "given") -> Document:
    """`from_pretrained`: a table (V, E), whose sizes the front takes over.

    Raises:
        SpecError: where it is no matrix, or has fewer rows than the vocabulary tokens.
    """
    if table.ndim != 2 or 0 in table.shape:
        raise SpecError(
            "table", expected="a matrix (num_embeddings, embedding_dim)", got=table.shape
        )
    if document.front is None or document.front.kind != "embedding":
        document = with_front(document, "embedding")
    rows, width = table.shape
    sized = with_front_fields(document, size=rows, width=width)
    return with_weights(sized, {"embedding.weight": np.array(table, dtype=np.float64)}, origin)


def with_word_vectors(
    document: Document, vocabulary: Vocabulary, vectors: WordVectors, origin: str = "given"
) -> Document:
    """A table of word vectors for a vocabulary; words without one get rows from the seed.

    Raises:
        InputError: where the vocabulary is another by now, or none of its words was found.
    """
    if document.vocabulary != vocabulary:
        raise InputError("table", expected="the vocabulary that was read for", got="another")
    if not vectors.found.any():
        raise InputError("table", expected="a word of the vocabulary in the file", got="none")
    drawn = generator_of(document.spec.seed).standard_normal(vectors.values.shape)
    table = np.where(vectors.found[:, None], vectors.values, drawn)
    if vocabulary.padding_idx is not None and not vectors.found[vocabulary.padding_idx]:
        table[vocabulary.padding_idx] = 0.0
    return with_table(document, table, origin)


def weight_shapes(document: Document) -> dict[str, tuple[int, ...]]:
    """The shape of every weight of the whole model, by the pipeline's names."""
    shapes: dict[str, tuple[int, ...]] = {}
    if document.front is not None:
        shapes |= document.front.shapes
    if document.recurrent:
        spec = document.spec
        shapes |= {f"recurrent.{name}": shape for name, shape in parameter_shapes(spec).items()}
    if document.decoder is not None:
        spec = document.decoder.spec(document.spec)
        shapes |= {f"decoder.{name}": shape for name, shape in parameter_shapes(spec).items()}
    if document.head is not None:
        shapes |= document.head.shapes(document.out_width)
    return shapes


def pipeline_name(name: str) -> str:
    """The pipeline's name of a weight that an edit names; a bare one is of the recurrent layers."""
    return name if "." in name else f"recurrent.{name}"


def with_fitting_weights(document: Document) -> Document:
    """The document with those weights, and edits of them, alone that it still has a place for."""
    shapes = weight_shapes(document)
    weights = {
        name: values
        for name, values in document.weights.items()
        if shapes.get(name) == values.shape
    }
    edits = tuple(
        edit
        for edit in document.weight_edits
        if has_place(shapes.get(pipeline_name(edit.name)), edit.row, edit.column)
    )
    if len(weights) == len(document.weights) and len(edits) == len(document.weight_edits):
        return document
    return replace(document, weights=MappingProxyType(weights), weight_edits=edits)


def has_place(shape: tuple[int, ...] | None, row: int, column: int | None) -> bool:
    if shape is None or (column is None) != (len(shape) == 1):
        return False
    return row < shape[0] and (column is None or column < shape[1])


def _refitted(document: Document) -> Document:
    return with_fitting_weights(with_fitting_targets(document))


def _new_front(document: Document, kind: FrontKind, linear: bool) -> FrontPart:
    before = document.front
    if kind == "linear":
        return FrontPart("linear", document.spec.input_size, document.spec.input_size, bias=True)
    size = before.size if before is not None and before.takes_ids else 6
    # The width of rows that were only as long as the vocabulary is nobody's choice.
    chosen = before is not None and before.takes_ids and before.width is not None
    width = before.width if before is not None and chosen else _DIMENSION
    if kind == "one_hot":
        return FrontPart("one_hot", size, width if linear else None)
    return FrontPart("embedding", size, width)


def _targets_are_tokens(document: Document) -> bool:
    """Whether the classes are the tokens of the input."""
    known, head = document.vocabulary, document.head
    size = len(known) if known is not None else (document.front.size if document.front else 0)
    return (
        document.takes_ids
        and head is not None
        and head.out_features == size
        and document.loss in (None, "cross_entropy")
    )


def _moved_ids(
    before: Vocabulary, after: Vocabulary, rows: tuple[int | None, ...]
) -> list[int | None]:
    """For each id the one that its token has now."""
    places = {row: place for place, row in enumerate(rows) if row is not None}
    return [places.get(row, after.unknown_idx) for row in range(len(before))]


def _moved_sign(decoder: DecoderPart, which: str, moved: list[int | None]) -> int:
    """The id of the decoder's start or end token now."""
    before: int = getattr(decoder, which)
    after = moved[before] if 0 <= before < len(moved) else None
    if after is None:
        raise InputError("vocabulary", expected=f"the decoder's {which} token", got="none")
    return after


def _translated(
    values: NDArray[Any], moved: list[int | None], before: Vocabulary, field: str
) -> NDArray[Any]:
    found = values.copy()
    for old, new in enumerate(moved):
        places = values == old
        if not places.any():
            continue
        if new is None:
            raise InputError(
                "vocabulary",
                expected=f"every token of the {field}, or an unknown token",
                got=f"none for {before.tokens[old]!r}",
            )
        found[places] = new
    return found


def _moved_rows(document: Document, rows: tuple[int | None, ...]) -> dict[str, Values]:
    """The weights with the table's rows (or the Linear layer's columns) where their tokens are."""
    weights = dict(document.weights)
    table = weights.get("embedding.weight")
    front = document.front
    if table is None or front is None:
        return weights
    axis = 0 if front.kind == "embedding" else 1
    fresh = generator_of(document.spec.seed).standard_normal((len(rows), table.shape[1 - axis]))
    by_token = table if axis == 0 else table.T
    for row, before in enumerate(rows):
        if before is not None and before < len(by_token):
            fresh[row] = by_token[before]
    weights["embedding.weight"] = fresh if axis == 0 else fresh.T
    return weights


def _grown(document: Document, lines: list[str], by: str) -> Vocabulary:
    known = document.vocabulary
    if known is None or known.by != by:
        return Vocabulary.of(lines, by)
    tokens = [token for line in lines for token in split(line, by)]
    missing = dict.fromkeys(token for token in tokens if token not in known)
    return known if known.unknown is not None or not missing else known.adding(*missing)


def _without_input(document: Document) -> Document:
    """The document with an input that any vocabulary has: it is about to be replaced."""
    targets = document.targets
    if targets is not None and _targets_are_tokens(document):
        targets = np.full_like(targets, IGNORED)
    return replace(
        document, values=np.zeros_like(document.values), targets=targets, vocabulary=None
    )


def _kept_classes(document: Document, head: HeadPart | None) -> tuple[str, ...]:
    same = head is not None and document.head is not None
    if same and head is not None and len(document.classes) == head.out_features:
        return document.classes
    return ()
