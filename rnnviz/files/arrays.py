"""Arrays in numpy's .npy format: looked over before a byte of data is believed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from rnnviz.errors import FileError
from rnnviz.files.reading import LARGEST_ARRAY, checked_size, reason

_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_npy(path: Path) -> NDArray[np.float64]:
    """The numbers of a .npy file; nothing in it is ever run.

    Raises:
        FileError: where it is no such file, cut short, or holds anything but real numbers.
    """
    size = checked_size(path, LARGEST_ARRAY)
    try:
        _check_header(path, size)
        with path.open("rb") as file:
            array = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise FileError(f"cannot read {path}: {reason(error)}") from None
    return np.ascontiguousarray(array, dtype=np.float64)


def _check_header(path: Path, size: int) -> None:
    """Refuse what the header declares and the file does not hold, before numpy reserves it."""
    with path.open("rb") as file:
        if not file.read(len(npy.MAGIC_PREFIX)) == npy.MAGIC_PREFIX:
            raise ValueError("it is not a .npy file")
        file.seek(0)
        version = npy.read_magic(file)
        if version not in _HEADERS:
            raise ValueError(f"version {version} of the .npy format is not known here")
        try:
            shape, _, dtype = _HEADERS[version](file)
        except Exception:  # numpy parses it as Python, which fails in many ways
            raise ValueError("its header is damaged") from None
        held = size - file.tell()
    if dtype.kind not in "fiub":
        raise ValueError(f"expected real numbers, got dtype {dtype}")
    if math.prod(shape) * dtype.itemsize != held:
        raise ValueError(f"expected {math.prod(shape) * dtype.itemsize} bytes of data, got {held}")
