"""Files that are opened and saved: sessions, recordings, weights; and models from a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import rnnviz
from rnnviz.element import Element
from rnnviz.errors import SpecError
from rnnviz.files.found import Finding
from rnnviz.session.incoming import FoundArrays
from rnnviz.session.opened import of_model
from rnnviz.session.runner import ImmediateRunner
from rnnviz.session.session import Session
from tests.session.conftest import HeldRunner


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session(ImmediateRunner())
    made.open_example("lstm")
    yield made
    made.close()


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.LSTM(3, 4, num_layers=2, bidirectional=True)
        self.second = nn.GRU(8, 2)

    def forward(self, x: Tensor) -> Any:
        return self.second(self.first(x)[0])


def test_a_session_is_saved_and_comes_back(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "mine.rnnviz"
    assert not session.state.unsaved
    session.set_weight("weight_hh_l0", 0, 0, 2.0)
    session.seek(2)
    assert session.state.unsaved
    session.save(path)
    assert not session.state.unsaved
    assert session.state.path == path
    output = session.state.whole.output  # type: ignore[union-attr]

    other = Session(ImmediateRunner())
    other.open_file(path)
    state = other.state
    assert torch.equal(state.whole.output, output)  # type: ignore[union-attr]
    assert (state.path, state.position, state.unsaved) == (path, 2, False)
    assert state.original_document is not None
    assert state.original is not None
    assert [change.text for change in other.changes()] == ["weight_hh_l0[0, 0] → 2"]


def test_undo_after_opening_writes_into_no_file_of_another(
    session: Session, tmp_path: Path
) -> None:
    session.save(tmp_path / "one.rnnviz")
    session.open_example("gru-unsorted")
    assert session.state.path is None
    session.undo()
    assert session.state.path == tmp_path / "one.rnnviz"
    session.redo()
    assert session.state.path is None


def test_what_cannot_be_opened_is_said_and_nothing_changes(
    session: Session, tmp_path: Path
) -> None:
    before = session.state
    (tmp_path / "bad.rnnviz").write_bytes(b"PK\x03\x04 and so on")
    for name in ("bad.rnnviz", "missing.pt"):
        session.open_file(tmp_path / name)
        state = session.state
        assert name in state.problems["file"]
        assert (state.document, state.run, state.path) == (before.document, before.run, None)
    session.save(tmp_path / "no" / "folder.rnnviz")
    assert "does not exist" in session.state.problems["file"]
    assert session.state.path is None


def test_what_was_selected_is_selected_again_with_its_run(
    session: Session, held: HeldRunner, tmp_path: Path
) -> None:
    chosen = Element("h", layer=1, direction=0, t=2, sequence=0, unit=3)
    session.select(chosen)
    session.save(tmp_path / "two-layers.rnnviz")
    other = Session(held)
    other.open_example("embedding-rnn")
    held.run_all()
    assert other.state.document.spec.num_layers == 1
    seen = []
    other.subscribe(lambda _, new: seen.append((new.selection, new.run)))
    other.open_file(tmp_path / "two-layers.rnnviz")
    held.run_all()
    assert other.state.selection == chosen
    assert all(run.num_layers == 2 for selection, run in seen if selection is not None and run)


def test_a_name_that_no_file_can_have_is_said(session: Session, tmp_path: Path) -> None:
    for name in ("a\0b.rnnviz", "a\ud800b.rnnviz"):
        for deed in (session.open_file, session.save):
            deed(tmp_path / name)
            assert session.state.problems["file"].endswith("its name is not allowed")
            session.dismiss_problems()


def test_a_model_from_a_script_offers_all_that_is_inside(session: Session) -> None:
    model, x = Model(), torch.randn(5, 2, 3)
    session.open_several(of_model(model, x))
    opened = session.state.opened
    assert opened is not None
    assert opened.names == ("first: nn.LSTM(3, 4)", "second: nn.GRU(8, 2)")
    between = model.first(x)[0]
    assert torch.allclose(session.state.whole.output, between, atol=1e-6)  # type: ignore[union-attr]
    session.set_weight("weight_hh_l0", 0, 0, 2.0)
    session.choose(1)
    assert torch.allclose(session.state.whole.output, model(x)[0], atol=1e-6)  # type: ignore[union-attr]
    session.choose(0)
    assert session.state.document.weight_edits
    with pytest.raises(SpecError, match="inside"):
        of_model(nn.Linear(1, 1), x)


def test_a_recording_opens_with_all_its_batches(session: Session, tmp_path: Path) -> None:
    model, path = Model(), tmp_path / "run.rnnviz"
    with rnnviz.record(model, path, {0, 1}):
        model(torch.randn(5, 2, 3))
        last = model(torch.randn(4, 1, 3))[0]
    session.open_file(path)
    opened = session.state.opened
    assert opened is not None
    assert opened.names[-1] == "batch 1, second: nn.GRU(8, 2)"
    session.choose(3)
    assert torch.allclose(session.state.whole.output, last, atol=1e-6)  # type: ignore[union-attr]


def test_edits_of_several_documents_are_known_until_each_is_saved(
    session: Session, tmp_path: Path
) -> None:
    opened = of_model(Model(), torch.randn(5, 2, 3))
    first, second = opened.names[:2]
    session.open_several(opened)
    session.set_value(0, 0, 0, 9.0)
    session.choose(1)
    assert session.state.edited_beside == (first,)
    assert not session.state.unsaved_here
    assert session.state.unsaved
    session.save(tmp_path / "second.rnnviz")
    assert f"holds “{second}” alone" in session.state.notice
    assert session.state.unsaved
    session.choose(0)
    assert session.state.document.values[0, 0, 0] == 9.0
    assert session.state.unsaved_here
    session.save(tmp_path / "first.rnnviz")
    assert not session.state.unsaved
    session.choose(1)
    assert not session.state.unsaved


def test_weights_are_offered_and_opened_with_what_was_answered(
    session: Session, tmp_path: Path
) -> None:
    module = nn.RNN(4, 3, num_layers=2, nonlinearity="relu", batch_first=True)
    path = tmp_path / "model.pt"
    torch.save({"model": {f"rnn.{k}": v for k, v in module.state_dict().items()}}, path)
    session.open_file(path)
    found = session.state.found
    assert isinstance(found, Finding)
    (chain,) = found.chains
    session.open_chain(found, chain, nonlinearity="relu", batch_first=True, dropout=0.0)
    document = session.state.document
    assert session.state.found is None
    assert document.spec.nonlinearity == "relu"
    given = torch.tensor(document.values, dtype=torch.float32)
    given = given[0] if document.unbatched else given
    assert torch.allclose(session.state.whole.output, module(given)[0], atol=1e-6)  # type: ignore[union-attr]


def test_stacks_that_do_not_fit_one_module_open_as_a_row(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    model = Model()
    from rnnviz.files.saving import save_weights

    save_weights(path, {k: v.numpy() for k, v in model.state_dict().items()})
    session.open_file(path)
    found = session.state.found
    assert isinstance(found, Finding)
    for chain in found.chains:
        session.open_chain(found, chain)
        assert session.state.run is not None
        assert not session.state.problems


def test_arrays_alone_are_offered_as_arrays(session: Session, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((5, 3)))
    session.open_file(tmp_path / "x.npy")
    assert isinstance(session.state.found, FoundArrays)
    session.dismiss_found()
    assert session.state.found is None
