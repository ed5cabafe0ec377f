"""The files of rnnviz itself: a zip archive of `document.json` and `tensors.safetensors`.

Both members are stored as they are, so that other programs reach them with common tools.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from numpy.typing import NDArray

from rnnviz.files.reading import LARGEST_ARRAY, open_checked, reason, unreadable
from rnnviz.files.saving.atomic import Written, write_atomically
from rnnviz.files.saving.safetensors import safetensors_pieces
from rnnviz.files.tensors.safetensors_file import SafetensorsSource
from rnnviz.files.tensors.stored import RefusedError
from rnnviz.files.tensors.zips import Member, read_directory, read_member
from rnnviz.model.memory import format_bytes, memory_limit

ENDING = ".rnnviz"
LARGEST_DOCUMENT = 256 << 20

_BLOCK = 1 << 24  # bytes that are written at a time
_DOCUMENT, _TENSORS = "document.json", "tensors.safetensors"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same content is the same file, whenever it is written

Arrays = Mapping[str, NDArray[Any]]


class Content(NamedTuple):
    """What is in such a file: a text in JSON, and the arrays that it names."""

    document: bytes
    tensors: Arrays


def write_container(
    path: Path, content: Content, check: Callable[[], object] = lambda: None
) -> Path:
    """Write a file, whole or not at all.

    Args:
        check: asked again and again until all is written; what it raises leaves the old file.

    Returns:
        Where it was written, links resolved.

    Raises:
        FileError: what could not be written and why; a file that was there before is kept.
    """

    def write(file: Written) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
            archive.writestr(zipfile.ZipInfo(_DOCUMENT, _EPOCH), content.document)
            info = zipfile.ZipInfo(_TENSORS, _EPOCH)
            with archive.open(info, "w", force_zip64=True) as member:
                for piece in safetensors_pieces(content.tensors):
                    for start in range(0, len(piece), _BLOCK):
                        check()
                        member.write(piece[start : start + _BLOCK])
        check()

    return write_atomically(path, write)


def read_container(path: Path) -> Content:
    """What is in a file, every size proven before memory is taken.

    Raises:
        FileError: where it is no such file, or damaged.
    """
    with open_checked(path, LARGEST_ARRAY) as (file, size):
        try:
            members = read_directory(file, size)
            document, tensors = _checked(members)
            text = bytes(read_member(file, document))
            data = read_member(file, tensors)
            source = SafetensorsSource(io.BytesIO(data), len(data))
            return Content(text, {name: source.load(name) for name in source.stored})
        except RefusedError as error:
            raise unreadable(path, str(error)) from None
        except MemoryError:
            raise unreadable(path, "it takes more memory than there is") from None
        except OSError as error:
            raise unreadable(path, reason(error)) from None


def is_container(path: Path) -> bool:
    """Whether a file is one of rnnviz's own, by what is in it.

    Raises:
        FileError: where it cannot be opened at all.
    """
    with open_checked(path, LARGEST_ARRAY) as (file, size):
        try:
            return set(read_directory(file, size)) == {_DOCUMENT, _TENSORS}
        except (RefusedError, OSError):
            return False


def _checked(members: Mapping[str, Member]) -> tuple[Member, Member]:
    if set(members) != {_DOCUMENT, _TENSORS}:
        raise RefusedError("it is no session of rnnviz")
    document, tensors = members[_DOCUMENT], members[_TENSORS]
    if document.size > LARGEST_DOCUMENT:
        raise RefusedError(f"its document has {format_bytes(document.size)}")
    if 2 * tensors.size + document.size > memory_limit():
        needed = format_bytes(2 * tensors.size)
        raise RefusedError(f"it takes {needed}, more than {format_bytes(memory_limit())}")
    return document, tensors
