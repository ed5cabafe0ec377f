"""Plays: steps the session at its speed, as long as it is playing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import State

_SHORTEST = 16  # ms, a frame


class Player(QObject):
    """The clock of the transport; a step that takes long delays the next one, never the window."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._timer = QTimer(self)
        self._timer.timeout.connect(session.step)

    def refresh(self, old: State | None, new: State) -> None:
        """Starts, stops or changes speed as a state says."""
        interval = max(_SHORTEST, round(1000 / new.speed))
        if not new.playing:
            self._timer.stop()
        elif not self._timer.isActive() or self._timer.interval() != interval:
            self._timer.start(interval)

    def stop(self) -> None:
        """Stops for good."""
        self._timer.stop()
