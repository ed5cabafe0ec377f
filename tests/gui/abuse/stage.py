"""What an event finds: the window that it happens to, chance, and files that can be opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from rnnviz import app

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.ui.window import MainWindow
    from rnnviz.ui.workbench import Workbench


class NotNowError(Exception):
    """The event cannot happen to the window as it is."""


@dataclass
class Stage:
    """What one event has at hand.

    Attributes:
        chance: of this event alone, so that it chooses the same whatever came before.
        window: the one that it happens to.
        folder: for what is written.
        files: what can be opened, good and bad.
        turn: ends a turn of the event loop, for the watch: what a burst does, a person could not
            do within one.
        open: opens another window, on a file or an example.
    """

    chance: Random
    window: MainWindow
    folder: Path
    files: list[Path]
    turn: Callable[[], None]
    open: Callable[[], None]

    @property
    def bench(self) -> Workbench:
        """What stands in the window; one that is being filled, or has been closed, has none."""
        if self.window.bench is None or not self.is_open:
            raise NotNowError
        return self.window.bench

    @property
    def is_open(self) -> bool:
        """Whether nothing has closed the window meanwhile."""
        return self.window in app._windows

    @property
    def session(self) -> Session:
        """What the window shows."""
        return self.bench.session

    def burst(self, do: Callable[[], object]) -> None:
        """Does something once, or many times before anything else has its turn."""
        for _ in range(self.chance.choice((1, 1, 3, 20))):
            do()
            self.turn()


Event = Callable[[Stage], object]
