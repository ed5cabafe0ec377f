"""The vocabulary edited, the weights drawn anew, targets and ids from files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rnnviz.model.tokens import Vocabulary
from rnnviz.session import ImmediateRunner, Session
from rnnviz.session.parameters import parameter_count, parameter_listing, parameters


@pytest.fixture
def words() -> Session:
    """An embedding of four words before a small RNN."""
    session = Session(ImmediateRunner())
    session.open_example("lstm")
    session.set_model(cell="RNN", num_layers=1)
    session.set_text("a b c a\nb d", "words")
    assert not session.state.problems
    return session


def test_a_renamed_token_keeps_its_ids_and_its_row(words: Session) -> None:
    known = words.state.document.vocabulary
    assert known is not None
    table = np.arange(16.0).reshape(4, 4)
    words.set_table(table)
    before = words.state.document.values
    words.set_vocabulary(known.renaming("b", "bee"), rows=(0, 1, 2, 3))
    document = words.state.document
    assert not words.state.problems
    np.testing.assert_array_equal(document.values, before)
    np.testing.assert_array_equal(document.weights["embedding.weight"], table)


def test_a_moved_and_renamed_token_takes_its_row_along(words: Session) -> None:
    table = np.arange(16.0).reshape(4, 4)
    words.set_table(table)
    words.set_vocabulary(Vocabulary(("z", "a", "b", "c"), padding="z"), rows=(3, 0, 1, 2))
    document = words.state.document
    assert not words.state.problems
    np.testing.assert_array_equal(document.weights["embedding.weight"], table[[3, 0, 1, 2]])
    np.testing.assert_array_equal(document.values[0, :, 0], [1, 2, 3, 1])
    np.testing.assert_array_equal(document.values[1, :2, 0], [2, 0])


def test_a_token_in_use_cannot_go_without_an_unknown_one(words: Session) -> None:
    known = words.state.document.vocabulary
    assert known is not None
    words.set_vocabulary(known.removing("c"))
    assert "'c'" in words.state.problems["vocabulary"]
    words.set_vocabulary(Vocabulary(("a", "b", "d"), unknown="d"))
    assert not words.state.problems
    assert words.state.document.values[0, 2, 0] == 2


def test_one_hot_rows_are_as_long_as_the_vocabulary(words: Session) -> None:
    words.set_front("one_hot", linear=False)
    assert words.state.document.spec.input_size == 4
    words.set_text("a b c d e", "words")
    assert not words.state.problems
    assert words.state.document.spec.input_size == 5
    words.set_front("one_hot")
    assert words.state.document.spec.input_size == 4


def test_the_weights_are_drawn_again(words: Session) -> None:
    words.set_table(np.ones((4, 4)))
    words.set_weight("weight_hh_l0", 0, 0, 3.0)
    words.draw_weights()
    document = words.state.document
    assert not document.weights
    assert not document.weight_edits
    words.undo()
    assert words.state.document.weights


def test_targets_come_from_a_file(words: Session, tmp_path: Path) -> None:
    words.set_head(True)
    words.set_loss("cross_entropy")
    file = tmp_path / "labels.csv"
    file.write_text("1,2,3,0\n2,0,-100,-100\n")
    words.load_targets(file)
    assert not words.state.problems
    targets = words.state.document.targets
    assert targets is not None
    assert targets[0].tolist() == [1, 2, 3, 0]
    for text, said in (
        ("1,2,3\n1,2,3\n", "shape (2, 4), got shape (2, 3)"),
        ("1,2,3,9\n1,1,1,1\n", "9 at (0, 3)"),
        ("1,2,3,0.5\n1,1,1,1\n", "0.5 at (0, 3)"),
    ):
        file.write_text(text)
        words.load_targets(file)
        assert said in words.state.problems["targets"]
        assert words.state.document.targets is targets


def test_targets_of_one_timestep_are_one_column(words: Session, tmp_path: Path) -> None:
    words.set_head(True)
    words.set_head_fields(on="last")
    words.set_loss("cross_entropy")
    np.save(tmp_path / "labels.npy", np.array([2, 1]))
    words.load_targets(tmp_path / "labels.npy")
    targets = words.state.document.targets
    assert targets is not None
    assert targets.tolist() == [2, 1]


def test_ids_come_from_a_file(words: Session, tmp_path: Path) -> None:
    np.save(tmp_path / "ids.npy", np.array([[3, 2, 1], [0, 0, 0]]))
    words.load_ids(tmp_path / "ids.npy")
    assert not words.state.problems
    assert words.state.document.values[:, :, 0].tolist() == [[3, 2, 1], [0, 0, 0]]
    np.save(tmp_path / "ids.npy", np.array([3, 4]))
    words.load_ids(tmp_path / "ids.npy")
    assert "4 at t = 2" in words.state.problems["ids"]
    (tmp_path / "text.txt").write_text("a b c\nb d")
    words.load_ids(tmp_path / "text.txt")
    assert not words.state.problems
    assert words.state.document.lengths == (3, 2)


def test_the_parameters_are_listed_as_torch_lists_them(words: Session) -> None:
    words.set_front(None)
    words.set_model(cell="RNN", input_size=100, hidden_size=10, num_layers=1)
    document = words.state.document
    assert parameters(document) == {
        "weight_ih_l0": (10, 100),
        "weight_hh_l0": (10, 10),
        "bias_ih_l0": (10,),
        "bias_hh_l0": (10,),
    }
    assert parameter_count(document) == document.spec.parameter_count == 1120
    assert parameter_listing(document).splitlines()[0] == "weight_ih_l0  (10, 100)"
    words.set_head(True)
    assert parameter_count(words.state.document) == 1120 + 5 * 10 + 5
