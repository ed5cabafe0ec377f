"""Large matrices, smaller: pooled by largest magnitude once, then read by window."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.memo import Memo

SMALLEST = 2.0  # px of a pooled cell
_memo = Memo(256)

Level = tuple[NDArray[np.floating], NDArray[np.bool_] | None]


class Matrix(Protocol):
    """Numbers `(rows, columns)`, and the tensor that their pooled copies are kept by."""

    @property
    def values(self) -> NDArray[np.floating]: ...

    @property
    def owner(self) -> object: ...


def stride(cell: float) -> int:
    """How many rows (or columns) of `cell` px share one drawn cell: a power of two."""
    return 1 if cell >= SMALLEST else 1 << math.ceil(math.log2(SMALLEST / max(cell, 1e-6)))


@dataclass(frozen=True, eq=False)
class Window:
    """The visible part of a band of rows.

    Attributes:
        values: `(n, m)`; `crossed`: which hold NaN or infinity, None where none does.
        row, column: the first row (within the band) and column; rows and columns covered
            are `n * stride[0]` and `m * stride[1]`, the last one perhaps cut short.
    """

    values: NDArray[np.floating]
    crossed: NDArray[np.bool_] | None
    row: int
    column: int
    stride: tuple[int, int]


def _level(matrix: Matrix, band: tuple[int, int], strides: tuple[int, int]) -> Level:
    """A band with `strides` rows and columns merged, from the next finer one; kept."""
    compute = partial(_merge, matrix, band, strides)
    numbers = matrix.values.size * 4 // max(strides[0] * strides[1], 4)
    return _memo.get(matrix.owner, (band, strides), compute, numbers)


def _merge(matrix: Matrix, band: tuple[int, int], strides: tuple[int, int]) -> Level:
    rows, columns = strides
    if strides == (1, 1):
        values = matrix.values[band[0] : band[1]]
        strange = ~np.isfinite(values)
        return values, strange if strange.any() else None
    axis = 0 if rows >= columns else 1
    finer = (rows // 2, columns) if axis == 0 else (rows, columns // 2)
    values, crossed = _level(matrix, band, finer)
    if crossed is not None:
        values = np.where(crossed & ~np.isfinite(values), np.nan, values)
        crossed = np.logical_or(*_pairs(crossed, axis, missing=False))
    first, second = _pairs(values, axis, missing=np.nan)
    with np.errstate(invalid="ignore"):
        later = (np.abs(second) > np.abs(first)) | np.isnan(first)
    return np.where(later, second, first), crossed


def _pairs(
    values: NDArray[Any], axis: int, missing: float | bool
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Neighbours on an axis: the even and the odd ones, the last odd one perhaps missing."""
    if values.shape[axis] % 2:
        beyond = [(0, 0), (0, 0)]
        beyond[axis] = (0, 1)
        values = np.pad(values, beyond, constant_values=missing)
    return (values[0::2], values[1::2]) if axis == 0 else (values[:, 0::2], values[:, 1::2])


def window(
    matrix: Matrix,
    band: tuple[int, int],
    rows: tuple[int, int],
    columns: tuple[int, int],
    strides: tuple[int, int],
) -> Window:
    """What is visible of the rows `band` of a matrix.

    Args:
        band: first and last + 1 row of a gate.
        rows: visible rows within the band, first and last + 1; `columns` likewise.
        strides: rows and columns merged into one cell.
    """
    values, crossed = _level(matrix, band, strides)
    top, low = rows[0] // strides[0], -(-rows[1] // strides[0])
    left, right = columns[0] // strides[1], -(-columns[1] // strides[1])
    part = np.s_[top:low, left:right]
    return Window(
        values[part],
        None if crossed is None else crossed[part],
        top * strides[0],
        left * strides[1],
        strides,
    )
