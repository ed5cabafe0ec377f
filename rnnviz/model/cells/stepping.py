"""One step of a cell in numpy, where what a call costs matters more than what it computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.cells.scanning import Array

if TYPE_CHECKING:
    from rnnviz.model.cells.base import Cell, Parameters, Step

_SMALL = 1 << 17  # numbers of a weight of which a transposed copy costs next to nothing


class StepArrays(NamedTuple):
    """What a `Step` tells, in arrays of which nobody else knows; its tensors are made when wanted.

    Attributes:
        cell: the one that was computed.
        h: (rows, H_out), the next hidden state.
        c: (rows, H_cell), the next cell state; None but for LSTM.
        gates: all activated gates side by side, (rows, gates * H_cell).
        preactivations: the same before activation.
        unprojected: (rows, H_cell), h before `weight_hr`; `h` itself without a projection.
    """

    cell: Cell
    h: Array
    c: Array | None
    gates: Array
    preactivations: Array
    unprojected: Array

    def in_torch(self) -> Step:
        """The same as tensors on the same memory."""
        from rnnviz.model.cells.base import Step

        return Step(
            torch.from_numpy(self.h),
            None if self.c is None else torch.from_numpy(self.c),
            self._by_name(self.gates),
            self._by_name(self.preactivations),
            torch.from_numpy(self.unprojected),
        )

    def _by_name(self, values: Array) -> dict[str, Tensor]:
        names = self.cell.gates
        return dict(zip(names, torch.from_numpy(values).chunk(len(names), dim=-1), strict=True))


class Product:
    """Rows times the transpose of a weight (m, n): (rows, n) gives (rows, m).

    Of a single row numpy's product is the faster one, by what a call costs; of several torch's is.
    """

    def __init__(self, weight: Tensor) -> None:
        self._transposed = weight.t()
        self._columns: Array = weight.numpy()
        self._rows: Array | None = None
        if weight.numel() <= _SMALL:
            self._rows = weight.t().contiguous().numpy()

    def __call__(self, rows: Array) -> Array:
        if len(rows) > 1:
            return self._of_several(rows)
        row = rows[0]
        result: Array = self._columns.dot(row) if self._rows is None else row.dot(self._rows)
        return result[None]

    @plain_arithmetic()
    def _of_several(self, rows: Array) -> Array:
        result: Array = torch.mm(torch.from_numpy(rows), self._transposed).numpy()
        return result


class StepWeights:
    """The weights of one layer and direction, and the factors of the activations.

    Attributes:
        ih, hh: multiply by `weight_ih` and `weight_hh`.
        hr: multiplies by `weight_hr`; None without a projection.
        bias_ih, bias_hh: (gates * H_cell,); None where there are none.
        units: H_cell.
        relu: whether that is the nonlinearity.
    """

    def __init__(self, cell: Cell, parameters: Parameters) -> None:
        w = parameters
        self.ih, self.hh = Product(w.weight_ih), Product(w.weight_hh)
        self.hr = None if w.weight_hr is None else Product(w.weight_hr)
        self.bias_ih: Array | None = None if w.bias_ih is None else w.bias_ih.numpy()
        self.bias_hh: Array | None = None if w.bias_hh is None else w.bias_hh.numpy()
        both = None if w.bias_ih is None or w.bias_hh is None else w.bias_ih + w.bias_hh
        self._bias: Array | None = None if both is None else both.numpy()
        self.relu = w.nonlinearity == "relu"
        self.units = len(w.weight_ih) // len(cell.gates)
        dtype = w.weight_ih.numpy().dtype
        sigmoid = np.repeat([gate in cell.sigmoid_gates for gate in cell.gates], self.units)
        self._scales: Array = np.where(sigmoid, 0.5, 1.0).astype(dtype)
        self._shifts: Array = np.where(sigmoid, 0.5, 0.0).astype(dtype)

    def sums(self, x: Array, h: Array) -> Array:
        """W_ih x + W_hh h and their biases, of all gates: (rows, gates * H_cell)."""
        a = self.ih(x)
        a += self.hh(h)
        if self._bias is not None:
            a += self._bias
        return a

    def activate(self, a: Array, gates: Array) -> None:
        """Fills the first gates: σ(a) = tanh(a / 2) / 2 + 1 / 2, or tanh(a) of those of tanh."""
        width = a.shape[1]
        scales, shifts = self._scales[:width], self._shifts[:width]
        np.multiply(a, scales, out=gates)
        np.tanh(gates, out=gates)
        gates *= scales
        gates += shifts
