"""What a pane's figure derives of large data is worked out beside the window."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject

from rnnviz.figures.later import LONG, Later
from rnnviz.figures.memo import Memo
from rnnviz.session.runner import ImmediateRunner
from rnnviz.ui.ahead import Ahead
from tests.session.conftest import HeldRunner


class Owner:
    """Something that results are kept by."""


@pytest.fixture
def parent(qapp: object) -> QObject:
    return QObject()


def describe_of(memo: Memo, owner: Owner, key: str = "key") -> Callable[[], str]:
    return lambda: memo.get(owner, key, lambda: f"the {key}", size=LONG)


def nothing() -> None:
    """Told of what does not matter."""


def test_it_is_there_at_the_next_attempt(parent: QObject) -> None:
    runner, arrivals = HeldRunner(), []
    ahead = Ahead(parent, runner, lambda: arrivals.append(1), nothing)
    describe = describe_of(Memo(), Owner())
    with pytest.raises(Later):
        ahead.attempt(describe)
    assert ahead.waits
    with pytest.raises(Later):
        ahead.attempt(describe)
    assert len(runner.jobs) == 1
    runner.run_all()
    assert arrivals == [1]
    assert not ahead.waits
    assert ahead.attempt(describe) == "the key"


def test_what_is_asked_for_later_replaces_it(parent: QObject) -> None:
    runner, arrivals, memo, owner = HeldRunner(), [], Memo(), Owner()
    ahead = Ahead(parent, runner, lambda: arrivals.append(1), nothing)
    for key in ("old", "new"):
        with pytest.raises(Later):
            ahead.attempt(describe_of(memo, owner, key))
    runner.run_all()
    assert arrivals == [1]
    assert ahead.attempt(describe_of(memo, owner, "new")) == "the new"


def test_without_a_thread_it_is_described_here(parent: QObject) -> None:
    for runner in (None, ImmediateRunner()):
        ahead = Ahead(parent, runner, nothing, nothing)
        assert ahead.attempt(describe_of(Memo(), Owner())) == "the key"
        assert not ahead.waits


def test_what_is_never_kept_is_described_here(parent: QObject) -> None:
    """Else it would be asked for for ever."""
    runner, owner = HeldRunner(), Owner()
    ahead = Ahead(parent, runner, nothing, nothing)

    def describe() -> str:
        memo = Memo()
        return memo.get(owner, "key", lambda: "made here", size=LONG)

    with pytest.raises(Later):
        ahead.attempt(describe)
    runner.run_all()
    assert ahead.attempt(describe) == "made here"


def test_an_error_is_raised_here(parent: QObject) -> None:
    runner, memo, owner = HeldRunner(), Memo(), Owner()
    ahead = Ahead(parent, runner, nothing, nothing)

    def fail() -> str:
        raise ValueError("no such thing")

    def describe() -> str:
        return memo.get(owner, "key", fail, size=LONG)

    with pytest.raises(Later):
        ahead.attempt(describe)
    runner.run_all()
    with pytest.raises(ValueError, match="no such thing"):
        ahead.attempt(describe)


def test_nothing_arrives_once_it_is_not_wanted(parent: QObject) -> None:
    runner, arrivals = HeldRunner(), []
    ahead = Ahead(parent, runner, lambda: arrivals.append(1), nothing)
    with pytest.raises(Later):
        ahead.attempt(describe_of(Memo(), Owner()))
    ahead.end()
    runner.run_all()
    assert not arrivals
