"""Undo and redo: whatever was done comes back bit for bit, under its name."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnviz.model.clamps import Clamp
from rnnviz.session import ImmediateRunner, Session, State
from rnnviz.session.opened import of_module
from rnnviz.session.whatif import same_document
from tests.session.conftest import HeldRunner

Intent = Callable[[Session], None]

INTENTS: dict[str, Intent] = {
    "set hidden_size to 5": lambda s: s.set_model(hidden_size=5),
    "set cell to GRU, num_layers to 1": lambda s: s.set_model(cell="GRU", num_layers=1),
    "set bidirectional to True": lambda s: s.set_model(bidirectional=True),
    "set train mode": lambda s: s.set_training(True),
    "set weight_hh_l0[3, 2] to 0.5": lambda s: s.set_weight("weight_hh_l0", 3, 2, 0.5),
    "set bias_ih_l0[1] to ∞": lambda s: s.set_weight("bias_ih_l0", 1, None, math.inf),
    "clamp hidden state, layer 0, t = 4, unit 1 to 0": lambda s: s.clamp(
        Clamp("h", 0.0, t=3, unit=1)
    ),
    "set input[0, 1, 2] to −0.25": lambda s: s.set_value(0, 1, 2, -0.25),
    "paste at input[0, 0, 0]": lambda s: s.paste_values(0, 0, 0, "9\t8\n7\tnan"),
    "fill input with sine": lambda s: s.fill("sine"),
    "fill input with rand, seed 4": lambda s: s.fill("rand", 4),
    "set N to 3": lambda s: s.set_sequence_count(3),
    "set L to 9": lambda s: s.set_steps(9),
    "set lengths[0] to 2": lambda s: s.set_length(0, 2),
    "pack the input": lambda s: s.set_packed(True),
    "set enforce_sorted to False": lambda s: s.set_enforce_sorted(False),
    "take the batch axis away": lambda s: s.set_unbatched(True),
    "set padding_value to 2": lambda s: s.set_padding_value(2),
    "set initial states to random": lambda s: s.set_initial("random"),
    "set h_0[0, 0, 1] to 0.5": lambda s: s.set_initial_value("h_0", 0, 0, 1, 0.5),
    "turn Gates off (Unrolled graph)": lambda s: s.set_option("unrolled", "gates", False),
    "open packed batch": lambda s: s.open_example("packed-rnn"),
    "keep": lambda s: s.keep_edits(),
    "discard": lambda s: s.discard_edits(),
    "show": lambda s: s.show_comparison("difference"),
}


def opened() -> Session:
    clock = itertools.count(0.0, 10.0)
    session = Session(ImmediateRunner(), lambda: next(clock))
    session.open_example("lstm")
    return session


def same(first: State, second: State) -> bool:
    originals = first.original_document, second.original_document
    return (
        same_document(first.document, second.document)
        and first.example == second.example
        and originals[0] is originals[1]
        and first.options == second.options
    )


@pytest.mark.parametrize("name", [name for name in INTENTS if " " in name])
def test_each_intent_is_undone_and_redone_by_its_name(name: str) -> None:
    session = opened()
    before = session.state
    INTENTS[name](session)
    after = session.state
    assert not after.problems
    assert (after.undo_name, after.redo_name) == (name, "")
    assert not same(before, after)
    session.undo()
    assert same(session.state, before)
    assert (session.state.undo_name, session.state.redo_name) == ("", name)
    session.redo()
    assert same(session.state, after)
    assert (session.state.undo_name, session.state.redo_name) == (name, "")
    assert session.state.showing == after.showing


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(names=st.lists(st.sampled_from(sorted(INTENTS)), max_size=7))
def test_any_sequence_is_undone_to_the_first_and_redone_to_the_last(names: list[str]) -> None:
    session = opened()
    states = [session.state]
    for name in names:
        INTENTS[name](session)
        if len(session.state.history.past) >= len(states):
            states.append(session.state)
        states[-1] = session.state
    for state in reversed(states[:-1]):
        session.undo()
        assert same(session.state, state)
        assert _run_is_of(session)
    assert session.state.undo_name == ""
    for state in states[1:]:
        session.redo()
        assert same(session.state, state)
        assert _run_is_of(session)
    assert session.state.redo_name == ""


def _run_is_of(session: Session) -> bool:
    """Whether the run on screen is the document's."""
    run, document = session.state.run, session.state.document
    assert run is not None
    shapes = (run.kind, run.hidden_size, run.N, run.L, run.spec.bidirectional)
    spec = document.spec
    longest = max(document.lengths) if document.packed else document.L
    wanted = (spec.cell, spec.hidden_size, document.N, longest, spec.bidirectional)
    edited = all(
        _holds(float(run.weights[e.name][(e.row,) if e.column is None else (e.row, e.column)]), e)
        for e in document.weight_edits
    )
    return shapes == wanted and edited and tuple(run.clamps) == document.clamps


def _holds(value: float, edit: object) -> bool:
    return value == float(np.float32(edit.value))  # type: ignore[attr-defined]


def test_nothing_to_undo_does_nothing(session: Session) -> None:
    before = session.state
    session.undo()
    session.redo()
    assert session.state is before


def test_undo_clears_problems(session: Session) -> None:
    session.set_model(hidden_size=5)
    session.set_model(hidden_size=0)
    assert session.state.problems
    assert session.state.undo_name == "set hidden_size to 5"
    session.undo()
    assert not session.state.problems
    assert session.state.document.spec.hidden_size == 8


def test_an_edit_that_changes_nothing_is_none(session: Session) -> None:
    run = session.state.run
    session.set_model(hidden_size=8)
    session.set_value(0, 0, 0, float(session.state.document.values[0, 0, 0]))
    assert session.state.undo_name == ""
    assert session.state.run is run
    assert session.state.example == "lstm"


def test_a_held_field_is_undone_as_one() -> None:
    session = Session(ImmediateRunner(), lambda: 1.0)
    session.open_example("lstm")
    for size in range(9, 14):
        session.set_model(hidden_size=size)
    session.set_steps(7)
    session.undo()
    assert session.state.undo_name == "set hidden_size to 13"
    session.undo()
    assert session.state.document.spec.hidden_size == 8
    session.redo()
    assert session.state.document.spec.hidden_size == 13


def test_stepping_and_looking_are_not_recorded(session: Session) -> None:
    session.step()
    session.show_figure("weights")
    session.select(None)
    session.set_granularity("layer")
    session.set_speed(3)
    assert session.state.undo_name == ""


def test_an_option_comes_back_where_it_is_seen(session: Session) -> None:
    session.set_option("unrolled", "gates", False)
    session.show_figure("weights")
    session.undo()
    assert session.state.figure == "unrolled"
    session.show_figure("packed")
    session.redo()
    assert session.state.figure == "unrolled"


def test_opening_another_example_can_be_undone(session: Session) -> None:
    session.set_weight("weight_hh_l0", 3, 2, 0.5)
    session.open_example("packed-rnn")
    assert session.state.original_document is None
    session.undo()
    assert session.state.document.weight_edits
    assert session.state.original is not None
    session.undo()
    assert session.state.example == "lstm"


def test_a_loaded_file_is_named(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "numbers.npy"
    np.save(path, np.zeros((5, 4)))
    session.load_values(path)
    assert session.state.undo_name == "load numbers.npy"
    session.undo()
    assert session.state.document.L == 6


def test_undo_while_a_run_is_made_drops_that_run(held: HeldRunner) -> None:
    session = Session(held)
    session.open_example("lstm")
    held.run_all()
    before = session.state
    session.set_model(hidden_size=5)
    session.set_model(cell="GRU")
    session.undo()
    session.undo()
    held.run_all()
    assert same(session.state, before)
    assert _run_is_of(session)
    session.redo()
    session.redo()
    held.run_all()
    assert session.state.document.spec.cell == "GRU"
    assert _run_is_of(session)


def test_a_document_that_no_run_can_be_made_of_leaves_no_trace(
    held: HeldRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(held)
    session.open_example("lstm")
    held.run_all()
    session.set_weight("weight_hh_l0", 3, 2, 0.5)
    held.run_all()
    before = session.state

    def short_of_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("rnnviz.session.computing.prepare", short_of_memory)
    session.set_model(hidden_size=9)
    session.set_steps(12)
    held.run_all()
    assert same(session.state, before)
    assert session.state.history is before.history
    assert session.state.original is not None
    assert session.state.problems


def test_undo_of_a_module_of_ones_own() -> None:
    session = opened()
    torch.manual_seed(0)
    session.open_several(of_module(torch.nn.GRU(3, 5), torch.randn(7, 2, 3)))
    document = session.state.document
    session.set_model(hidden_size=4)
    assert session.state.document.module is None
    session.undo()
    assert session.state.document is document


def test_what_is_looked_at_stays_while_there_are_two_runs() -> None:
    session = opened()
    session.set_weight("weight_hh_l0", 3, 2, 0.5)
    session.set_value(0, 1, 2, 7.0)
    session.show_comparison("difference")
    session.undo()
    assert session.state.showing == "difference"
    session.undo()
    assert session.state.showing == "new"


def test_an_edit_of_what_is_shown_as_it_was_shows_the_edited_run() -> None:
    session = opened()
    session.set_weight("weight_hh_l0", 3, 2, 0.5)
    session.show_comparison("old")
    session.set_weight("weight_hh_l0", 3, 2, 0.7)
    assert session.state.showing == "new"
    session.show_comparison("difference")
    session.set_weight("weight_hh_l0", 3, 2, 0.9)
    assert session.state.showing == "difference"


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.set_loss("mse"),
        lambda s: s.set_head_fields(out_features=3),
        lambda s: s.set_front("one_hot"),
        lambda s: s.open_example("linear"),
    ],
)
def test_a_comparison_comes_back_to_a_run_of_another_model(change: Intent) -> None:
    session = Session(ImmediateRunner())
    session.open_example("hello")
    session.set_head_fields(bias=False)
    session.set_weight("weight_hh_l0", 3, 2, 0.5)
    session.show_comparison("difference")
    change(session)
    session.undo()  # the run on show is still of the other model
    state = session.state
    assert state.showing == "difference"
    assert state.view().showing == "difference"
    session.redo()
    assert session.state.view().showing == "new"
