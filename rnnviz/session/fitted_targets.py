"""Targets that fit a document: what is still there stays, the rest is made up from a seed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import InputError, SpecError
from rnnviz.session.fills import generator_of
from rnnviz.session.state import Document

IGNORED = -100  # torch's ignore_index

Targets = NDArray[Any]


def with_fitting_targets(document: Document) -> Document:
    """The document with targets of the shape and kind that its loss takes."""
    if document.loss is None:
        return document
    fresh = default_targets(document)
    given = document.targets
    if given is not None and given.dtype.kind == fresh.dtype.kind and given.ndim == fresh.ndim:
        common = tuple(slice(min(a, b)) for a, b in zip(fresh.shape, given.shape, strict=True))
        kept = given[common]
        fresh[common] = np.where(_possible(kept, document), kept, fresh[common])
        if given.shape == fresh.shape and np.array_equal(given, fresh):
            return document
    return replace(document, targets=fresh)


def with_targets(document: Document, given: NDArray[np.float64]) -> Document:
    """Targets as they came: (N, L), or (N,), numbers with their features behind.

    Where there is one sequence or one feature alone, its axis may be left out.

    Raises:
        InputError: without a loss, for another shape, and for classes that are no whole numbers.
    """
    if document.loss is None:
        raise InputError("targets", expected="a loss", got="none")
    shape = target_shape(document)
    if _without_ones(given.shape) != _without_ones(shape):
        raise InputError("targets", expected=f"shape {shape}", got=f"shape {given.shape}")
    targets: Targets = given.reshape(shape)
    if document.loss == "cross_entropy":
        broken = np.argwhere(targets % 1 != 0)
        if len(broken):
            place = tuple(int(index) for index in broken[0])
            got = f"{targets[place]:g} at {place}"
            raise InputError("targets", expected="class ids, whole numbers", got=got)
        targets = targets.astype(np.int64)
    return replace(document, targets=targets, task="")


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)


def target_shape(document: Document) -> tuple[int, ...]:
    """The shape of the targets, N first: (N, L), without L where the head reads one timestep."""
    every = document.head is None or document.head.on == "every"
    shape: tuple[int, ...] = (document.N, document.L) if every else (document.N,)
    if document.decoder is not None:
        steps = document.L if document.targets is None else document.targets.shape[-1]
        shape = (document.N, steps)
    return shape if document.loss == "cross_entropy" else (*shape, class_count(document))


def class_count(document: Document) -> int:
    """C, as many scores as there are at a timestep."""
    return document.head.out_features if document.head is not None else document.out_width


def default_targets(document: Document) -> Targets:
    """The next token where the classes are tokens; else what a generator draws."""
    shape, classes = target_shape(document), class_count(document)
    generator = generator_of(document.seed + 3)
    if document.loss == "mse":
        return generator.standard_normal(shape)
    if document.loss == "bce":
        return generator.integers(2, size=shape).astype(np.float64)
    front = document.front
    if front is not None and front.takes_ids and len(shape) == 2 and classes == front.size:
        found = np.full(shape, IGNORED, dtype=np.int64)
        if document.decoder is not None:
            given = document.values[:, : shape[1], 0]
            known = (given >= 0) & (given < classes)  # beyond a length anything may stand
            found[:, : document.L] = np.where(known, given, IGNORED)
            return found
        for n, length in enumerate(document.lengths):
            found[n, : length - 1] = document.values[n, 1:length, 0]
        if (found != IGNORED).any():
            return found
    return generator.integers(classes, size=shape)


def check_targets(document: Document) -> None:
    """Refuse targets that the loss cannot be computed of.

    Raises:
        SpecError: for a loss without scores to compare.
        InputError: for targets of another shape, and classes or values that there are not.
    """
    if document.loss is None:
        return
    given, shape = document.targets, target_shape(document)
    if given is None or given.shape != shape:
        got = "none" if given is None else str(given.shape)
        raise InputError("targets", expected=f"shape {shape}", got=got)
    _check_activation(document)
    wrong = np.argwhere(~_possible(given, document))
    if len(wrong):
        place = tuple(int(index) for index in wrong[0])
        raise InputError("targets", expected=_wanted(document), got=f"{given[place]} at {place}")
    if document.loss == "cross_entropy" and not _counting(document, given).any():
        raise InputError("targets", expected="at least one that is not ignored", got="none")


def _check_activation(document: Document) -> None:
    activation = None if document.head is None else document.head.activation
    if document.loss == "cross_entropy" and activation == "sigmoid":
        raise SpecError(
            "activation", expected="none or softmax before cross_entropy", got="sigmoid"
        )


def _counting(document: Document, targets: Targets) -> NDArray[np.bool_]:
    counts: NDArray[np.bool_] = targets != IGNORED
    if document.decoder is None and targets.ndim == 2:
        lengths = np.asarray(document.lengths)
        counts = counts & (np.arange(targets.shape[1]) < lengths[:, None])
    return counts


def _possible(targets: Targets, document: Document) -> NDArray[np.bool_]:
    if document.loss == "cross_entropy":
        within = (targets >= 0) & (targets < class_count(document))
        return np.asarray(within | (targets == IGNORED))
    if document.loss == "bce":
        return np.asarray((targets >= 0) & (targets <= 1))
    return np.isfinite(targets)


def _wanted(document: Document) -> str:
    if document.loss == "cross_entropy":
        return f"classes 0 to {class_count(document) - 1}, or {IGNORED} to ignore"
    return "numbers from 0 to 1" if document.loss == "bce" else "finite numbers"
