"""The chain of shapes says of every tensor what it is, and the script beside it is whole."""

from __future__ import annotations

import contextlib
import io
import itertools
from typing import Any

import numpy as np
import pytest
import torch

from rnnviz.session import ImmediateRunner, Session
from rnnviz.session.scripts import drawn_batch, script_of
from rnnviz.session.shapes import Link, chain_of, chain_text, explained, shortened
from tests.opened_examples import KEYS, open_anew, opened, tensors


@pytest.mark.parametrize("key", KEYS)
def test_every_link_has_the_sizes_of_its_tensor(key: str) -> None:
    state, known = opened(key), tensors(key)
    links = [link for stage in chain_of(state) for link in stage]
    assert links
    for link in links:
        assert len(link.axes) == len(link.sizes)
        if link.name == "data":
            assert link.sizes[0] == sum(state.document.lengths)
        else:
            assert tuple(known[link.name].shape) == link.sizes


def test_a_chain_in_one_line() -> None:
    assert chain_text(chain_of(opened("next-word"))) == (
        "ids (L, N) = (3, 2) → embedded (3, 2, 5) → output (3, 2, 5), h_n (1, 2, 5)"
        " → scores (3, 2, 4) → flat_scores (6, 4), flat_targets (6) → loss"
    )
    assert chain_text(chain_of(opened("packed-rnn"))) == (
        "input (L, N, H_in) = (2, 4, 2) → data (6, 2) → output (2, 4, 6), h_n (4, 4, 3)"
    )
    assert chain_text(()) == ""


def test_a_given_initial_state_stands_beside_what_goes_in() -> None:
    assert chain_text(chain_of(opened("three-linears"))).startswith(
        "input (N, L, H_in) = (8, 32, 128), h_0_vector (64) → output (8, 32, 64)"
    )
    session = open_anew("lstm")
    session.set_initial("random")
    assert [link.text for link in chain_of(session.state)[0]] == [
        "input (1, 6, 4)",
        "h_0 (2, 1, 8)",
        "c_0 (2, 1, 8)",
    ]


def test_there_is_no_chain_before_the_first_run() -> None:
    assert chain_of(Session(ImmediateRunner()).state) == ()


def test_a_link_explains_its_axes() -> None:
    link = Link("output", ("L", "N", "D * H_out"), (3, 2, 10))
    assert explained(link) == (
        "output (L, N, D * H_out) = (3, 2, 10)\n"
        "L: 3, timesteps\nN: 2, sequences\nD * H_out: 10, directions × features of h"
    )
    assert explained(Link("loss", (), ())) == "loss, one number"


def test_less_and_less_is_left_of_a_chain_but_its_ends() -> None:
    chain = chain_of(opened("next-word"))
    hidden = shortened(chain)
    assert [len(each) for each in hidden] == list(range(len(chain) - 1))
    for shorter, longer in itertools.pairwise(hidden):
        assert set(shorter) < set(longer) <= set(range(1, len(chain) - 1))
        assert longer == tuple(range(longer[0], longer[-1] + 1))


def run_script(session: Session) -> tuple[dict[str, Any], str]:
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(script_of(session.state), "script.py", "exec"), names)
    return names, printed.getvalue()


def test_the_script_of_recurrent_layers_lists_their_parameters() -> None:
    _, printed = run_script(open_anew("rnn-parameters"))
    assert printed.endswith(
        "weight_ih_l0 (10, 100)\nweight_hh_l0 (10, 10)\nbias_ih_l0 (10,)\nbias_hh_l0 (10,)\n"
    )


def test_the_script_of_both_directions_parts_them() -> None:
    session = open_anew("bidirectional")
    names, printed = run_script(session)
    assert names["directions"].shape == (3, 2, 2, 5)
    assert session.state.whole is not None
    for direction, word in enumerate(("forward", "reverse")):
        assert f"{word} tensor" in printed
        states = session.state.whole.states(0, direction).h
        torch.testing.assert_close(names["directions"][:, :, direction].detach(), states)


def test_the_script_follows_edits_and_says_what_it_cannot_hold() -> None:
    from rnnviz.model.clamps import Clamp

    session = open_anew("lstm-projection")
    session.set_value(0, 0, 0, 5.0)
    assert drawn_batch(session.state.document) == ""
    session.set_weight("weight_hh_l0", 0, 0, 2.0)
    names, _ = run_script(session)
    assert names["recurrent"].weight_hh_l0[0, 0] == 2.0
    assert session.state.whole is not None
    torch.testing.assert_close(names["output"].detach(), session.state.whole.output)
    session.clamp(Clamp("h", 0.0))
    assert script_of(session.state).startswith("# A module cannot be told to hold values")


@pytest.mark.parametrize("key", ["lstm-projection", "rnn-100", "cell-ten", "three-linears"])
def test_a_drawn_batch_is_drawn_again(key: str) -> None:
    session = open_anew(key)
    session.fill("rand", 9)
    code = drawn_batch(session.state.document)
    if session.state.document.values.size > 400:
        assert "default_rng(9).random(" in code
    names, _ = run_script(session)
    values = session.state.document.values.astype(np.float32)
    if session.state.document.unbatched:
        values = values[0]
    elif not session.state.document.spec.batch_first:
        values = values.swapaxes(0, 1)
    np.testing.assert_array_equal(names["input"].numpy(), values)
