"""The comparison beside other tools: its table, its picture, and how it takes failures."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import torch

from rnnviz.scene.marks import Text
from rnnviz.scene.style import load_style
from tests.benchmarks.peers import growth, readme, table
from tests.benchmarks.peers.cases import CELL, GATES, GROUPS, STEPS, Case, cases
from tests.benchmarks.peers.models import build, fused, noise
from tests.benchmarks.peers.running import Limits, Measurement, Results, measured
from tests.benchmarks.peers.tools import TOOLS

README = (Path(__file__).resolve().parent.parent / "README.md").read_text("utf-8")


def first_column(text: str) -> list[str]:
    return [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")]


def found(case: Case) -> Measurement:
    """rnnviz a tenth of the others, which grow; torchviz stops at 100 timesteps."""
    if case.tool == "torchviz" and case.steps >= 100:
        return Measurement(captures=[1.0], failure="over 5 min")
    own = case.tool in ("rnnviz", "trajectories", "trace", "window", "frame")
    seconds = (0.001 if own else 0.01) * max(case.steps, 1)
    return Measurement(captures=[seconds / 2] * 3, draws=[seconds / 2] * 3)


def test_the_readme_has_the_rows_that_the_command_makes() -> None:
    written = readme.written_between(README)
    assert first_column(written) == first_column(table.table(found))
    assert "Measured on " in written
    assert "not measured" not in written


def test_every_row_is_measured() -> None:
    assert {row.case(count) for group in GROUPS for row in group.rows for count in group.steps} <= (
        set(cases())
    )
    assert {case.tool for case in cases()} == set(TOOLS)


def test_a_cell_is_a_time_and_how_many_times_rnnviz_s_that_is() -> None:
    lines = table.table(found).splitlines()
    assert (
        "| torchlens, `rank` layout | 50 ms · 10× | 200 ms · 10× | 1.0 s · 10× | 5.0 s · 10× |"
        in (lines)
    )
    assert "| torchviz | 50 ms · 10× | 200 ms · 10× | over 5 min | over 5 min |" in lines
    kept, told = table.verdict(found)
    assert not kept
    assert "1/10" in told


def test_the_picture_is_well_formed_and_names_every_tool(tmp_path: Path) -> None:
    for path in growth.draw(found, tmp_path):
        ElementTree.parse(path)
    marks = growth.build(found, load_style("light")).marks
    told = {run.text for mark in marks if isinstance(mark, Text) for run in mark.runs}
    assert {row.short for group in (CELL, GATES) for row in group.rows} <= told
    assert "over 5 min at T = 100" in told


def test_what_is_written_stands_between_the_markers(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n", "utf-8")
    readme.write_between(path, "| new |")
    text = path.read_text("utf-8")
    assert readme.written_between(text) == "| new |"
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    path.write_text("nothing", "utf-8")
    with pytest.raises(ValueError, match="no place between"):
        readme.write_between(path, "")


def test_finished_measurements_are_kept_for_the_same_machine(tmp_path: Path) -> None:
    case = CELL.rows[0].case(STEPS[0])
    Results(tmp_path, {"cores": "2"}).put(case, Measurement(captures=[1.0], draws=[2.0]))
    again = Results(tmp_path, {"cores": "2"}).get(case)
    assert again is not None
    assert again.seconds == 3.0
    assert Results(tmp_path, {"cores": "4"}).get(case) is None


@pytest.mark.parametrize(
    ("program", "failure"),
    [
        ("import time; time.sleep(60)", "over 0.5 s"),
        ("import missing_package", "not installed"),
        ("raise RuntimeError('dot: out of memory')", "out of memory (8 GB)"),
        ("raise OSError('dot timed out')", "gave up (its own limit)"),
        ("raise KeyError(3)", "failed: KeyError"),
        ('print(\'{"event": "ready", "imported": 0.5}\')', ""),
    ],
)
def test_a_process_that_fails_is_reported(program: str, failure: str) -> None:
    limits = Limits(seconds=0.5 if "sleep" in program else 60.0)
    assert measured([sys.executable, "-c", program], limits).failure == failure


def test_the_loops_and_the_fused_module_compute_the_same() -> None:
    loop, written_out = build("cell"), build("gates")
    values = noise(loop, 7, seed=1)
    with torch.no_grad():
        h = fused(loop)(values)[0]
        assert torch.allclose(loop(values), h, atol=1e-6)
        assert torch.allclose(written_out(values), h, atol=1e-6)
