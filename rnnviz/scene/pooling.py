"""Making matrices smaller without losing what stands out."""

from __future__ import annotations

from functools import cached_property
from threading import Lock

import numpy as np
from numpy.typing import NDArray


def bin_edges(size: int, count: int) -> NDArray[np.intp]:
    """Where each of `count` even bins over `size` entries begins; `(min(size, count),)`."""
    count = max(1, min(size, count))
    edges: NDArray[np.intp] = np.arange(count, dtype=np.intp) * size // count
    return edges


def _largest(
    matrix: NDArray[np.floating], edges: NDArray[np.intp], axis: int
) -> NDArray[np.floating]:
    high = np.fmax.reduceat(matrix, edges, axis=axis)
    low = np.fmin.reduceat(matrix, edges, axis=axis)
    result: NDArray[np.floating] = np.where(np.abs(low) > np.abs(high), low, high)
    return result


def pool_largest(matrix: NDArray[np.floating], rows: int, columns: int) -> NDArray[np.floating]:
    """A smaller matrix, each entry the value of largest magnitude in its bin, sign kept.

    Args:
        matrix: `(R, C)`; NaN counts only where a bin holds nothing else.
        rows, columns: the wished size; an axis that is already smaller stays as it is.

    Returns:
        `(min(R, rows), min(C, columns))`.
    """
    if matrix.size == 0:
        return matrix
    if matrix.shape[1] > columns:
        matrix = _largest(matrix, bin_edges(matrix.shape[1], columns), 1)
    if matrix.shape[0] > rows:
        matrix = _largest(matrix, bin_edges(matrix.shape[0], rows), 0)
    return matrix


def pool_any(mask: NDArray[np.bool_], rows: int, columns: int) -> NDArray[np.bool_]:
    """A smaller mask, each entry true where any of its bin is: the crosses of `pool_largest`."""
    if mask.size == 0:
        return mask
    if mask.shape[1] > columns:
        mask = np.logical_or.reduceat(mask, bin_edges(mask.shape[1], columns), axis=1)
    if mask.shape[0] > rows:
        mask = np.logical_or.reduceat(mask, bin_edges(mask.shape[0], rows), axis=0)
    return mask


class Pyramid:
    """A matrix `(R, T)` at halved and halved widths, so that any zoom costs what it shows.

    Each level keeps the value of largest magnitude of two neighbouring columns. Levels are
    computed when first asked for, by one thread at a time.
    """

    def __init__(self, matrix: NDArray[np.floating]) -> None:
        self._levels = [matrix]
        self._lock = Lock()

    @property
    def columns(self) -> int:
        """The width T of the full matrix."""
        return int(self._levels[0].shape[1])

    @cached_property
    def depth(self) -> int:
        """How often the width can be halved."""
        return max(self.columns - 1, 0).bit_length()

    def level(self, depth: int) -> NDArray[np.floating]:
        """The matrix with 2**depth columns merged into one."""
        with self._lock:
            while len(self._levels) <= depth:
                finest = self._levels[-1]
                edges = np.arange(0, finest.shape[1], 2, dtype=np.intp)
                self._levels.append(_largest(finest, edges, 1))
            return self._levels[depth]

    def window(self, start: int, stop: int, columns: int) -> tuple[NDArray[np.floating], int, int]:
        """What is between two columns, at the coarsest width that still has `columns` of them.

        Args:
            start, stop: a range of full columns; what lies outside the matrix is left out.
            columns: how many can be told apart, the width in px.

        Returns:
            values `(R, n)`, the full index of the first column, and columns per value: value k
            covers the full columns from `first + k * stride`.
        """
        start, stop = max(start, 0), min(stop, self.columns)
        wish = max(stop - start, 1) // max(columns, 1)
        depth = min(max(wish.bit_length() - 1, 0), self.depth)
        stride = 1 << depth
        first, last = start // stride, -(-stop // stride)
        return self.level(depth)[:, first:last], first * stride, stride
