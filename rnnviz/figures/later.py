"""What takes long is put off where nobody can wait for it.

A figure derives things from its data once: pooled copies, ranges, orders, norms. Of large data
that takes longer than a frame may. Whoever must not be held up describes the figure within
`at_once()`: then `Later` is raised instead, the same description is made in another thread,
and after that what it derived is there. Everyone else never sees any of it and simply waits.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LONG = 1 << 18  # numbers that can be gone through within a frame

_at_once: ContextVar[bool] = ContextVar("at_once", default=False)
_check: ContextVar[Callable[[], None] | None] = ContextVar("check", default=None)


class Later(Exception):  # noqa: N818 (no error: it only takes its time)
    """What a figure needs is not there yet, and takes long.

    Attributes:
        size: how many numbers it takes.
        what: tells it from others.
    """

    def __init__(self, size: int, what: Hashable) -> None:
        super().__init__(f"Reducing {size:,} numbers…")
        self.size, self.what = size, what


@contextmanager
def at_once() -> Iterator[None]:
    """Within, what takes long raises `Later`."""
    token = _at_once.set(True)
    try:
        yield
    finally:
        _at_once.reset(token)


@contextmanager
def checking(check: Callable[[], None]) -> Iterator[None]:
    """Within, `check` is called before whatever takes long; it may raise to give all of it up."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def refuse_if_long(size: int, what: Hashable) -> None:
    """Says that something is about to be computed of so many numbers.

    Raises:
        Later: where there is no time for it.
    """
    if size < LONG:
        return
    if _at_once.get():
        raise Later(size, what)
    check = _check.get()
    if check is not None:
        check()
