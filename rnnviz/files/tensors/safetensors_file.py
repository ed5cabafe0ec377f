"""The safetensors format: a header in JSON, then the numbers of all tensors without a gap.

Its reference reader checks much of this too; here the whole header is proven before a number
is read, and nothing is mapped: a file that is cut short while it is open ends no process.

References:
    https://huggingface.co/docs/safetensors/index#format
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import BinaryIO, NoReturn

from rnnviz.files.reading import shown_name
from rnnviz.files.tensors.stored import (
    Array,
    Names,
    RefusedError,
    Stored,
    checked_shape,
    from_bytes,
)

LARGEST_HEADER = 4 << 20
LENGTH = 8  # bytes in front of the header, which say how long it is

DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U64": "uint64",
    "U32": "uint32",
    "U16": "uint16",
    "U8": "uint8",
    "BOOL": "bool",
}
METADATA = "__metadata__"


class SafetensorsSource:
    """An open safetensors file."""

    kind = "safetensors"

    def __init__(self, file: BinaryIO, size: int) -> None:
        """Reads the header.

        Raises:
            RefusedError: where it says what the file does not hold.
        """
        self._file = file
        self.stored: dict[str, Stored] = {}
        self.metadata: dict[str, str] = {}
        self._starts: dict[str, int] = {}
        header, begin = _header(file, size)
        self._list(header, begin, size - begin)

    def memory(self, names: Iterable[str]) -> int:
        """Bytes that loading these takes."""
        return sum(self.stored[name].array_bytes for name in names)

    def load(self, name: str) -> Array:
        """The values of one tensor."""
        stored = self.stored[name]
        self._file.seek(self._starts[name])
        data = self._file.read(stored.nbytes)
        if len(data) != stored.nbytes:
            raise RefusedError("it became shorter while it was read")
        return from_bytes(data, stored)

    def _list(self, header: dict[str, object], begin: int, held: int) -> None:
        names, spans = Names(), []
        for name, entry in header.items():
            if name == METADATA:
                self.metadata = _metadata(entry)
                continue
            self.stored[names.add(name)], start, end = _entry(name, entry)
            self._starts[name] = begin + start
            spans.append((start, end, name))
        at = 0
        for start, end, name in sorted(spans):
            if start != at:
                raise _damaged(f"{shown_name(name)} begins at {start} instead of {at}")
            at = end
        if at != held:
            raise _damaged(f"expected {at} bytes of numbers, got {held}")


def _damaged(what: str) -> RefusedError:
    return RefusedError(f"it is damaged: {what}")


def _header(file: BinaryIO, size: int) -> tuple[dict[str, object], int]:
    file.seek(0)
    length = int.from_bytes(file.read(LENGTH), "little") if size > LENGTH else 0
    if not 2 <= length <= size - LENGTH:
        raise (
            _damaged("its header is longer than the file")
            if length
            else _damaged("it has no header")
        )
    if length > LARGEST_HEADER:
        raise RefusedError("its header is too long")
    text = file.read(length)
    try:
        header = json.loads(
            text.decode("utf-8"), object_pairs_hook=_without_twins, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        raise _damaged("its header is no JSON") from None
    if not text.startswith(b"{") or not isinstance(header, dict):
        raise _damaged("its header is no JSON of names")
    return header, LENGTH + length


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RefusedError("its header says something twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _metadata(entry: object) -> dict[str, str]:
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise _damaged("what it says of itself is no text")
    return entry


def _entry(name: str, entry: object) -> tuple[Stored, int, int]:
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise _damaged(f"its header does not describe {shown_name(name)}")
    dtype, offsets = entry["dtype"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise RefusedError(
            f"{shown_name(name)} has numbers of dtype {shown_name(str(dtype))}, which are not "
            "read here"
        )
    shape = checked_shape(name, entry["shape"])
    if not isinstance(offsets, list) or [type(offset) for offset in offsets] != [int, int]:
        raise _damaged(f"its header does not place {shown_name(name)}")
    start, end = offsets
    stored = Stored(shape, DTYPES[dtype])
    if start < 0 or end - start != stored.nbytes:
        raise _damaged(
            f"{shown_name(name)} has {end - start} bytes for {math.prod(shape)} numbers of {dtype}"
        )
    return stored, start, end
