"""The safetensors format, written as its reference writer does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import FileError
from rnnviz.files.tensors.safetensors_file import DTYPES, LENGTH, METADATA

_CODES = {name: code for code, name in DTYPES.items() if name != "bfloat16"}


def safetensors_pieces(
    arrays: Mapping[str, NDArray[np.generic]], metadata: Mapping[str, str] | None = None
) -> Iterator[memoryview | bytes]:
    """The bytes of a file with these arrays, piece by piece.

    Numbers of larger dtypes come first, so that each begins where its dtype asks for.

    Raises:
        FileError: for an array of a dtype that the format does not have.
    """
    header: dict[str, object] = {METADATA: dict(metadata)} if metadata else {}
    names = sorted(arrays, key=lambda name: -arrays[name].dtype.itemsize)
    at = 0
    for name in names:
        array = arrays[name]
        if array.dtype.name not in _CODES:
            raise FileError(f"cannot write {name}: safetensors has no dtype {array.dtype}")
        header[name] = {
            "dtype": _CODES[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [at, at + array.nbytes],
        }
        at += array.nbytes
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % LENGTH)
    yield len(text).to_bytes(LENGTH, "little") + text
    for name in names:
        array = arrays[name]
        little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        yield little.reshape(-1).view(np.uint8).data
