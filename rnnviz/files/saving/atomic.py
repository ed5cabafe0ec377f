"""Saving a file whole or not at all: what was there before stays until the new one is sound."""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import secrets
import stat
import time
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from rnnviz.errors import FileError

Buffer = bytes | bytearray | memoryview

_BLOCK = 1 << 20  # bytes that are read back at a time
_OLD = 3600.0  # seconds after which nobody writes a part of a file any more
_REASONS = {
    errno.EACCES: "this folder may not be written to",
    errno.EPERM: "this folder may not be written to",
    errno.EROFS: "this disk is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota of disk space is used up",
    errno.EFBIG: "the file is larger than the disk allows",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ENOTDIR: "part of its path is a file, not a folder",
    errno.ENOENT: "its folder does not exist",
    errno.EISDIR: "it is a folder",
    errno.EIO: "the disk reports a fault",
}


def save_bytes(path: str | os.PathLike[str], data: bytes) -> Path:
    """Write a file of one piece, as `write_atomically` does."""
    return save_pieces(path, (data,))


def save_pieces(path: str | os.PathLike[str], pieces: Iterable[Buffer]) -> Path:
    """Write a file piece by piece as they come, as `write_atomically` does.

    They are not asked for where nothing could be written.
    """

    def write(file: Written) -> None:
        for piece in pieces:
            file.write(piece)

    return write_atomically(path, write)


def write_atomically(path: str | os.PathLike[str], write: Callable[[Written], object]) -> Path:
    """Write a file so that it is there whole or, on any failure, what was there before is.

    The data goes to a new file in the same folder, which is checked and then takes the place of
    the old one.

    Args:
        path: where to; a link is followed.
        write: puts the data into a file. It is not called where nothing could be written, and
            what it raises leaves no file.

    Returns:
        Where it was written, links resolved.

    Raises:
        FileError: what could not be written, and why.
    """
    try:
        target = Path(os.path.realpath(path))
        _check_target(target)
        temporary = target.with_name(f".{target.name[:80]}.{secrets.token_hex(6)}.part")
        try:
            _write(temporary, write)
            _keep_mode(target, temporary)
            temporary.replace(target)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink()
        _sync_folder(target.parent)
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror or type(error).__name__)
        raise FileError(f"cannot write {_shown(path)}: {reason}") from error
    except ValueError as error:
        raise FileError(f"cannot write {_shown(path)}: its name is not allowed") from error
    return target


def remove_parts(target: Path) -> None:
    """Take away what is left of a file where a process was killed while it wrote it."""
    long_ago = time.time() - _OLD
    with contextlib.suppress(OSError):
        for part in target.parent.glob(f".{glob.escape(target.name[:80])}.*.part"):
            if part.stat().st_mtime < long_ago:
                part.unlink()


class Written:
    """A file that data goes to from beginning to end, and what must be found in it afterwards.

    Attributes:
        length: bytes so far.
        check: their checksum.
        fault: what the system refused, which the caller may have turned into something else.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.length = self.check = 0
        self.fault: OSError | None = None

    def write(self, data: Buffer) -> int:
        """Adds some bytes."""
        view = memoryview(data)
        view = view.cast("B") if view.nbytes else memoryview(b"")
        try:
            self._file.write(view)
        except OSError as error:
            self.fault = error
            raise
        self.length, self.check = self.length + len(view), zlib.crc32(view, self.check)
        return len(view)

    def flush(self) -> None:
        """Passes on what waits to be written."""
        self._file.flush()


def _shown(path: str | os.PathLike[str]) -> str:
    return os.fspath(path).replace("\n", " ").replace("\0", " ")


def _check_target(target: Path) -> None:
    """Refuse what must not be replaced, before any work is done."""
    if target.is_dir():
        raise FileError(f"cannot write {target}: it is a folder, not a file")
    if not target.parent.is_dir():
        raise FileError(f"cannot write {target}: the folder {target.parent} does not exist")
    if not target.exists():
        return
    if not stat.S_ISREG(target.stat().st_mode):
        raise FileError(f"cannot write {target}: it is not a regular file")
    if not os.access(target, os.W_OK):
        raise FileError(f"cannot write {target}: the file there is read-only")


def _write(path: Path, write: Callable[[Written], object]) -> None:
    with path.open("xb") as file:
        written = Written(file)
        try:
            write(written)
        except Exception:
            if written.fault is not None:  # torch makes a RuntimeError of it
                raise written.fault from None
            raise
        file.flush()
        os.fsync(file.fileno())
    if _read_back(path) != (written.length, written.check):
        raise OSError(errno.EIO, "what was written cannot be read back")


def _read_back(path: Path) -> tuple[int, int]:
    """The length and the checksum of what has arrived on the disk."""
    length = check = 0
    with path.open("rb") as file:
        while piece := file.read(_BLOCK):
            length, check = length + len(piece), zlib.crc32(piece, check)
    return length, check


def _keep_mode(target: Path, temporary: Path) -> None:
    with contextlib.suppress(OSError):
        temporary.chmod(stat.S_IMODE(target.stat().st_mode))


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
