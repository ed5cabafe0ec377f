"""Large matrices, smaller: pooled by largest magnitude once, then read by window."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.memo import Memo
from rnnviz.figures.weights.parameters import Parameter
from rnnviz.scene.pooling import pool_any, pool_largest

SMALLEST = 2.0  # px of a pooled cell
_memo = Memo()


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


def _pooled(
    band: NDArray[np.floating], stride: tuple[int, int]
) -> tuple[NDArray[np.floating], NDArray[np.bool_] | None]:
    """The band with `stride` rows and columns merged, and where it is not finite."""
    strange = ~np.isfinite(band)
    crossed = strange if strange.any() else None
    if stride == (1, 1):
        return band, crossed
    rows, columns = (-(-size // step) * step for size, step in zip(band.shape, stride, strict=True))
    missing = ((0, rows - band.shape[0]), (0, columns - band.shape[1]))
    wanted = rows // stride[0], columns // stride[1]
    padded = np.pad(band, missing, constant_values=np.nan)
    if crossed is None:
        return pool_largest(padded, *wanted), None
    padded[~np.isfinite(padded)] = np.nan
    return pool_largest(padded, *wanted), pool_any(np.pad(crossed, missing), *wanted)


def window(
    parameter: Parameter,
    band: tuple[int, int],
    rows: tuple[int, int],
    columns: tuple[int, int],
    strides: tuple[int, int],
) -> Window:
    """What is visible of the rows `band` of a parameter.

    Args:
        band: first and last + 1 row of a gate.
        rows: visible rows within the band, first and last + 1; `columns` likewise.
        strides: rows and columns merged into one cell.
    """
    start, stop = band
    values, crossed = _memo.get(
        parameter.owner, (band, strides), partial(_pooled, parameter.values[start:stop], strides)
    )
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
