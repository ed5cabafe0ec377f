"""Several recurrent stacks in a row, one of them on show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnviz.errors import SpecError
from rnnviz.model.clamps import Clamp
from rnnviz.model.spec import ModelSpec
from rnnviz.session.edits import (
    check,
    with_model,
    with_sequence_count,
    with_sequences,
    with_steps,
)
from rnnviz.session.parts import FrontPart, HeadPart, StackPart
from rnnviz.session.runner import ImmediateRunner
from rnnviz.session.running import run_of
from rnnviz.session.session import Session
from rnnviz.session.stacks import stacks_of, with_stack
from rnnviz.session.state import Document, InitialStates, WeightEdit

SPECS = (
    ModelSpec("LSTM", 3, 5, bidirectional=True, seed=1, dtype="float64"),
    ModelSpec("GRU", 10, 4, num_layers=2, seed=2, dtype="float64"),
    ModelSpec("RNN", 4, 6, seed=3, dtype="float64"),
)
NAMES = ("first", "second", "third")


def row(**choices: object) -> Document:
    """Three stacks of different cells and sizes, the first on show."""
    values = np.random.default_rng(0).normal(size=(2, 7, 3))
    after = tuple(StackPart(name, spec) for name, spec in zip(NAMES[1:], SPECS[1:], strict=True))
    return check(Document(SPECS[0], values, (7, 5), stack="first", after=after, **choices))  # type: ignore[arg-type]


def by_torch(document: Document) -> torch.Tensor:
    """(L, N, 6), what the three modules give one after the other."""
    values = torch.tensor(document.values)
    values[1, 5:] = document.padding_value
    given = values.transpose(0, 1)
    if document.packed:
        given = pack_padded_sequence(values, torch.tensor([7, 5]), batch_first=True)  # type: ignore[assignment]
    for spec in SPECS:
        given, _ = spec.build()(given)
    if document.packed:
        given, _ = pad_packed_sequence(given)  # type: ignore[arg-type]
    return given.detach()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
def test_the_last_stack_gives_what_the_modules_give_in_a_row(
    packed: bool, batch_first: bool
) -> None:
    document = row(packed=packed, padding_value=2.5)
    if batch_first:
        document = with_model(document, batch_first=True)
    last = check(with_stack(document, 2))
    run = run_of(last)
    output = run.output
    if packed:
        output, _ = pad_packed_sequence(output)
    elif batch_first:
        output = output.transpose(0, 1)
    assert (output - by_torch(document)).abs().max() < 1e-12


def test_each_stack_keeps_what_is_its_own() -> None:
    edit, clamp = WeightEdit("weight_hh_l0", 0, 1, 0.5), Clamp("f", 1.0)
    document = row(weight_edits=(edit,), clamps=(clamp,))
    second = with_stack(document, 1)
    assert second.stack == "second"
    assert (second.spec.cell, second.weight_edits, second.clamps) == ("GRU", (), ())
    assert second.before[0].weight_edits == (edit,)
    back = with_stack(with_stack(second, 2), 0)
    assert (back.spec, back.weight_edits, back.clamps) == (document.spec, (edit,), (clamp,))
    assert [stack.name for stack in stacks_of(back)] == list(NAMES)


def test_an_edit_of_one_stack_is_felt_in_the_next() -> None:
    plain, edited = row(), row(clamps=(Clamp("h", 0.0, direction=None),))
    first, second = (run_of(with_stack(document, 1)) for document in (plain, edited))
    assert torch.count_nonzero(second.inputs(0)) == 0
    assert torch.count_nonzero(first.inputs(0)) > 0


def test_sizes_that_no_longer_meet_are_refused() -> None:
    with pytest.raises(SpecError, match="from first to second, got 12 to 10"):
        check(with_model(row(), hidden_size=6))
    with pytest.raises(SpecError, match="input_size"):
        check(with_model(with_stack(row(), 1), input_size=4))
    with pytest.raises(SpecError, match="none behind first"):
        check(replace(with_stack(row(), 1), front=FrontPart("linear", 3, 3)))
    with pytest.raises(SpecError, match="none before second"):
        check(replace(row(), head=HeadPart(2)))


def test_another_input_is_the_first_stacks() -> None:
    from rnnviz.files.sequences import Sequences

    document = with_stack(row(), 1)
    assert document.features == 3
    given = Sequences(np.zeros((1, 4, 3)), (4,))
    assert with_sequences(document, given).values.shape == (1, 4, 3)
    with pytest.raises(ValueError, match="3 features"):
        with_sequences(document, Sequences(np.zeros((1, 4, 2)), (4,)))


def test_initial_states_and_clamps_of_all_stacks_follow_the_batch() -> None:
    given = InitialStates("typed", np.ones((2, 2, 5)), np.ones((2, 2, 5)))
    document = with_stack(row(initial=given, clamps=(Clamp("f", 1.0, t=6),)), 1)
    grown = check(with_steps(with_sequence_count(document, 3), 4))
    first = grown.before[0]
    assert first.initial is not None
    assert first.initial.h_0 is not None
    assert first.initial.h_0.shape == (2, 3, 5)
    assert first.clamps == ()
    run_of(grown)


def test_a_session_goes_from_stack_to_stack_and_back() -> None:
    session = Session(ImmediateRunner())
    session._open(row(), 3, None, "unrolled")
    session.show_stack(2)
    state = session.state
    assert state.document.stack == "third"
    assert (state.position, state.title) == (3, row().title)
    session.show_stack(7)
    assert session.state.document.stack == "third"
    session.undo()
    assert session.state.document.stack == "first"
