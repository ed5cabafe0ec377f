"""What is saved for other programs: weights, values, a script; and arrays that become an input."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from rnnviz.element import Element
from rnnviz.session.array_input import axes_choices, axes_words
from rnnviz.session.incoming import FoundArrays
from rnnviz.session.runner import ImmediateRunner
from rnnviz.session.session import Session
from rnnviz.session.shapes import chain_of, chain_text
from tests.session.test_stacks import by_torch, row


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session(ImmediateRunner())
    made.open_example("lstm")
    yield made
    made.close()


def output_of(session: Session) -> Tensor:
    whole = session.state.whole
    assert whole is not None
    output = whole.output
    assert isinstance(output, Tensor)
    return output


@pytest.mark.parametrize("ending", [".pt", ".safetensors"])
def test_weights_load_into_the_module_again(session: Session, tmp_path: Path, ending: str) -> None:
    session.set_weight("weight_hh_l0", 0, 1, 2.5)
    path = tmp_path / f"weights{ending}"
    session.save_weights(path)
    assert not session.state.problems
    assert str(path) in session.state.notice
    state = load_file(path) if ending != ".pt" else torch.load(path, weights_only=True)
    module = session.state.document.spec.build()
    module.load_state_dict(state)
    assert module.weight_hh_l0[0, 1] == 2.5
    whole = session.state.whole
    assert whole is not None
    assert all(torch.equal(weight, state[name]) for name, weight in whole.weights.items())


def test_weights_of_a_whole_model_bear_the_names_of_its_parts(
    session: Session, tmp_path: Path
) -> None:
    session.open_example("hello")
    session.save_weights(tmp_path / "hello.pt")
    pr = session.state.pr
    assert pr is not None
    state = torch.load(tmp_path / "hello.pt", weights_only=True)
    assert set(state) == set(pr.pipeline.weights())
    whole = nn.ModuleDict(pr.pipeline.modules)
    whole.load_state_dict(state)


def test_weights_of_several_stacks_bear_theirs(session: Session, tmp_path: Path) -> None:
    session._open(row(), 3, None, "unrolled")
    session.show_stack(1)
    session.save_weights(tmp_path / "row.pt")
    state = torch.load(tmp_path / "row.pt", weights_only=True)
    assert {name.partition(".")[0] for name in state} == {"first", "second", "third"}
    session.open_file(tmp_path / "row.pt")
    assert session.state.found is not None


def test_values_are_saved_of_one_sequence_or_of_all(session: Session, tmp_path: Path) -> None:
    session.open_example("packed-rnn")
    whole = session.state.whole
    assert whole is not None
    h = whole.states(0, 0).h.numpy()
    at = Element("h", 0, 0, 1, 1, 2)
    session.save_values(tmp_path / "h.csv", at)
    session.save_values(tmp_path / "all.npy", at, whole=True)
    length = session.state.document.lengths[1]
    lines = (tmp_path / "h.csv").read_text().splitlines()
    assert lines[0].startswith("h[0],h[1],")
    assert np.array_equal(np.loadtxt(lines[1:], delimiter=",").astype(h.dtype), h[:length, 1])
    assert np.array_equal(np.load(tmp_path / "all.npy"), h, equal_nan=True)
    for name in ("x", *whole.cell.gates, "weight_hh_l0", "bias_ih_l0"):
        session.save_values(tmp_path / f"{name}.csv", Element(name, 0, 0, 1, 1, 2))
        assert (tmp_path / f"{name}.csv").exists(), session.state.problems
    session.save_values(tmp_path / "h_n.csv", Element("h_n", 0, 0, sequence=1, unit=2))
    assert "a table has two axes" in session.state.problems["file"]


def test_values_around_are_saved_too(session: Session, tmp_path: Path) -> None:
    session.open_example("hello")
    pr = session.state.pr
    assert pr is not None
    for name in ("embedded", "scores", "probabilities", "targets", "loss"):
        if name in pr.tensors:
            session.save_values(tmp_path / f"{name}.npy", Element(name, t=1, sequence=0, unit=0))
            assert not session.state.problems
    scores = np.load(tmp_path / "scores.npy")
    assert np.array_equal(scores, pr.grid("scores")[:, 0].detach().numpy())


def test_what_cannot_be_written_is_said(session: Session, tmp_path: Path) -> None:
    session.save_weights(tmp_path / "none" / "w.pt")
    assert "does not exist" in session.state.problems["file"]
    session.save_script(tmp_path)
    assert "folder" in session.state.problems["file"]
    session.save_values(tmp_path / "v.npy", Element("nothing"))
    assert "no values" in session.state.problems["file"]


def printed(path: Path) -> str:
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=True)
    return done.stdout


def test_a_script_with_large_weights_has_a_file_beside_it(session: Session, tmp_path: Path) -> None:
    session.set_model(hidden_size=24)
    session.set_weight("weight_hh_l0", 0, 0, 1.5)
    path = tmp_path / "model.py"
    session.save_script(path)
    assert (tmp_path / "model_tensors.pt").exists()
    assert "unpacked" not in path.read_text()
    torch.set_printoptions(precision=4)
    assert f"output {output_of(session)}" in printed(path)


def test_a_script_of_megabytes_is_not_pasted(session: Session) -> None:
    copied: list[str] = []
    session.set_model(hidden_size=300)
    session.write_script(copied.append)
    (drawn,) = copied  # as the module is drawn by torch, it takes a line
    assert "unpacked" not in drawn
    session.set_weight("weight_hh_l0", 0, 0, 1.5)
    session.write_script(copied.append)
    assert len(copied) == 1
    assert "Save script" in session.state.notice


def test_the_script_of_a_row_computes_all_of_it(session: Session, tmp_path: Path) -> None:
    session._open(row(), 3, None, "unrolled")
    session.show_stack(2)
    session.save_script(tmp_path / "row.py")
    text = printed(tmp_path / "row.py")
    assert f"output {output_of(session)}" in text
    assert torch.allclose(output_of(session), by_torch(row()), atol=1e-12)
    assert chain_text(chain_of(session.state)) == (
        "input (L, N, H_in) = (7, 2, 3) → first_output (7, 2, 10) → second_output (7, 2, 4)"
        " → output (7, 2, 6), h_n (1, 2, 6)"
    )


def test_what_a_later_stack_receives_is_named_after_the_one_before(session: Session) -> None:
    from rnnviz.session.account import account_of

    session._open(row(), 3, None, "unrolled")
    session.show_stack(1)
    told = account_of(session.state).describe(Element("x", 0, 0, 1, 0, 2))
    assert told.code[0] == "first_output[1, 0]"
    assert told.note == "The output of first, the stack before."
    assert not any("input[" in line for line in told.code)


# Arrays


def test_an_array_becomes_the_input_its_axes_as_said(session: Session, tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(3, 9, 4))
    np.savez(tmp_path / "batch.npz", x=x, lengths=np.array([9, 4, 2]))
    session.load_array(tmp_path / "batch.npz", "x", "NLH", lengths="lengths")
    document = session.state.document
    assert np.array_equal(document.values, x)
    assert document.lengths == (9, 4, 2)
    assert document.packed
    session.load_array(tmp_path / "batch.npz", "x", "LNH")
    assert np.array_equal(session.state.document.values, x.swapaxes(0, 1))


def test_lengths_that_do_not_fit_are_refused(session: Session, tmp_path: Path) -> None:
    before = session.state.document
    np.savez(tmp_path / "b.npz", x=np.zeros((3, 9, 4)), lengths=np.array([9, 10, 2]))
    session.load_array(tmp_path / "b.npz", "x", "NLH", lengths="lengths")
    assert session.state.document is before
    assert "1 to 9" in session.state.problems["lengths"]


def test_targets_are_turned_to_how_they_are_taken(session: Session, tmp_path: Path) -> None:
    session.open_example("hello")
    document = session.state.document
    assert document.targets is not None
    given = np.zeros((document.L, document.N), np.int64)
    torch.save({"y": torch.from_numpy(given)}, tmp_path / "y.pt")
    session.find_arrays(tmp_path / "y.pt", "targets")
    found = session.state.found
    assert isinstance(found, FoundArrays)
    (axes, *_) = axes_choices(document, found.arrays["y"].shape, "targets")
    session.load_array(tmp_path / "y.pt", "y", axes, "targets")
    assert not session.state.problems
    assert not session.state.document.targets.any()  # type: ignore[union-attr]


def test_the_likeliest_axes_come_first(session: Session) -> None:
    document = session.state.document
    features = document.features
    assert axes_choices(document, (features, 50), "input")[0] == "HL"
    assert axes_choices(document, (50, features), "input")[0] == "LH"
    assert axes_choices(document, (5, 6, 7, 8), "input") == ()
    assert axes_choices(document, (5, 6), "targets") == ()
    assert axes_words("LNH", (50, 8, 3)) == "timesteps (50), sequences (8), features (3)"


@pytest.mark.parametrize("ending", [".pt", ".safetensors"])
def test_weights_of_bfloat16_are_said_to_be_widened_and_are_the_same(
    session: Session, tmp_path: Path, ending: str
) -> None:
    session.set_model(dtype="bfloat16")
    path = tmp_path / f"weights{ending}"
    session.save_weights(path)
    assert "widened from bfloat16 to float32" in session.state.notice
    saved = torch.load(path) if ending == ".pt" else load_file(path)
    module = nn.LSTM(4, 8, 2, dtype=torch.bfloat16)
    module.load_state_dict(saved)
    state = session.state
    assert state.run is not None
    for name, weight in module.named_parameters():
        assert saved[name].dtype == torch.float32
        assert torch.equal(weight, state.run.weights[name])


@pytest.mark.parametrize("ending", [".npy", ".csv"])
def test_values_of_bfloat16_are_said_to_be_widened_and_are_the_same(
    session: Session, tmp_path: Path, ending: str
) -> None:
    session.set_model(dtype="bfloat16")
    path = tmp_path / f"h{ending}"
    session.save_values(path, Element("h", layer=0, direction=0, t=0, sequence=0, unit=0))
    assert "widened from bfloat16 to float32" in session.state.notice
    saved = np.load(path) if ending == ".npy" else np.loadtxt(path, delimiter=",", skiprows=1)
    whole = session.state.whole
    assert whole is not None
    assert np.array_equal(saved, whole.states(0).h[:, 0].float().numpy())


def test_of_other_dtypes_nothing_is_said(session: Session, tmp_path: Path) -> None:
    session.save_weights(tmp_path / "weights.pt")
    assert session.state.notice == f"wrote {tmp_path / 'weights.pt'}"
