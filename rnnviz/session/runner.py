"""Where long work runs: beside the window, or at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Cancelled(Exception):  # noqa: N818 (no error: nobody is told)
    """Work that nobody waits for any more."""


class Cancel:
    """A flag that work looks at between timesteps."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        """Ask the work to stop."""
        self._event.set()

    def is_set(self) -> bool:
        """Whether the work was asked to stop."""
        return self._event.is_set()

    def check(self) -> None:
        """Stop here if asked to.

        Raises:
            Cancelled: where the work was asked to stop.
        """
        if self.is_set():
            raise Cancelled


class Either(Cancel):
    """Set as soon as one of two flags is."""

    def __init__(self, first: Cancel, second: Cancel) -> None:
        super().__init__()
        self._flags = first, second

    def is_set(self) -> bool:
        """Whether the work was asked to stop, by one or the other."""
        return any(flag.is_set() for flag in self._flags)


class Runner(Protocol):
    """Runs work and hands its result over in the session's own thread, in order of submission."""

    def submit(
        self,
        work: Callable[[Cancel], Result],
        done: Callable[[Result], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Run `work`, then call `done` with its result or `failed` with what it raised.

        Work that raises `Cancelled` reports nothing.
        """
        ...


class ImmediateRunner:
    """Runs work at once, in the caller's thread: for tests and where there is no window."""

    def submit(
        self,
        work: Callable[[Cancel], Result],
        done: Callable[[Result], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Run `work` before returning."""
        try:
            result = work(Cancel())
        except Cancelled:
            return
        except Exception as error:
            failed(error)
            return
        done(result)
