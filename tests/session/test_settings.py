"""What is remembered, and what a broken file is worth."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rnnviz.files.locks import try_lock
from rnnviz.session.settings import (
    Settings,
    change_settings,
    load_settings,
    recent_files,
    remember_file,
    save_settings,
    settings_folder,
)


def test_saved_settings_come_back(tmp_path: Path) -> None:
    settings = Settings("dark", "packed-rnn", 4.0, {"splitter": [300, 700], "zoom": 1.5})
    assert save_settings(settings)
    assert load_settings() == settings
    assert {path.name for path in tmp_path.iterdir()} == {"settings.json", "settings.lock"}


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1, 2]", '{"theme": 3, "speed": "fast", "layout": 1, "example": []}', "[" * 99999],
)
def test_broken_file_means_defaults(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings.json").write_text(text)
    assert load_settings() == Settings()


def test_folder_that_cannot_be_written_is_not_fatal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RNNVIZ_HOME", str(tmp_path / "file" / "folder"))
    assert not save_settings(Settings())
    assert load_settings() == Settings()


@pytest.mark.skipif(sys.platform != "linux", reason="the folder is the system's own")
def test_folder_is_the_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RNNVIZ_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert settings_folder() == tmp_path / "rnnviz"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert settings_folder() == Path.home() / ".config/rnnviz"


def test_only_what_this_instance_changed_is_saved() -> None:
    start = Settings("light", "lstm", 1.0, {"columns": [1, 2], "geometry": "a"})
    save_settings(start)
    assert save_settings(start._replace(speed=4.0), start)  # another instance
    theirs = start._replace(layout={"columns": [1, 2], "geometry": "b", "new": True})
    assert save_settings(theirs, start)
    layout = {"columns": [3, 4], "geometry": "a"}
    saved = save_settings(start._replace(theme="dark", layout=layout), start)
    assert saved == load_settings()
    assert load_settings() == Settings(
        "dark", "lstm", 4.0, {"columns": [3, 4], "geometry": "b", "new": True}
    )


def test_what_a_later_version_saved_stays(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"theme": "dark", "later": [1]}')
    change_settings(lambda settings: settings._replace(speed=2.0))
    stored = json.loads((tmp_path / "settings.json").read_text())
    assert stored == {"theme": "dark", "later": [1], "speed": 2.0}


def test_a_broken_file_is_set_aside_before_another_takes_its_place(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"theme": "da')
    assert save_settings(Settings(speed=2.0), Settings())
    assert (tmp_path / "settings.damaged.json").read_text() == '{"theme": "da'
    assert load_settings() == Settings(speed=2.0)


def test_nobody_waits_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnviz.session.settings._PATIENCE", 0.02)
    lock = try_lock(tmp_path / "settings.lock")
    assert lock is not None
    assert save_settings(Settings(speed=2.0)) is None
    lock.release()
    assert save_settings(Settings(speed=2.0))


def test_a_window_that_closes_forgets_no_file_that_was_opened_meanwhile(tmp_path: Path) -> None:
    opened = load_settings()
    remember_file(tmp_path)
    saved = save_settings(opened._replace(speed=2.0), opened)
    assert saved == load_settings()
    assert recent_files() == (tmp_path,)


_MANY = """
import sys

from rnnviz.session import settings as home
from rnnviz.session.settings import load_settings, save_settings
home._PATIENCE = 300.0  # on a busy machine the others may be long about it
number, count = int(sys.argv[1]), int(sys.argv[2])
for turn in range(count):
    known = load_settings()
    mine = known._replace(layout={**known.layout, f"{number}-{turn}": turn})
    assert save_settings(mine, known) is not None
"""


def test_many_processes_at_once_lose_nothing() -> None:
    many, turns = 8, 12
    processes = [
        subprocess.Popen([sys.executable, "-c", _MANY, str(number), str(turns)])
        for number in range(many)
    ]
    assert [process.wait() for process in processes] == [0] * many
    expected = {f"{number}-{turn}": turn for number in range(many) for turn in range(turns)}
    assert load_settings().layout == expected
