"""The path of a hidden state through its space, seen from where it moves most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Projection:
    """States projected on their principal components.

    Attributes:
        points: (T, k), NaN where the state is not finite.
        components: (k, H), unit vectors; in each the entry of largest size is positive.
        explained: (k,), the share of the variance along each, 0 where nothing varies.
        mean: (H,), where the origin of `points` lies.
    """

    points: NDArray[np.float64]
    components: NDArray[np.float64]
    explained: NDArray[np.float64]
    mean: NDArray[np.float64]


def principal_components(states: NDArray[np.floating], k: int = 2) -> Projection:
    """Project states (T, H) on the k directions in which they vary most.

    Where H or the rank is below k the missing components are 0, so that a plot of k axes
    always has its numbers.

    References:
        Jolliffe, Principal Component Analysis (2002): the singular value decomposition of
        the centred states, whole, since its randomised form differs from run to run. Of many
        states the eigenvectors of their covariance (H, H), ten times as fast: the largest are
        as exact.
    """
    values = np.asarray(states, dtype=np.float64)
    known = np.isfinite(values).all(axis=1)
    usable = values[known]
    mean, scale = _centre(usable)
    centred = (usable - mean) / scale
    components, variances = _directions(centred, k)
    total = float(np.sum(centred**2))
    points = np.full((len(values), k), np.nan)
    points[known] = (centred @ components.T) * scale
    explained = variances / total if total > 0 else np.zeros(k)
    return Projection(points, components, explained, mean)


def _centre(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """The mean, and a size to divide by, so that squares of 1e200 stay finite."""
    if len(values) == 0:
        return np.zeros(values.shape[1]), 1.0
    largest = float(np.abs(values).max(initial=0.0)) or 1.0
    return (values / largest).mean(axis=0) * largest, largest


def _directions(
    centred: NDArray[np.float64], k: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The first k right singular vectors (k, H) and the squares of their singular values (k,)."""
    components = np.zeros((k, centred.shape[1]))
    variances = np.zeros(k)
    if centred.size == 0:
        return components, variances
    singular, vectors = _by_covariance(centred) if _is_large(centred) else _decomposed(centred)
    kept = min(k, len(singular)) if len(singular) and singular[0] > _NOTHING else 0
    components[:kept] = _with_fixed_signs(vectors[:kept])
    variances[:kept] = singular[:kept] ** 2
    return components, variances


def _is_large(centred: NDArray[np.float64]) -> bool:
    return centred.size > _LARGE and len(centred) >= centred.shape[1]


def _decomposed(
    centred: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Singular values beyond rounding, largest first, and their right singular vectors."""
    rounding = max(centred.shape) * np.finfo(np.float64).eps
    if len(centred) > centred.shape[1]:  # the triangle has the same right singular vectors
        triangle: Any = np.linalg.qr(centred, mode="r")
        centred = triangle
    _, singular, vectors = np.linalg.svd(centred, full_matrices=False)
    # What is centred was of size 1 before: that is what it is rounded to.
    return singular[singular >= max(singular[0], 1.0) * rounding], vectors


def _by_covariance(
    centred: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same through the covariance, whose rounding is the square root of a decomposition's."""
    variances, vectors = np.linalg.eigh(centred.T @ centred)
    variances, vectors = variances[::-1], vectors.T[::-1]
    rounding = max(centred.shape) * np.finfo(np.float64).eps
    known = variances >= max(variances[0], 0.0) * rounding
    return np.sqrt(np.maximum(variances[known], 0.0)), vectors[known]


def _with_fixed_signs(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each vector or its opposite, so that its entry of largest size is positive."""
    largest = np.abs(vectors).argmax(axis=1)
    signs: NDArray[np.float64] = np.sign(vectors[np.arange(len(vectors)), largest])
    return vectors * signs[:, None]


_LARGE = 1 << 20  # values, beyond which the whole decomposition would take seconds
_NOTHING = 1e-14  # of centred values scaled to 1: the rounding of a state that stands still
