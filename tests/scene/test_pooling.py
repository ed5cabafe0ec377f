"""Smaller matrices that keep what stands out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.scene.pooling import Pyramid, pool_any, pool_largest


@given(
    st.integers(1, 40), st.integers(1, 40), st.integers(1, 50), st.integers(1, 50), st.integers(0)
)
def test_the_largest_magnitude_survives(
    rows: int, columns: int, to_rows: int, to_columns: int, seed: int
) -> None:
    matrix = np.random.default_rng(seed).normal(size=(rows, columns))
    pooled = pool_largest(matrix, to_rows, to_columns)
    assert pooled.shape == (min(rows, to_rows), min(columns, to_columns))
    assert np.abs(pooled).max() == np.abs(matrix).max()
    assert np.isin(pooled, matrix).all()


def test_sign_is_kept() -> None:
    assert pool_largest(np.array([[1.0, -3.0, 2.0, 0.0]]), 1, 2).tolist() == [[-3.0, 2.0]]


def test_nan_counts_only_alone() -> None:
    matrix = np.array([[np.nan, 1.0, np.nan, np.nan]])
    np.testing.assert_array_equal(pool_largest(matrix, 1, 2), [[1.0, np.nan]])


def test_infinity_survives() -> None:
    assert pool_largest(np.array([[1.0, -np.inf]]), 1, 1)[0, 0] == -np.inf


def test_crosses_survive() -> None:
    mask = np.zeros((4, 9), dtype=bool)
    mask[2, 7] = True
    assert pool_any(mask, 2, 3).tolist() == [[False] * 3, [False, False, True]]


def test_empty_stays_empty() -> None:
    assert pool_largest(np.zeros((0, 5)), 2, 2).shape == (0, 5)


@pytest.mark.parametrize("width", [1, 2, 7, 1000, 4097])
def test_a_window_keeps_its_spike_at_every_zoom(width: int) -> None:
    matrix = np.zeros((3, width))
    matrix[1, width // 2] = -5.0
    pyramid = Pyramid(matrix)
    for columns in (1, 3, 100, 10_000):
        values, first, stride = pyramid.window(0, width, columns)
        assert first == 0
        assert values.shape[1] == -(-width // stride)
        assert values.shape[1] <= max(2 * columns, 2)
        assert values.min() == -5.0


def test_a_window_says_which_columns_it_shows() -> None:
    pyramid = Pyramid(np.arange(64.0)[None, :])
    values, first, stride = pyramid.window(20, 40, 5)
    assert (first, stride) == (20, 4)
    assert values.tolist() == [[23.0, 27.0, 31.0, 35.0, 39.0]]
    assert pyramid.window(-5, 200, 1000)[0].shape == (1, 64)
