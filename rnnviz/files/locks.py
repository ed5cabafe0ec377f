"""A file that one process at a time holds; whatever way it ends, the system lets go of it."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final

if sys.platform == "win32":
    import msvcrt

    _FAR: Final = 1 << 30  # what is locked cannot be read: a byte beyond all that is written

    def _take(handle: int) -> None:
        os.lseek(handle, _FAR, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


_PAUSE = 0.005  # seconds between two tries


class Lock:
    """A held file; ended by `release`, or with the process."""

    def __init__(self, path: Path, handle: int) -> None:
        self.path, self._handle = path, handle

    def release(self, *, remove: bool = False) -> None:
        """Let go of it, once; the file itself may stay.

        Args:
            remove: take the file away while it is still held, so that no other process holds one
                that is not there any more.
        """
        if self._handle < 0:
            return
        handle, self._handle = self._handle, -1
        if remove and sys.platform != "win32":
            with contextlib.suppress(OSError):
                self.path.unlink()
        with contextlib.suppress(OSError):
            os.close(handle)
        if remove and sys.platform == "win32":  # where nothing open can be taken away
            with contextlib.suppress(OSError):
                self.path.unlink()

    def __enter__(self) -> Lock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def try_lock(path: Path, *, create: bool = True) -> Lock | None:
    """Hold a file; None where somebody else does, in this process or another.

    Raises:
        OSError: where the file cannot be opened.
    """
    while True:
        flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | (os.O_CREAT if create else 0)
        handle = os.open(path, flags, 0o600)
        try:
            _take(handle)
        except OSError:
            os.close(handle)
            return None
        if _is_there(path, handle):
            return Lock(path, handle)
        os.close(handle)  # whoever held it before has taken it away


@contextlib.contextmanager
def held(path: Path, seconds: float) -> Iterator[bool]:
    """Hold a file for a while, waiting for it no longer than `seconds`.

    Yields:
        Whether it is held; False where the wait was too long, or no such file can be made.
    """
    lock, end = None, time.monotonic() + seconds
    try:
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = try_lock(path)
            while lock is None and time.monotonic() < end:
                time.sleep(_PAUSE)
                lock = try_lock(path)
        yield lock is not None
    finally:
        if lock is not None:
            lock.release()


def _is_there(path: Path, handle: int) -> bool:
    """Whether a path still leads to the file that was opened."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except OSError:
        return False
