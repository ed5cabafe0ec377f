"""What a pane's figure derives of large data is worked out beside the window."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer

from rnnviz.session.runner import Cancel, Runner

if TYPE_CHECKING:  # the figures need torch, which comes after the first paint
    from rnnviz.figures.later import Later

Described = TypeVar("Described")

_PATIENCE = 100  # ms, after which it is said that there is something to wait for


class Ahead(QObject):
    """Has a description made in another thread, so that this one finds what it derives.

    Args:
        parent: the pane.
        runner: where it is made; None for here.
        arrived: called as soon as it can be made here.
        told: called when somebody has waited for a while.

    Attributes:
        words: what is waited for, once that has taken a while; "" until then.
    """

    def __init__(
        self,
        parent: QObject,
        runner: Runner | None,
        arrived: Callable[[], object],
        told: Callable[[], object],
    ) -> None:
        super().__init__(parent)
        self._runner, self._arrived, self._told = runner, arrived, told
        self._cancel: Cancel | None = None
        self._what: Hashable = None
        self._brought: Hashable = None  # what was missing before the last arrival
        self._asking = False
        self._message = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_patience)
        self.words = ""

    @property
    def waits(self) -> bool:
        """Whether something is under way."""
        return self._cancel is not None

    def attempt(self, describe: Callable[[], Described]) -> Described:
        """What `describe` gives, if it can be had at once.

        Args:
            describe: made of what does not change, as it may be called in another thread.

        Raises:
            Later: it is under way; `arrived` is called when it is worth another attempt.
        """
        from rnnviz.figures.later import Later, at_once

        if self._runner is None:
            return describe()
        try:
            with at_once():
                return describe()
        except Later as later:
            # What is missing still was not kept: another round would not change that.
            if later.what != self._brought:
                self._wait_for(later, describe)
            if self.waits:
                raise
        return describe()

    def _wait_for(self, later: Later, describe: Callable[[], object]) -> None:
        """Has `describe` called beside; what was under way for something else ends."""
        assert self._runner is not None
        if self.waits and self._what == later.what:
            return
        self._give_up()
        mine = self._cancel = Cancel()
        self._what, self._message = later.what, str(later)
        if not self.words:
            self._timer.start(_PATIENCE)

        def work(cancel: Cancel) -> None:
            from rnnviz.figures.later import checking

            def check() -> None:
                cancel.check()
                mine.check()

            check()
            with checking(check):
                describe()

        # What it raises is raised again by the next attempt, where the pane tells it in its place.
        self._asking = True
        self._runner.submit(work, lambda _: self._done(mine), lambda _: self._done(mine))
        self._asking = False

    def end(self) -> None:
        """What was under way is no longer wanted."""
        self._give_up()
        self._timer.stop()
        self.words = ""

    def _give_up(self) -> None:
        if self._cancel is not None:
            self._cancel.set()
            self._cancel = None

    def _done(self, mine: Cancel) -> None:
        if self._cancel is not mine:
            return
        self._cancel, self._brought = None, self._what
        if not self._asking:
            self._arrived()
        if not self.waits:
            self.end()

    def _on_patience(self) -> None:
        if self.waits:
            self.words = self._message
            self._told()
