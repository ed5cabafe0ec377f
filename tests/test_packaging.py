"""The wheel: complete, and at work from any directory."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import rnnviz

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's wheel, built without looking anything up."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return next(folder.glob("rnnviz-*.whl"))


def test_version_is_stated_once_and_the_same() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == rnnviz.__version__


def test_wheel_holds_code_and_resources(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "rnnviz", "resources"], cwd=ROOT, capture_output=True, text=True
    )
    if tracked.returncode:
        pytest.skip("not a git checkout")
    wanted = {
        name if name.startswith("rnnviz/") else f"rnnviz/{name}"
        for name in tracked.stdout.splitlines()
        if not name.endswith(".gitignore") and (ROOT / name).is_file()
    }
    assert wanted <= names
    assert not any(name.startswith(("tests/", "resources/")) for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_installed_command_works_from_any_directory(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
            *("--disable-pip-version-check", "--target", str(site), str(wheel)),
        ],
        check=True,
        capture_output=True,
    )
    environment = {key: value for key, value in os.environ.items() if "DISPLAY" not in key}
    environment |= {"PYTHONPATH": str(site), "RNNVIZ_HOME": str(tmp_path / "home")}
    environment.pop("QT_QPA_PLATFORM", None)
    command = next(path for path in (site / "bin").iterdir() if path.stem == "rnnviz")

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, str(command), *arguments],
            cwd=elsewhere,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    assert "  hello " in run("examples")
    run("export", "lstm", "--figure", "unrolled", "--step", "3", "--output", "out.svg")
    assert "<svg" in (elsewhere / "out.svg").read_text("utf-8")
    run("export", "hello", "--output", "trained.svg")  # its weights are in a file beside it
    where = subprocess.run(
        [sys.executable, "-c", "import rnnviz; print(rnnviz.__file__)"],
        cwd=elsewhere,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.strip() == str(site / "rnnviz" / "__init__.py")
