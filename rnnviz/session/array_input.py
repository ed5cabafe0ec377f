"""An array of a file as the input of a model, or as its targets: which axis is which."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import InputError
from rnnviz.files.sequences import Sequences
from rnnviz.files.tensors import Array, Stored, read_array
from rnnviz.files.tensors.axes import LETTERS, NAMES, arranged
from rnnviz.files.tensors.axes import choices as input_choices
from rnnviz.session.edits import with_sequences
from rnnviz.session.fitted_targets import target_shape
from rnnviz.session.state import Document
from rnnviz.session.surrounding import with_tokens

LENGTHS = "lengths"
LARGEST_SHOWN = 256 << 20  # bytes of an array that is read for a preview
_CORNER = 12  # elements along each axis that a preview has


def axes_choices(document: Document, shape: tuple[int, ...], use: str) -> tuple[str, ...]:
    """What the axes of an array can be, the likeliest first; () where it cannot be used so.

    Args:
        document: what the array is for.
        shape: of the array.
        use: "input" or "targets".
    """
    if use == "targets":
        return _target_choices(document, shape)
    if 0 in shape:
        return ()
    found = input_choices(len(shape))
    if len(shape) == 3 and document.spec.batch_first:
        found = ("NLH", *(axes for axes in found if axes != "NLH"))
    if document.takes_ids:
        known = [axes for axes in found if _size(axes, shape, "H") == 1]
        return tuple(known)
    wanted = document.features
    return tuple(sorted(found, key=lambda axes: _size(axes, shape, "H") != wanted))


def axes_words(axes: str, shape: tuple[int, ...]) -> str:
    """Axes in words: "timesteps (50), sequences (8), features (3)"."""
    return ", ".join(f"{NAMES[axis]} ({size})" for axis, size in zip(axes, shape, strict=True))


def lengths_name(arrays: Mapping[str, Stored], name: str, axes: str) -> str:
    """The array of a file that says how long the sequences of another are; "" for none."""
    if "N" not in axes:
        return ""
    count = arrays[name].shape[axes.index("N")]
    for other, stored in arrays.items():
        if other.rpartition(".")[2] != LENGTHS or stored.shape != (count,):
            continue
        if np.dtype(stored.array_dtype).kind in "iu":
            return other
    return ""


def read_sequences(path: Path, name: str, axes: str, lengths: str = "") -> Sequences:
    """The sequences in an array of a file.

    Args:
        lengths: the name of the array that says how long each of them is; "" for all whole.

    Raises:
        FileError: where the file cannot be read.
        InputError: for axes or lengths that do not fit.
    """
    found = arranged(read_array(path, name), axes)
    if not lengths:
        return found
    given = read_array(path, lengths)
    count, most = found.values.shape[:2]
    if given.shape != (count,) or given.dtype.kind not in "iu":
        raise InputError(
            LENGTHS, expected=f"{count} whole numbers", got=f"{given.dtype} of shape {given.shape}"
        )
    for n, length in enumerate(given.tolist()):
        if not 1 <= length <= most:
            raise InputError(LENGTHS, expected=f"1 to {most}", got=f"{length} of sequence {n}")
    return Sequences(found.values, tuple(int(length) for length in given))


def with_read(document: Document, sequences: Sequences) -> Document:
    """The document with sequences that were read as its input, ids where it takes those.

    Raises:
        InputError: where they do not fit.
    """
    if not document.takes_ids:
        return with_sequences(document, sequences)
    features = sequences.values.shape[2]
    if features != 1:
        raise InputError("ids", expected="one id at a timestep", got=f"{features} features")
    return with_tokens(document, sequences.values, sequences.lengths)


def read_targets(path: Path, name: str, axes: str) -> NDArray[np.float64]:
    """An array of a file with its axes in the order of targets: sequences, timesteps, classes.

    Raises:
        FileError: where the file cannot be read.
        InputError: for an array of no real numbers, or of other axes.
    """
    array = read_array(path, name)
    if array.dtype.kind not in "fiub" or array.ndim != len(axes):
        raise InputError("targets", expected="real numbers", got=f"dtype {array.dtype}")
    order = sorted(range(len(axes)), key=lambda place: LETTERS.index(axes[place]))
    return np.ascontiguousarray(array.transpose(order), dtype=np.float64)


def corner_of(path: Path, name: str, stored: Stored) -> Array | None:
    """The first elements of an array along each axis; None of one that is too large to look at.

    Raises:
        FileError: where the file cannot be read.
    """
    if stored.nbytes > LARGEST_SHOWN:
        return None
    array = read_array(path, name)
    corner: Array = array[(slice(_CORNER),) * array.ndim].copy()
    return corner


def first_rows(corner: Array, axes: str) -> Array:
    """Of a corner the rows of the first sequence: timesteps × features, each axis there or not."""
    rows: Array = corner
    order = [axes.index(axis) for axis in LETTERS if axis in axes]
    rows = rows.transpose(order)
    if "N" in axes and len(axes) > 1 and "L" in axes:
        rows = rows[0]
    return rows.reshape(len(rows), -1) if rows.ndim else rows.reshape(1, 1)


def _target_choices(document: Document, shape: tuple[int, ...]) -> tuple[str, ...]:
    if document.loss is None:
        return ()
    sizes = target_shape(document)
    timed = len(sizes) - (document.loss != "cross_entropy") == 2
    letters = ("NL" if timed else "N") + ("" if document.loss == "cross_entropy" else "H")
    wanted = dict(zip(letters, sizes, strict=True))
    found = []
    for axes in permutations(letters, len(shape)):
        named: dict[str, Any] = dict(zip(axes, shape, strict=True))
        rest = [size for letter, size in wanted.items() if letter not in named]
        if all(wanted[letter] == size for letter, size in named.items()) and set(rest) <= {1}:
            found.append("".join(axes))
    return tuple(found)


def _size(axes: str, shape: tuple[int, ...], axis: str) -> int:
    return shape[axes.index(axis)] if axis in axes else 1
