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
