"""What runs beside the window: order, staleness, failure."""

from __future__ import annotations

import pytest

from rnnviz.session import Session, walking
from rnnviz.session.binding import bind
from rnnviz.session.examples import load_example
from rnnviz.session.runner import Cancel, Cancelled
from tests.session.conftest import HeldRunner


def opened(held: HeldRunner) -> Session:
    session = Session(held)
    session.open_example("lstm")
    held.run_all()
    return session


def test_run_comes_first_and_the_whole_beside_it(held: HeldRunner) -> None:
    session = Session(held)
    session.open_example("lstm")
    assert session.state.busy == "computing"
    held.run_next()
    assert session.state.run is not None
    assert session.state.position == 3
    assert session.state.whole is None
    assert session.state.busy == "tracing the whole run"
    session.step()
    assert session.state.position == 4
    assert session.state.badge.status == "matches"
    session.first()
    assert session.state.badge.status == "pending"
    held.run_all()
    assert session.state.whole is not None
    assert session.state.badge.status == "matches"
    assert session.state.busy == ""


def test_result_of_an_older_document_is_dropped(held: HeldRunner) -> None:
    session = opened(held)
    before = session.state.run
    session.set_model(hidden_size=5)
    session.set_model(hidden_size=6)
    held.run_next()
    assert session.state.run is before
    held.run_all()
    assert session.state.run is not None
    assert session.state.run.hidden_size == 6


def test_far_seek_waits_for_the_whole_run(held: HeldRunner) -> None:
    session = opened(held)
    session.set_steps(300)
    held.run_next()
    session.seek(290)
    assert session.state.position == 3
    held.run_all()
    assert session.state.position == 290


def test_many_costly_steps_run_beside_the_window(
    held: HeldRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened(held)
    monkeypatch.setattr("rnnviz.session.computing.step_seconds", lambda document: 1.0)
    session.seek(6)
    assert session.state.position == 3
    assert session.state.busy == "stepping"
    held.run_all()
    assert session.state.position == 6
    assert session.state.busy == ""


def test_last_wish_counts_while_steps_are_under_way(
    held: HeldRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened(held)
    monkeypatch.setattr("rnnviz.session.computing.step_seconds", lambda document: 1.0)
    session.first()
    session.last()
    session.seek(2)
    assert session.state.position == 0
    held.run_all()
    assert session.state.position == 2


def test_the_end_can_be_asked_for_before_the_run_is_there(held: HeldRunner) -> None:
    session = Session(held)
    session.open_example("packed-rnn")
    session.last()
    held.run_all()
    assert session.state.position == session.state.total == 4


def test_whole_run_nobody_waits_for_is_given_up() -> None:
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        bind(load_example("lstm")).whole(cancel)


def test_document_that_fails_beside_the_window_is_taken_back(
    held: HeldRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened(held)
    good = session.state.document

    def short_of_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("rnnviz.session.computing.prepare", short_of_memory)
    session.set_model(hidden_size=9)
    held.run_all()
    assert session.state.document is good
    assert session.state.problems == {"model": "there is not enough memory for this run"}
    assert session.state.busy == ""


def test_run_that_was_being_traced_is_traced_again_when_an_edit_fails(
    held: HeldRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(held)
    session.open_example("lstm")
    held.run_next()
    assert session.state.whole is None

    def short_of_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("rnnviz.session.computing.prepare", short_of_memory)
    session.set_model(hidden_size=9)
    held.run_all()
    assert session.state.whole is not None
    assert session.state.busy == ""


def test_far_goal_survives_an_edit(held: HeldRunner) -> None:
    session = opened(held)
    session.set_steps(300)
    held.run_next()
    session.seek(290)
    session.set_model(hidden_size=5)
    held.run_all()
    assert session.state.position == 290


def test_bug_beside_the_window_is_raised_where_hooks_see_it(
    held: HeldRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened(held)

    def broken(*_: object) -> None:
        raise KeyError("bug")

    monkeypatch.setattr("rnnviz.session.computing.prepare", broken)
    session.set_model(hidden_size=9)
    with pytest.raises(KeyError):
        held.run_all()
    assert session.state.document.spec.hidden_size == 8


def test_closed_session_takes_no_result(held: HeldRunner) -> None:
    session = opened(held)
    before = session.state.run
    session.set_model(hidden_size=9)
    session.close()
    held.run_all()
    assert session.state.run is before


def test_step_costs_grow_with_the_model() -> None:
    small, large = load_example("lstm"), load_example("lstm-projection")
    assert walking.step_seconds(small) < walking.step_seconds(large) < 0.1


def test_the_trace_of_the_whole_run_tells_how_far_it_is_and_is_given_up(held: HeldRunner) -> None:
    session = opened(held)
    session.set_steps(300)
    held.run_next()
    errand = session.state.tracing
    assert errand is not None
    assert errand.fraction is None
    session.cancel_errand()
    assert errand.is_cancelled()
    assert session.state.tracing is None
    assert session.state.busy == ""
    held.run_all()
    assert session.state.whole is None
    assert "steps are computed" in session.state.notice
    session.step()
    assert session.state.position == 4
    session.set_value(0, 0, 0, 1.0)
    held.run_all()
    assert session.state.whole is not None
    assert session.state.tracing is None
