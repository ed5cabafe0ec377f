"""Datasets of an HDF5 file, each looked over before it is read.

A link may lead to another file, a dataset may lie in one, and a few bytes may claim to inflate to
terabytes: none of these is followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import FileError
from rnnviz.files.models.extras import required
from rnnviz.files.reading import shown_name
from rnnviz.files.tensors.stored import RefusedError
from rnnviz.model.memory import format_bytes, memory_limit

SIGNATURE = b"\x89HDF\r\n\x1a\n"

_LARGEST_RATIO = 50  # of what is inflated to what is stored, beyond the following size
_FREELY_INFLATED = 64 << 20
_LARGEST_CHUNK = 16 << 20
_FILTERS = {1, 2, 3}  # deflate, shuffle, checksum
_MOST_MEMBERS = 10_000
_DAMAGED = "it is damaged, or not an HDF5 file"


class Hdf5:
    """An open file."""

    def __init__(self, h5py: Any, root: Any) -> None:
        self._h5py = h5py
        self.root = root

    def group(self, at: Any, *names: str) -> Any | None:
        """A group within another; None where there is no such."""
        for name in names:
            at = self._child(at, name)
            if not isinstance(at, self._h5py.Group):
                return None
        return at

    def members(self, group: Any) -> list[str]:
        """The names in a group."""
        if len(group) > _MOST_MEMBERS:
            raise RefusedError(f"it holds more than {_MOST_MEMBERS} parts in one")
        return [str(name) for name in group]

    def is_group(self, group: Any, name: str) -> bool:
        """Whether a name in a group is that of a group in this file."""
        return isinstance(self._child(group, name), self._h5py.Group)

    def read(self, group: Any, name: str, shape: tuple[int, ...]) -> NDArray[np.floating]:
        """Real numbers of a shape that is known from elsewhere.

        Raises:
            RefusedError: where they are not that, or lie elsewhere.
        """
        dataset = self._child(group, name)
        if not isinstance(dataset, self._h5py.Dataset):
            raise RefusedError("its weights are not in the file")
        if dataset.shape != shape:
            raise RefusedError(f"a weight has the shape {dataset.shape}, and {shape} is expected")
        if dataset.dtype.kind != "f" or dataset.dtype.itemsize not in (2, 4, 8):
            raise RefusedError(f"its weights are of the type {dataset.dtype.name}")
        self._check_storage(dataset)
        return np.asarray(dataset[()])

    def shape(self, group: Any, name: str) -> tuple[int, ...]:
        """The shape of a dataset."""
        dataset = self._child(group, name)
        if not isinstance(dataset, self._h5py.Dataset) or dataset.shape is None:
            raise RefusedError("its weights are not in the file")
        return tuple(dataset.shape)

    def text(self, name: str, longest: int) -> str | None:
        """A text that is kept beside the root; None where there is none."""
        if name not in self.root.attrs:
            return None
        attribute = self._h5py.h5a.open(self.root.id, name.encode())
        if attribute.shape != () or attribute.get_storage_size() > longest:
            raise RefusedError(f"its {name} is no text that can be read")
        value = self.root.attrs[name]
        if isinstance(value, bytes):
            value = value.decode("utf-8")
        if not isinstance(value, str) or len(value) > longest:
            raise RefusedError(f"its {name} is no text that can be read")
        return value

    def _child(self, group: Any, name: str) -> Any | None:
        link = group.get(name, getlink=True) if "/" not in name and name != "." else None
        if link is None:
            return None
        if not isinstance(link, self._h5py.HardLink):
            raise RefusedError(f"{shown_name(name)} leads elsewhere, which is not followed")
        return group[name]

    def _check_storage(self, dataset: Any) -> None:
        if dataset.external or dataset.is_virtual:
            raise RefusedError("its weights lie in another file, which is not read")
        settings = dataset.id.get_create_plist()
        filters = {settings.get_filter(place)[0] for place in range(settings.get_nfilters())}
        if not filters <= _FILTERS:
            raise RefusedError("its weights are compressed in a way that is not read here")
        wanted, stored = int(dataset.nbytes), int(dataset.id.get_storage_size())
        chunk = np.prod(dataset.chunks or (1,), dtype=float) * dataset.dtype.itemsize
        inflated = wanted > max(_FREELY_INFLATED, _LARGEST_RATIO * stored)
        if (not dataset.chunks and stored != wanted) or inflated or stored == 0 != wanted:
            raise RefusedError(f"its weights should have {wanted} bytes, and the file has {stored}")
        if wanted > memory_limit() or chunk > max(_LARGEST_CHUNK, wanted):
            raise RefusedError(f"its weights take {format_bytes(wanted)}, more than fits here")


@contextmanager
def opened(file: BinaryIO) -> Iterator[Hdf5]:
    """An HDF5 file, closed behind the block.

    Raises:
        FileError: where h5py is not installed.
        RefusedError: where the file is damaged, wherever in the block that is met.
    """
    h5py = required("h5py", "keras", "Keras files")
    try:
        with h5py.File(file, "r") as root:
            yield Hdf5(h5py, root)
    except (RefusedError, FileError):
        raise
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, MemoryError, OverflowError):
        raise RefusedError(_DAMAGED) from None  # what HDF5 says is of no use to a user
