"""Names for tensors and their elements, shared by every room."""

from __future__ import annotations

from typing import NamedTuple


class Element(NamedTuple):
    """One tensor of a run, or one element of it; every index is Python's, from 0.

    Attributes:
        tensor: what it is. `x` (input of a layer), `h`, `c`, a gate (`i f g o`, `r z n`),
            `h_0 c_0 h_n c_n output`, a parameter by its PyTorch name (`weight_hh_l0_reverse`),
            `mask` (dropout), or of packing: `data batch_sizes sorted_indices unsorted_indices
            lengths`. The RNN's one gate is its `h`.
        layer: 0 is the lowest.
        direction: 0 forward, 1 reverse.
        t: position in the sequence.
        sequence: row of the batch, in the caller's order.
        unit: feature of `x`, hidden unit of a state or gate.
        row, column: of a parameter, or of `PackedSequence.data`; `row` of a 1-D tensor.
    """

    tensor: str
    layer: int | None = None
    direction: int | None = None
    t: int | None = None
    sequence: int | None = None
    unit: int | None = None
    row: int | None = None
    column: int | None = None

    def vector(self) -> Element:
        """The whole strip that this element is part of."""
        return self._replace(unit=None)
