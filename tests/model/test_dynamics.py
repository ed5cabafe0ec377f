"""Principal components, checked against their definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rnnviz.model.dynamics import principal_components


@given(st.integers(0, 2**32 - 1), st.integers(2, 30), st.integers(1, 8), st.integers(1, 3))
@example(233, 2, 2, 2)  # two states, close beside each other: one component, and rounding
def test_components_are_the_eigenvectors_of_the_covariance(
    seed: int, steps: int, units: int, k: int
) -> None:
    states = np.random.default_rng(seed).normal(size=(steps, units)) * np.arange(1, units + 1)
    projection = principal_components(states, k)
    centred = states - states.mean(axis=0)
    covariance = centred.T @ centred
    kept = min(k, steps - 1, units)
    expected = np.linalg.eigvalsh(covariance)[::-1][:kept] / np.trace(covariance)
    np.testing.assert_allclose(projection.explained[:kept], expected, atol=1e-10)
    assert not projection.components[kept:].any()
    np.testing.assert_allclose(projection.points, centred @ projection.components.T, atol=1e-9)
    gram = projection.components[:kept] @ projection.components[:kept].T
    np.testing.assert_allclose(gram, np.eye(kept), atol=1e-10)


def test_a_line_is_found_with_its_sign_fixed() -> None:
    along = np.array([3.0, -4.0]) / 5
    states = np.linspace(-1, 2, 7)[:, None] * along + 10
    for flipped in (states, states[::-1]):
        projection = principal_components(flipped.astype(np.float32))
        np.testing.assert_allclose(projection.components[0], -along, atol=1e-5)
        np.testing.assert_allclose(projection.explained, [1, 0], atol=1e-6)


def test_rows_that_are_unknown_stay_unknown_and_change_nothing() -> None:
    states = np.random.default_rng(0).normal(size=(9, 4))
    holed = np.insert(states, [2, 9], [[np.nan] * 4, [np.inf] * 4], axis=0)
    whole, projection = principal_components(states), principal_components(holed)
    assert np.isnan(projection.points[[2, 10]]).all()
    np.testing.assert_array_equal(np.delete(projection.points, [2, 10], axis=0), whole.points)
    np.testing.assert_array_equal(projection.components, whole.components)


@pytest.mark.parametrize(
    "states",
    [
        np.zeros((0, 4)),
        np.full((5, 4), np.nan),
        np.zeros((1, 4)),
        np.full((6, 4), 0.1),
        np.full((6, 1), 1e300),
    ],
)
def test_what_does_not_move_has_no_components(states: np.ndarray) -> None:
    projection = principal_components(states)
    assert projection.points.shape == (len(states), 2)
    assert not projection.explained.any()
    assert np.isfinite(projection.points[np.isfinite(states).all(axis=1)]).all()
    np.testing.assert_allclose(np.nan_to_num(projection.points), 0, atol=1e-12)


def test_huge_values_do_not_overflow() -> None:
    states = np.random.default_rng(0).normal(size=(9, 4))
    small, huge = principal_components(states), principal_components(states * 1e300)
    np.testing.assert_allclose(huge.explained, small.explained)
    np.testing.assert_allclose(huge.points, small.points * 1e300)


def test_it_is_the_same_every_time() -> None:
    states = np.random.default_rng(0).normal(size=(50, 16))
    first, second = principal_components(states), principal_components(states)
    np.testing.assert_array_equal(first.points, second.points)


def test_many_states_are_projected_as_exactly_as_few() -> None:
    generator = np.random.default_rng(3)
    states = generator.standard_normal((5000, 220)) @ np.diag(np.linspace(2, 0.1, 220))
    centred = states - states.mean(axis=0)
    _, singular, vectors = np.linalg.svd(centred, full_matrices=False)
    projection = principal_components(states)
    np.testing.assert_allclose(projection.explained, singular[:2] ** 2 / np.sum(singular**2))
    overlap = np.abs(np.sum(projection.components * vectors[:2], axis=1))
    np.testing.assert_allclose(overlap, 1, atol=1e-9)
