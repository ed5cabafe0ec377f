"""Plays: steps the session at its speed, as long as it is playing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import State

_SHORTEST = 16  # ms, a frame
_LONGEST = 0.05  # seconds whose steps one frame may show at once; what is later comes later
_READABLE = 100  # ms; numbers that change more often cannot be read
_LEARNED = 400  # ms; all numbers change at once while a model learns


class Player(QObject):
    """The clock of the transport.

    Where frames take longer than steps, one frame shows several steps: the speed is kept, and
    the window is asked for no more frames than it can paint.
    """

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._since = QElapsedTimer()
        self._owed = 0.0  # steps that time has brought and no frame has shown yet
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)

    def refresh(self, old: State | None, new: State) -> None:
        """Starts, stops or changes speed as a state says."""
        interval = max(_SHORTEST, round(1000 / new.speed))
        if not new.playing:
            self._timer.stop()
        elif not self._timer.isActive() or self._timer.interval() != interval:
            self._owed = 0.0
            self._since.start()
            self._timer.start(interval)

    def stop(self) -> None:
        """Stops for good."""
        self._timer.stop()

    def _go_on(self) -> None:
        """Takes the steps that are due: one a tick, more where ticks were missed."""
        speed = self._session.state.speed
        self._owed += self._since.restart() / 1000 * speed
        steps = max(1, min(int(self._owed), int(_LONGEST * speed)))
        self._owed = min(max(self._owed - steps, -1.0), 1.0)
        self._session.play_on(steps)


class Panel(Protocol):
    """What shows a state."""

    def refresh(self, old: State | None, new: State) -> None:
        """Takes up a new state."""


class Unhurried:
    """A panel of numbers, which while playing or learning changes no faster than they can be read.

    What it would cost to show each step goes to the figure; where playing ends, it catches up.
    """

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._shown: State | None = None
        self._since = QElapsedTimer()

    def refresh(self, old: State | None, new: State) -> None:
        """Shows a state, unless another step was shown just now."""
        patience = 0 if self._shown is None else _patience(self._shown, new)
        if patience and not self._since.hasExpired(patience):
            return
        shown = self._shown
        self._since.start()
        self._shown = new
        self._panel.refresh(shown, new)


def _patience(old: State, new: State) -> int:
    """How long what is on show may stay, in ms."""
    if _plays_on(old, new):
        return _READABLE
    return _LEARNED if _learns_on(old, new) else 0


def _learns_on(old: State, new: State) -> bool:
    """Whether nothing but what was learned may have come between two states."""
    same = old.problems is new.problems and old.selection == new.selection
    return old.learns and new.learns and same and old.position == new.position


def _plays_on(old: State, new: State) -> bool:
    """Whether nothing but another step of playing may have come between two states."""
    return new.playing and old.document is new.document and old.problems is new.problems
