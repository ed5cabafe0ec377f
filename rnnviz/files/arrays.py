"""Arrays in numpy's .npy format: looked over before a byte of data is believed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from rnnviz.files.reading import LARGEST_ARRAY, open_checked, reason, unreadable

LONGEST_HEADER = 10_000
MAGIC = npy.MAGIC_PREFIX

_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
_MOST_AXES = 32
_LENGTHS = {(1, 0): 2, (2, 0): 4}  # bytes that say how long the header is


@dataclass(frozen=True)
class NpyHeader:
    """What a .npy file says of its array, proven against its size.

    Attributes:
        shape: of the array.
        dtype: of its numbers, in the byte order of the file.
        fortran: whether its first axis moves fastest.
        start: where the numbers begin.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    fortran: bool
    start: int

    @property
    def nbytes(self) -> int:
        """Bytes of all numbers."""
        return math.prod(self.shape) * self.dtype.itemsize

    def array(self, data: bytes | bytearray | memoryview) -> NDArray[np.generic]:
        """The array of these bytes, which begin behind the header."""
        flat: NDArray[np.generic] = np.frombuffer(data, self.dtype)
        return flat.reshape(self.shape[::-1]).T if self.fortran else flat.reshape(self.shape)


def read_npy(path: Path) -> NDArray[np.float64]:
    """The numbers of a .npy file; nothing in it is ever run.

    Raises:
        FileError: where it is no such file, cut short, or holds anything but real numbers.
    """
    with open_checked(path, LARGEST_ARRAY) as (file, size):
        try:
            header = read_header(file, size)
            data = file.read(header.nbytes)
            array = header.array(data).astype(np.float64, order="C")
        except (OSError, ValueError, MemoryError) as error:
            raise unreadable(path, reason(error)) from None
    return array


def read_header(file: BinaryIO, size: int) -> NpyHeader:
    """What stands at the head of a .npy file of this size, before its numbers are read.

    Raises:
        ValueError: where it is damaged, or declares what the file does not hold.
    """
    file.seek(0)
    start = file.read(len(MAGIC) + 2)
    if not start.startswith(MAGIC):
        raise ValueError("it is not a .npy file")
    version = tuple(start[len(MAGIC) :])
    if version not in _HEADERS:
        raise ValueError(f"version {version} of the .npy format is not known here")
    # numpy reads a header of any length before it refuses it.
    if int.from_bytes(file.read(_LENGTHS[version]), "little") > LONGEST_HEADER:
        raise ValueError("its header is damaged")
    file.seek(len(start))
    try:
        shape, fortran, dtype = _HEADERS[version](file)
    except Exception:  # numpy parses it as Python, which fails in many ways
        raise ValueError("its header is damaged") from None
    if dtype.kind not in "fiub":
        raise ValueError(f"expected real numbers, got dtype {dtype}")
    if len(shape) > _MOST_AXES or any(type(axis) is not int or axis < 0 for axis in shape):
        raise ValueError("its shape is none that an array has")
    header = NpyHeader(shape, dtype, fortran, file.tell())
    held = size - header.start
    if header.nbytes != held:
        raise ValueError(f"expected {header.nbytes} bytes of data, got {held}")
    return header
