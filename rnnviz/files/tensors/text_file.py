"""A table of numbers as text: one array of two axes, or of three where blank lines part it."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import BinaryIO

from rnnviz.files.reading import LARGEST_TEXT
from rnnviz.files.sequences import Sequences
from rnnviz.files.tables import parse_tables
from rnnviz.files.tensors.stored import Array, RefusedError, Stored, read_only
from rnnviz.model.memory import format_bytes


class TextSource:
    """An open .csv, .tsv or .txt file; its values are read at once."""

    kind = "text"
    name = "table"

    def __init__(self, file: BinaryIO, size: int) -> None:
        """Reads the text.

        Raises:
            RefusedError: where it is none, or too long.
            InputError: where a cell is no number, with its place.
        """
        if size > LARGEST_TEXT:
            raise RefusedError(f"{format_bytes(size)}, more than {format_bytes(LARGEST_TEXT)}")
        file.seek(0)
        try:
            text = io.TextIOWrapper(io.BytesIO(file.read()), encoding="utf-8-sig").read()
        except UnicodeDecodeError:
            raise RefusedError("it is not text in UTF-8") from None
        tables = parse_tables(text)
        values = tables[0] if len(tables) == 1 else Sequences.padded(tables).values
        self._array: Array = read_only(values)
        self.stored = {self.name: Stored(values.shape, "float64")}
        self.metadata: dict[str, str] = {}

    def memory(self, names: Iterable[str]) -> int:
        """Bytes that loading these takes: none more than it has taken."""
        return 0

    def load(self, name: str) -> Array:
        """The table, or the batch of them: (N, L, H)."""
        return self._array
