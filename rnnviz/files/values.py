"""The input of a model from a file, by the file's kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import FileError, InputError
from rnnviz.files.arrays import read_npy
from rnnviz.files.reading import read_text
from rnnviz.files.sequences import Sequences
from rnnviz.files.tables import parse_tables


def read_values(path: Path, batch_first: bool = False) -> Sequences:
    """Sequences from a .csv, .tsv, .txt or .npy file.

    Text holds one timestep a line; blank lines part the sequences of a batch. An array is
    `(L, H_in)`, or `(L, N, H_in)`, or `(N, L, H_in)` under `batch_first`.

    Raises:
        FileError: where the file cannot be read.
        InputError: where what it holds is no input.
    """
    kind = path.suffix.lower()
    if kind not in READERS:
        known = ", ".join(READERS)
        raise FileError(f"cannot read {path}: expected a file that ends in {known}")
    return READERS[kind](path, batch_first)


def read_matrix(path: Path) -> NDArray[np.float64]:
    """A table of numbers from a .csv, .tsv, .txt or .npy file: (rows, columns).

    Raises:
        FileError: where the file cannot be read.
        InputError: where what it holds is no table.
    """
    read = read_values(path)
    if not read.unbatched:
        raise InputError("table", expected="one table", got=f"{len(read.lengths)} of them")
    table: NDArray[np.float64] = read.values[0]
    return table


def read_array(path: Path) -> NDArray[np.float64]:
    """Numbers of any shape from a .npy file, or the table (rows, columns) of a text file.

    Raises:
        FileError: where the file cannot be read.
        InputError: where what it holds is no table.
    """
    if path.suffix.lower() == ".npy":
        array = read_npy(path)
        if array.size == 0:
            raise InputError("input", expected="no axis of size 0", got=f"shape {array.shape}")
        return array
    return read_matrix(path)


def _read_text_values(path: Path, batch_first: bool) -> Sequences:
    tables = parse_tables(read_text(path))
    sequences = Sequences.padded(tables)
    return Sequences(sequences.values, sequences.lengths, unbatched=len(tables) == 1)


def _read_array_values(path: Path, batch_first: bool) -> Sequences:
    return _from_array(read_npy(path), batch_first)


def _from_array(array: NDArray[np.float64], batch_first: bool) -> Sequences:
    if array.ndim not in (2, 3):
        axes = "(N, L, H_in)" if batch_first else "(L, N, H_in)"
        raise InputError("input", expected=f"(L, H_in) or {axes}", got=f"shape {array.shape}")
    if array.size == 0:
        raise InputError("input", expected="no axis of size 0", got=f"shape {array.shape}")
    if array.ndim == 2:
        return Sequences(array[None], (len(array),), unbatched=True)
    values = array if batch_first else np.ascontiguousarray(array.swapaxes(0, 1))
    return Sequences(values, (values.shape[1],) * values.shape[0])


READERS: dict[str, Callable[[Path, bool], Sequences]] = {
    ".csv": _read_text_values,
    ".tsv": _read_text_values,
    ".txt": _read_text_values,
    ".npy": _read_array_values,
}
