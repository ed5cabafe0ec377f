"""Which file a path led to: whether it is still the one that was read or written."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Mark(NamedTuple):
    """What tells one state of a file from another; a file that is replaced has another inode."""

    inode: int
    size: int
    modified: int  # ns


def mark_of(path: Path) -> Mark | None:
    """Of the file that is there now; None where there is none, or it cannot be looked at."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return Mark(found.st_ino, found.st_size, found.st_mtime_ns)
