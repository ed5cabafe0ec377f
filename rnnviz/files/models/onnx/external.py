"""Numbers that an ONNX file keeps in files beside it: exporters put large weights there."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any, BinaryIO

from rnnviz.errors import FileError
from rnnviz.files.models.onnx.tensors import IN_ANOTHER_FILE, stored_as
from rnnviz.files.reading import open_checked
from rnnviz.files.tensors.stored import RefusedError
from rnnviz.model.memory import memory_limit

_LARGEST = 64 << 30
_LONGEST = 255  # characters of a file's name


def bring_in(model: Any, path: Path) -> None:
    """Puts numbers that lie beside an ONNX file into its tensors, as if they had been there.

    Only regular files of the same folder, named by a plain name, are opened. A tensor whose
    numbers cannot be had stays as it is: whoever needs it tells that they are not there.

    Args:
        path: the ONNX file's.
    """
    outside: dict[str, list[Any]] = {}
    for tensor in model.graph.initializer:
        if tensor.data_location == IN_ANOTHER_FILE:
            place = _entries(tensor).get("location", "")
            outside.setdefault(place, []).append(tensor)
    room = memory_limit() // 2
    for place, tensors in outside.items():
        beside = path.parent / place
        if not _is_plain(place) or not _is_own(beside):
            continue
        try:
            with open_checked(beside, _LARGEST) as (file, size):
                room -= _read(file, tensors, min(size, room))
        except (FileError, OSError):
            continue


def _read(file: BinaryIO, tensors: list[Any], size: int) -> int:
    """Reads the tensors that lie in a file, together no more bytes than it has."""
    read = 0
    for tensor in tensors:
        try:
            stored, entries = stored_as(tensor, anywhere=True), _entries(tensor)
            offset = int(entries.get("offset", "0"))
            length = int(entries.get("length", str(stored.nbytes)))
        except (RefusedError, ValueError):
            continue
        if length != stored.nbytes or offset < 0 or offset + length > size or read + length > size:
            continue
        file.seek(offset)
        tensor.raw_data = file.read(length)
        tensor.ClearField("data_location")
        del tensor.external_data[:]
        read += length
    return read


def _entries(tensor: Any) -> dict[str, str]:
    return {entry.key: entry.value for entry in tensor.external_data}


def _is_plain(name: str) -> bool:
    """Whether a name leads nowhere but to a file of the same folder."""
    apart = any(mark in name for mark in "/\\:\0")
    return bool(name) and name not in (".", "..") and not apart and len(name) <= _LONGEST


def _is_own(path: Path) -> bool:
    """Whether a path is a regular file itself, and not a link to one elsewhere."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
