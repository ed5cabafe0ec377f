"""Whole models in a session: what the document says is what torch's own modules compute."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from rnnviz.figures import get_figure
from rnnviz.figures.view import Frame
from rnnviz.model.pipeline import PipelineRun
from rnnviz.model.spec import ModelSpec
from rnnviz.scene.style import load_style
from rnnviz.session import Document, ImmediateRunner, Session, edits
from rnnviz.session.parts import FRONT_KINDS, FrontPart, HeadPart
from rnnviz.session.running import run_of


@pytest.fixture
def words() -> Session:
    """Six letters, a table, an LSTM, a head and a loss."""
    session = Session(ImmediateRunner())
    session.open_example("lstm")
    session.set_text("hello ", "characters")
    session.set_head(True)
    session.set_loss("cross_entropy")
    return session


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Documents of every kind of front, cell, head and loss, in float64."""
    spec = ModelSpec(
        cell=draw(st.sampled_from(["RNN", "LSTM", "GRU"])),
        input_size=draw(st.integers(1, 4)),
        hidden_size=draw(st.integers(2, 4)),
        num_layers=draw(st.integers(1, 2)),
        bidirectional=draw(st.booleans()),
        batch_first=draw(st.booleans()),
        dtype="float64",
        seed=draw(st.integers(0, 5)),
    )
    N, L = draw(st.integers(1, 3)), draw(st.integers(1, 4))  # noqa: N806
    kind = draw(st.sampled_from([*FRONT_KINDS, None]))
    front = None
    if kind is not None:
        size = draw(st.integers(2, 5))
        bare = kind == "one_hot" and draw(st.booleans())
        front = FrontPart(kind, size, None if bare else spec.input_size, bias=kind == "linear")
        spec = spec.with_changes(input_size=front.out)
    document = Document(spec, np.zeros((N, L, 0)), (L,) * N, front=front)
    if draw(st.booleans()):
        document = edits.fitted(document, spec, N, L)
        lengths = tuple(sorted(draw(st.lists(st.integers(1, L), min_size=N, max_size=N))))[::-1]
        document = edits.with_packed(Document(**{**vars(document), "lengths": lengths}), True)
    head = None
    if draw(st.booleans()):
        place = draw(st.sampled_from(["every", "last", "h_n"]))
        head = HeadPart(draw(st.integers(2, 4)), on=place, bias=draw(st.booleans()))
    loss = draw(st.sampled_from(["cross_entropy", "mse", None]))
    whole = Document(**{**vars(document), "head": head, "loss": loss})
    return edits.fitted(whole, spec, N, L)


@settings(max_examples=60, deadline=None)
@given(documents())
def test_a_document_computes_what_the_modules_compute(document: Document) -> None:
    edits.check(document)
    run = run_of(document)
    if document.is_plain:
        return
    assert isinstance(run, PipelineRun)
    assert run.module_difference is not None
    assert run.module_difference < 1e-12
    if document.loss is None:
        return
    gradients, pipeline = run.backward(), run.pipeline
    targets = run.tensors["targets"].tensor
    batch = next(iter(run.tensors.values())).tensor
    lengths = document.lengths if document.packed else None
    pipeline.forward_loss(batch, targets, lengths=lengths).backward()  # type: ignore[no-untyped-call]
    for name, parameter in pipeline.named_parameters():
        if parameter.grad is not None:
            torch.testing.assert_close(gradients.weights[name], parameter.grad, atol=1e-12, rtol=0)


def test_hello_is_a_script_of_five_lines(words: Session) -> None:
    """The numbers on screen are those of the modules a person would write down."""
    document = words.state.document
    torch.manual_seed(document.spec.seed)
    embedding = nn.Embedding(5, 4)
    torch.manual_seed(document.spec.seed)
    lstm = nn.LSTM(4, 8, 2, batch_first=True)
    head = nn.Linear(8, 5)
    ids = torch.tensor([[0, 1, 2, 2, 3, 4]])
    scores = head(lstm(embedding(ids))[0])
    pr = words.state.pr
    assert pr is not None
    assert pr.scores is not None
    assert pr.loss is not None
    torch.testing.assert_close(pr.scores, scores, atol=1e-6, rtol=0)
    targets = torch.tensor([1, 2, 2, 3, 4, -100])
    loss = functional.cross_entropy(scores.view(-1, 5), targets)
    torch.testing.assert_close(pr.loss, loss, atol=1e-6, rtol=0)


def test_the_way_back_is_stepped_and_left_again(words: Session) -> None:
    words.set_returning(True)
    state = words.state
    assert (state.position, state.returned) == (6, 0)
    words.step()
    words.step()
    assert words.state.returned == 2
    words.seek(1)
    assert words.state.returned == 5
    words.last()
    assert words.state.returned == words.state.steps_back == 6
    words.first()
    words.back()
    assert words.state.returned is None
    assert words.state.position == 6


def test_the_way_back_of_a_shorter_run_is_no_longer_than_that(words: Session) -> None:
    words.set_steps(2)
    words.undo()
    words.set_returning(True)
    words.last()
    assert words.state.returned == 6
    words.redo()
    assert words.state.returned == words.state.steps_back == 2


def test_a_packed_batch_may_be_padded_beyond_its_longest_sequence(words: Session) -> None:
    words.set_sequence_count(2)
    words.set_packed(True)
    for sequence, length in ((1, 3), (0, 4)):
        words.set_length(sequence, length)
    state = words.state
    assert (state.document.L, state.document.lengths) == (6, (4, 3))
    for name in state.figures:
        scene = get_figure(name).build(
            state.view(), state.options[name], Frame(0, 0, 900, 600), load_style("light")
        )
        assert scene.marks, name


def test_without_a_loss_there_is_no_way_back(words: Session) -> None:
    words.set_loss(None)
    words.set_returning(True)
    assert words.state.returned is None
    assert "loss" in words.state.notice


def test_an_edit_of_the_table_shows_in_the_difference(words: Session) -> None:
    before = words.state.pr
    words.set_weight("embedding.weight", 1, 2, 3.5)
    assert words.changes()[0].text == "embedding.weight[1, 2] → 3.5"
    words.show_comparison("difference")
    around = words.state.view().around
    after = words.state.pr
    assert around is not None
    assert before is not None
    assert after is not None
    assert after.scores is not None
    assert before.scores is not None
    torch.testing.assert_close(around.pr.scores, after.scores - before.scores)
    words.discard_edits()
    assert words.state.original_pr is None


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (lambda s: s.set_token(0, 2, "9"), "ids"),
        (lambda s: s.set_token(0, 2, "x"), "token"),
        (lambda s: s.set_target((0, 1), 7), "targets"),
        (lambda s: s.set_target((0, 1), 1.5), "targets"),
        (lambda s: s.set_head_fields(activation="sigmoid"), "activation"),
        (lambda s: s.set_front_fields(size=2), "num_embeddings"),
        (lambda s: s.set_table(np.full((5, 4), np.nan)), "embedding.weight"),
        (lambda s: s.set_table(np.zeros((3, 4))), "num_embeddings"),
        (lambda s: s.set_text("\n", "words"), "text"),
    ],
)
def test_what_does_not_fit_is_told_and_nothing_lost(
    words: Session, edit: object, field: str
) -> None:
    document, pr = words.state.document, words.state.pr
    edit(words)  # type: ignore[operator]
    assert list(words.state.problems) == [field]
    assert words.state.document is document
    assert words.state.pr is pr


def test_without_recurrent_layers_timesteps_are_counted(words: Session) -> None:
    words.set_recurrent(False)
    state = words.state
    assert state.run is None
    assert state.ready
    assert state.view().trace is None
    assert state.total == 6
    words.first()
    words.step()
    assert words.state.position == 1
    assert words.state.view().has_scores(0, 0)
    assert not words.state.view().has_scores(1, 0)
    assert words.state.figure in words.state.figures
    words.undo()
    assert words.state.run is not None


def test_a_rival_and_jacobians_come_when_they_are_asked_for(words: Session) -> None:
    words.show_figure("gradients")
    words.set_option("gradients", "compare", "GRU")
    rival = words.state.rival
    assert rival is not None
    assert rival.pr.run is not None
    assert rival.pr.run.kind == "GRU"
    words.set_option("gradients", "jacobian", True)
    assert words.state.jacobians is not None
    words.show_figure("unrolled")
    assert words.state.rival is None
    assert words.state.jacobians is None


def test_growing_a_text_keeps_the_rows_of_its_tokens(words: Session) -> None:
    table = np.arange(20.0).reshape(5, 4)
    words.set_table(table)
    words.set_text("hello there", "characters")
    vocabulary, weights = words.state.document.vocabulary, words.state.document.weights
    assert vocabulary is not None
    assert vocabulary.tokens == ("h", "e", "l", "o", " ", "t", "r")
    np.testing.assert_array_equal(weights["embedding.weight"][:5], table)
    assert words.state.document.front is not None
    assert words.state.document.front.size == 7


def test_sequences_of_unequal_length_are_packed_and_padding_counts_in_no_loss(
    words: Session,
) -> None:
    words.set_text("hello\nhe", "characters")
    document, pr = words.state.document, words.state.pr
    assert document.packed
    assert document.lengths == (5, 2)
    assert pr is not None
    assert pr.tensors["counts"].tensor.tolist() == [True] * 4 + [False] + [True] + [False] * 4


def test_a_decoder_is_added_stepped_and_taken_away() -> None:
    session = Session(ImmediateRunner())
    session.open_example("lstm")
    session.set_text("abc\nba", "characters")
    session.set_decoding(True)
    document = session.state.document
    assert not session.state.problems
    assert document.vocabulary is not None
    assert document.vocabulary.tokens == ("a", "b", "c", "<start>", "<end>")
    assert document.targets is not None
    assert document.targets.tolist() == [[2, 1, 0, 4], [0, 1, 4, -100]]
    session.last()
    assert session.state.decoder_steps == session.state.decoder_total == 4
    session.back()
    assert session.state.decoder_steps == 3
    session.set_returning(True)
    for _ in range(7):
        session.step()
    assert session.state.returned == session.state.steps_back == 7
    session.set_decoding(False)
    assert session.state.document.decoder is None
    assert session.state.pr is not None
    session.set_front(None)
    session.set_decoding(True)
    assert list(session.state.problems) == ["decoder"]
