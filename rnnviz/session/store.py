"""The one place where the state changes, and those who are told of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from rnnviz.session.state import State

Subscriber = Callable[[State, State], None]


class Store:
    """Holds the state and tells every subscriber of each change, in order.

    A change made by a subscriber is told after the one that is being told.

    Attributes:
        state: as it is now.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self._subscribers: list[Subscriber] = []
        self._changes: deque[tuple[State, State]] = deque()
        self._telling = False

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber(old, new)` on every change, until the returned function is called."""
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    def change(self, **changes: Any) -> None:
        """Replace the state by one with `changes`; what is equal stays what it is.

        Where all of it is, nobody is told.
        """
        old = self.state
        others = {n: value for n, value in changes.items() if not _same(getattr(old, n), value)}
        if not others:
            return
        self.state = old.with_(**others)
        self._changes.append((old, self.state))
        if not self._telling:
            self._tell()

    def _tell(self) -> None:
        self._telling = True
        try:
            while self._changes:
                change = self._changes.popleft()
                for subscriber in tuple(self._subscribers):
                    subscriber(*change)
        finally:
            self._telling = False
            self._changes.clear()


def _same(old: Any, new: Any) -> bool:
    return old is new or (type(old) is type(new) and bool(old == new))
