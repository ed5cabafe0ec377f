"""Tensors as a file holds them: what it says of them, and how their bytes become an array."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rnnviz.files.reading import shown_name

Array = NDArray[np.generic]

LARGEST_COUNT = 100_000
LONGEST_NAME = 1000
MOST_AXES = 32

NUMPY_DTYPES: dict[str, np.dtype[np.generic]] = {
    name: np.dtype(name)
    for name in (
        "float64",
        "float32",
        "float16",
        "int64",
        "int32",
        "int16",
        "int8",
        "uint64",
        "uint32",
        "uint16",
        "uint8",
    )
} | {"bfloat16": np.dtype(np.uint16), "bool": np.dtype(np.uint8)}
WIDENED = ("float16", "bfloat16")


class RefusedError(Exception):
    """Why a file is not opened, in words that its user understands."""


@dataclass(frozen=True)
class Stored:
    """What a file says of one of its tensors.

    Attributes:
        shape: of the array.
        dtype: as it is stored: "bfloat16".
    """

    shape: tuple[int, ...]
    dtype: str

    @property
    def nbytes(self) -> int:
        """Bytes that the file holds of it."""
        return math.prod(self.shape) * NUMPY_DTYPES[self.dtype].itemsize

    @property
    def array_dtype(self) -> str:
        """Of the array that is made of it: half precision is widened."""
        return "float32" if self.dtype in WIDENED else self.dtype

    @property
    def array_bytes(self) -> int:
        """Bytes that the array takes, and what it is made of while it is."""
        return self.nbytes * (3 if self.dtype in WIDENED else 1)


class Source(Protocol):
    """An open file of tensors, of which no value has been read yet.

    Attributes:
        kind: what the file is: "safetensors".
        stored: by name, in the file's order.
        metadata: what it says beside the tensors.
    """

    kind: str
    stored: Mapping[str, Stored]
    metadata: Mapping[str, str]

    def memory(self, names: Iterable[str]) -> int:
        """Bytes that loading these takes."""

    def load(self, name: str) -> Array:
        """The values of one of them, half precision widened; it cannot be written to."""


@dataclass
class Names:
    """The names of a file's tensors, looked over one by one."""

    seen: set[str] = field(default_factory=set)

    def add(self, name: str) -> str:
        """The name itself.

        Raises:
            RefusedError: where it is there already, too long, or cannot be shown.
        """
        if len(name) > LONGEST_NAME:
            raise RefusedError(f"it holds a name of {len(name)} characters: {shown_name(name)}")
        if not name.isprintable():
            raise RefusedError(f"it holds a name that cannot be shown: {shown_name(name)}")
        if name in self.seen:
            raise RefusedError(f"it holds two tensors of the name {shown_name(name)}")
        if len(self.seen) == LARGEST_COUNT:
            raise RefusedError(f"it holds more than {LARGEST_COUNT} tensors")
        self.seen.add(name)
        return name


def checked_shape(name: str, sizes: object) -> tuple[int, ...]:
    """The shape of a tensor, as numbers that can be one.

    Raises:
        RefusedError: where they cannot.
    """
    if not isinstance(sizes, list | tuple) or len(sizes) > MOST_AXES:
        raise RefusedError(f"{shown_name(name)} has no shape that can be read")
    for size in sizes:
        if type(size) is not int or not 0 <= size < 2**63:
            raise RefusedError(f"{shown_name(name)} has an axis that no tensor has")
    return tuple(sizes)


def from_bytes(data: bytes | bytearray | memoryview, stored: Stored) -> Array:
    """An array of little-endian values in C order, half precision widened."""
    raw = np.frombuffer(data, dtype=NUMPY_DTYPES[stored.dtype].newbyteorder("<"))
    return read_only(widened(raw.reshape(stored.shape), stored.dtype))


def widened(raw: Array, dtype: str) -> Array:
    """Values of their own dtype from those of `NUMPY_DTYPES`, in this machine's byte order."""
    if dtype == "bfloat16":  # the upper half of a float32
        upper: NDArray[np.uint32] = raw.astype(np.uint32) << np.uint32(16)
        return upper.view(np.float32)
    if dtype == "float16":
        return raw.astype(np.float32)
    if dtype == "bool":
        return np.not_equal(raw, 0)
    return raw.astype(raw.dtype.newbyteorder("="), copy=False)


def read_only(array: Array) -> Array:
    """The same array, which nobody changes by mistake."""
    array.flags.writeable = False
    return array
