"""What the next step is going to show is painted before it: it is what would be painted then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from rnnviz.figures.later import Later
from rnnviz.render.tiles import Tiles
from rnnviz.session import Session
from rnnviz.ui.canvas import FigureCanvas
from rnnviz.ui.lasting import LastingPicture
from rnnviz.ui.window import MainWindow
from tests.golden import assert_same_picture
from tests.gui.conftest import Opener, session_of
from tests.gui.dressing import wear
from tests.gui.test_panning import anew, bench_of, shown

PATIENCE = 10_000


class Described:
    """How often anything was described that the pane was about to show."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        content = LastingPicture._content

        def counted(*given: Any) -> Any:
            self.count += 1
            return content(*given)

        monkeypatch.setattr(LastingPicture, "_content", counted)


@pytest.fixture
def described(monkeypatch: pytest.MonkeyPatch) -> Described:
    return Described(monkeypatch)


def rested(qtbot: QtBot, canvas: FigureCanvas) -> None:
    """Waits until everything that is painted ahead is there."""
    canvas.repaint()
    qtbot.waitUntil(lambda: not canvas._picture._lasting._idle.isActive(), timeout=PATIENCE)


def pane_of(window: MainWindow, zoom: float, qtbot: QtBot) -> FigureCanvas:
    canvas = bench_of(window).figure.canvas
    canvas.zoom_to(zoom)
    qtbot.waitUntil(lambda: not canvas.stretches, timeout=PATIENCE)
    rested(qtbot, canvas)
    return canvas


@pytest.mark.parametrize("example", ["lstm", "bidirectional"])
@pytest.mark.parametrize("zoom", [0.05, 0.3, 0.9, 2.0])
def test_steps_show_what_painting_anew_shows(
    qtbot: QtBot, open_window: Opener, described: Described, example: str, zoom: float
) -> None:
    window = open_window(example)
    canvas, session = pane_of(window, zoom, qtbot), session_of(window)
    for step in (session.step, session.step, session.back, session.back):
        step()
        rested(qtbot, canvas)
        assert_same_picture("stepped", shown(canvas), anew(canvas), share=0.002)


def test_a_step_needs_no_description(
    qtbot: QtBot, open_window: Opener, described: Described
) -> None:
    window = open_window()
    canvas, session = pane_of(window, 0.5, qtbot), session_of(window)
    session.seek(1)
    for _ in range(3):
        session.step()
        rested(qtbot, canvas)
    before = described.count
    session.step()
    canvas.repaint()
    assert described.count == before
    assert_same_picture("at once", shown(canvas), anew(canvas), share=0.002)


def test_a_jump_in_time_does_not_wait_for_what_would_come_after_the_last_one(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window()
    canvas, session = pane_of(window, 0.5, qtbot), session_of(window)
    lasting = canvas._picture._lasting
    intervals = []
    for goal in (0, session.state.total, 0):
        session.seek(goal)
        canvas.repaint()
        intervals.append(lasting._idle.interval())
    assert all(intervals[1:])
    for _ in range(2):  # steps are foreseen, also those that follow a jump at once
        session.step()
        canvas.repaint()
        assert lasting._idle.interval() == 0


def test_a_step_does_not_wait_for_all_of_it(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    canvas, session = pane_of(window, 1.0, qtbot), session_of(window)
    lasting = canvas._picture._lasting
    for turns in range(6):
        session.step()
        canvas.repaint()
        lasting._idle.stop()
        for _ in range(turns):
            lasting._go_on()
        assert_same_picture("half done", shown(canvas), anew(canvas), share=0.002)


def edit(session: Session) -> None:
    session.set_model(hidden_size=session.state.document.spec.hidden_size + 1)


def select(session: Session) -> None:
    chosen = session.state.selection
    assert chosen is not None
    session.select(chosen._replace(layer=0, t=0))


OTHER: dict[str, Callable[[Session, MainWindow, QtBot], object]] = {
    "an edit": lambda session, window, qtbot: edit(session),
    "a theme": lambda session, window, qtbot: wear(qtbot, window, "dark"),
    "a choice": lambda session, window, qtbot: select(session),
    "a jump": lambda session, window, qtbot: session.seek(1),
    "an option": lambda session, window, qtbot: session.set_option("unrolled", "gates", False),
}


@pytest.mark.parametrize("other", OTHER)
def test_what_was_foreseen_is_dropped_where_something_else_comes(
    qtbot: QtBot, open_window: Opener, other: str
) -> None:
    window = open_window()
    canvas, session = pane_of(window, 0.8, qtbot), session_of(window)
    session.back()
    rested(qtbot, canvas)
    OTHER[other](session, window, qtbot)
    session.back()
    qtbot.waitUntil(lambda: not session.state.busy, timeout=PATIENCE)
    assert_same_picture("another", shown(canvas), anew(canvas), share=0.002)
    rested(qtbot, canvas)
    session.step()
    assert_same_picture("after it", shown(canvas), anew(canvas), share=0.002)


def fails_at_once(*_: Any) -> Iterator[None]:
    raise Later(1 << 20, "something large")


def fails_halfway(*_: Any) -> Iterator[None]:
    yield
    raise RuntimeError("cannot be painted")


@pytest.mark.parametrize("foresee", [fails_at_once, fails_halfway])
def test_what_cannot_be_foreseen_is_described_when_it_comes(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch, foresee: Any
) -> None:
    window = open_window()
    canvas, session = pane_of(window, 0.5, qtbot), session_of(window)
    monkeypatch.setattr(Tiles, "foresee", foresee)
    lasting = canvas._picture._lasting
    for _ in range(2):
        session.back()
        canvas.repaint()
        lasting._idle.stop()
        coming = lasting._coming
        assert coming is not None
        with suppress(Later):
            for _ in range(2):  # the state is foreseen, then the first part of its picture
                next(coming)
        assert_same_picture("after all", shown(canvas), anew(canvas), share=0.002)
        assert not canvas.error
