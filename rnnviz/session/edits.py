"""Edits of a document: each takes one and gives the next, or says what does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import InputError, SpecError
from rnnviz.files.sequences import Sequences
from rnnviz.model.spec import ModelSpec
from rnnviz.session.fills import fill_values, generator_of
from rnnviz.session.fitted_targets import check_targets, with_fitting_targets
from rnnviz.session.parts import StackPart
from rnnviz.session.stacks import check_stacks, of_stack, shown_stack
from rnnviz.session.state import Document, InitialKind, InitialStates
from rnnviz.session.surrounding import with_fitting_weights
from rnnviz.session.whatif import with_fitting_clamps

Values = NDArray[np.float64]

# Torch takes minutes to make thousands of layers, and cannot be stopped meanwhile.
MOST_LAYERS = 200

# What a lesson that puts two models side by side is of.
_UNLESSONED = {"cell", "num_layers", "bidirectional", "proj_size"}

# Fields of a spec that a module can change and keep its weights.
_KEEP_WEIGHTS = {"batch_first", "dropout", "nonlinearity"}


def check(document: Document) -> Document:
    """The same document, if a module can be run on it here.

    Raises:
        InputError: for lengths out of order, or a run that this machine cannot hold.
    """
    lengths = document.lengths
    if document.packed and document.enforce_sorted and list(lengths) != sorted(lengths)[::-1]:
        raise InputError(
            "lengths",
            expected="the longest first while enforce_sorted is True",
            got=list(lengths),
        )
    document.spec.check_trace_fits(document.L, document.N)
    check_stacks(document)
    _check_ids(document)
    check_targets(document)
    return document


def _check_ids(document: Document) -> None:
    """Refuse tokens that what stands in front does not know."""
    front = document.front
    if front is None or not front.takes_ids:
        return
    given, lengths = document.values[:, :, 0], np.asarray(document.lengths)
    within = np.arange(document.L) < lengths[:, None]
    known = (given >= 0) & (given < front.size) & (np.floor(given) == given)
    wrong = np.argwhere(within & ~known)
    if len(wrong):
        n, t = (int(index) for index in wrong[0])
        name = "num_embeddings" if front.kind == "embedding" else "num_classes"
        raise InputError(
            "ids",
            expected=f"whole numbers 0 to {front.size - 1} ({name} is {front.size})",
            got=f"{given[n, t]:g} at t = {t + 1} of sequence {n}",
        )


def with_model(document: Document, **changes: Any) -> Document:
    """Other fields of the model, the input and initial states fitted to it.

    A module that came with its own weights keeps them where they still fit, and so do edits of
    single weights.
    """
    spec = document.spec.with_changes(**changes)
    if spec.num_layers > MOST_LAYERS:
        raise SpecError(
            "num_layers", expected=f"at most {MOST_LAYERS} in this window", got=spec.num_layers
        )
    changed = {name for name in changes if getattr(spec, name) != getattr(document.spec, name)}
    if not changed <= _KEEP_WEIGHTS:
        document = replace(document, module=None, weight_edits=(), weights=_in_front(document))
    if "input_size" in changed and document.front is not None and document.recurrent:
        if document.front.width is None:
            raise SpecError(
                "input_size",
                expected=f"{document.front.size}, as many as a one-hot row has (num_classes)",
                got=spec.input_size,
            )
        document = replace(document, front=replace(document.front, width=spec.input_size))
    if document.decoder is not None and spec.bidirectional:
        raise SpecError("bidirectional", expected="False before a decoder", got=True)
    if changed & _UNLESSONED:
        document = replace(document, lesson="")
    spec.check_trace_fits(document.L, document.N)
    return fitted(document, spec, document.N, document.L)


def _in_front(document: Document) -> Mapping[str, Values]:
    """The weights that stay when the recurrent layers are made anew: those of a given table."""
    kept = {name: w for name, w in document.weights.items() if name.startswith("embedding.")}
    return MappingProxyType(kept)


def fitted(document: Document, spec: ModelSpec, N: int, L: int) -> Document:  # noqa: N803
    """The document with other sizes; what is still there keeps its values, the rest is filled."""
    document = replace(document, spec=spec)
    shape = (N, L, document.features)
    values = document.values
    if shape != values.shape:
        values = _overlaid(_filled(document, shape), values)
    lengths = tuple(L if n == document.L else min(n, L) for n in document.lengths[:N])
    lengths += (L,) * (N - len(lengths))
    resized = replace(
        document, values=values, lengths=lengths, unbatched=document.unbatched and N == 1
    )
    resized = replace(
        resized,
        initial=_fitted_initial(resized),
        before=tuple(_fitted_stack(resized, stack) for stack in document.before),
        after=tuple(_fitted_stack(resized, stack) for stack in document.after),
    )
    return with_fitting_clamps(with_fitting_weights(with_fitting_targets(resized)))


def _fitted_stack(document: Document, stack: StackPart) -> StackPart:
    """A stack that is not on show, its initial states and clamps fitted to the batch."""
    alone = of_stack(document, stack)
    return shown_stack(with_fitting_clamps(replace(alone, initial=_fitted_initial(alone))))


def _filled(document: Document, shape: tuple[int, int, int]) -> Values:
    """New values: ids that the front knows, or vectors of the document's kind."""
    if document.front is not None and document.front.takes_ids:
        generator = generator_of(document.seed)
        known = len(document.vocabulary or ()) or document.front.size
        return generator.integers(known, size=shape).astype(np.float64)
    return fill_values(document.fill, shape, document.seed)


def with_value(document: Document, sequence: int, t: int, feature: int, value: float) -> Document:
    """One number of the input."""
    for name, index, size in zip(
        ("sequence", "t", "feature"), (sequence, t, feature), document.values.shape, strict=True
    ):
        if not 0 <= index < size:
            raise InputError("input", expected=f"{name} 0 to {size - 1}", got=index)
    values = document.values.copy()
    values[sequence, t, feature] = value
    return replace(document, values=values)


def with_table(document: Document, sequence: int, t: int, feature: int, table: Values) -> Document:
    """A table of timesteps × features, its top left corner at (t, feature) of a sequence.

    Timesteps beyond the last are added.

    Raises:
        InputError: where the table has more columns than there are features.
    """
    rows, columns = table.shape
    room = document.features - feature
    if columns > room:
        raise InputError("input", expected=f"at most {room} columns", got=columns)
    if t + rows > document.L:
        document = with_steps(document, t + rows)
    values = document.values.copy()
    values[sequence, t : t + rows, feature : feature + columns] = table
    lengths = list(document.lengths)
    lengths[sequence] = max(lengths[sequence], t + rows)
    return replace(document, values=values, lengths=tuple(lengths))


def with_fill(document: Document, kind: str, seed: int) -> Document:
    """All values anew."""
    filled = replace(document, fill=kind, seed=seed, task="")
    return replace(filled, values=_filled(filled, document.values.shape))


def with_sequence_count(document: Document, count: int) -> Document:
    """More or fewer sequences in the batch."""
    _check_at_least_one("N", count)
    document.spec.check_trace_fits(document.L, count)
    return fitted(document, document.spec, count, document.L)


def with_steps(document: Document, steps: int) -> Document:
    """More or fewer timesteps; sequences of full length stay so."""
    _check_at_least_one("L", steps)
    document.spec.check_trace_fits(steps, document.N)
    return fitted(document, document.spec, document.N, steps)


def with_length(document: Document, sequence: int, length: int) -> Document:
    """The length of one sequence.

    Raises:
        InputError: outside 1 to L.
    """
    if not 1 <= length <= document.L:
        raise InputError("lengths", expected=f"1 to {document.L}", got=length)
    if not 0 <= sequence < document.N:
        raise InputError("lengths", expected=f"one of {document.N} sequences", got=sequence)
    lengths = list(document.lengths)
    lengths[sequence] = length
    return with_fitting_clamps(replace(document, lengths=tuple(lengths)))


def with_packed(document: Document, packed: bool) -> Document:
    """Packed or padded; only a batch can be packed, and a batch out of order is sorted first."""
    ordered = list(document.lengths) == sorted(document.lengths)[::-1]
    enforce_sorted = document.enforce_sorted and (ordered or not packed)
    unbatched = document.unbatched and not packed
    return with_fitting_clamps(
        replace(document, packed=packed, enforce_sorted=enforce_sorted, unbatched=unbatched)
    )


def with_unbatched(document: Document, unbatched: bool) -> Document:
    """With or without a batch axis.

    Raises:
        InputError: for more than one sequence without one.
    """
    if unbatched and document.N != 1:
        raise InputError("N", expected="one sequence for an unbatched input", got=document.N)
    return replace(document, unbatched=unbatched, packed=document.packed and not unbatched)


def with_sequences(document: Document, sequences: Sequences) -> Document:
    """The input as it was read from a file; input_size follows it."""
    count, steps, features = sequences.values.shape
    spec = document.spec
    if document.is_fed and features != document.features:
        raise InputError(
            "input",
            expected=f"{document.features} features, as what stands in front takes",
            got=features,
        )
    if not document.is_fed:
        spec = spec.with_changes(input_size=features)
    spec.check_trace_fits(steps, count)
    if spec.input_size != document.spec.input_size:
        document = replace(document, module=None, weight_edits=(), weights=_in_front(document))
    loaded = replace(
        document,
        spec=spec,
        values=sequences.values,
        lengths=sequences.lengths,
        unbatched=sequences.unbatched and not document.packed,
    )
    loaded = with_fitting_targets(replace(loaded, initial=_fitted_initial(loaded), task=""))
    return with_packed(loaded, loaded.packed or len(set(loaded.lengths)) > 1)


def with_initial(document: Document, kind: InitialKind) -> Document:
    """h_0 and c_0 by kind; typed ones start from the values there are."""
    initial = replace(document.initial, kind=kind)
    return replace(document, initial=_fitted_initial(replace(document, initial=initial)))


def with_initial_value(
    document: Document, which: str, row: int, sequence: int, unit: int, value: float
) -> Document:
    """One number of `h_0` or `c_0`; of one vector, for every sequence, layer and direction."""
    vector = document.initial.kind == "vector"
    document = with_initial(document, "vector" if vector else "typed")
    known = getattr(document.initial, which)
    if known is None:
        raise InputError(which, expected="h_0 alone of this cell", got=which)
    for name, index, size in zip(
        ("row", "sequence", "unit"), (row, sequence, unit), known.shape, strict=True
    ):
        if not 0 <= index < size:
            raise InputError(which, expected=f"{name} 0 to {size - 1}", got=index)
    values = known.copy()
    values[(..., unit) if vector else (row, sequence, unit)] = value
    return replace(document, initial=replace(document.initial, **{which: values}))


def _fitted_initial(document: Document) -> InitialStates:
    spec, initial = document.spec, document.initial
    if initial.kind == "zeros":
        return InitialStates()
    rows = spec.num_layers * spec.num_directions
    has_c = spec.cell == "LSTM"
    h_shape = (rows, document.N, spec.output_size)
    c_shape = (rows, document.N, spec.hidden_size)
    if initial.kind == "random":
        return InitialStates(
            "random",
            fill_values("randn", h_shape, document.seed + 1),
            fill_values("randn", c_shape, document.seed + 2) if has_c else None,
        )
    h_0 = _overlaid(np.zeros(h_shape), initial.h_0)
    c_0 = _overlaid(np.zeros(c_shape), initial.c_0) if has_c else None
    if initial.kind == "vector":
        h_0 = np.broadcast_to(h_0[:1, :1], h_shape).copy()
        c_0 = None if c_0 is None else np.broadcast_to(c_0[:1, :1], c_shape).copy()
    return InitialStates(initial.kind, h_0, c_0)


def _overlaid(fresh: Values, old: Values | None) -> Values:
    """`fresh` with the values of `old` where both have a place."""
    if old is not None:
        common = tuple(slice(min(a, b)) for a, b in zip(fresh.shape, old.shape, strict=True))
        fresh[common] = old[common]
    return fresh


def _check_at_least_one(name: str, value: int) -> None:
    if value < 1:
        raise InputError(name, expected="at least 1", got=value)
