"""Pictures of a run inside a step: at any cell, at any operation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.__main__ import main
from rnnviz.errors import UsageError
from tests.run_figures import RUN_FIGURES

HALF: dict[str, Any] = {"step": 2, "cell": 1, "operation": 5}


@pytest.fixture(scope="module")
def run() -> Any:
    torch.manual_seed(5)
    return rnnviz.trace(torch.nn.GRU(3, 4, num_layers=2), torch.randn(4, 2, 3))


@pytest.mark.parametrize("name", RUN_FIGURES)
def test_every_figure_is_drawn_inside_a_cell(run: Any, name: str) -> None:
    assert "<text" in rnnviz.figure(run, name, **HALF)._repr_svg_()


def test_the_operation_is_seen(run: Any, tmp_path: Path, qapp: object) -> None:
    texts = set()
    for operation in range(1, 11):
        path = tmp_path / f"{operation}.svg"
        rnnviz.export(run, path, figure="anatomy", step=2, operation=operation, layer=0)
        texts.add(path.read_text("utf-8"))
    assert len(texts) == 10


def test_numpys_numbers_count_for_steps(run: Any) -> None:
    rnnviz.figure(run, "anatomy", np.int64(2), cell=1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cell": 1}, "cell: expected a step with it, got 1 alone"),
        ({"operation": 3}, "operation: expected a step with it, got 3 alone"),
        ({"step": 2, "cell": 3}, "cell: expected 0 to 2, got 3"),
        ({"step": 2, "cell": -1}, "cell: expected 0 to 2, got -1"),
        ({"step": 2, "operation": 12}, "operation: expected 0 to 11, got 12"),
        ({"step": 2, "operation": 1.5}, "operation: expected 0 to 11, got 1.5"),
        ({"step": 2, "cell": True}, "cell: expected 0 to 2, got True"),
        ({"step": 4, "operation": 1}, "operation: expected 0 to 0, got 1"),
    ],
)
def test_places_that_there_are_not(run: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        rnnviz.figure(run, "anatomy", **arguments)
    assert str(refused.value) == message


def test_a_stepped_run_goes_no_further_than_it_is_computed() -> None:
    stepper = rnnviz.Stepper(torch.nn.LSTM(3, 4, num_layers=2), torch.randn(4, 1, 3))
    stepper.step()
    for _ in range(3):
        stepper.step_operation()
    rnnviz.figure(stepper.trace, "anatomy", step=1, operation=3)
    with pytest.raises(UsageError, match=r"operation: expected a place up to \(1, 0, 3\)"):
        rnnviz.figure(stepper.trace, "anatomy", step=1, operation=4)


def test_the_command_takes_cell_and_operation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], qapp: object
) -> None:
    path = tmp_path / "cell.svg"
    wanted = ["export", "lstm", "--figure", "anatomy", "--output", str(path), "--step", "2"]
    assert main([*wanted, "--cell", "1", "--operation", "10"]) == 0
    assert "Operation 10 of 12" in path.read_text("utf-8")
    assert main([*wanted, "--operation", "13"]) == 2
    assert capsys.readouterr().err == "rnnviz: operation: expected 0 to 12, got 13\n"
    assert main([*wanted, "--cell", "-1"]) == 2
