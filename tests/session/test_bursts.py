"""Intents in bursts, results late: whatever comes, the state stays one that makes sense."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from rnnviz.element import Element
from rnnviz.figures import figure_names
from rnnviz.session import Session
from rnnviz.session.examples import example_keys
from rnnviz.session.fills import FILLS
from tests.session.conftest import HeldRunner


def intents(session: Session, chance: random.Random) -> list[Callable[[], None]]:
    """One of each, its arguments drawn, some of them wrong."""
    document = session.state.document
    row, t = chance.randrange(document.N), chance.randrange(document.L)
    feature = chance.randrange(document.spec.input_size)
    small = chance.choice([0, 1, 2, 3, 5])
    element = Element(chance.choice("hcifz"), chance.randrange(2), 0, t, row, small)
    return [
        lambda: session.set_model(cell=chance.choice(["RNN", "LSTM", "GRU"])),
        lambda: session.set_model(hidden_size=small),
        lambda: session.set_model(input_size=small, bias=chance.random() < 0.5),
        lambda: session.set_model(num_layers=small),
        lambda: session.set_model(proj_size=small),
        lambda: session.set_model(bidirectional=chance.random() < 0.5, dropout=0.5),
        lambda: session.set_model(batch_first=chance.random() < 0.5),
        lambda: session.set_training(chance.random() < 0.5),
        lambda: session.set_value(row, t, feature, chance.choice([1.5, 1e38, float("nan")])),
        lambda: session.paste_values(row, t, feature, "1\t2\n3\t4"),
        lambda: session.fill(chance.choice(list(FILLS)), small),
        lambda: session.set_sequence_count(small),
        lambda: session.set_steps(chance.choice([0, 1, 4, 90])),
        lambda: session.set_length(row, chance.choice([0, 1, 3, 7])),
        lambda: session.set_packed(chance.random() < 0.7),
        lambda: session.set_enforce_sorted(chance.random() < 0.5),
        lambda: session.set_unbatched(chance.random() < 0.5),
        lambda: session.set_initial(chance.choice(["zeros", "random", "typed"])),
        lambda: session.set_initial_value("h_0", 0, row, 0, 1.0),
        session.step,
        session.back,
        session.first,
        session.last,
        session.toggle_play,
        lambda: session.seek(chance.randrange(-3, 200)),
        lambda: session.show_sequence(chance.choice([None, 0, 1, 7])),
        lambda: session.select(element),
        lambda: session.show_figure(chance.choice(figure_names())),
        lambda: session.open_example(chance.choice(example_keys())),
    ]


def check(session: Session, held: HeldRunner) -> None:
    """What must hold in every state, and what once nothing is under way."""
    state = session.state
    assert 0 <= state.position <= state.total
    if state.run is None:
        return
    assert (state.run.position, state.run.total) == (state.position, state.total)
    assert state.sequence is None or state.sequence < state.run.N or state.busy
    if held.jobs:
        return
    assert not state.busy
    assert state.whole is not None
    assert state.whole.total == state.total
    assert state.run.N == state.document.N
    assert state.run.kind == state.document.spec.cell
    assert state.run.hidden_size == state.document.spec.hidden_size
    assert state.badge.status == "matches"
    assert state.view().run is state.run


@pytest.mark.parametrize("seed", range(20))
def test_bursts(seed: int, held: HeldRunner) -> None:
    chance = random.Random(seed)
    session = Session(held)
    session.open_example("lstm")
    for _ in range(25):
        for _ in range(chance.choice([1, 1, 3, 10])):
            chance.choice(intents(session, chance))()
            check(session, held)
        for _ in range(chance.choice([0, 1, 2])):
            if held.jobs:
                held.run_next()
                check(session, held)
        if chance.random() < 0.4:
            held.run_all()
            check(session, held)
