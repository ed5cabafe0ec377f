"""What if: edits of numbers, the run before them, and what the figures are given."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from rnnviz.model.clamps import Clamp
from rnnviz.model.trace import Trace, trace
from rnnviz.session import ImmediateRunner, Session
from rnnviz.session.binding import bind
from rnnviz.session.changes import kept_changes
from rnnviz.session.opened import of_module
from rnnviz.session.state import WeightEdit
from tests.session.conftest import HeldRunner

FORGET = Clamp("f", 1.0, layer=0)


def texts(session: Session) -> list[str]:
    return [change.text for change in session.changes()]


def run_of(session: Session) -> Trace:
    assert session.state.run is not None
    return session.state.run


def h_of(run: Trace, layer: int = 1) -> torch.Tensor:
    return run.states(layer).h


def test_an_edited_run_is_that_of_the_edited_module(session: Session) -> None:
    session.set_model(dtype="float64")
    session.last()
    session.set_weight("weight_hh_l0", 3, 2, 0.5)
    session.set_weight("bias_ih_l1", 7, None, -2.0)
    session.set_value(0, 1, 2, 3.0)
    session.set_initial_value("c_0", 1, 0, 4, 0.75)
    document = session.state.document
    module = document.spec.build()
    with torch.no_grad():
        module.weight_hh_l0[3, 2] = 0.5
        module.bias_ih_l1[7] = -2.0
        c_0 = torch.zeros(2, 1, 8, dtype=torch.float64)
        c_0[1, 0, 4] = 0.75
        values = torch.tensor(document.values)
        output, (h_n, _) = module(values, (torch.zeros_like(c_0), c_0))
    run = run_of(session)
    assert isinstance(run.output, torch.Tensor)
    assert (run.output - output).abs().max() < 1e-12
    assert (run.h_n - h_n).abs().max() < 1e-12
    whole = session.state.whole
    assert whole is not None
    assert (h_of(whole)[:, 0] - output[0]).abs().max() < 1e-12


def test_the_first_edit_keeps_the_run_before_it(session: Session) -> None:
    before = session.state
    session.set_weight("weight_hh_l0", 3, 2, 0.5)
    assert session.state.original is before.whole
    assert session.state.original_document is before.document
    assert session.state.position == before.position
    session.set_value(0, 1, 2, 9.0)
    session.clamp(FORGET)
    assert session.state.original is before.whole
    assert session.state.document.weight_edits == (WeightEdit("weight_hh_l0", 3, 2, 0.5),)
    assert session.state.document.clamps == (FORGET,)


@pytest.mark.parametrize(
    "edit",
    [
        lambda s: s.set_value(0, 0, 0, 1.0),
        lambda s: s.paste_values(0, 0, 0, "1\t2"),
        lambda s: s.set_weight("bias_hh_l1", 0, None, 1.0),
        lambda s: s.set_initial_value("h_0", 0, 0, 0, 1.0),
        lambda s: s.clamp(FORGET),
    ],
)
def test_an_edit_of_a_number_starts_a_comparison(session: Session, edit: object) -> None:
    edit(session)  # type: ignore[operator]
    assert session.state.original is not None
    assert len(session.changes()) in (1, 2)


@pytest.mark.parametrize(
    "edit",
    [
        lambda s: s.set_model(hidden_size=5),
        lambda s: s.set_model(cell="GRU"),
        lambda s: s.set_steps(9),
        lambda s: s.set_length(0, 3),
        lambda s: s.fill("sine"),
        lambda s: s.paste_values(0, 5, 0, "1\n2\n3"),
        lambda s: s.set_initial("random"),
        lambda s: s.open_example("rnn-100"),
    ],
)
def test_a_change_of_what_the_run_is_made_of_ends_it(session: Session, edit: object) -> None:
    session.set_value(0, 0, 0, 1.0)
    session.show_comparison("difference")
    edit(session)  # type: ignore[operator]
    assert session.state.original is None
    assert session.state.original_document is None
    assert session.state.showing == "new"


def test_figures_are_given_the_run_that_is_to_be_shown(session: Session) -> None:
    session.clamp(FORGET)
    state = session.state
    assert state.run is not None
    assert state.view().run is state.run
    session.show_comparison("old")
    view = session.state.view()
    assert (view.showing, view.run.progress) == ("old", state.run.progress)
    assert torch.equal(h_of(view.run)[:3], h_of(session.state.original)[:3])  # type: ignore[arg-type]
    assert view.whole is session.state.original
    session.show_comparison("difference")
    view = session.state.view()
    assert view.run.is_difference
    assert view.original is session.state.original
    expected = h_of(state.run) - h_of(session.state.original)  # type: ignore[arg-type]
    assert torch.equal(h_of(view.run)[:3], expected[:3])
    assert session.state.view().run is view.run
    session.step()
    assert session.state.view().run.position == 4


def test_without_a_comparison_there_is_nothing_to_show(session: Session) -> None:
    session.show_comparison("difference")
    assert session.state.showing == "new"
    session.keep_edits()
    session.discard_edits()
    assert session.state.undo_name == ""


def test_keep_makes_the_new_run_the_original(session: Session) -> None:
    session.clamp(FORGET)
    document = session.state.document
    session.keep_edits()
    assert session.state.original is None
    assert session.state.document is document
    assert session.state.undo_name == "keep the edit"
    session.set_value(0, 0, 0, 5.0)
    assert session.state.original_document is document
    assert texts(session) == ["input[0, 0, 0] → 5"]
    session.undo()
    session.undo()
    assert session.state.original is not None
    assert texts(session) == ["forget gate, layer 0, all t → 1"]


def test_discard_goes_back_and_can_be_undone(session: Session) -> None:
    before = session.state
    session.set_weight("weight_hh_l0", 3, 2, 0.5)
    session.set_value(0, 1, 2, 9.0)
    edited = session.state.document
    session.discard_edits()
    assert session.state.document is before.document
    assert session.state.original is None
    assert session.state.whole is before.whole
    assert session.state.undo_name == "discard 2 edits"
    session.undo()
    assert session.state.document is edited
    assert session.state.original is not None


def test_each_change_is_told_and_taken_back(session: Session) -> None:
    session.set_weight("weight_hh_l0", 3, 2, 0.5)
    session.set_weight("weight_hh_l0", 3, 2, 0.25)
    session.clamp(FORGET)
    session.clamp(Clamp("h", 0.0, layer=1, t=3, unit=5))
    session.set_value(0, 1, 2, 9.0)
    session.set_initial_value("h_0", 1, 0, 3, -1.0)
    expected = [
        "forget gate, layer 0, all t → 1",
        "hidden state, layer 1, t = 4, unit 5 → 0",
        "weight_hh_l0[3, 2] → 0.25",
        "h_0[1, 0, 3] → −1",
        "input[0, 1, 2] → 9",
    ]
    assert texts(session) == expected
    while session.changes():
        first = session.changes()[0]
        session.revert(first)
        expected.pop(0)
        assert texts(session) == expected
    assert session.state.original_document is None
    assert session.state.undo_name == "take back input[0, 1, 2] to 9"


def test_many_input_values_are_told_together(session: Session) -> None:
    original = session.state.document.values
    session.paste_values(0, 0, 0, "\n".join(["1\t2\t3"] * 4))
    assert texts(session) == ["12 input values"]
    session.revert(session.changes()[0])
    assert session.state.document.values is original


def test_what_was_kept_can_be_taken_back_later(session: Session) -> None:
    session.clamp(FORGET)
    session.set_weight("bias_ih_l0", 1, None, 2.0)
    session.keep_edits()
    clamp, weight = kept_changes(session.state.document)
    session.revert(clamp)
    assert session.state.document.clamps == ()
    assert texts(session) == ["forget gate, layer 0, all t let go"]
    session.revert(weight)
    assert session.state.document.weight_edits == ()
    assert texts(session)[1:] == ["bias_ih_l0[1] as it was built"]
    for change in reversed(session.changes()):
        session.revert(change)
    assert session.state.original_document is None
    assert len(session.state.document.weight_edits) == 1


def test_a_clamp_is_let_go(session: Session) -> None:
    before = session.state
    session.clamp(FORGET)
    session.clamp(replace(FORGET, value=0.5))
    assert [clamp.value for clamp in session.state.document.clamps] == [0.5]
    session.unclamp(FORGET)
    assert session.state.document is before.document
    assert session.state.original is None
    session.unclamp(FORGET)
    assert "in force" in session.state.problems["clamp"]


@pytest.mark.parametrize(
    ("name", "row", "column", "value", "problem"),
    [
        ("weight_hh_l2", 0, 0, 1.0, ("weight", "expected one of weight_ih_l0, ")),
        ("weight_hh_l0", 32, 0, 1.0, ("weight_hh_l0", "expected row 0 to 31, got 32")),
        ("weight_ih_l0", 0, 4, 1.0, ("weight_ih_l0", "expected column 0 to 3, got 4")),
        ("weight_ih_l0", 0, None, 1.0, ("weight_ih_l0", "expected a row and a column, got [0]")),
        ("bias_hh_l0", 1, 0, 1.0, ("bias_hh_l0", "expected a row alone, got [1, 0]")),
        ("bias_hh_l0", 1, None, "x", ("bias_hh_l0", "expected a number, got 'x'")),
        ("bias_hh_l0", 1, None, True, ("bias_hh_l0", "expected a number, got True")),
    ],
)
def test_an_element_that_is_not_there_is_a_problem(
    session: Session,
    name: str,
    row: int,
    column: int | None,
    value: float,
    problem: tuple[str, str],
) -> None:
    before = session.state
    session.set_weight(name, row, column, value)
    assert session.state.document is before.document
    assert session.state.problems[problem[0]].startswith(problem[1])
    assert session.state.undo_name == ""


def test_a_clamp_of_what_is_not_there_is_a_problem(session: Session) -> None:
    session.clamp(Clamp("r", 1.0))
    assert session.state.problems["clamp"].startswith("expected one of i, f, g, o, h, c")
    session.clamp(Clamp("f", 1.0, unit=8))
    assert session.state.problems["clamp"] == "expected unit 0 to 7, got 8"
    session.clamp(Clamp("f", 1.0, t=6))
    assert session.state.problems["clamp"] == "expected t 0 to 5, got 6"


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 1e300])
def test_infinity_and_nan_are_numbers_as_in_torch(session: Session, value: float) -> None:
    session.set_weight("weight_ih_l0", 2, 1, value)
    assert not session.state.problems
    stored = run_of(session).weights["weight_ih_l0"][2, 1]
    assert torch.equal(stored, torch.tensor(value).float()) or torch.isnan(stored)


def test_weight_edits_go_with_the_weights_they_are_of(session: Session) -> None:
    session.set_weight("weight_hh_l0", 3, 2, 0.5)
    session.set_model(batch_first=False)
    assert session.state.document.weight_edits
    session.set_model(hidden_size=4)
    assert not session.state.document.weight_edits


def test_clamps_stay_as_long_as_there_is_what_they_hold(session: Session) -> None:
    session.clamp(FORGET)
    session.clamp(Clamp("h", 0.0, layer=1, unit=7))
    session.set_model(hidden_size=4)
    assert session.state.document.clamps == (FORGET,)
    session.set_model(cell="GRU")
    assert session.state.document.clamps == ()


def test_a_packed_run_ends_with_its_longest_sequence(session: Session) -> None:
    session.clamp(Clamp("f", 1.0, t=4))
    session.set_packed(True)
    assert session.state.document.clamps
    session.set_length(0, 4)
    assert not session.state.problems
    assert not session.state.document.clamps
    session.clamp(Clamp("f", 1.0, t=4))
    assert session.state.problems["clamp"] == "expected t 0 to 3, got 4"


def test_weights_of_ones_own_module_are_edited_in_a_copy() -> None:
    session = Session(ImmediateRunner())
    module = torch.nn.GRU(3, 5)
    kept = module.weight_ih_l0.detach().clone()
    session.open_several(of_module(module, torch.randn(7, 2, 3)))
    session.set_weight("weight_ih_l0", 4, 1, 2.5)
    assert float(run_of(session).weights["weight_ih_l0"][4, 1]) == 2.5
    assert torch.equal(module.weight_ih_l0, kept)
    session.discard_edits()
    assert torch.equal(run_of(session).weights["weight_ih_l0"], kept)


def test_an_original_not_known_yet_is_computed(held: HeldRunner) -> None:
    session = Session(held)
    session.open_example("lstm")
    held.run_next()
    assert session.state.whole is None
    session.set_weight("weight_hh_l0", 3, 2, 0.5)
    session.show_comparison("difference")
    assert session.state.original is None
    assert not session.state.view().run.is_difference
    held.run_all()
    original = session.state.original
    assert original is not None
    unedited = bind(session.state.original_document)  # type: ignore[arg-type]
    assert torch.equal(h_of(original), h_of(trace(unedited.module, unedited.input)))
    assert session.state.view().run.is_difference
    assert not session.state.busy


def test_the_picture_stays_while_an_edit_is_computed(held: HeldRunner) -> None:
    session = Session(held)
    session.open_example("lstm")
    held.run_all()
    session.set_value(0, 1, 2, 9.0)
    held.run_all()
    session.show_comparison("difference")
    assert session.state.position == 3
    before = session.state.run
    session.set_value(0, 1, 2, 8.0)
    assert session.state.run is before
    held.run_next()
    state = session.state
    assert state.run is not before
    assert state.position == 3
    assert state.whole is not None
    assert state.view().run.is_difference
    held.run_all()
    assert session.state.badge.status == "matches"


def test_an_edit_takes_over_what_cannot_have_changed(session: Session) -> None:
    session.set_steps(40)
    session.last()
    before = session.state.whole
    assert before is not None
    session.set_value(0, 20, 1, 3.0)
    run, whole = run_of(session), session.state.whole
    assert whole is not None
    assert torch.equal(h_of(whole)[:20], h_of(before)[:20])
    assert torch.equal(h_of(run)[:20], h_of(before)[:20])
    assert not torch.equal(h_of(run)[20], h_of(before)[20])


def test_undo_finds_the_run_that_was_computed(session: Session) -> None:
    before = session.state.whole
    session.set_value(0, 0, 0, 1.0)
    edited = session.state.whole
    session.undo()
    assert session.state.whole is before
    session.redo()
    assert session.state.whole is edited


def test_stepping_in_an_edited_run_agrees_with_its_whole(session: Session) -> None:
    session.first()
    session.clamp(FORGET)
    session.set_granularity("operation")
    for _ in range(30):
        session.step()
    session.last()
    whole = session.state.whole
    assert whole is not None
    assert torch.allclose(h_of(run_of(session)), h_of(whole), atol=1e-6)
    c = run_of(session).states(0).c
    assert c is not None
    gates = run_of(session).gates(0, 0, 4)
    assert torch.equal(gates["f"], torch.ones_like(gates["f"]))


def test_bounds_of_an_input_are_told(session: Session) -> None:
    session.set_value(0, 6, 0, 1.0)
    assert session.state.problems == {"input": "expected t 0 to 5, got 6"}
    session.set_initial_value("h_0", 2, 0, 0, 1.0)
    assert session.state.problems == {"h_0": "expected row 0 to 1, got 2"}


def test_values_typed_are_the_documents_bit_for_bit() -> None:
    session = Session(ImmediateRunner())
    session.open_example("lstm")
    document = session.state.document
    session.set_value(0, 0, 0, 0.1 + 0.2)
    assert session.state.document.values[0, 0, 0] == 0.1 + 0.2
    rest = session.state.document.values.ravel()[1:]
    assert np.array_equal(rest, document.values.ravel()[1:])
