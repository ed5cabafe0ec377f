"""Training in place: documents that fit their task, and what becomes of a training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz.model.training.spec import TrainingSpec
from rnnviz.model.training.tasks import Reverse
from rnnviz.session import Session
from rnnviz.session.binding import bind
from rnnviz.session.learning import Learner, as_given
from rnnviz.session.parts import DecoderPart, FrontPart, HeadPart
from rnnviz.session.tasks import task_of, with_task
from rnnviz.session.training_state import ALIGNED
from rnnviz.session.whatif import same_document
from tests.session.conftest import HeldRunner

QUICK = {"steps": 12, "every": 5, "lr": 0.05, "clip": 1.0}


@pytest.fixture
def learning(session: Session) -> Session:
    """A session whose document learns parity."""
    session.set_task("parity")
    return session


def trained(session: Session, **choices: object) -> Session:
    session.train(**{**QUICK, **choices})
    assert not session.state.problems
    return session


def with_decoder(session: Session) -> Session:
    """Makes the document an encoder of tokens with a decoder behind."""
    document = session.state.document
    task = Reverse(symbols=3, length=3)
    size = len(task.vocabulary)
    ids = np.array([[[3.0], [4.0], [5.0]]])
    spec = document.spec.with_changes(cell="GRU", input_size=4, num_layers=1, hidden_size=24)
    changed = replace(
        document,
        spec=spec,
        values=ids,
        lengths=(3,),
        front=FrontPart("embedding", size, 4, 0),
        vocabulary=task.vocabulary,
        head=HeadPart(size),
        loss="cross_entropy",
        targets=np.array([[5, 4, 3, 2]]),
        decoder=DecoderPart("GRU", 1, task.start_idx, task.end_idx),
    )
    session._edit("model", "decode", lambda _: changed)
    assert not session.state.problems
    return session


@pytest.mark.parametrize("key", ALIGNED)
@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_a_document_is_made_to_fit_a_task_in_one_edit(
    session: Session, cell: str, key: str
) -> None:
    session.set_model(cell=cell)
    before = session.state.document
    session.set_task(key)
    state = session.state
    assert not state.problems
    assert state.document.task == key
    assert (state.document.spec.cell, state.document.spec.hidden_size) == (cell, 8)
    assert state.pr is not None
    assert state.pr.loss is not None
    assert state.position == state.total
    assert task_of(state.document).out_features == state.document.head.out_features  # type: ignore[union-attr]
    assert state.undo_name == f"set the task to {key}"
    session.undo()
    assert session.state.document is before


@pytest.mark.parametrize("key", [key for key in ALIGNED if key != "next word"])
def test_a_sample_is_what_the_task_draws_from_the_documents_seed(
    session: Session, key: str
) -> None:
    session.set_sequence_count(3)
    session.set_task(key)
    document = session.state.document
    drawn = task_of(document).draw(3, torch.Generator().manual_seed(document.seed))
    assert document.lengths == (document.L,) * 3
    np.testing.assert_array_equal(document.values.reshape(drawn.input.shape), drawn.input)
    np.testing.assert_array_equal(document.targets, drawn.target)
    session.set_steps(9)
    if key in ("parity", "sine", "adding"):
        assert task_of(session.state.document).draw(1, torch.Generator()).input.shape[1] == 9
        assert session.state.pr is not None


def test_next_word_is_of_the_documents_own_text(session: Session) -> None:
    session.set_text("to be or not to be that is the question")
    values = session.state.document.values
    session.set_task("next word")
    document = session.state.document
    np.testing.assert_array_equal(document.values, values)
    task = task_of(document)
    assert task.text == "to be or not to be that is the question"  # type: ignore[attr-defined]
    assert document.targets is not None
    np.testing.assert_array_equal(document.targets[0, :-1], values[0, 1:, 0])
    assert document.targets[0, -1] == -100


def test_another_task_does_not_take_the_symbols_of_the_last_for_a_text(session: Session) -> None:
    session.set_task("copy")
    session.set_task("next word")
    assert "sun" in session.state.document.vocabulary.tokens  # type: ignore[union-attr]


def test_a_decoder_can_only_learn_to_reverse(session: Session) -> None:
    with_decoder(session).set_task("parity")
    assert "reverse" in session.state.problems["task"]
    session.set_task("reverse")
    document = session.state.document
    assert not session.state.problems
    assert document.decoder is not None
    assert document.vocabulary is not None
    assert document.vocabulary.tokens[document.decoder.start] == "<s>"
    assert session.state.decoded is not None


@pytest.mark.parametrize(
    ("key", "most", "lr"),
    [
        ("next word", 0.75, 0.02),
        ("copy", 0.55, 0.02),
        ("adding", 0.05, 0.02),
        ("parity", 0.1, 0.02),
        ("sine", 0.05, 0.02),
    ],
)
def test_each_task_is_learned(session: Session, key: str, most: float, lr: float) -> None:
    session.set_task(key)
    learner = Learner(
        session.state.document, TrainingSpec(lr=lr, steps=250, clip=1.0, seed=0), lambda: False
    )
    losses: list[float] = []
    ended = False
    while not ended:
        chunk = learner.chunk(wants_weights=False)
        losses += chunk.losses
        ended = chunk.ended
    assert len(losses) == 250
    assert np.mean(losses[-10:]) < most
    assert np.mean(losses[-10:]) < losses[0]


def test_own_input_and_targets_are_learned_by_heart(session: Session) -> None:
    session.set_head(True)
    session.set_loss("cross_entropy")
    trained(session, steps=60)
    training = session.state.training
    assert training is not None
    assert training.losses[-1] < 0.1 * training.losses[0]
    assert session.state.pr is not None
    assert float(session.state.pr.loss) < training.losses[0]  # type: ignore[arg-type]


def test_the_first_loss_is_that_of_the_picture(session: Session) -> None:
    session.set_head(True)
    session.set_loss("cross_entropy")
    session.set_initial("random")
    before = float(session.state.pr.loss)  # type: ignore[union-attr, arg-type]
    trained(session)
    assert session.state.training.losses[0] == pytest.approx(before, rel=1e-6)  # type: ignore[union-attr]


def test_what_is_learned_is_an_edit_compared_with_what_was_before(learning: Session) -> None:
    before, name = learning.state.document, learning.state.undo_name
    trained(learning)
    state = learning.state
    assert state.training is not None
    assert (state.training.step, state.training.shown, state.training.running) == (12, 12, False)
    assert state.training.snapshots == (0, 5, 10, 12)
    assert state.original_document is before
    assert state.original is not None
    assert state.undo_name == "train 12 steps"
    assert len(learning.changes()) == 1
    learning.undo()
    assert learning.state.document is before
    assert learning.state.original_document is None
    assert learning.state.undo_name == name
    assert learning.state.training.shown == 0  # type: ignore[union-attr]
    learning.redo()
    assert learning.state.original_document is before
    assert learning.state.training.shown == 12


def test_the_document_has_the_very_weights_that_were_learned(learning: Session) -> None:
    document = learning.state.document
    trained(learning)
    learner = Learner(document, learning.state.training.spec, lambda: False)  # type: ignore[union-attr]
    chunk = learner.chunk(wants_weights=True, seconds=60)
    assert chunk.ended
    assert chunk.weights is not None
    for name, values in as_given(chunk.weights).items():
        np.testing.assert_array_equal(learning.state.document.weights[name], values)
    module = bind(learning.state.document).module
    np.testing.assert_array_equal(
        module.get_parameter("weight_hh_l0").detach(), chunk.weights["recurrent.weight_hh_l0"]
    )


def test_any_snapshot_can_be_shown_and_all_are_one_edit(learning: Session) -> None:
    before = learning.state.document
    trained(learning)
    last = learning.state.document
    depth = len(learning.state.history.past)
    learning.show_snapshot(7)
    assert learning.state.training.shown == 5  # type: ignore[union-attr]
    assert not same_document(learning.state.document, last)
    learning.show_snapshot(0)
    assert learning.state.document is before
    assert learning.state.original_document is None
    learning.show_snapshot(12)
    assert same_document(learning.state.document, last)
    assert len(learning.state.history.past) == depth
    learning.undo()
    assert learning.state.document is before


def test_a_snapshot_keeps_what_was_edited_since(learning: Session) -> None:
    trained(learning)
    learning.set_value(0, 2, 0, 0.25)
    assert learning.state.training.shown is None  # type: ignore[union-attr]
    learning.show_snapshot(5)
    assert learning.state.document.values[0, 2, 0] == 0.25
    assert learning.state.training.shown == 5  # type: ignore[union-attr]


def test_keep_and_discard(learning: Session) -> None:
    before = learning.state.document
    trained(learning)
    learned = learning.state.document
    learning.keep_edits()
    assert learning.state.document is learned
    assert learning.state.original_document is None
    trained(learning)
    learning.discard_edits()
    assert same_document(learning.state.document, learned)
    assert not same_document(learning.state.document, before)


def test_equal_seeds_learn_the_same(learning: Session) -> None:
    trained(learning, seed=3)
    first = learning.state.training.losses.copy()  # type: ignore[union-attr]
    learning.undo()
    trained(learning, seed=3)
    np.testing.assert_array_equal(learning.state.training.losses, first)  # type: ignore[union-attr]
    learning.undo()
    trained(learning, seed=4)
    assert not np.array_equal(learning.state.training.losses, first)  # type: ignore[union-attr]


def test_training_leaves_torchs_generator_alone(learning: Session) -> None:
    torch.manual_seed(5)
    state = torch.get_rng_state()
    trained(learning)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("choices", "field"),
    [
        ({"lr": 0.0}, "lr"),
        ({"lr": "fast"}, "lr"),
        ({"steps": 0}, "steps"),
        ({"steps": 10**9}, "steps"),
        ({"clip": -1.0}, "clip"),
        ({"seed": -1}, "seed"),
        ({"batch_size": 0}, "batch_size"),
        ({"every": 0}, "every"),
        ({"optimizer": "adagrad"}, "optimizer"),
    ],
)
def test_choices_that_are_none_are_told_at_their_field(
    learning: Session, choices: dict[str, object], field: str
) -> None:
    learning.train(**choices)
    assert list(learning.state.problems) == [f"train.{field}"]
    assert learning.state.training is None


def test_without_a_loss_there_is_nothing_to_learn(session: Session) -> None:
    session.train(**QUICK)
    assert "a task" in session.state.problems["train.loss"]


def test_a_model_that_no_longer_fits_its_task_is_told(learning: Session) -> None:
    learning.set_head_fields(out_features=5)
    learning.train(**QUICK)
    assert "fits parity" in session_problem(learning)


def session_problem(session: Session) -> str:
    return next(iter(session.state.problems.values()))


def test_states_of_the_own_batch_are_none_for_batches_of_a_task(learning: Session) -> None:
    learning.set_initial("random")
    learning.train(**QUICK)
    assert "zeros" in learning.state.problems["train.h_0"]
    learning.set_initial("vector")
    trained(learning)


def test_a_loss_that_leaves_the_numbers_ends_at_the_last_good_snapshot(session: Session) -> None:
    session.set_head(True)
    session.set_loss("mse")
    before = session.state.document
    session.train(optimizer="sgd", lr=1e6, steps=50, every=1)
    training = session.state.training
    assert training is not None
    assert training.failed
    assert not training.running
    assert f"step {training.step + 1}" in training.message
    assert "first tensor that is not finite" in training.message
    assert np.isfinite(training.losses).all()
    weights = session.state.document.weights
    assert all(np.isfinite(values).all() for values in weights.values())
    assert training.shown == training.snapshots[-1]
    session.discard_edits()
    assert same_document(session.state.document, before)


# -- while it learns


@pytest.fixture
def under_way(held: HeldRunner) -> Session:
    """A session in the middle of a training, its runner held."""
    session = Session(held)
    session.open_example("lstm")
    held.run_all()
    session.set_task("parity")
    held.run_all()
    session.train(steps=100_000, every=50, lr=0.01)
    for _ in range(12):
        held.run_next()
    assert session.state.learns
    return session


def test_what_is_learned_is_on_show_while_it_learns(under_way: Session, held: HeldRunner) -> None:
    begun = under_way.state.document
    for _ in range(30):
        held.run_next()
    assert under_way.state.document is not begun
    assert under_way.state.undo_name.startswith("train ")
    assert len(under_way.state.history.past) == 2


def test_stopping_shows_the_last_step(under_way: Session, held: HeldRunner) -> None:
    under_way.stop_training()
    held.run_all()
    training = under_way.state.training
    assert training is not None
    assert not training.running
    assert training.message == f"stopped at step {training.step}"
    assert training.shown == training.step == training.snapshots[-1]


@pytest.mark.parametrize(
    "deed",
    [
        lambda session: session.undo(),
        lambda session: session.set_value(0, 0, 0, 0.5),
        lambda session: session.set_weight("weight_hh_l0", 0, 0, 0.5),
        lambda session: session.keep_edits(),
        lambda session: session.discard_edits(),
    ],
)
def test_other_edits_end_it_and_keep_what_it_brought(
    under_way: Session, held: HeldRunner, deed: object
) -> None:
    assert callable(deed)
    for _ in range(30):
        held.run_next()
    assert under_way.state.original_document is not None
    deed(under_way)
    assert not under_way.state.learns
    document = under_way.state.document
    held.run_all()
    assert under_way.state.document is document
    assert under_way.state.training is not None


@pytest.mark.parametrize(
    "deed",
    [
        lambda session: session.set_model(hidden_size=5),
        lambda session: session.open_example("packed-rnn"),
        lambda session: session.close(),
        lambda session: session.set_task("sine"),
    ],
)
def test_another_model_forgets_it(under_way: Session, held: HeldRunner, deed: object) -> None:
    assert callable(deed)
    deed(under_way)
    assert under_way.state.training is None
    held.run_all()
    assert under_way.state.training is None


def test_a_snapshot_looked_at_stays_on_show_until_the_newest_is_wanted(
    under_way: Session, held: HeldRunner
) -> None:
    for _ in range(40):
        held.run_next()
    under_way.show_snapshot(0)
    document = under_way.state.document
    for _ in range(20):
        held.run_next()
    assert under_way.state.document is document
    assert under_way.state.learns
    under_way.show_snapshot(10**9)
    for _ in range(30):
        held.run_next()
    assert under_way.state.document is not document
    under_way.close()


def test_a_second_training_replaces_the_first(under_way: Session, held: HeldRunner) -> None:
    under_way.train(steps=5)
    held.run_all()
    training = under_way.state.training
    assert training is not None
    assert training.step == training.spec.steps == 5


def test_an_encoder_and_a_decoder_learn_to_reverse(session: Session) -> None:
    with_decoder(session)
    session.set_task("reverse")
    session.set_steps(3)
    trained(session, steps=5)
    document = session.state.document
    assert {name.partition(".")[0] for name in document.weights} == {
        "embedding",
        "recurrent",
        "decoder",
        "head",
    }
    learner = Learner(
        document, TrainingSpec(lr=0.02, steps=250, clip=1.0, every=250), lambda: False
    )
    losses = learner.chunk(wants_weights=False, seconds=120).losses
    assert np.mean(losses[-10:]) < 0.75 * losses[0]


def test_with_task_leaves_a_document_as_it_is(session: Session) -> None:
    document = session.state.document
    assert with_task(document, "").values is document.values


def test_the_immediate_runner_is_not_asked_deeper_and_deeper(
    learning: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Learner.chunk, "__defaults__", (0.0,))  # one step at a time
    learning.train(steps=400, every=400)
    assert learning.state.training.step == 400  # type: ignore[union-attr]
