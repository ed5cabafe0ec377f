"""Edits of a great many numbers are made beside the window, and none of several is lost."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.session import Session
from rnnviz.session.fills import fill_values
from tests.session.conftest import HeldRunner


@pytest.fixture
def large(held: HeldRunner, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session in which 50 numbers are a great many."""
    monkeypatch.setattr("rnnviz.session.editor.LARGE", 50)
    session = Session(held)
    session.open_example("lstm")
    held.run_all()
    return session


def test_a_large_fill_is_made_beside(large: Session, held: HeldRunner) -> None:
    large.set_steps(20)
    before = large.state
    assert before.document.L == 6
    assert before.errand is not None
    assert before.errand.name == "set L to 20"
    held.run_all()
    assert large.state.document.L == 20
    assert large.state.undo_name == "set L to 20"
    large.fill("ones")
    assert large.state.errand is not None
    held.run_all()
    assert (large.state.document.values == 1).all()


def test_edits_meanwhile_are_made_of_what_comes(large: Session, held: HeldRunner) -> None:
    large.fill("rand", 3)
    large.set_steps(30)
    large.set_steps(20)
    large.set_value(0, 0, 0, 7.0)
    large.set_model(hidden_size=3)
    held.run_all()
    document = large.state.document
    values = fill_values("rand", (1, 20, 4), 3)
    values[0, :6] = fill_values("rand", (1, 6, 4), 3)[0]
    values[0, 0, 0] = 7.0
    assert document.spec.hidden_size == 3
    assert np.array_equal(document.values, values)
    large.undo()
    held.run_all()
    assert large.state.document.L == 6


def test_undo_gives_up_what_is_under_way(large: Session, held: HeldRunner) -> None:
    before = large.state.document
    large.set_steps(30)
    large.undo()
    held.run_all()
    assert large.state.document is before
    assert large.state.errand is None


def test_what_is_under_way_for_another_document_comes_to_nothing(
    large: Session, held: HeldRunner
) -> None:
    large.set_steps(30)
    large.open_example("hello")
    held.run_all()
    assert large.state.example == "hello"


def test_what_does_not_fit_is_told_at_its_field(large: Session, held: HeldRunner) -> None:
    large.set_steps(10**12)
    held.run_all()
    assert "which take" in large.state.problems["L"]
    assert large.state.errand is None
