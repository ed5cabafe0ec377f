"""Instances that are alive, and the files that they have open: how two of one file find out.

Every instance holds a lock file of its own as long as it lives, whatever way it ends. Beside it
stands what it has open, and what it would lose (`recovery`):

    recovery/1234-5f0c9a.lock     held by the living
    recovery/1234-5f0c9a.json     {"path": "/home/me/mine.rnnviz"}
    recovery/1234-5f0c9a.rnnviz   a session file
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from rnnviz.files.locks import Lock, try_lock
from rnnviz.files.saving.atomic import save_bytes
from rnnviz.session.settings import settings_folder

LOCK, NOTE, SESSION = ".lock", ".json", ".rnnviz"
_LARGEST = 1 << 16  # bytes of a note


def recovery_folder() -> Path:
    """Where instances leave what they would lose."""
    return settings_folder() / "recovery"


class Presence:
    """This instance among the others.

    Attributes:
        base: the path of what it leaves there, without an ending.
    """

    def __init__(self, folder: Path, lock: Lock) -> None:
        self._folder, self._lock = folder, lock
        self.base = lock.path.with_suffix("")
        self._shown: Path | None = None

    def show(self, path: Path | None) -> None:
        """Tell the others which file is open here.

        Raises:
            FileError: where it cannot be told.
        """
        if path == self._shown:
            return
        note = self.base.with_suffix(NOTE)
        if path is None:
            note.unlink(missing_ok=True)
        else:
            save_bytes(note, json.dumps({"path": os.path.realpath(path)}).encode())
        self._shown = path

    def shares(self, path: Path) -> bool:
        """Whether another living instance has a file open."""
        real = os.path.realpath(path)
        return any(
            _path_of(note) == real and is_held(note.with_suffix(LOCK))
            for note in self._others(NOTE)
        )

    def leave(self) -> None:
        """End: nothing of this instance is left."""
        for ending in (NOTE, SESSION):
            with contextlib.suppress(OSError):
                self.base.with_suffix(ending).unlink(missing_ok=True)
        self._lock.release(remove=True)

    def _others(self, ending: str) -> Iterator[Path]:
        own = self.base.with_suffix(ending)
        with contextlib.suppress(OSError):
            yield from (path for path in self._folder.glob(f"*{ending}") if path != own)


def enter(folder: Path | None = None) -> Presence | None:
    """Be one of the living; None where nothing can be written there."""
    folder = folder or recovery_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            name = f"{os.getpid()}-{secrets.token_hex(6)}{LOCK}"
            lock = try_lock(folder / name)
            if lock is not None:
                return Presence(folder, lock)
    except OSError:
        return None


def is_held(lock: Path) -> bool:
    """Whether whoever left a lock file is alive."""
    try:
        taken = try_lock(lock, create=False)
    except OSError:
        return False
    if taken is None:
        return True
    taken.release()
    return False


def _path_of(note: Path) -> str | None:
    try:
        if note.stat().st_size > _LARGEST:
            return None
        told = json.loads(note.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    path = told.get("path") if isinstance(told, dict) else None
    return path if isinstance(path, str) else None
