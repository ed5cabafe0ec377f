"""The public names: there, lazy, and worth what the README says."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

import rnnviz
from rnnviz.errors import FileError, UsageError
from tests.run_figures import RUN_FIGURES

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def run() -> Any:
    """An LSTM's run: five timesteps, a batch of two."""
    torch.manual_seed(0)
    return rnnviz.trace(torch.nn.LSTM(3, 4, num_layers=2), torch.randn(5, 2, 3))


def test_every_public_name_is_there() -> None:
    for name in rnnviz.__all__:
        assert getattr(rnnviz, name) is not None
        assert name in dir(rnnviz)
    with pytest.raises(AttributeError, match="'rnnviz' has no attribute 'nope'"):
        rnnviz.nope  # noqa: B018


def test_type_checkers_see_what_is_public() -> None:
    tree = ast.parse(Path(rnnviz.__file__).read_text("utf-8"))
    seen = {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    assert seen == set(rnnviz.__all__)


@pytest.mark.parametrize(
    "statement",
    [
        "import rnnviz",
        "import rnnviz.__main__, rnnviz.figures, rnnviz.session, rnnviz.session.settings",
        "from rnnviz import ModelSpec; ModelSpec('LSTM', 3, 4)",
    ],
)
def test_importing_is_cheap(statement: str) -> None:
    heavy = "{'torch', 'numpy', 'PySide6', 'pyqtgraph'} & set(sys.modules)"
    code = f"import sys; {statement}; print(sorted({heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_figure_shows_itself_and_saves_itself(run: Any, tmp_path: Path) -> None:
    picture = rnnviz.figure(run, "unrolled", step=3)
    svg = picture._repr_svg_()
    assert svg.lstrip().startswith(("<?xml", "<svg"))
    assert picture.scene.width > 100
    picture.save(tmp_path / "a.svg")
    rnnviz.export(run, tmp_path / "b.svg", step=3)
    assert (tmp_path / "a.svg").read_text("utf-8") == (tmp_path / "b.svg").read_text("utf-8")


def test_an_option_may_be_called_like_an_argument(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "plane.svg"
    rnnviz.export(run, path, figure="trajectories", path="units")
    assert "unit 0" in path.read_text("utf-8")


@pytest.mark.parametrize("figure", RUN_FIGURES)
@pytest.mark.parametrize("ending", [".svg", ".pdf", ".png"])
def test_every_figure_in_every_format(
    run: Any, tmp_path: Path, figure: str, ending: str, qapp: object
) -> None:
    path = tmp_path / f"out{ending}"
    rnnviz.export(run, str(path), figure=figure, step=2, dpi=72, transparent=True)
    start = {".svg": b"<", ".pdf": b"%PDF-", ".png": PNG}[ending]
    assert path.read_bytes().startswith(start)
    assert path.stat().st_size > 1000


def test_stepped_run_is_drawn_as_far_as_it_is_computed(run: Any) -> None:
    stepper = rnnviz.Stepper(torch.nn.GRU(3, 4), torch.randn(5, 1, 3))
    stepper.step()
    rnnviz.figure(stepper.trace)
    with pytest.raises(UsageError, match="step: expected 0 to 1, got 2"):
        rnnviz.figure(stepper.trace, step=2)


def test_options_by_name(run: Any) -> None:
    hidden = rnnviz.figure(run, "trajectories")._repr_svg_()
    assert rnnviz.figure(run, "trajectories", tensor="c", layer=1)._repr_svg_() != hidden
    with pytest.raises(UsageError, match="trajectories has no option 'colour': expected one of"):
        rnnviz.figure(run, "trajectories", colour="red")
    with pytest.raises(UsageError, match="tensor: expected one of h, c, i, f, g, o, got 'r'"):
        rnnviz.figure(run, "trajectories", tensor="r")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"figure": "bent"}, "there is no figure 'bent': expected one of unrolled, "),
        ({"step": 6}, "step: expected 0 to 5, got 6"),
        ({"step": -1}, "step: expected 0 to 5, got -1"),
        ({"step": 1.5}, "step: expected 0 to 5, got 1.5"),
        ({"sequence": 2}, "sequence: expected 0 to 1, got 2"),
        ({"step": "3"}, "step: expected 0 to 5, got '3'"),
        ({"sequence": 1.5}, "sequence: expected 0 to 1, got 1.5"),
        ({"sequence": "all"}, "sequence: expected 0 to 1, got 'all'"),
        ({"dpi": 0}, "dpi: expected 10 to 2400, got 0"),
        ({"dpi": "high"}, "dpi: expected a number, got 'high'"),
    ],
)
def test_wrong_arguments(run: Any, tmp_path: Path, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        rnnviz.export(run, tmp_path / "out.svg", **arguments)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("other", [None, torch.nn.LSTM(3, 4), "out.svg"])
def test_a_picture_of_no_run(other: Any) -> None:
    with pytest.raises(UsageError, match="run: expected what `trace` returned, got a"):
        rnnviz.figure(other)


@pytest.mark.parametrize("name", ["out.gif", "out", "no/such/folder/out.svg"])
def test_paths_that_cannot_be_written(run: Any, tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError):
        rnnviz.export(run, tmp_path / name)


def test_show_refuses_what_does_not_fit_before_any_window() -> None:
    with pytest.raises(rnnviz.InputError, match="input"):
        rnnviz.show(torch.nn.GRU(3, 4), torch.randn(5, 2, 7))
    with pytest.raises(rnnviz.SpecError, match="module"):
        rnnviz.show(torch.nn.Linear(3, 4), torch.randn(5, 3))  # type: ignore[arg-type]


def test_show_without_a_display_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("rnnviz.display._found_missing", [])
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(rnnviz.RnnvizError, match="no display"):
        rnnviz.show(torch.nn.GRU(3, 4), torch.randn(5, 3))


def test_a_picture_compares_a_run_with_its_original(run: Any, tmp_path: Path) -> None:
    torch.manual_seed(0)
    module, x = torch.nn.LSTM(3, 4, num_layers=2), torch.randn(5, 2, 3)
    forced = rnnviz.trace(module, x, clamps=[rnnviz.Clamp("f", 1.0)])
    for name in RUN_FIGURES:
        made = rnnviz.figure(forced, name, step=4, original=run, showing="difference")
        assert "− original" in made._repr_svg_()
        assert "original" in rnnviz.figure(forced, name, original=run, showing="old")._repr_svg_()
    rnnviz.export(forced, tmp_path / "a.svg", original=run, showing="difference")
    assert "Δ = new − original" in (tmp_path / "a.svg").read_text("utf-8")
    old = rnnviz.figure(forced, step=2, original=run, showing="old").scene
    assert old.title.endswith(", original")


def test_the_original_may_be_computed_less_far() -> None:
    module, x = torch.nn.GRU(2, 3), torch.randn(6, 1, 2)
    stepper = rnnviz.Stepper(module, x)
    stepper.seek(2)
    run = rnnviz.trace(module, x)
    for showing in ("new", "old", "difference"):
        for name in RUN_FIGURES:
            rnnviz.figure(run, name, original=stepper.trace, showing=showing)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"showing": "difference"}, "original: expected the run to compare with"),
        ({"showing": "old"}, "original: expected the run to compare with"),
        ({"showing": "both"}, "showing: expected one of new, old, difference, got 'both'"),
        ({"original": "run", "showing": "new"}, "original: expected what `trace` returned, got a"),
    ],
)
def test_a_comparison_that_cannot_be_is_explained(
    run: Any, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        rnnviz.figure(run, **given)


@pytest.mark.parametrize("showing", ["new", "old", "difference"])
def test_runs_of_other_shapes_are_not_compared(run: Any, showing: Any) -> None:
    longer = rnnviz.trace(torch.nn.LSTM(3, 4, num_layers=2), torch.randn(6, 2, 3))
    wider = rnnviz.trace(torch.nn.LSTM(3, 5, num_layers=2), torch.randn(5, 2, 3))
    other = rnnviz.trace(torch.nn.GRU(3, 4, num_layers=2), torch.randn(5, 2, 3))
    for original, what in ((longer, "lengths"), (wider, "hidden_size"), (other, "kind")):
        with pytest.raises(UsageError, match=f"original: the two runs differ in {what}: expected"):
            rnnviz.figure(run, original=original, showing=showing)
