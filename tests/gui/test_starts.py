"""The command starts and exits, whatever it finds: `python -m tests.gui.starts N` does it often."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from shutil import which

import pytest

from tests.gui.starts import start, start_often
from tests.gui.xvfb import AVAILABLE, screen

linux = pytest.mark.skipif(sys.platform != "linux", reason="a display is Linux' way to have one")


def is_fine(done: subprocess.CompletedProcess[str]) -> None:
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that a start that fails writes."""
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("rnnviz: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_it_starts_and_exits() -> None:
    assert start_often(2, QT_QPA_PLATFORM="offscreen") == []


@linux
@pytest.mark.skipif(not AVAILABLE, reason="there is no Xvfb")
def test_it_starts_and_exits_on_a_screen() -> None:
    with screen() as display:
        assert start_often(1, QT_QPA_PLATFORM="xcb", DISPLAY=display) == []


def _garbage(home: Path) -> None:
    (home / "settings.json").write_bytes(os.urandom(999))


def _folder(home: Path) -> None:
    (home / "settings.json").mkdir()


def _pipe(home: Path) -> None:
    os.mkfifo(home / "settings.json")


def _huge(home: Path) -> None:
    with (home / "settings.json").open("wb") as file:
        file.truncate(1 << 36)


def _other_kinds(home: Path) -> None:
    layout = {"geometry": [1], "columns": ["x", None, -5], "left": 3, "inspector": "no"}
    saved = {"theme": 1, "example": {}, "speed": 1e999, "layout": layout, "recent": [3, "\0"]}
    (home / "settings.json").write_text(json.dumps(saved))


def _other_words(home: Path) -> None:
    layout = {"geometry": "////", "columns": [10**30, -1, 2], "left": [True], "more": None}
    saved = {"theme": "pink", "example": "gone", "speed": "fast", "layout": layout, "recent": ["x"]}
    (home / "settings.json").write_text(json.dumps(saved))


def _logs_in_the_way(home: Path) -> None:
    for name in ("rnnviz.log", "crash.log", "settings.lock", "recovery"):
        (home / name).mkdir() if name != "recovery" else (home / name).write_text("")


@linux
@pytest.mark.parametrize(
    "spoil",
    [_garbage, _folder, _pipe, _huge, _other_kinds, _other_words, _logs_in_the_way],
    ids=lambda spoil: spoil.__name__.strip("_"),
)
def test_broken_settings_are_defaults(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    spoil(tmp_path)
    when = "alive" if spoil is _other_words else "0"  # once the panes are laid out as it says
    is_fine(start(when, "button", tmp_path, QT_QPA_PLATFORM="offscreen"))


@linux
def test_a_folder_for_settings_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for home in (tmp_path / "file", tmp_path / "none" / "such", Path("/proc/nothing")):
        is_fine(start("0", "button", home, QT_QPA_PLATFORM="offscreen"))


_WITHOUT = """
import sys
from importlib.abc import MetaPathFinder

class Without(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {name!r}:
            raise {error}

sys.meta_path.insert(0, Without())
from rnnviz.__main__ import main
sys.exit(main([]))
"""


def start_without(name: str, error: str, **environment: str) -> subprocess.CompletedProcess[str]:
    code = _WITHOUT.format(name=name, error=error)
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **environment},
        timeout=25,
        check=False,
    )


@pytest.mark.parametrize("name", ["torch", "pyqtgraph", "PySide6", "numpy"])
def test_a_library_that_is_missing_is_one_line(name: str) -> None:
    done = start_without(name, f"ModuleNotFoundError('No module named {name}', name={name!r})")
    assert name in complaint(done)


@pytest.mark.parametrize("name", ["torch", "PySide6"])
def test_a_library_that_is_broken_is_one_line(name: str) -> None:
    done = start_without(name, "ImportError('libsomething.so.1: cannot open shared object file')")
    assert "libsomething.so.1" in complaint(done)


@linux
@pytest.mark.parametrize("platform", ["nothing", "nothing:0", "nothing;nowhere"])
def test_a_platform_that_qt_does_not_have_is_one_line(tmp_path: Path, platform: str) -> None:
    done = start("0", "button", tmp_path, QT_QPA_PLATFORM=platform, DISPLAY="")
    assert platform.partition(":")[0] in complaint(done)


@linux
@pytest.mark.skipif(not AVAILABLE or which("xdotool") is None, reason="there is no xdotool")
def test_keys_are_heard_again_after_a_dialog_where_there_is_no_window_manager(
    tmp_path: Path,
) -> None:
    with screen() as display:
        given = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
        given["RNNVIZ_HOME"] = str(tmp_path)

        def xdotool(*arguments: str) -> None:
            subprocess.run(["xdotool", *arguments], env=given, check=True, timeout=60)

        with subprocess.Popen([sys.executable, "-m", "rnnviz"], env=given) as program:
            try:
                for name, key in ((" — rnnviz", "question"), ("Shortcuts", "Escape")):
                    xdotool("search", "--sync", "--onlyvisible", "--name", name)
                    xdotool("key", key)
                while program.poll() is None:  # the dialog goes in its own time
                    xdotool("key", "ctrl+q")
                    with suppress(subprocess.TimeoutExpired):
                        program.wait(1)
                assert program.returncode == 0
            finally:
                program.kill()
