"""While another run is computed, nothing is written of the one on show, which may be of another."""

from __future__ import annotations

from pathlib import Path

from rnnviz.element import Element
from rnnviz.session import Session
from tests.session.conftest import HeldRunner


def test_nothing_of_another_model_is_written(held: HeldRunner, tmp_path: Path) -> None:
    session = Session(held)
    session.open_example("hello")
    held.run_all()
    session.set_model(hidden_size=9)
    assert session.state.outdated
    session.save_script(tmp_path / "model.py")
    session.save_values(tmp_path / "h.npy", Element("h", layer=0, direction=0, t=0))
    held.run_all()
    assert "still being computed" in session.state.notice
    assert not session.state.outdated
    assert not list(tmp_path.iterdir())
    session.save_script(tmp_path / "model.py")
    held.run_all()
    assert (tmp_path / "model.py").exists()


def test_no_figure_is_shown_of_runs_that_do_not_fit_it(held: HeldRunner) -> None:
    session = Session(held)
    session.open_example("linear")
    held.run_all()
    session.open_example("lstm")
    session.show_figure("lookup")
    session.open_example("embedding")  # before there is any run of the other
    assert session.state.figure in session.state.figures
    assert session.state.undo_name
    held.run_all()
    assert session.state.figure == "lookup"
    session.set_option("lookup", "numbers", not session.state.options["lookup"].numbers)
    session.open_example("lstm")
    held.run_all()
    session.undo()  # the run is still of the other
    session.undo()
    assert session.state.figure in session.state.figures
    held.run_all()
    assert session.state.figure == "lookup"
