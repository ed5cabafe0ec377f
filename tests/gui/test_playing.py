"""Playing keeps its speed where frames are slower than steps, and never steps unasked."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QObject
from PySide6.QtTest import QTest

from rnnviz.session import Session, State
from rnnviz.session.runner import ImmediateRunner
from rnnviz.ui.playing import Player, Unhurried


class Clock:
    """Says that as much time has passed as a test wants."""

    milliseconds = 16

    def start(self) -> None:
        pass

    def restart(self) -> int:
        return self.milliseconds


@pytest.fixture
def session() -> Session:
    session = Session(ImmediateRunner())
    session.set_steps(200)
    session.first()
    return session


@pytest.fixture
def player(qapp: QObject, session: Session, monkeypatch: pytest.MonkeyPatch) -> Player:
    player = Player(session, qapp)
    session.set_speed(60)
    session.play()
    player.refresh(None, session.state)
    player.stop()  # the test ticks
    monkeypatch.setattr(player, "_since", Clock())
    return player


def wait(player: Player, milliseconds: int) -> None:
    player._since.milliseconds = milliseconds  # type: ignore[attr-defined]
    player._go_on()


def test_a_tick_takes_a_step(player: Player, session: Session) -> None:
    for position in range(1, 40):
        wait(player, 16)
        assert session.state.position == position


def test_missed_ticks_are_made_up_for_in_one_frame(player: Player, session: Session) -> None:
    told: list[int] = []
    session.subscribe(lambda old, new: told.append(new.position))
    for _ in range(20):
        wait(player, 50)
    assert 59 <= session.state.position <= 61
    assert len(set(told)) == 20


def test_a_long_wait_is_not_jumped_over(player: Player, session: Session) -> None:
    wait(player, 5000)
    assert session.state.position == 3
    wait(player, 16)
    assert session.state.position <= 5


def test_what_does_not_play_does_not_go_on(player: Player, session: Session) -> None:
    session.pause()
    wait(player, 16)
    assert session.state.position == 0


class Numbers:
    """A panel that remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[State | None, State]] = []

    def refresh(self, old: State | None, new: State) -> None:
        self.told.append((old, new))


def test_numbers_change_no_faster_than_they_can_be_read(player: Player, session: Session) -> None:
    numbers = Numbers()
    panel = Unhurried(numbers)
    session.subscribe(panel.refresh)
    for _ in range(6):
        wait(player, 16)
    assert len(numbers.told) == 1
    QTest.qWait(110)
    wait(player, 16)
    assert [new.position for _, new in numbers.told] == [1, 7]
    session.set_steps(190)
    assert numbers.told[-1][1].document is session.state.document
    session.pause()
    session.step()
    assert numbers.told[-1][1] is session.state
    for before, after in pairwise(numbers.told):
        assert after[0] is before[1]  # nothing that came between is missed
