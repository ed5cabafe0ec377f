"""What opens is shown in its own figure as soon as its run can be, and not before."""

from __future__ import annotations

from rnnviz.session import Session
from rnnviz.session.examples import example_keys, get_example
from tests.session.conftest import HeldRunner


def opened(held: HeldRunner, key: str) -> Session:
    session = Session(held)
    session.open_example(key)
    held.run_all()
    return session


def test_no_state_has_a_figure_that_its_run_cannot_be_shown_in(held: HeldRunner) -> None:
    session = opened(held, "lstm")
    seen = []
    session.subscribe(lambda old, new: seen.append((new.figure, new.figures)))
    for key in (*example_keys(), *reversed(example_keys())):
        session.open_example(key)
        held.run_all()
        assert session.state.figure == get_example(key).figure
    while session.state.undo_name:
        session.undo()
        held.run_all()
    assert all(figure in figures for figure, figures in seen)
    assert session.state.figure == "unrolled"


def test_a_figure_chosen_meanwhile_stays(held: HeldRunner) -> None:
    session = opened(held, "lstm")
    session.open_example("reverse")
    session.show_figure("weights")
    held.run_all()
    assert session.state.figure == "weights"


def test_what_opens_further_on_than_the_run_on_show_goes_waits_for_its_own(
    held: HeldRunner,
) -> None:
    session = opened(held, "lstm")
    session.set_text("a\nb", "characters")
    session.set_decoding(True)
    held.run_all()
    session.open_example("reverse")
    state = session.state
    around = state.view().around
    assert around is not None
    assert around.decoder_steps == state.decoder_total == 2
    held.run_all()
    assert session.state.decoder_steps == 3
    session.set_returning(True)
    session.last()
    held.run_all()
    held_back = session.state.with_(returned=session.state.steps_back + 5)
    around = held_back.view().around
    assert around is not None
    assert around.returned == session.state.steps_back


def test_the_sequence_on_show_is_one_of_the_document_and_of_the_run(held: HeldRunner) -> None:
    session = opened(held, "rnn-100")
    session.show_sequence(2)
    session.set_sequence_count(2)
    assert session.state.sequence == 1
    session.set_sequence_count(5)
    session.show_sequence(4)
    assert session.state.sequence == 4
    assert session.state.view().sequence == 2
    held.run_all()
    assert session.state.view().sequence == 4


def test_a_figure_that_shows_no_original_gives_way_to_one_that_does(held: HeldRunner) -> None:
    session = opened(held, "reverse")
    session.set_option("decoder", "gates", True)
    session.show_figure("decoder")
    session.set_weight("weight_hh_l0", 1, 1, float("inf"))
    held.run_all()
    assert session.state.figure == "decoder"
    for showing in ("old", "difference"):
        session.show_comparison(showing)
        assert "decoder" not in session.state.figures
        assert session.state.figure in session.state.figures
    session.keep_edits()
    assert "decoder" in session.state.figures
    session.undo()
    assert session.state.showing == "difference"
    assert "decoder" not in session.state.figures


def test_options_that_an_example_opens_with_leave_the_others_as_they_are(
    held: HeldRunner,
) -> None:
    session = opened(held, "lstm")
    session.set_option("gradients", "clip", 1.0)
    session.set_option("unrolled", "shapes", False)
    session.open_example("recall")
    held.run_all()
    assert session.state.options["gradients"].compare == "RNN"
    assert session.state.options["unrolled"].shapes is False


def test_opening_after_a_model_without_recurrent_layers_can_be_undone(held: HeldRunner) -> None:
    session = opened(held, "linear")
    session.open_example("hello")
    held.run_all()
    session.undo()
    held.run_all()
    assert (session.state.example, session.state.figure) == ("linear", "linear")
