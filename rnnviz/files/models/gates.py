"""The order of the gates in a layer's rows, from that of a file to torch's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.floating]

TORCH_GATES = {"LSTM": "ifgo", "GRU": "rzn"}
GATE_COUNT = {"RNN": 1, "LSTM": 4, "GRU": 3}


@dataclass(frozen=True)
class GateOrder:
    """How the gates of a cell follow one another.

    Attributes:
        cell: "RNN", "LSTM" or "GRU".
        held: the file's order, in its letters: "iofc".
        wanted: the same letters in torch's order: "ifco".
    """

    cell: str
    held: str = ""
    wanted: str = ""

    @property
    def said(self) -> tuple[str, ...]:
        """What is done to the gates, in a sentence; nothing where they are torch's."""
        if self.held == self.wanted:
            return ()
        torch = TORCH_GATES[self.cell]
        return (f"Gates reordered from {' '.join(self.held)} to torch's {' '.join(torch)}.",)

    def arranged(self, rows: Rows) -> Rows:
        """The blocks of the first axis in torch's order."""
        if self.held == self.wanted:
            return rows
        blocks = dict(zip(self.held, np.split(rows, len(self.held)), strict=True))
        return np.concatenate([blocks[gate] for gate in self.wanted])
