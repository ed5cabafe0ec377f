"""Where a step of each granularity leads, and that the Stepper goes there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.model.schedule import Progress
from rnnviz.session import ImmediateRunner, Session
from rnnviz.session.pacing import GRANULARITIES, Granularity, moved
from tests.session.conftest import HeldRunner


def progress_of(session: Session) -> Progress:
    assert session.state.run is not None
    return session.state.run.progress


def test_a_step_by_operation_is_one_operation(session: Session) -> None:
    session.set_granularity("operation")
    session.step()
    assert progress_of(session) == Progress(3, 0, 1)
    assert session.state.position == 3
    session.set_granularity("layer")
    session.step()
    assert progress_of(session) == Progress(3, 1)
    session.set_granularity("timestep")
    session.step()
    assert progress_of(session) == Progress(4)


def test_a_step_back_ends_at_a_beginning(session: Session) -> None:
    session.seek_progress(Progress(3, 1, 5))
    session.set_granularity("layer")
    session.back()
    assert progress_of(session) == Progress(3, 1)
    session.back()
    session.set_granularity("operation")
    session.back()
    assert progress_of(session) == Progress(2, 1, 11)
    session.set_granularity("timestep")
    session.back()
    assert progress_of(session) == Progress(2)


def test_the_ends_are_not_passed(session: Session) -> None:
    session.set_granularity("operation")
    session.last()
    session.step()
    assert progress_of(session) == Progress(6)
    session.first()
    session.back()
    assert progress_of(session) == Progress(0)


def test_a_place_that_is_not_there_is_the_whole_step(session: Session) -> None:
    session.seek_progress(Progress(2, 7, 3))
    assert progress_of(session) == Progress(2)
    session.seek_progress(Progress(9, 0, 3))
    assert progress_of(session) == Progress(6)
    session.seek(-2)
    assert progress_of(session) == Progress(0)


def test_a_place_within_a_cell_survives_an_edit(session: Session) -> None:
    session.seek_progress(Progress(3, 1, 5))
    session.set_value(0, 1, 2, 0.25)
    assert progress_of(session) == Progress(3, 1, 5)
    session.set_model(num_layers=1)
    assert progress_of(session) == Progress(3)


def test_playing_goes_by_the_granularity(session: Session) -> None:
    session.set_granularity("operation")
    session.play()
    session.play_on(3)
    assert progress_of(session) == Progress(3, 0, 3)
    session.set_granularity("layer")
    session.play_on(5)
    assert progress_of(session) == Progress(5, 1)
    session.play_on(2)
    assert not session.state.playing


def test_steps_wait_for_a_run_that_is_made(held: HeldRunner) -> None:
    session = Session(held)
    session.open_example("lstm")
    held.run_all()
    session.set_granularity("operation")
    session.set_model(hidden_size=5)
    session.step()
    held.run_all()
    assert progress_of(session) == Progress(3, 0, 1)


_SESSIONS: dict[bool, Session] = {}


def session_for(bidirectional: bool) -> Session:
    if bidirectional not in _SESSIONS:
        made = _SESSIONS[bidirectional] = Session(ImmediateRunner())
        made.open_example("lstm")
        made.set_model(bidirectional=bidirectional, cell="GRU")
    return _SESSIONS[bidirectional]


moves = st.lists(st.tuples(st.sampled_from(GRANULARITIES), st.integers(-40, 40)), max_size=8)


@pytest.mark.parametrize("bidirectional", [False, True])
@given(walk=moves)
def test_every_place_is_one_that_the_run_has(
    bidirectional: bool, walk: list[tuple[Granularity, int]]
) -> None:
    session = session_for(bidirectional)
    session.seek(2)
    for granularity, count in walk:
        run = session.state.run
        assert run is not None
        goal = moved(run, run.progress, granularity, count)
        session.seek_progress(goal)
        assert progress_of(session) == goal
        assert Progress(0) <= goal <= Progress(run.total)
