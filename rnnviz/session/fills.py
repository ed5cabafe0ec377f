"""Values to start from, by name: the same kind, shape and seed give the same numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from rnnviz.errors import UsageError

Values = NDArray[np.float64]
Shape = tuple[int, int, int]

SINE_PERIOD = 12  # timesteps


def _rand(shape: Shape, generator: np.random.Generator) -> Values:
    return generator.random(shape)


def _randn(shape: Shape, generator: np.random.Generator) -> Values:
    return generator.standard_normal(shape)


def _ones(shape: Shape, generator: np.random.Generator) -> Values:
    return np.ones(shape)


def _one_hot(shape: Shape, generator: np.random.Generator) -> Values:
    """One feature, drawn anew at each timestep, is 1."""
    chosen = generator.integers(shape[2], size=shape[:2])
    return np.asarray(np.arange(shape[2]) == chosen[:, :, None], dtype=np.float64)


def _sine(shape: Shape, generator: np.random.Generator) -> Values:
    """A wave over time; features and sequences are shifted against one another."""
    sequence, t, feature = np.ogrid[: shape[0], : shape[1], : shape[2]]
    turns = t / SINE_PERIOD + feature / max(shape[2], 1) + sequence / max(2 * shape[0], 1)
    return np.asarray(np.sin(2 * np.pi * (turns + generator.random())), dtype=np.float64)


def _impulse(shape: Shape, generator: np.random.Generator) -> Values:
    """1 at the first timestep, 0 from then on."""
    values = np.zeros(shape)
    values[:, :1] = 1.0
    return values


FILLS: dict[str, Callable[[Shape, np.random.Generator], Values]] = {
    "rand": _rand,
    "randn": _randn,
    "ones": _ones,
    "one-hot": _one_hot,
    "sine": _sine,
    "impulse": _impulse,
}


def fill_values(kind: str, shape: Shape, seed: int) -> Values:
    """Values `(N, L, H_in)` of a kind.

    Raises:
        UsageError: where there is no such kind.
    """
    if kind not in FILLS:
        raise UsageError(f"there is no fill {kind!r}: expected one of {', '.join(FILLS)}")
    return FILLS[kind](shape, generator_of(seed))


def generator_of(seed: int) -> np.random.Generator:
    """numpy's generator, for every seed that torch takes: negative ones, too."""
    return np.random.default_rng(seed % 2**64)
