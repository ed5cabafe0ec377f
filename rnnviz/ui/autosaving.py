"""Leaves what has changed to whoever starts after a crash, at most a minute later."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import State

EVERY = 30_000  # ms from a change until it is written


class Autosaver(QObject):
    """Watches a session; nothing is written while nothing changes.

    Args:
        layout: what the window remembers of itself, at this moment.

    Attributes:
        timer: runs from a change until it is written.
    """

    def __init__(
        self, session: Session, layout: Callable[[], dict[str, Any]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._layout = session, layout
        self._left: tuple[object, ...] | None = None  # what the others would find
        self._writing: tuple[object, ...] | None = None
        self.timer = QTimer(self, interval=EVERY, singleShot=True)
        self.timer.timeout.connect(self._write)
        self._unsubscribe = session.subscribe(self._on_changed)

    def stop(self) -> None:
        """Writes no more."""
        self._unsubscribe()
        self.timer.stop()

    def _on_changed(self, old: State, new: State) -> None:
        if not new.unsaved:
            self.timer.stop()
            if old.kept is not new.kept or old.unsaved:
                self._left = None
                self._session.forget_changes()
        elif not self.timer.isActive() and self._writing is None and _content(new) != self._left:
            self.timer.start()

    def _write(self) -> None:
        self._writing = _content(self._session.state)
        self._session.keep_changes(self._layout(), self._written, self._failed)

    def _written(self) -> None:
        self._left, self._writing = self._writing, None
        self._go_on()

    def _failed(self, _: str) -> None:
        self._writing = None
        self._go_on()

    def _go_on(self) -> None:
        state = self._session.state
        if not state.unsaved:  # it was saved meanwhile, or something else was opened
            self._left = None
            self._session.forget_changes()
        elif _content(state) != self._left:
            self.timer.start()


def _content(state: State) -> tuple[object, ...]:
    """What tells one state that is worth keeping from another; steps in time alone do not."""
    return (state.document, state.original_document, state.options, state.figure, state.path)
