"""Plays: steps the session at its speed, as long as it is playing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import State

_SHORTEST = 16  # ms, a frame
_LONGEST = 0.05  # seconds whose steps one frame may show at once; what is later comes later


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
