"""Which kind of file is written is said by the ending of its name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from rnnviz.errors import FileError

Writer = TypeVar("Writer")


def writer_for(path: Path, writers: Mapping[str, Writer]) -> Writer:
    """The writer of a path's kind.

    Raises:
        FileError: where there is none, with the endings that there are.
    """
    writer = writers.get(path.suffix.lower())
    if writer is None:
        known = ", ".join(writers)
        raise FileError(f"cannot write {path}: its name must end in one of {known}")
    return writer
