"""Tensors from files of every kind that people keep them in: PyTorch, safetensors, numpy, text.

Nothing in a file is run; what it says of sizes is held against the file itself, and against
this machine's memory, before a number is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from rnnviz.errors import InputError
from rnnviz.files.reading import LARGEST_ARRAY, open_checked, reason, shown_name, unreadable
from rnnviz.files.tensors.stored import Array, RefusedError, Source, Stored
from rnnviz.model.memory import format_bytes, memory_limit

__all__ = [
    "ENDINGS",
    "Array",
    "Stored",
    "TensorFile",
    "list_arrays",
    "open_source",
    "read_array",
    "read_tensors",
]

_HOMES = {
    "torch": ("torch_file", "TorchSource"),
    "safetensors": ("safetensors_file", "SafetensorsSource"),
    "npz": ("numpy_files", "NpzSource"),
    "npy": ("numpy_files", "NpySource"),
    "text": ("text_file", "TextSource"),
}
ENDINGS = {
    ".pt": "torch",
    ".pth": "torch",
    ".ckpt": "torch",
    ".bin": "torch",
    ".safetensors": "safetensors",
    ".npz": "npz",
    ".npy": "npy",
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
}


@dataclass(frozen=True, eq=False)
class TensorFile:
    """All tensors of a file.

    Attributes:
        path: the file.
        kind: what it is: "PyTorch", "safetensors", "numpy arrays".
        arrays: by name, nested dictionaries flattened with "."; half precision widened.
        widened: of those that were widened, the dtype in the file.
        metadata: what it says beside them, such as {"epoch": "3"}.
    """

    path: Path
    kind: str
    arrays: Mapping[str, Array]
    widened: Mapping[str, str]
    metadata: Mapping[str, str]


def read_tensors(path: Path, cancelled: Callable[[], bool] | None = None) -> TensorFile:
    """All tensors of a .pt, .pth, .safetensors, .npz, .npy or text file.

    Raises:
        FileError: where it holds anything else, or more than fits in memory.
    """
    with open_source(path) as source:
        _check_memory(source.memory(source.stored))
        arrays = {}
        for name in source.stored:
            if cancelled is not None and cancelled():
                from rnnviz.model.engine import Cancelled  # with torch, which reading needs not

                raise Cancelled
            arrays[name] = source.load(name)
        half = {
            name: stored.dtype
            for name, stored in source.stored.items()
            if stored.dtype != stored.array_dtype
        }
        return TensorFile(path, source.kind, arrays, half, dict(source.metadata))


def list_arrays(path: Path) -> Mapping[str, Stored]:
    """Names, shapes and dtypes of a file's arrays; only of text are the values read as well.

    Raises:
        FileError: as `read_tensors`.
    """
    with open_source(path) as source:
        return dict(source.stored)


def read_array(path: Path, name: str) -> Array:
    """One array of a file, by the name that `list_arrays` gives it.

    Raises:
        FileError: as `read_tensors`, and where there is none of that name.
    """
    with open_source(path) as source:
        if name not in source.stored:
            raise RefusedError(f"it holds no array of the name {shown_name(name)}")
        _check_memory(source.memory([name]))
        return source.load(name)


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """A file of tensors whose every claim is proven, and of which no value has been read.

    Raises:
        FileError: what about it is wrong; also where that shows only while it is open.
    """
    with open_checked(path, LARGEST_ARRAY) as (file, size):
        try:
            yield _make(_kind(file, size, path), file, size)
        except (RefusedError, InputError) as error:
            raise unreadable(path, str(error)) from None
        except MemoryError:
            raise unreadable(path, "it takes more memory than there is") from None
        except OSError as error:
            raise unreadable(path, reason(error)) from None


def _make(kind: str, file: BinaryIO, size: int) -> Source:
    module, name = _HOMES[kind]
    source: Source = getattr(import_module(f"{__name__}.{module}"), name)(file, size)
    if not source.stored:
        raise RefusedError("it holds no tensors")
    return source


def _kind(file: BinaryIO, size: int, path: Path) -> str:
    """By how the file begins, which no wrong ending changes, then by its ending."""
    from rnnviz.files.tensors.beginnings import kind_of

    return kind_of(file, size, ENDINGS.get(path.suffix.lower()))


def _check_memory(needed: int) -> None:
    if needed > memory_limit():
        raise RefusedError(
            f"its tensors take {format_bytes(needed)}, more than {format_bytes(memory_limit())}"
        )
