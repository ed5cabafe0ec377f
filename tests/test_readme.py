"""What the README shows is run as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import torch

import rnnviz
from rnnviz.__main__ import main
from rnnviz.files.container import read_container
from rnnviz.session.examples import example_keys
from rnnviz.session.opened import of_model
from rnnviz.session.pipeline_adoption import adopt_pipeline
from rnnviz.session.saved import restored

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
TEST_COMMAND = (
    "python3 -m venv .venv && .venv/bin/python -m pip install --no-cache-dir -e '.[test]' "
    "&& .venv/bin/python -m pytest"
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_python_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: object
) -> None:
    shown: list[Any] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rnnviz, "show", lambda *given, **named: shown.append((given, named)))
    names: dict[str, Any] = {}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    assert len(shown) == 4
    assert adopt_pipeline(*shown[1][0], **shown[1][1]).loss == "cross_entropy"
    assert of_model(*shown[2][0]).names == ("encoder: nn.LSTM(4, 8)", "cell: nn.GRUCell(16, 3)")
    assert len(of_model(*shown[3][0], **shown[3][1]).documents) == 1
    captures = restored(read_container(tmp_path / "run.rnnviz"))
    assert isinstance(captures, tuple)
    assert len(captures) == 4
    written = {
        "run.rnnviz",
        "flow.pdf",
        "loss.svg",
        "step3.svg",
        "weights.pdf",
        "cell.svg",
        "path.png",
        "loop.svg",
        "long.pdf",
        "spread.svg",
    }
    assert {path.name for path in tmp_path.iterdir()} == written


def test_comments_on_results_are_true(capsys: pytest.CaptureFixture[str]) -> None:
    block = next(block for block in blocks("python") if "PackingPlan" in block)
    exec(compile(block, "README.md", "exec"), {"rnnviz": rnnviz})
    said = re.findall(r"print\(.*\)  # (\(\d.*)", block)
    printed = capsys.readouterr().out.splitlines()
    assert said == printed[: len(said)]
    assert len(said) == 2


def test_comments_on_pipelines_are_true(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"rnnviz": rnnviz, "torch": torch}
    shown = [block for block in blocks("python") if "Pipeline(" in block or "VanillaCell" in block]
    for block in shown:
        exec(compile(block, "README.md", "exec"), names)
    said = re.findall(r"print\(.*\)  # ([^:\n]*)", "\n".join(shown))
    assert capsys.readouterr().out.splitlines() == said
    assert len(said) == 6


def test_exports_from_a_terminal_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [line for block in blocks("sh") for line in block.splitlines() if " export " in line]
    assert lines
    for line in lines:
        assert main(shlex.split(line)[1:]) == 0
    assert (tmp_path / "packed.svg").exists()


def test_every_example_is_listed() -> None:
    listed = README.partition("## Examples")[2].partition("## ")[0]
    rows = re.findall(r"^\| `([a-z0-9-]+)` \|", listed, re.MULTILINE)
    assert tuple(rows) == example_keys()


def test_continuous_integration_runs_the_same_test_command() -> None:
    assert f"{TEST_COMMAND}\n" in blocks("sh")
    script = (Path(__file__).parents[1] / ".ci" / "run").read_text()
    assert TEST_COMMAND in script.splitlines()
