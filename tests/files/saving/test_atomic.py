"""Files that are there whole, or as they were before."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rnnviz.errors import FileError
from rnnviz.files.saving.atomic import remove_parts, save_bytes, save_pieces
from rnnviz.session.runner import Cancelled


def test_a_new_file_is_what_was_meant(tmp_path: Path) -> None:
    assert save_bytes(tmp_path / "figure.svg", b"new") == tmp_path / "figure.svg"
    assert (tmp_path / "figure.svg").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["figure.svg"]


def test_an_old_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "figure.svg"
    path.write_bytes(b"old")
    path.chmod(0o640)
    save_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.svg").write_bytes(b"old")
    (tmp_path / "link.svg").symlink_to(tmp_path / "real.svg")
    save_bytes(tmp_path / "link.svg", b"new")
    assert (tmp_path / "link.svg").is_symlink()
    assert (tmp_path / "real.svg").read_bytes() == b"new"


def test_what_a_killed_process_left_of_a_file_goes(tmp_path: Path) -> None:
    path = tmp_path / "a[1].rnnviz"
    for name, age in ((".a[1].rnnviz.0a.part", 9999), (".a[1].rnnviz.0b.part", 9), (".a1", 9999)):
        (tmp_path / name).write_bytes(b"half")
        then = time.time() - age
        os.utime(tmp_path / name, (then, then))
    remove_parts(path)
    assert {entry.name for entry in tmp_path.iterdir()} == {".a[1].rnnviz.0b.part", ".a1"}


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="it is a folder"):
        save_bytes(tmp_path, b"new")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"the folder .*missing does not exist"):
        save_bytes(tmp_path / "missing" / "figure.svg", b"new")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.svg")
    with pytest.raises(FileError, match="not a regular file"):
        save_bytes(tmp_path / "pipe.svg", b"new")


def test_a_path_through_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileError, match="does not exist"):
        save_bytes(tmp_path / "file" / "figure.svg", b"new")


@pytest.mark.parametrize("name", ["a" * 300 + ".svg", "nul\0.svg"])
def test_names_that_no_disk_takes(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError, match=r"too long|not allowed"):
        save_bytes(tmp_path / name, b"new")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EACCES, "this folder may not be written to"),
        (errno.EROFS, "this disk is read-only"),
        (errno.ENOSPC, "the disk is full"),
        (errno.EIO, "the disk reports a fault"),
    ],
)
def test_what_the_system_refuses_is_said_plainly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    path = tmp_path / "figure.svg"
    path.write_bytes(b"old")

    def refuse(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(FileError, match=words) as caught:
        save_bytes(path, b"new")
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["figure.svg"]


def test_a_short_write_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "figure.svg"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", lambda handle: os.ftruncate(handle, 2))
    with pytest.raises(FileError, match="fault"):
        save_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_the_pieces_raise_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "figure.svg"
    path.write_bytes(b"old")

    def pieces() -> Iterator[bytes]:
        yield b"half of "
        raise Cancelled

    with pytest.raises(Cancelled):
        save_pieces(path, pieces())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_drawn_for_a_path_that_cannot_be(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        raise AssertionError("drawn in vain")
        yield b""

    with pytest.raises(FileError, match="it is a folder"):
        save_pieces(tmp_path, pieces())


def test_a_folder_that_goes_meanwhile(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()

    def pieces() -> Iterator[bytes]:
        yield b"new"
        for entry in folder.iterdir():
            entry.unlink()
        folder.rmdir()

    with pytest.raises(FileError, match="its folder does not exist"):
        save_pieces(folder / "figure.svg", pieces())
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_halfway(tmp_path: Path) -> None:
    """What the system says of a limit on files is what it says of a disk that has no more room."""
    code = f"""
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))
from rnnviz.errors import FileError
from rnnviz.files.saving.atomic import save_pieces
try:
    save_pieces({str(tmp_path / "figure.svg")!r}, [b"new" * 1_000] * 10)
except FileError as error:
    print(error)
"""
    (tmp_path / "figure.svg").write_bytes(b"old")
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.endswith("figure.svg: the file is larger than the disk allows\n")
    assert (tmp_path / "figure.svg").read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["figure.svg"]


def test_a_read_only_file_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "figure.svg"
    path.write_bytes(b"old")
    path.chmod(0o444)

    def access(_: Any, mode: int) -> bool:
        return mode != os.W_OK  # root may write everywhere

    monkeypatch.setattr(os, "access", access)
    with pytest.raises(FileError, match="read-only"):
        save_bytes(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_full_disk_keeps_the_old_file() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(FileError, match="not a regular file"):
        save_bytes(full, b"new")
