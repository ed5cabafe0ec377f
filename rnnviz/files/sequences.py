"""Sequences as they were read from a file, before any model has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import InputError


@dataclass(frozen=True, eq=False)
class Sequences:
    """A batch of sequences.

    Attributes:
        values: `(N, L, H_in)`, zeros beyond a sequence's length.
        lengths: of each sequence.
        unbatched: the file held one sequence and no batch axis.
    """

    values: NDArray[np.float64]
    lengths: tuple[int, ...]
    unbatched: bool = False

    @classmethod
    def padded(cls, tables: Sequence[NDArray[np.float64]], value: float = 0.0) -> Sequences:
        """A batch of tables `(length, H_in)` that may differ in length.

        Raises:
            InputError: where they differ in width, or one is empty.
        """
        if not tables or min(table.size for table in tables) == 0:
            raise InputError("input", expected="at least one timestep and one feature", got="none")
        widths = {table.shape[1] for table in tables}
        if len(widths) > 1:
            raise InputError(
                "input", expected="sequences of one width", got=f"widths {sorted(widths)}"
            )
        lengths = tuple(len(table) for table in tables)
        values = np.full((len(tables), max(lengths), widths.pop()), value, dtype=np.float64)
        for row, table in enumerate(tables):
            values[row, : len(table)] = table
        return cls(values, lengths)
