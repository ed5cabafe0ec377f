"""Disks that are full or read-only: what was there stays byte for byte, and the reason is said."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.errors import FileError
from rnnviz.files.saving import save_array, save_weights
from rnnviz.session import ImmediateRunner, Session
from rnnviz.session.recovery import leftovers
from rnnviz.session.settings import Settings, load_settings, save_settings

_ROOM = 64 << 10  # bytes


def _mount(*arguments: str) -> None:
    try:
        done = subprocess.run(["mount", *arguments], capture_output=True, check=False)
    except OSError:
        pytest.skip("nothing can be mounted here")
    if done.returncode:
        pytest.skip("nothing can be mounted here")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, with little room."""
    place = tmp_path / "disk"
    place.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={_ROOM}", "tmpfs", str(place))
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def _fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1024))
        except OSError:
            pass


def _lock(disk: Path) -> None:
    _mount("-o", "remount,ro", str(disk))


def _session(path: Path) -> None:
    session = Session(ImmediateRunner())
    session.open_example("lstm")
    session.set_steps(500)
    errors: list[BaseException] = []
    session.save(path, over=True, failed=errors.append)
    if errors:
        assert session.state.unsaved
        raise errors[0]


def _picture(path: Path) -> None:
    run = rnnviz.trace(torch.nn.LSTM(4, 8, num_layers=2), torch.zeros(40, 1, 4))
    rnnviz.export(run, path, dpi=200) if path.suffix == ".png" else rnnviz.export(run, path)


def _weights(path: Path) -> None:
    save_weights(path, {"weight": np.zeros((100, 300), np.float32)})


def _array(path: Path) -> None:
    save_array(path, np.arange(30_000.0).reshape(100, 300))


WRITERS: dict[str, Callable[[Path], Any]] = {
    "mine.rnnviz": _session,
    "figure.svg": _picture,
    "figure.pdf": _picture,
    "figure.png": _picture,
    "weights.pt": _weights,
    "weights.safetensors": _weights,
    "values.npy": _array,
    "values.csv": _array,
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(("spoil", "words"), [(_fill, "the disk is full"), (_lock, "read-only")])
def test_the_old_file_stays_and_the_reason_is_said(
    disk: Path, name: str, spoil: Callable[[Path], None], words: str
) -> None:
    path = disk / name
    path.write_bytes(b"what was there before")
    spoil(disk)
    names = {entry.name for entry in disk.iterdir()}
    with pytest.raises(FileError, match=words) as caught:
        WRITERS[name](path)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == b"what was there before"
    assert {entry.name for entry in disk.iterdir()} == names


def test_settings_and_what_is_left_stay_as_they_were(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNVIZ_HOME", str(disk))
    assert save_settings(Settings(speed=2.0))
    session = Session(ImmediateRunner())
    session.enter()
    session.open_example("lstm")
    session.set_weight("weight_hh_l0", 0, 0, 2.0)
    session.keep_changes({}, lambda: None, pytest.fail)
    (left,) = (disk / "recovery").glob("*.rnnviz")
    before = left.read_bytes()
    _fill(disk)
    assert save_settings(Settings(speed=3.0, layout={"columns": [1] * 900})) is None
    assert load_settings().speed == 2.0
    session.set_steps(300)
    told: list[str] = []
    session.keep_changes({}, lambda: pytest.fail("kept on a full disk"), told.append)
    assert "the disk is full" in told[0]
    assert left.read_bytes() == before
    session._presence._lock.release()  # type: ignore[union-attr]
    assert len(leftovers().whole) == 1


def test_a_folder_of_settings_that_is_read_only_does_no_harm(
    disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lock(disk)
    monkeypatch.setenv("RNNVIZ_HOME", str(disk / "rnnviz"))
    session = Session(ImmediateRunner())
    session.enter()
    session.open_example("lstm")
    told: list[str] = []
    session.keep_changes({}, lambda: None, told.append)
    assert told == ["nothing can be written to the folder of the settings"]
    session.find_left(lambda left: told.append(str(len(left.whole))))
    assert told[1:] == ["0"]
    session.leave()
