"""What is remembered, and what a broken file is worth."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rnnviz.session.settings import Settings, load_settings, save_settings, settings_folder


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
