"""Fills by name."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.errors import UsageError
from rnnviz.session import ImmediateRunner, Session
from rnnviz.session.fills import FILLS, fill_values


@pytest.mark.parametrize("kind", FILLS)
@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 5, 3), (3, 4, 1), (0, 4, 2)])
def test_shape_and_seed(kind: str, shape: tuple[int, int, int]) -> None:
    values = fill_values(kind, shape, -3)
    assert values.shape == shape
    assert values.dtype == np.float64
    assert np.array_equal(values, fill_values(kind, shape, -3))
    assert np.isfinite(values).all()


def test_what_the_names_promise() -> None:
    shape = (4, 50, 6)
    assert (fill_values("one-hot", shape, 0).sum(2) == 1).all()
    assert 0 <= fill_values("rand", shape, 0).min() < fill_values("rand", shape, 0).max() < 1
    impulse = fill_values("impulse", shape, 0)
    assert impulse[:, 0].all()
    assert not impulse[:, 1:].any()
    assert fill_values("ones", shape, 0).all()
    sine = fill_values("sine", shape, 0)
    assert np.allclose(sine[:, 12:], sine[:, :-12])
    assert not np.array_equal(fill_values("randn", shape, 0), fill_values("randn", shape, 1))


def test_every_seed_that_torch_takes_draws() -> None:
    session = Session(ImmediateRunner())
    session.open_example("lstm")
    session.set_model(seed=-1)
    session.set_text("hello there", "characters")
    session.set_head(True)
    session.set_loss("cross_entropy")
    session.fill("rand", -7)
    session.set_text("hello theremin", "characters")
    assert session.state.document.seed == -7
    assert not session.state.problems


def test_unknown_kind() -> None:
    with pytest.raises(UsageError, match="there is no fill 'x'"):
        fill_values("x", (1, 1, 1), 0)
