"""What would be lost if this instance died now, and what others that died have left."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.errors import FileError, RnnvizError
from rnnviz.files.container import Content, write_container
from rnnviz.files.locks import Lock, try_lock
from rnnviz.files.reading import one_line
from rnnviz.session.living import LOCK, NOTE, SESSION, Presence, recovery_folder

if TYPE_CHECKING:
    from rnnviz.session.saved import Restored

_DAMAGED = ".damaged"


@dataclass(frozen=True)
class Left:
    """What a dead instance has left.

    Attributes:
        file: the session file in the folder for recovery.
        title: what the document was called.
        summary: the model, how many numbers were edited, how far it was stepped.
        when: it was written.
        path: the file that it was kept in; None where it was in none.
    """

    file: Path
    title: str
    summary: str
    when: datetime
    path: Path | None


@dataclass(frozen=True)
class Leftovers:
    """All that dead instances have left: what can come back, and what turned out damaged."""

    whole: tuple[Left, ...] = ()
    damaged: tuple[str, ...] = ()


class Taken:
    """What was left, claimed by this instance: no other offers it meanwhile.

    Attributes:
        session: what comes back.
    """

    def __init__(self, file: Path, lock: Lock, session: Restored) -> None:
        self._file, self._lock, self.session = file, lock, session

    def throw_away(self) -> None:
        """It is kept elsewhere by now."""
        _remove(self._file, self._lock)

    def let_go(self) -> None:
        """Leave it where it is: it is offered again."""
        self._lock.release()


def write(presence: Presence, content: Content, check: Callable[[], object]) -> None:
    """Leave a session, in the place of the one left before.

    Args:
        check: raises where it is not wanted any more.

    Raises:
        FileError: where that is not possible.
    """
    write_container(presence.base.with_suffix(SESSION), content, check)


def clear(presence: Presence) -> None:
    """There is nothing to lose any more."""
    with contextlib.suppress(OSError):
        presence.base.with_suffix(SESSION).unlink(missing_ok=True)


def leftovers(folder: Path | None = None) -> Leftovers:
    """What the dead have left, the latest first; what is damaged is set aside, what is void goes.

    It takes as long as reading all of it.
    """
    folder = folder or recovery_folder()
    whole, damaged = [], []
    for file in _left(folder):
        lock = _claim(file)
        if lock is None:
            continue
        try:
            whole.append(_look(file))
            lock.release()
        except FileError as error:
            damaged.append(_set_aside(file, error))
            _remove(file, lock)
        except (RnnvizError, OSError, MemoryError):  # it may go better another time
            lock.release()
    _sweep(folder)
    return Leftovers(tuple(sorted(whole, key=lambda left: left.when, reverse=True)), tuple(damaged))


def take(left: Left) -> Taken:
    """Claim what was left, and read it.

    Raises:
        FileError: where it is gone, another instance has it, or it is damaged.
    """
    lock = _claim(left.file)
    if lock is None:
        raise FileError(f"{left.title} is gone: another window has recovered it")
    try:
        return Taken(left.file, lock, _read(left.file))
    except BaseException:
        lock.release()
        raise


def discard(left: Left) -> None:
    """Nobody wants it; what another instance has claimed stays."""
    lock = _claim(left.file)
    if lock is not None:
        _remove(left.file, lock)


def summary_of(session: Restored) -> str:
    """What comes back, in a few words: "2-layer LSTM, 3 edits, 12 timesteps"."""
    from rnnviz.session.changes import changes

    document, original = session.document, session.original
    parts = [document.subtitle]
    count = 0 if original is None else len(changes(document, original))
    if count:
        parts.append("1 edit" if count == 1 else f"{count} edits")
    parts.append("1 timestep" if document.L == 1 else f"{document.L} timesteps")
    if document.weights_from:
        parts.append(f"weights: {document.weights_from}")
    if session.opened is not None:
        others = len(session.opened.documents) - 1
        parts.append("and 1 edited beside it" if others == 1 else f"and {others} edited beside it")
    return ", ".join(parts)


def _left(folder: Path) -> list[Path]:
    try:
        return sorted(folder.glob(f"*{SESSION}"))
    except OSError:
        return []


def _claim(file: Path) -> Lock | None:
    """The lock of whoever left a file, which is gone or dead; None where somebody lives."""
    try:
        lock = try_lock(file.with_suffix(LOCK))
    except OSError:
        return None
    if lock is not None and not file.is_file():
        lock.release(remove=True)
        return None
    return lock


def _look(file: Path) -> Left:
    session, when = _read(file), datetime.fromtimestamp(file.stat().st_mtime).astimezone()
    path = None if session.kept is None else Path(session.kept.path)
    return Left(file, session.document.title, summary_of(session), when, path)


def _read(file: Path) -> Restored:
    from rnnviz.session.saved import Restored, read_saved

    found = read_saved(file)
    if not isinstance(found, Restored):
        raise FileError(f"{file} is no session")
    return found


def _set_aside(file: Path, error: FileError) -> str:
    """Where it is now, and why."""
    aside = file.with_name(file.name + _DAMAGED)
    with contextlib.suppress(OSError):
        file.replace(aside)
    _, _, why = str(error).rpartition(f"{file}: ")  # where it was is of no use
    return f"{one_line(str(aside))}: {why}"


def _remove(file: Path, lock: Lock) -> None:
    """Take away all that an instance left."""
    with contextlib.suppress(OSError):
        for path in (file, file.with_suffix(NOTE), *file.parent.glob(f".{file.stem}.*.part")):
            path.unlink(missing_ok=True)
    lock.release(remove=True)


def _sweep(folder: Path) -> None:
    """Take away what the dead have left beside sessions: locks, notes, parts of files."""
    with contextlib.suppress(OSError):
        for file in {path.with_suffix(SESSION) for path in folder.glob("*-*.*")}:
            if not file.exists() and {LOCK, NOTE} & _endings(file):
                lock = try_lock(file.with_suffix(LOCK))
                if lock is not None:
                    _remove(file, lock)


def _endings(file: Path) -> set[str]:
    return {ending for ending in (LOCK, NOTE) if file.with_suffix(ending).exists()}
