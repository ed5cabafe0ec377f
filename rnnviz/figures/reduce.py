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
    edges = np.arange(columns, dtype=np.intp) * count // columns
    part = values[start:stop]
    least, largest = np.fmin.reduceat(part, edges), np.fmax.reduceat(part, edges)
    both = np.empty((2 * columns, values.shape[1]), dtype=values.dtype)
    both[0::2], both[1::2] = least, largest
    middles = start + edges + np.diff(np.append(edges, count)) / 2 - 0.5
    return np.repeat(middles, 2), both
