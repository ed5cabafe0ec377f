"""The command line, as a person or a script meets it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import rnnviz
from rnnviz.__main__ import main
from rnnviz.session.examples import example_keys, grouped_examples

BARE = {key: value for key, value in os.environ.items() if "DISPLAY" not in key}
BARE.pop("QT_QPA_PLATFORM", None)


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, without a display."""
    return subprocess.run(
        [sys.executable, "-m", "rnnviz", *arguments],
        capture_output=True,
        text=True,
        env={**BARE, **environment},
        timeout=120,
        check=False,
    )


def complaint(done: subprocess.CompletedProcess[str], status: int) -> str:
    """The one line that a failed command writes."""
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("rnnviz: ")
    assert done.stderr.count("\n") == 1
    return done.stderr.removeprefix("rnnviz: ").rstrip("\n")


def test_examples_are_one_a_line_under_their_headings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["examples"]) == 0
    lines = capsys.readouterr().out.splitlines()
    headings = [line for line in lines if line and not line.startswith(" ")]
    assert tuple(headings) == tuple(grouped_examples())
    listed = [line.split(maxsplit=1) for line in lines if line.startswith(" ")]
    assert tuple(key for key, _ in listed) == example_keys()
    assert all(title.strip() for _, title in listed)


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--version"], ["--help"], ["export", "--help"], ["examples", "--help"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
    output = capsys.readouterr().out
    assert output.startswith(f"rnnviz {rnnviz.__version__}\n")
    assert "weights, trajectories, packed" in " ".join(output.split())


def test_export_needs_no_display(tmp_path: Path) -> None:
    for name in ("out.pdf", "out.png"):
        done = run(
            *("export", "lstm", "--figure", "unrolled", "--step", "3"),
            *("--output", str(tmp_path / name), "--dpi", "72"),
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {path.name for path in tmp_path.iterdir()} == {"out.pdf", "out.png"}


@pytest.mark.parametrize(
    "environment", [{"QT_QPA_PLATFORM": "xcb"}, {"DISPLAY": "nowhere.invalid:0"}]
)
def test_export_asks_no_display_that_is_named(tmp_path: Path, environment: dict[str, str]) -> None:
    done = run(
        "export", "lstm", "--output", str(tmp_path / "out.png"), "--dpi", "72", **environment
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_export_takes_options(tmp_path: Path) -> None:
    wanted = ["export", "packed-rnn", "--figure", "trajectories", "--sequence", "1"]
    plain, chosen = tmp_path / "plain.svg", tmp_path / "chosen.svg"
    assert main([*wanted, "--output", str(plain)]) == 0
    options = ["--set", "layer=1", "--set", "direction=Reverse", "--transparent"]
    assert main([*wanted, *options, "--output", str(chosen)]) == 0
    assert plain.read_text("utf-8") != chosen.read_text("utf-8")
    every = tmp_path / "all.svg"
    assert main(["export", "packed-rnn", "--sequence", "all", "--output", str(every)]) == 0


def test_projection_example_draws_without_torchs_own_warnings(tmp_path: Path) -> None:
    done = run("export", "lstm-projection", "--output", str(tmp_path / "out.svg"))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["export", "nope", "--output", "x.svg"], "there is no example 'nope': expected one of"),
        (["nope"], "there is no example 'nope': expected one of hello"),
        (["export", "lstm", "--figure", "x", "--output", "x.svg"], "there is no figure 'x'"),
        (["export", "lstm", "--step", "7", "--output", "x.svg"], "step: expected 0 to 6, got 7"),
        (["export", "lstm", "--step", "-1", "--output", "x.svg"], "expected a whole number"),
        (["export", "lstm", "--step", "two", "--output", "x.svg"], "expected a whole number"),
        (["export", "lstm", "--step", "9" * 5000, "--output", "x.svg"], "step: expected 0 to"),
        (["export", "lstm", "--sequence", "9" * 5000, "--output", "x.svg"], "sequence: expected 0"),
        (["export", "lstm", "--sequence", "9", "--output", "x.svg"], "sequence: expected 0 to 0"),
        (["export", "lstm", "--set", "gates", "--output", "x.svg"], "expected OPTION=VALUE"),
        (["export", "lstm", "--set", "a=b", "--output", "x.svg"], "has no option 'a'"),
        (["export", "lstm", "--set", "dpi=9", "--output", "x.svg"], "has no option 'dpi'"),
        (["export", "lstm", "--dpi", "nan", "--output", "x.png"], "dpi: expected 10 to 2400"),
        (["export", "lstm"], "the following arguments are required: --output"),
        (["export"], "the following arguments are required: EXAMPLE, --output"),
        (["--nope"], "unrecognized arguments: --nope"),
    ],
)
def test_wrong_command_line_is_one_clear_line(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    output, error = capsys.readouterr()
    assert output == ""
    assert error.startswith("rnnviz: ")
    assert message in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_path_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder.svg").mkdir()
    for name in ("none/out.svg", "folder.svg", "out.gif"):
        assert main(["export", "lstm", "--output", str(tmp_path / name)]) == 1
        error = capsys.readouterr().err
        assert error.startswith("rnnviz: ")
        assert str(tmp_path / name) in error
        assert error.count("\n") == 1
    assert "/out.gif" in complaint(run("export", "lstm", "--output", "/out.gif"), 1)


@pytest.mark.skipif(sys.platform != "linux", reason="a display is Linux' way to have one")
def test_window_without_a_display_is_one_clear_line() -> None:
    assert "there is no display" in complaint(run(), 1)
    assert "the display :4242 does not answer" in complaint(run("lstm", DISPLAY=":4242"), 1)
    far = run(DISPLAY="nowhere.invalid:0")
    assert "the display nowhere.invalid:0 does not answer" in complaint(far, 1)
    assert "there is no display" in complaint(run(QT_QPA_PLATFORM="xcb"), 1)
    assert "there is no display" in complaint(run(QT_QPA_PLATFORM="wayland"), 1)


def test_reader_that_goes_away_is_no_traceback() -> None:
    command = f'"{sys.executable}" -m rnnviz examples'
    done = subprocess.run(
        ["bash", "-c", f"{command} | true; {command} | head -1"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout.startswith("Start here")


@pytest.mark.skipif(sys.platform != "linux", reason="the shell's own words, and /dev/full")
def test_output_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    def said(line: str) -> tuple[int, str]:
        command = line.replace("rnnviz", f'"{sys.executable}" -m rnnviz')
        done = subprocess.run(
            ["bash", "-c", command], capture_output=True, text=True, check=False, env=BARE
        )
        return done.returncode, done.stderr

    closed = "rnnviz: cannot write to the standard output: it is closed\n"
    assert said("rnnviz examples >&-") == (1, closed)
    full = "rnnviz: cannot write to the standard output: No space left on device\n"
    assert said("rnnviz examples >/dev/full") == (1, full)
    path = tmp_path / "out.svg"
    assert said(f"rnnviz export lstm --output {path} >&-") == (0, "")
    assert path.stat().st_size
    assert said("rnnviz export nope --output x.svg 2>&-") == (2, "")


def test_a_file_that_cannot_be_opened_is_told_before_any_window() -> None:
    said = complaint(run("missing.rnnviz"), 1)
    assert said == "cannot read missing.rnnviz: No such file or directory"


def test_a_file_may_have_a_name_without_an_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("checkpoint").write_bytes(b"nothing")
    assert main(["export", "checkpoint", "--output", "checkpoint.svg"]) == 1
    assert capsys.readouterr().err.startswith("rnnviz: cannot read checkpoint: ")


def test_a_session_is_exported(tmp_path: Path, qapp: object) -> None:
    from rnnviz.files.container import write_container
    from rnnviz.session.runner import ImmediateRunner
    from rnnviz.session.saved import saved
    from rnnviz.session.session import Session

    session = Session(ImmediateRunner())
    session.open_example("gru-unsorted")
    path, picture = tmp_path / "mine.rnnviz", tmp_path / "mine.svg"
    write_container(path, saved(session.state, {}, "1"))
    assert main(["export", str(path), "--figure", "packed", "--output", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"<svg")
    path.write_bytes(b"nothing")
    assert main(["export", str(path), "--output", str(picture)]) == 1
