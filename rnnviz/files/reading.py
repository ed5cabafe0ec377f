"""What is asked of a file before it is opened: that it is one, and no larger than fits."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from rnnviz.errors import FileError
from rnnviz.model.memory import format_bytes

LARGEST_TEXT = 64 << 20
LARGEST_ARRAY = 2 << 30

_LONGEST_SHOWN = 60


def unreadable(path: Path, why: str) -> FileError:
    """The error of a file that cannot be read, in one line."""
    return FileError(f"cannot read {one_line(str(path))}: {why}")


def one_line(text: str) -> str:
    """A text whose line breaks and other marks that cannot be seen are replaced."""
    return "".join(mark if mark.isprintable() else "\ufffd" for mark in text)


def shown_name(name: str) -> str:
    """A name from a file as a message quotes it: short, and in one line."""
    short = name if len(name) <= _LONGEST_SHOWN else f"{name[: _LONGEST_SHOWN - 1]}…"
    return f'"{one_line(short)}"'


def checked_size(path: Path, largest: int) -> int:
    """The size of a regular file in bytes, known without reading it.

    Raises:
        FileError: where it is missing, a device, a pipe or a folder, or too large.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise unreadable(path, reason(error)) from None
    except ValueError:
        raise unreadable(path, "its name is not allowed") from None
    return _size_of(path, status, largest)


@contextmanager
def open_checked(path: Path, largest: int) -> Iterator[tuple[BinaryIO, int]]:
    """A regular file, open for reading, and its size; it never waits for a pipe or a device.

    Raises:
        FileError: as `checked_size`, and where it may not be read.
    """
    checked_size(path, largest)
    try:
        # What stood there when it was looked at may have become a pipe by now.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    except OSError as error:
        raise unreadable(path, reason(error)) from None
    with os.fdopen(handle, "rb") as file:
        yield file, _size_of(path, os.fstat(file.fileno()), largest)


_BINARY = getattr(os, "O_BINARY", 0)


def _size_of(path: Path, status: os.stat_result, largest: int) -> int:
    if not stat.S_ISREG(status.st_mode):
        raise unreadable(path, "it is not a regular file")
    if status.st_size > largest:
        raise unreadable(path, f"{format_bytes(status.st_size)}, more than {format_bytes(largest)}")
    return status.st_size


def read_text(path: Path) -> str:
    """The text of a file, in UTF-8, with or without a byte order mark.

    Raises:
        FileError: where it cannot be read as text.
    """
    checked_size(path, LARGEST_TEXT)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise unreadable(path, "it is not text in UTF-8") from None
    except OSError as error:
        raise unreadable(path, reason(error)) from None


def reason(error: Exception) -> str:
    """What the system says of a file, in one line."""
    return getattr(error, "strerror", None) or str(error).partition("\n")[0]
