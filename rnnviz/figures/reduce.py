"""Long series made short: what a column of pixels can show, and no more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def reduced(
    values: NDArray[np.floating], start: int, stop: int, columns: int
) -> tuple[NDArray[np.float64], NDArray[np.floating]]:
    """The timesteps `start` to `stop`, or pairs of least and largest value in their stead.

    Args:
        values: `(T, n)`.
        start, stop: the visible part.
        columns: px to draw it on; a pair stands on two of them.

    Returns:
        timesteps `(m,)` and values `(m, n)`; as they are where they fit.
    """
    count = stop - start
    if count <= 2 * columns:
        return np.arange(start, stop, dtype=np.float64), values[start:stop]
    columns = max(columns // 2, 1)
    return _pairs(values, start + np.arange(columns, dtype=np.intp) * count // columns, stop)


def reduced_evenly(
    values: NDArray[np.floating], start: int, stop: int, per_step: float
) -> tuple[NDArray[np.float64], NDArray[np.floating]]:
    """As `reduced`; the pairs stand for the same timesteps wherever the visible part begins.

    Args:
        values: `(T, n)`.
        start, stop: the visible part; what is given back may reach a little beyond it.
        per_step: px of a timestep.
    """
    if per_step >= 0.5:
        return np.arange(start, stop, dtype=np.float64), values[start:stop]
    together = max(round(2 / per_step), 1)
    first, last = start // together, -(-stop // together)
    stop = min(last * together, len(values))
    return _pairs(values, np.arange(first, last, dtype=np.intp) * together, stop)


def _pairs(
    values: NDArray[np.floating], edges: NDArray[np.intp], stop: int
) -> tuple[NDArray[np.float64], NDArray[np.floating]]:
    """The least and the largest from each edge to the next, both where their middle is."""
    part, places = values[edges[0] : stop], edges - edges[0]
    least, largest = np.fmin.reduceat(part, places), np.fmax.reduceat(part, places)
    both = np.empty((2 * len(edges), values.shape[1]), dtype=values.dtype)
    both[0::2], both[1::2] = least, largest
    middles = edges + np.diff(np.append(edges, stop)) / 2 - 0.5
    return np.repeat(middles, 2), both
