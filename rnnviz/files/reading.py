"""What is asked of a file before it is opened: that it is one, and no larger than fits."""

from __future__ import annotations

import stat
from pathlib import Path

from rnnviz.errors import FileError
from rnnviz.model.memory import format_bytes

LARGEST_TEXT = 64 << 20
LARGEST_ARRAY = 2 << 30


def checked_size(path: Path, largest: int) -> int:
    """The size of a regular file in bytes, known without reading it.

    Raises:
        FileError: where it is missing, a device, a pipe or a folder, or too large.
    """
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read {path}: {reason(error)}") from None
    if not stat.S_ISREG(status.st_mode):
        raise FileError(f"cannot read {path}: it is not a regular file")
    if status.st_size > largest:
        raise FileError(
            f"cannot read {path}: {format_bytes(status.st_size)}, more than {format_bytes(largest)}"
        )
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
        raise FileError(f"cannot read {path}: it is not text in UTF-8") from None
    except OSError as error:
        raise FileError(f"cannot read {path}: {reason(error)}") from None


def reason(error: Exception) -> str:
    """What the system says of a file, in one line."""
    return getattr(error, "strerror", None) or str(error).partition("\n")[0]
