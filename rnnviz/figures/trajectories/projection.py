"""Principal components of long runs of many units, fast enough to look at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnviz.model.dynamics import Projection, principal_components

LARGE = 1 << 20  # values, beyond which the whole decomposition would take seconds
_ROUNDING = 1e-12  # of the largest eigenvalue


def projected(states: NDArray[np.floating]) -> Projection:
    """The two principal components of states `(T, H)`.

    Large ones go through the eigenvectors of their covariance, `(H, H)`: exact as well, since
    only the largest two are wanted, and ten times as fast as decomposing the states themselves.
    """
    if states.size <= LARGE or states.shape[1] > states.shape[0]:
        return principal_components(states)
    values = np.asarray(states, dtype=np.float64)
    known = np.isfinite(values).all(axis=1)
    usable = values[known]
    largest = float(np.abs(usable).max(initial=0.0)) or 1.0
    mean = (usable / largest).mean(axis=0) * largest
    centred = (usable - mean) / largest
    variances, vectors = np.linalg.eigh(centred.T @ centred)
    variances, components = variances[-2:][::-1], vectors[:, -2:].T[::-1].copy()
    total = float(np.sum(centred**2))
    components[variances <= max(variances[0] * _ROUNDING, 0.0)] = 0.0
    leading = np.abs(components).argmax(axis=1)
    components *= np.where(components[np.arange(2), leading] < 0, -1.0, 1.0)[:, None]
    points = np.full((len(values), 2), np.nan)
    points[known] = (centred @ components.T) * largest
    explained = np.maximum(variances, 0.0) / total if total > 0 else np.zeros(2)
    return Projection(points, components, explained, mean)
