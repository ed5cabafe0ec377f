"""Events that change what is computed: the model, its input, its weights, and back again."""

from __future__ import annotations

from typing import Any

from rnnviz.model.clamps import Clamp
from rnnviz.model.training.tasks import TASKS
from rnnviz.session.examples import example_keys
from tests.gui.abuse.stage import Event, Stage

_MODEL: tuple[dict[str, Any], ...] = (
    {"hidden_size": 1}, {"hidden_size": 12}, {"hidden_size": 0}, {"hidden_size": 10**9},
    {"hidden_size": "x"}, {"hidden_size": 128}, {"cell": "GRU"}, {"cell": "RNN"}, {"cell": "LSTM"},
    {"cell": "nothing"}, {"bidirectional": True}, {"bidirectional": False}, {"num_layers": 1},
    {"num_layers": 3}, {"num_layers": 10**6}, {"proj_size": 2}, {"proj_size": 0},
    {"proj_size": 10**6}, {"dropout": 0.5}, {"dropout": 7}, {"dtype": "bfloat16"},
    {"dtype": "float64"}, {"dtype": "float16"}, {"batch_first": True}, {"bias": False},
    {"input_size": 1}, {"input_size": 5}, {"input_size": -1}, {"nonlinearity": "relu"},
)  # fmt: skip
_FILLS = ("rand", "randn", "ones", "one-hot", "sine", "impulse")
_NUMBERS = (0.0, 1.0, -2.5, 1e30, float("nan"), float("inf"))
_LARGEST = 2_000_000  # numbers of a run; more would only make the machine busy
_INITIAL: tuple[Any, ...] = ("zeros", "random", "typed")
_FRONTS: tuple[Any, ...] = (None, "one_hot", "embedding", "linear")
_LOSSES = (None, "mse", "cross_entropy", "bce")
_SHOWINGS: tuple[Any, ...] = ("new", "old", "difference")


def change_model(stage: Stage) -> None:
    stage.burst(lambda: stage.session.set_model(**stage.chance.choice(_MODEL)))
    _keep_small(stage)


def change_input(stage: Stage) -> None:
    session, chance = stage.session, stage.chance
    deeds = (
        lambda: session.fill(chance.choice(_FILLS), chance.randrange(9)),
        lambda: session.set_steps(chance.choice((0, 1, 3, 9, 40, 300, 3000))),
        lambda: session.set_sequence_count(chance.choice((0, 1, 2, 5, 40))),
        lambda: session.set_length(chance.randrange(3), chance.randrange(-1, 7)),
        lambda: session.set_value(0, chance.randrange(4), 0, chance.choice(_NUMBERS)),
        lambda: session.set_padding_value(chance.choice(_NUMBERS)),
        lambda: session.set_unbatched(chance.random() < 0.5),
        lambda: session.set_text(chance.choice(("", "hello there", "a " * 50, "\0ß<b>"))),
    )
    stage.burst(chance.choice(deeds))
    _keep_small(stage)


def start_elsewhere(stage: Stage) -> None:
    session, chance = stage.session, stage.chance
    session.set_initial(chance.choice(_INITIAL))
    which = chance.choice(("h_0", "c_0"))
    session.set_initial_value(which, 0, 0, chance.randrange(4), chance.choice(_NUMBERS))


def pack(stage: Stage) -> None:
    stage.session.set_packed(stage.chance.random() < 0.5)
    stage.session.set_enforce_sorted(stage.chance.random() < 0.5)


def edit_numbers(stage: Stage) -> None:
    session, chance = stage.session, stage.chance
    unit, number = chance.randrange(9), chance.choice(_NUMBERS)
    deeds = (
        lambda: session.set_weight("weight_hh_l0", 1, unit, number),
        lambda: session.set_weight("weight_ih_l1_reverse", 1, unit, number),
        lambda: session.set_weight("bias_ih_l0", unit, None, number),
        lambda: session.set_target((0, 0), number),
        session.draw_weights,
    )
    stage.burst(chance.choice(deeds))


def clamp(stage: Stage) -> None:
    session, chance = stage.session, stage.chance
    place = {"t": chance.choice((None, 0, 4)), "unit": chance.choice((None, 0, 7))}
    forced = Clamp(chance.choice("ifgorznhcx"), chance.choice(_NUMBERS), **place)
    session.clamp(forced)
    if chance.random() < 0.3:
        session.unclamp(forced)


def surround(stage: Stage) -> None:
    session, chance = stage.session, stage.chance
    deeds = (
        lambda: session.set_front(chance.choice(_FRONTS)),
        lambda: session.set_front_fields(size=chance.choice((0, 3, 40))),
        lambda: session.set_head(chance.random() < 0.5),
        lambda: session.set_head_fields(out_features=chance.choice((0, 2, 30))),
        lambda: session.set_loss(chance.choice(_LOSSES)),
        lambda: session.set_decoding(chance.random() < 0.5),
        lambda: session.set_recurrent(chance.random() < 0.7),
        lambda: session.set_decoder(steps=chance.choice((0, 1, 30))),
    )
    chance.choice(deeds)()


def undo(stage: Stage) -> None:
    session = stage.session
    stage.burst(stage.chance.choice((session.undo, session.undo, session.redo)))


def compare(stage: Stage) -> None:
    session, chance = stage.session, stage.chance
    deeds = (
        lambda: session.show_comparison(chance.choice(_SHOWINGS)),
        lambda: session.show_comparison("difference"),
        session.keep_edits,
        session.discard_edits,
        lambda: session.revert(chance.choice(session.changes())) if session.changes() else None,
    )
    chance.choice(deeds)()


def open_example(stage: Stage) -> None:
    stage.burst(lambda: stage.session.open_example(stage.chance.choice(example_keys())))


def train(stage: Stage) -> None:
    session, chance = stage.session, stage.chance
    training = session.state.training
    last = 0 if training is None else chance.randrange(60)
    deeds = (
        lambda: session.train(steps=chance.choice((1, 40, 5000)), every=chance.choice((1, 10))),
        lambda: session.train(steps=chance.choice((0, 20)), lr=chance.choice((0.1, -1, 1e9))),
        session.stop_training,
        lambda: session.show_snapshot(last),
        session.close_training,
        lambda: session.set_training(chance.random() < 0.5),
        lambda: session.set_task(chance.choice(("", *TASKS))),
        stage.bench.training.toggle,
    )
    chance.choice(deeds)()


def give_up(stage: Stage) -> None:
    session = stage.session
    session.cancel_errand()
    session.dismiss_notice()
    session.dismiss_problems()


def _keep_small(stage: Stage) -> None:
    """Goes back to an example where a run would take all of the machine."""
    document = stage.session.state.document
    spec = document.spec
    wide = spec.hidden_size * spec.num_layers * (2 if spec.bidirectional else 1)
    if document.L * document.N * wide > _LARGEST:
        stage.session.open_example("lstm")


EVENTS: tuple[tuple[int, Event], ...] = (
    (8, change_model), (7, change_input), (2, start_elsewhere), (2, pack), (4, edit_numbers),
    (3, clamp), (4, surround), (7, undo), (4, compare), (5, open_example), (5, train),
    (1, give_up),
)  # fmt: skip
