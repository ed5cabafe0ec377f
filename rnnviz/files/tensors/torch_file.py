"""PyTorch files, as `torch.save` writes them since version 1.6; torch itself is not asked."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.lib.stride_tricks import as_strided

from rnnviz.files.reading import shown_name
from rnnviz.files.tensors.pickled_names import Pairs, Storage, View
from rnnviz.files.tensors.pickles import LARGEST, read_pickle
from rnnviz.files.tensors.stored import (
    NUMPY_DTYPES,
    Array,
    Names,
    RefusedError,
    Stored,
    checked_shape,
    read_only,
    widened,
)
from rnnviz.files.tensors.zips import Member, read_directory, read_member

_DEEPEST = 20
_MOST_VALUES = 200_000
_LONGEST_VALUE = 200
_BYTE_ORDERS = {b"little": "<", b"big": ">"}


@dataclass(frozen=True)
class _Place:
    """Where a tensor is: proven, in numbers."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class TorchSource:
    """An open PyTorch file: a zip with a list of tensors, and their numbers."""

    kind = "PyTorch"

    def __init__(self, file: BinaryIO, size: int) -> None:
        """Reads the list.

        Raises:
            RefusedError: where it holds anything but tensors and plain values.
        """
        self._file = file
        self._members = read_directory(file, size)
        self._folder = self._only_folder()
        self._byte_order = self._read_byte_order()
        self._arrays: dict[tuple[str, str], Array] = {}
        self._places: dict[str, _Place] = {}
        self.stored: dict[str, Stored] = {}
        self.metadata: dict[str, str] = {}
        listed = self._member("data.pkl")
        if listed.size > LARGEST:
            raise RefusedError("its list of tensors is too long")
        self._list(read_pickle(read_member(file, listed)))

    def memory(self, names: Iterable[str]) -> int:
        """Bytes of the storages that these are views of."""
        storages = {(self._places[name].storage, self.stored[name].dtype) for name in names}
        return sum(
            Stored((self._numbers(storage, dtype),), dtype).array_bytes
            for storage, dtype in storages
        )

    def load(self, name: str) -> Array:
        """One tensor, as a view of its storage."""
        place, stored = self._places[name], self.stored[name]
        numbers = self._storage(place.storage, stored.dtype)
        if 0 in stored.shape:
            return read_only(np.empty(stored.shape, numbers.dtype))
        strides = tuple(stride * numbers.itemsize for stride in place.strides)
        return as_strided(numbers[place.offset :], stored.shape, strides, writeable=False)

    def _only_folder(self) -> str:
        folders = {name.partition("/")[0] for name in self._members}
        if len(folders) != 1:
            raise RefusedError("it is a zip file, but not one of PyTorch's")
        folder = folders.pop()
        if f"{folder}/constants.pkl" in self._members or any(
            name.startswith(f"{folder}/code/") for name in self._members
        ):
            raise RefusedError(
                "it holds a TorchScript program, which is not run here: save "
                "model.state_dict() instead"
            )
        if f"{folder}/data.pkl" not in self._members:
            raise RefusedError("it is a zip file, but not one of PyTorch's")
        return folder

    def _read_byte_order(self) -> str:
        member = self._members.get(f"{self._folder}/byteorder")
        if member is None:
            return "<" if sys.byteorder == "little" else ">"
        order = bytes(read_member(self._file, member)) if member.size < 10 else b""
        if order not in _BYTE_ORDERS:
            raise RefusedError("it is damaged: its byte order is unknown")
        return _BYTE_ORDERS[order]

    def _member(self, name: str) -> Member:
        member = self._members.get(f"{self._folder}/{name}")
        if member is None:
            raise RefusedError(f"it is damaged: {shown_name(name)} is missing")
        return member

    def _list(self, root: object) -> None:
        names = Names()
        for name, value in _flattened(root):
            if isinstance(value, View):
                place = self._checked(names.add(name), value)
                self._places[name], self.stored[name] = place, Stored(place.shape, value.dtype)
            elif len(name) <= _LONGEST_VALUE and len(text := _text(value)) <= _LONGEST_VALUE:
                self.metadata[name] = text

    def _checked(self, name: str, view: View) -> _Place:
        """Where the list says that a tensor is, held against the numbers that are there."""
        shape = checked_shape(name, view.size)
        strides = checked_shape(name, view.stride)
        offset = view.offset
        if len(shape) != len(strides) or type(offset) is not int or offset < 0:
            raise RefusedError(f"it is damaged: {shown_name(name)} has no proper shape")
        held, size = self._numbers(view.storage, view.dtype), math.prod(shape)
        last = offset + sum((n - 1) * stride for n, stride in zip(shape, strides, strict=True))
        # Numbers may be shared, as `expand` does, but no more are claimed than there are.
        if size > held or (size and last >= held):
            raise RefusedError(
                f"{shown_name(name)} claims numbers that the file does not hold: {size} of "
                f"{held}, from {offset} on"
            )
        return _Place(view.storage, offset, shape, strides)

    def _numbers(self, storage: Storage, dtype: str) -> int:
        """How many numbers a storage holds, as its list and its member agree."""
        member = self._member(f"data/{storage.key}")
        itemsize = 1 if storage.dtype is None else NUMPY_DTYPES[storage.dtype].itemsize
        if storage.count * itemsize != member.size:
            raise RefusedError(
                f"it is damaged: {shown_name(member.name)} has {member.size} bytes instead of "
                f"{storage.count * itemsize}"
            )
        return member.size // NUMPY_DTYPES[dtype].itemsize

    def _storage(self, storage: Storage, dtype: str) -> Array:
        key = (storage.key, dtype)
        if key not in self._arrays:
            data = read_member(self._file, self._member(f"data/{storage.key}"))
            itemsize = NUMPY_DTYPES[dtype].itemsize
            raw = np.frombuffer(
                data,
                NUMPY_DTYPES[dtype].newbyteorder(self._byte_order),  # type: ignore[arg-type]
                len(data) // itemsize,
            )
            self._arrays[key] = read_only(widened(raw, dtype))
        return self._arrays[key]


def _flattened(root: object) -> Iterator[tuple[str, object]]:
    """Every value with its path, in the order in which it was written."""
    if isinstance(root, View):
        root = [root]
    # Dictionaries may hold each other, or one many times: depth and count are bounded.
    waiting: list[tuple[str, object, int]] = [("", root, 0)]
    for _ in range(_MOST_VALUES):
        if not waiting:
            return
        path, value, depth = waiting.pop()
        children = _children(value)
        if children is None:
            yield path, value
            continue
        if depth == _DEEPEST:
            raise RefusedError(f"its dictionaries are nested more than {_DEEPEST} deep")
        if len(children) > _MOST_VALUES:
            break
        for key, child in reversed(children):
            name = f"{path}.{key}" if path else key
            waiting.append((name, child, depth + 1))
    raise RefusedError(f"it holds more than {_MOST_VALUES} values")


def _children(value: object) -> list[tuple[str, object]] | None:
    if isinstance(value, Pairs):
        return [(_key(key), child) for key, child in value.items]
    if isinstance(value, list | tuple):
        return [(str(index), child) for index, child in enumerate(value)]
    return None


def _key(key: object) -> str:
    if isinstance(key, str):
        return key
    return str(key) if isinstance(key, int | float | bool) else "?"


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int | float | bool) else ""
