"""Slips that are refused at their field, as everything that is no number, or has no place."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.session import ImmediateRunner, Session
from rnnviz.session.array_input import axes_choices


def opened(key: str) -> Session:
    session = Session(ImmediateRunner())
    session.open_example(key)
    return session


@pytest.mark.parametrize("typed", ["abc", 1.5, True, -1, 10**9])
def test_a_padding_idx_that_is_no_id(typed: object) -> None:
    session = opened("embedding")
    before = session.state.document
    session.set_front_fields(padding_idx=typed)
    assert "padding_idx" in session.state.problems
    assert session.state.document is before


@pytest.mark.parametrize("value", [1e30, float("inf"), float("nan"), 0.5])
def test_a_target_that_is_no_class(value: float) -> None:
    session = opened("hello")
    before = session.state.document
    session.set_target((0, 0), value)
    assert "targets" in session.state.problems
    assert session.state.document is before


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 0.5, -1.0])
def test_an_id_that_is_no_id(value: float) -> None:
    session = opened("embedding")
    session.set_value(0, 0, 0, value)
    assert "whole numbers" in session.state.problems["ids"]


def test_a_sequence_that_is_not_there_has_no_length() -> None:
    session = opened("lstm")
    session.set_length(7, 2)
    assert "lengths" in session.state.problems


def test_a_head_alone_is_given_what_came_before() -> None:
    session = opened("hello")
    session.set_recurrent(False)
    wide = session.state.document.out_width
    session.set_front(None)
    assert not session.state.problems
    values = session.state.document.values
    assert values.shape[2] == session.state.document.features == wide
    assert np.isfinite(values).all()


def test_the_only_layer_stays() -> None:
    session = opened("embedding")
    before = session.state.document
    session.set_front(None)
    assert "front" in session.state.problems
    assert session.state.document is before


@pytest.mark.parametrize("shape", [(0,), (0, 3), (5, 0), (2, 0, 3)])
def test_an_array_without_numbers_is_no_input(shape: tuple[int, ...]) -> None:
    assert axes_choices(opened("lstm").state.document, shape, "input") == ()
