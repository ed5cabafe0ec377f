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
