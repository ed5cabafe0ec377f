"""The values of one tensor as a file: numpy's own format, or a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from rnnviz.errors import FileError
from rnnviz.files.reading import one_line
from rnnviz.files.saving.atomic import save_pieces, write_atomically
from rnnviz.files.saving.endings import writer_for

Array = NDArray[np.generic]
Names = Sequence[str] | None

_ROWS_AT_A_TIME = 1000


def save_array(path: Path, array: Array, names: Names = None) -> Path:
    """Write an array to a .npy or .csv file, whole or not at all.

    Args:
        path: its ending says which kind.
        array: numbers; for .csv of at most two axes, one line for each of the first.
        names: of the columns, as the first line of a .csv.

    Returns:
        Where it was written.

    Raises:
        FileError: what could not be written and why; a file that was there before is kept.
    """
    writer = writer_for(path, WRITERS)
    if array.dtype.kind not in "fiub":
        raise FileError(f"cannot write {path}: expected real numbers, got dtype {array.dtype}")
    return writer(path, array, names)


def _save_npy(path: Path, array: Array, names: Names) -> Path:
    # `numpy.save` would put a contiguous array to the file itself, past what counts its bytes.
    header = io.BytesIO()
    whole = np.ascontiguousarray(array).reshape(array.shape)
    npy.write_array_header_1_0(header, npy.header_data_from_array_1_0(whole))

    def pieces() -> Iterator[bytes | memoryview]:
        yield header.getvalue()
        yield whole.reshape(-1).view(np.uint8).data

    return save_pieces(path, pieces())


def _save_csv(path: Path, array: Array, names: Names) -> Path:
    if array.ndim > 2:
        raise FileError(
            f"cannot write {path}: a table has two axes, and this has {array.ndim}: choose one "
            "timestep or one sequence, or save it as .npy"
        )
    table = array.reshape(-1, 1) if array.ndim < 2 else array
    if names is not None and len(names) != table.shape[1]:
        raise FileError(
            f"cannot write {path}: expected names of {table.shape[1]} columns, got {len(names)}"
        )
    return write_atomically(
        path, lambda file: [file.write(lines) for lines in _lines(table, names)]
    )


def _lines(table: Array, names: Names) -> Iterator[bytes]:
    """Every number with all its digits: reading them again gives the same numbers."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    if names is not None:
        writer.writerow([one_line(name) for name in names])
    for start in range(0, len(table), _ROWS_AT_A_TIME):
        rows = table[start : start + _ROWS_AT_A_TIME]
        writer.writerows((rows.astype(np.uint8) if rows.dtype.kind == "b" else rows).tolist())
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


WRITERS: dict[str, Callable[[Path, Array, Names], Path]] = {".npy": _save_npy, ".csv": _save_csv}
