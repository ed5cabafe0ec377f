"""Intents, and the states that come of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rnnviz.element import Element
from rnnviz.errors import InputError
from rnnviz.session import ImmediateRunner, Session, State
from rnnviz.session.opened import of_module
from tests.session.conftest import HeldRunner


def run_of(session: Session) -> Any:
    run = session.state.run
    assert run is not None
    return run


def test_before_anything_is_open_there_is_a_document_and_no_run(held: HeldRunner) -> None:
    session = Session(held)
    assert session.state.document.spec.cell == "LSTM"
    assert session.state.run is None
    session.step()
    session.play()
    assert session.state.position == 0
    assert not session.state.playing


def test_first_example_is_alive(session: Session) -> None:
    state = session.state
    assert (state.position, state.total) == (3, 6)
    assert run_of(session).computed(1, 0)[:, 0].tolist() == [True] * 3 + [False] * 3
    assert state.whole is not None
    assert state.badge.status == "matches"
    assert state.badge.text.startswith("matches torch.nn.LSTM · max |Δ| ")
    assert state.title == "six steps"
    assert state.subtitle == "2-layer LSTM"
    assert not state.busy
    assert set(state.options) >= {"packed"}
    assert state.view().whole is state.whole


def test_unknown_example_is_a_problem(session: Session) -> None:
    session.open_example("nope")
    assert "no example 'nope'" in session.state.problems["example"]
    assert session.state.example == "lstm"


def test_each_change_is_told_once_with_old_and_new(session: Session) -> None:
    told: list[tuple[State, State]] = []
    unsubscribe = session.subscribe(lambda old, new: told.append((old, new)))
    before = session.state
    session.step()
    assert [(old is before, new is session.state) for old, new in told] == [(True, True)]
    unsubscribe()
    session.step()
    assert len(told) == 1


def test_intent_of_a_subscriber_is_told_after_the_change_it_answers(session: Session) -> None:
    told: list[int] = []

    def follow(old: State, new: State) -> None:
        told.append(new.position)
        if new.position == 4:
            session.step()

    session.subscribe(follow)
    session.subscribe(lambda old, new: told.append(-new.position))
    session.step()
    assert told == [4, -4, 5, -5]


# The model


def test_model_change_is_one_edit_and_keeps_the_position(session: Session) -> None:
    session.set_model(hidden_size=5, bidirectional=True)
    run = run_of(session)
    assert (run.hidden_size, run.num_directions) == (5, 2)
    assert (session.state.position, session.state.total) == (3, 12)
    assert session.state.example is None


def test_model_and_run_agree_with_torch_itself(session: Session) -> None:
    session.set_model(cell="GRU", num_layers=3)
    session.last()
    document = session.state.document
    module = document.spec.build()
    with torch.no_grad():
        output, _ = module(torch.tensor(document.values, dtype=torch.float32))
    assert torch.allclose(run_of(session).output, output, atol=1e-6)


def test_bad_edit_stays_at_its_field_and_the_last_good_model_on_screen(session: Session) -> None:
    before = session.state
    session.set_model(hidden_size=0)
    assert session.state.problems == {"hidden_size": "expected at least 1, got 0"}
    assert session.state.document is before.document
    assert session.state.run is before.run
    session.set_model(hidden_size=9)
    assert session.state.problems == {}
    assert run_of(session).hidden_size == 9


def test_fields_that_do_not_apply_are_put_back(session: Session) -> None:
    session.set_model(proj_size=3)
    session.set_model(cell="GRU")
    assert session.state.document.spec.proj_size == 0
    session.set_model(cell="RNN", nonlinearity="relu")
    session.set_model(cell="LSTM")
    assert session.state.document.spec.nonlinearity == "tanh"


def test_projection_must_be_smaller_than_hidden_size(session: Session) -> None:
    session.set_model(proj_size=8)
    assert session.state.problems == {"proj_size": "expected less than hidden_size (8), got 8"}


def test_sizes_that_no_machine_holds_come_with_the_estimate(session: Session) -> None:
    session.set_model(hidden_size=10**9)
    assert "EiB" in session.state.problems["hidden_size"]
    session.set_steps(10**12)
    assert "L = 1000000000000" in session.state.problems["L"]


def test_input_size_keeps_the_values_that_fit(session: Session) -> None:
    before = session.state.document.values
    session.set_model(input_size=6)
    after = session.state.document.values
    assert after.shape == (1, 6, 6)
    assert np.array_equal(after[:, :, :4], before)
    assert after[:, :, 4:].any()
    session.set_model(input_size=2)
    assert np.array_equal(session.state.document.values, before[:, :, :2])


def test_selection_and_sequence_go_where_the_run_no_longer_has_them(session: Session) -> None:
    session.select(Element("f", layer=1, direction=0, t=2, sequence=0, unit=7))
    session.set_model(bias=False)
    assert session.state.selection is not None
    session.set_model(hidden_size=4)
    assert session.state.selection is None
    session.set_sequence_count(3)
    session.show_sequence(2)
    session.set_sequence_count(1)
    assert session.state.sequence == 0


def test_train_mode_draws_the_same_masks_for_steps_and_the_whole(session: Session) -> None:
    session.set_model(dropout=0.5)
    state = torch.get_rng_state()
    session.set_training(True)
    assert torch.equal(torch.get_rng_state(), state)
    session.last()
    run, whole = run_of(session), session.state.whole
    assert whole is not None
    assert torch.equal(run.masks[0], whole.masks[0])
    assert torch.allclose(run.output, whole.output, atol=1e-6)


# The input


def test_value_is_computed_anew(session: Session) -> None:
    session.set_value(0, 1, 2, 5.0)
    assert session.state.document.values[0, 1, 2] == 5.0
    assert float(run_of(session).inputs(0)[1, 0, 2]) == 5.0


def test_pasted_table_adds_timesteps_and_refuses_columns(session: Session) -> None:
    session.paste_values(0, 4, 1, "1\t2\n3\t4\n5\t6\n")
    document = session.state.document
    assert document.values[0, 4:, 1:3].tolist() == [[1, 2], [3, 4], [5, 6]]
    assert document.lengths == (7,)
    session.paste_values(0, 0, 3, [[1.0, 2.0]])
    assert session.state.problems == {"input": "expected at most 1 columns, got 2"}
    session.paste_values(0, 0, 0, "1\tx")
    assert "'x' in line 1, column 2" in session.state.problems["input"]


@pytest.mark.parametrize("kind", ["rand", "randn", "ones", "one-hot", "sine", "impulse"])
def test_fills_are_seeded(session: Session, kind: str) -> None:
    session.fill(kind, 3)
    first = session.state.document.values
    session.fill(kind, 3)
    assert np.array_equal(session.state.document.values, first)
    assert not session.state.problems


def test_lengths_and_packing(session: Session) -> None:
    session.set_sequence_count(3)
    session.set_length(0, 4)
    session.set_length(2, 5)
    session.set_packed(True)
    document = session.state.document
    assert (document.lengths, document.packed) == ((4, 6, 5), True)
    assert not document.enforce_sorted  # the batch is out of order
    plan = run_of(session).plan
    assert plan is not None
    assert tuple(plan.batch_sizes) == (3, 3, 3, 3, 2, 1)
    session.set_enforce_sorted(True)
    assert session.state.problems["lengths"].startswith("expected the longest first")
    assert not session.state.document.enforce_sorted
    session.set_length(0, 7)
    assert session.state.problems == {"lengths": "expected 1 to 6, got 7"}


def test_padding_value_fills_what_lies_beyond_a_length(session: Session) -> None:
    session.set_sequence_count(2)
    session.set_length(1, 2)
    session.set_padding_value(9.0)
    run = run_of(session)
    assert run.plan is None
    assert run.inputs(0)[2:, 1].eq(9.0).all()


def test_unbatched_input(session: Session) -> None:
    session.set_unbatched(True)
    assert run_of(session).unbatched
    assert session.state.document.input_shape == (("L", 6), ("H_in", 4))
    session.set_sequence_count(2)
    assert not session.state.document.unbatched
    session.set_unbatched(True)
    assert "N" in session.state.problems


def test_initial_states(session: Session) -> None:
    session.set_initial("random")
    first = session.state.document.initial.h_0
    assert first is not None
    assert first.shape == (2, 1, 8)
    assert run_of(session).initial_given
    session.set_initial_value("c_0", 1, 0, 3, -2.0)
    assert session.state.document.initial.kind == "typed"
    assert float(run_of(session).c_0[1, 0, 3]) == -2.0
    session.set_model(cell="GRU", hidden_size=9)
    initial = session.state.document.initial
    assert initial.c_0 is None
    assert initial.h_0 is not None
    assert np.array_equal(initial.h_0[:, :, :8], first)
    session.set_initial("zeros")
    assert not run_of(session).initial_given


def test_loaded_array_says_what_it_changed(session: Session, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((5, 3), dtype=np.float32))
    session.load_values(tmp_path / "x.npy")
    document = session.state.document
    assert document.values.shape == (1, 5, 3)
    assert document.unbatched
    assert "input_size is now 3" in session.state.notice
    assert "2-D input: taken as one unbatched sequence" in session.state.notice
    session.dismiss_notice()
    assert session.state.notice == ""
    session.load_values(tmp_path / "none.csv")
    assert "No such file" in session.state.problems["input"]
    assert session.state.document is document


def test_loaded_text_of_several_sequences_is_packed(session: Session, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("1,2\n3,4\n\n5,6\n7,8\n9,10\n")
    session.load_values(tmp_path / "x.csv")
    document = session.state.document
    assert document.lengths == (2, 3)
    assert document.packed
    assert not document.enforce_sorted


# The transport


def test_transport_stops_at_both_ends(session: Session) -> None:
    session.first()
    session.back()
    assert session.state.position == 0
    session.last()
    session.step()
    assert session.state.position == session.state.total == 6


def test_playing_pauses_itself_at_the_end_and_starts_over(session: Session) -> None:
    session.play()
    positions = []
    while session.state.playing:
        session.step()
        positions.append(session.state.position)
    assert positions == [4, 5, 6]
    session.toggle_play()
    assert (session.state.position, session.state.playing) == (0, True)
    session.toggle_play()
    assert not session.state.playing
    session.set_speed(1000)
    assert session.state.speed == 60


def test_steps_are_computed_by_the_stepper_and_far_seeks_are_copied(session: Session) -> None:
    session.set_model(hidden_size=4, input_size=1)
    session.set_steps(400)
    session.seek(399)
    assert run_of(session).computed(0, 0).sum() == 399
    session.step()
    whole = session.state.whole
    assert whole is not None
    assert torch.allclose(run_of(session).output, whole.output, atol=1e-5)


def test_view_intents(session: Session) -> None:
    session.set_theme("dark")
    session.show_figure("packed")
    session.show_sequence(5)
    session.show_sequence(None)
    assert (session.state.theme, session.state.figure, session.state.sequence) == (
        "dark",
        "packed",
        None,
    )


# Somebody's own module


def test_own_module_is_copied_and_keeps_its_weights(session: Session) -> None:
    module = torch.nn.GRU(3, 5, num_layers=2).double()
    input, hx = torch.randn(7, 2, 3, dtype=torch.float64), torch.randn(2, 2, 5).double()
    session.open_several(of_module(module, input, hx))
    assert session.state.position == session.state.total == 7
    with torch.no_grad():
        output, h_n = module(input, hx)
    assert torch.allclose(run_of(session).output, output)
    assert torch.allclose(run_of(session).h_n, h_n)
    session.set_model(batch_first=True)
    session.last()
    assert torch.allclose(run_of(session).output, output.transpose(0, 1))
    session.set_model(hidden_size=6)
    assert session.state.document.module is None


def test_own_packed_input(session: Session) -> None:
    module = torch.nn.LSTM(3, 5, bidirectional=True)
    packed = torch.nn.utils.rnn.pack_sequence(
        [torch.randn(2, 3), torch.randn(4, 3)], enforce_sorted=False
    )
    session.open_several(of_module(module, packed))
    session.last()
    with torch.no_grad():
        output, _ = module(packed)
    assert torch.allclose(run_of(session).output.data, output.data, atol=1e-6)
    assert session.state.document.lengths == (2, 4)


def test_own_unbatched_input_is_said_to_be_one(session: Session) -> None:
    session.open_several(of_module(torch.nn.RNN(3, 5), torch.randn(4, 3)))
    assert session.state.notice == "2-D input: taken as one unbatched sequence"
    assert run_of(session).unbatched


def test_own_dropout_is_said_to_draw_other_masks(session: Session) -> None:
    module = torch.nn.LSTM(3, 5, num_layers=2, dropout=0.5)
    session.open_several(of_module(module, torch.randn(4, 2, 3)))
    assert "not those of your script" in session.state.notice
    session.open_several(of_module(module.eval(), torch.randn(4, 2, 3)))
    assert session.state.notice == ""


def test_own_module_and_input_that_do_not_fit() -> None:
    with pytest.raises(InputError, match="3 features"):
        of_module(torch.nn.RNN(3, 5), torch.randn(4, 2, 7))


@pytest.mark.parametrize(
    ("field", "edit"),
    [
        ("N", lambda session: session.set_sequence_count(10**8)),
        ("L", lambda session: session.set_steps(10**9)),
        ("num_layers", lambda session: session.set_model(num_layers=200_000)),
    ],
)
def test_a_size_that_is_too_large_is_told_at_its_field(
    session: Session, field: str, edit: Callable[[Session], None]
) -> None:
    before = session.state.document
    edit(session)
    assert list(session.state.problems) == [field]
    assert session.state.document is before


def test_with_an_element_its_sequence_is_on_show() -> None:
    session = Session(ImmediateRunner())
    session.open_example("gru-unsorted")
    session.select(Element("h_n", 0, 0, None, 2, 1))
    assert session.state.sequence == 2
    session.select(Element("data", row=11, column=1))
    assert session.state.sequence == 1
    session.select(Element("weight_ih_l0", row=1, column=1))
    assert session.state.sequence == 1
    session.show_sequence(None)
    session.select(Element("h", 0, 0, 0, 3))
    assert session.state.sequence is None
