"""numpy's files of arrays, .npy and .npz; a pickled object in one is never opened."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import BinaryIO

import numpy as np

from rnnviz.files.arrays import LONGEST_HEADER, NpyHeader, read_header
from rnnviz.files.reading import shown_name
from rnnviz.files.tensors.stored import Array, Names, RefusedError, Stored, read_only
from rnnviz.files.tensors.zips import Member, read_directory, read_member, read_start

_ENDING = ".npy"


class NpySource:
    """An open .npy file: one array, which has no name."""

    kind = "numpy array"
    name = "array"

    def __init__(self, file: BinaryIO, size: int) -> None:
        """Reads the header.

        Raises:
            RefusedError: where it declares what the file does not hold.
        """
        self._file = file
        self._header = _checked_header(file, size)
        self.stored = {self.name: _stored(self._header)}
        self.metadata: dict[str, str] = {}

    def memory(self, names: Iterable[str]) -> int:
        """Bytes that loading these takes."""
        return sum(2 * self.stored[name].array_bytes for name in names)

    def load(self, name: str) -> Array:
        """The array."""
        self._file.seek(self._header.start)
        return _array(self._header, self._file.read(self._header.nbytes))


class NpzSource:
    """An open .npz file: a zip of .npy files."""

    kind = "numpy arrays"

    def __init__(self, file: BinaryIO, size: int) -> None:
        """Reads the headers of all arrays.

        Raises:
            RefusedError: where one is none.
        """
        self._file = file
        self._members: dict[str, Member] = {}
        self.stored: dict[str, Stored] = {}
        self.metadata: dict[str, str] = {}
        names = Names()
        for member in read_directory(file, size, compressed=True).values():
            name = names.add(member.name.removesuffix(_ENDING))
            if not member.name.endswith(_ENDING):
                raise RefusedError(f"it holds {shown_name(member.name)}, which is no array")
            start = io.BytesIO(read_start(file, member, LONGEST_HEADER + 100))
            self._members[name] = member
            self.stored[name] = _stored(_checked_header(start, member.size, name))

    def memory(self, names: Iterable[str]) -> int:
        """Bytes that loading these takes."""
        return sum(2 * self.stored[name].array_bytes for name in names)

    def load(self, name: str) -> Array:
        """One of the arrays."""
        member = self._members[name]
        data = read_member(self._file, member)
        header = _checked_header(io.BytesIO(data), member.size, name)
        return _array(header, memoryview(data)[header.start :])


def _checked_header(file: BinaryIO, size: int, name: str = "") -> NpyHeader:
    try:
        header = read_header(file, size)
    except ValueError as error:
        raise RefusedError(f"{shown_name(name)}: {error}" if name else str(error)) from None
    if header.dtype.itemsize > 8:
        raise RefusedError(f"expected numbers of at most 8 bytes, got dtype {header.dtype}")
    return header


def _stored(header: NpyHeader) -> Stored:
    return Stored(header.shape, header.dtype.newbyteorder("=").name)


def _array(header: NpyHeader, data: bytes | memoryview) -> Array:
    if len(data) != header.nbytes:
        raise RefusedError("it became shorter while it was read")
    array = header.array(data)
    if header.dtype.kind == "b":  # whose bytes may be others than 0 and 1
        array = np.not_equal(array.view(np.uint8), 0)
    native = header.dtype.newbyteorder("=")
    wider = np.dtype(np.float32) if native == np.float16 else native
    return read_only(np.ascontiguousarray(array, dtype=wider).reshape(header.shape))
