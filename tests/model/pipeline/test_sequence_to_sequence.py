"""An encoder and a decoder are torch's modules called one after another, forwards and back."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from rnnviz.errors import InputError, SpecError, UsageError
from rnnviz.model.pipeline import OneHot, SequenceToSequence
from tests.model.pipeline.test_pipeline import close

FLOAT = torch.float64
START, END = 1, 2


@dataclass
class Case:
    """A model with a source and targets."""

    model: SequenceToSequence
    source: Tensor
    targets: Tensor
    lengths: list[int] | None


@st.composite
def cases(draw: st.DrawFn) -> Case:
    torch.manual_seed(draw(st.integers(0, 2**32)))
    V, E, L, N, T = (draw(st.integers(low, 5)) for low in (3, 1, 1, 1, 1))  # noqa: N806
    first, second = (draw(st.sampled_from([nn.RNN, nn.LSTM, nn.GRU])) for _ in range(2))
    layers, hidden = draw(st.integers(1, 2)), draw(st.integers(2, 4))
    batch_first = draw(st.booleans())
    options: dict[str, Any] = {"num_layers": layers, "batch_first": batch_first, "dtype": FLOAT}
    source_table, target_table, width = _tables(draw(st.sampled_from(["one", "two", "rows"])), V, E)
    projection = draw(st.integers(0, 1)) if first is second is nn.LSTM else 0
    options |= {"proj_size": projection} if projection else {}
    model = SequenceToSequence(
        first(width[0], hidden, **options).eval(),
        second(width[1], hidden, **options).eval(),
        source_table,
        nn.Linear(projection or hidden, V, dtype=FLOAT),
        START,
        END,
        target_table,
    )
    form = draw(st.sampled_from(["batch", "padded", "unbatched"]))
    lengths = [draw(st.integers(1, L)) for _ in range(N)] if form == "padded" else None
    shapes = [(L,), (T,)] if form == "unbatched" else [(N, L), (N, T)]
    source, targets = (torch.randint(V, shape) for shape in shapes)
    if targets.numel() > 1:
        targets.view(-1)[-1] = -100
    if not batch_first and form != "unbatched":
        source, targets = source.T.contiguous(), targets.T.contiguous()
    return Case(model, source, targets, lengths)


def _tables(kind: str, V: int, E: int) -> tuple[Any, Any, tuple[int, int]]:  # noqa: N803
    if kind == "rows":
        return OneHot(V), OneHot(V, nn.Linear(V, E, bias=False, dtype=FLOAT)), (V, E)
    table = nn.Embedding(V, E, dtype=FLOAT)
    return table, None if kind == "one" else nn.Embedding(V, E, dtype=FLOAT), (E, E)


@settings(max_examples=80)
@given(cases(), st.sampled_from([True, False, None]))
def test_it_computes_what_the_script_computes(case: Case, forcing: bool | None) -> None:
    targets = None if forcing is None else case.targets
    run = case.model.run(case.source, targets, case.lengths, None, forcing)
    names: dict[str, Any] = {"print": lambda *_: None}
    exec(compile(run.code(), "script.py", "exec"), names)
    assert run.encoder.output is not None
    assert run.decoder.scores is not None
    close(run.encoder.output, names["encoded"])
    close(run.decoder.scores, names["scores"])
    assert torch.equal(run.choices, names["choices"])
    if run.loss is None:
        return
    close(run.loss, names["loss"])
    gradients = run.backward()
    for name, weight in case.model.named_parameters():
        part, _, inner = name.partition(".")
        grad = dict(names[part].named_parameters())[inner].grad
        close(gradients.weights[name], torch.zeros_like(weight) if grad is None else grad, 1e-11)


@settings(max_examples=50)
@given(cases())
def test_gradients_are_those_of_autograd(case: Case) -> None:
    loss = case.model.forward_loss(case.source, case.targets, case.lengths)
    loss.backward()
    run = case.model.run(case.source, case.targets, case.lengths)
    assert run.loss is not None
    close(run.loss, loss)
    gradients = run.backward()
    assert list(gradients.weights) == [name for name, _ in case.model.named_parameters()]
    for name, weight in case.model.named_parameters():
        grad = torch.zeros_like(weight) if weight.grad is None else weight.grad
        close(gradients.weights[name], grad, 1e-11)


@settings(max_examples=50)
@given(cases(), st.booleans())
def test_steps_one_at_a_time_are_those_of_the_whole(case: Case, forcing: bool) -> None:
    decoder = case.model.decoder(case.source, case.targets, case.lengths, None, forcing)
    steps = list(decoder)
    assert [step.t for step in steps] == list(range(decoder.total))
    run = decoder.run()
    at = 1 if run.decoder.form.batch_first else 0
    for name in ("embedded", "output", "scores", "probabilities"):
        together = torch.cat([step.tensors[name].tensor for step in steps], dim=at)
        close(together, run.decoder.tensors[name].tensor)
    assert torch.equal(decoder.choices, run.choices)
    for before, after in itertools.pairwise(steps):
        close(after.tensors["h_0"].tensor, before.tensors["h_n"].tensor)
        if not forcing:
            fed = after.tensors["ids"].tensor.flatten()
            assert torch.equal(fed, before.choices.flatten())
    decoder.back()
    assert decoder.position == decoder.total - 1
    assert decoder.step() is steps[-1]


def small(**changes: Any) -> SequenceToSequence:
    table = nn.Embedding(6, 4)
    arguments: dict[str, Any] = {
        "encoder": nn.GRU(4, 5),
        "decoder": nn.GRU(4, 5),
        "embedding": table,
        "head": nn.Linear(5, 6),
        "start": START,
        "end": END,
    }
    return SequenceToSequence(**(arguments | changes))


def test_it_stops_once_every_sequence_has_ended() -> None:
    model = small()
    with torch.no_grad():
        model.decoding.head.linear.bias[END] = 100.0
    run = model.run(torch.randint(6, (4, 3)))
    assert run.decoder.tensors["ids"].legend == "(L, N) = (1, 3)"
    assert run.choices.tolist() == [[END] * 3]
    assert run.lengths == (0, 0, 0)


def test_it_goes_on_to_twice_the_source_at_most() -> None:
    model = small()
    with torch.no_grad():
        model.decoding.head.linear.bias[END] = -100.0
    assert model.run(torch.randint(6, (4, 3))).lengths == (8, 8, 8)
    assert model.run(torch.randint(6, (4, 3)), steps=3).lengths == (3, 3, 3)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"decoder": nn.GRU(4, 7), "head": nn.Linear(7, 6)},
            "h_0: expected 5 in the decoder, as in the encoder, got 7",
        ),
        (
            {"decoder": nn.GRU(4, 5, num_layers=2)},
            "num_layers: expected 1 in the decoder, as in the encoder, got 2",
        ),
        (
            {"encoder": nn.GRU(4, 5, bidirectional=True)},
            "encoder: expected one direction, got nn.GRU(4, 5, bidirectional=True)",
        ),
        ({"start": 6}, "start: expected an id from 0 to 5, got 6"),
        (
            {"head": nn.Linear(5, 7)},
            "out_features: expected 6, a score for each token that can be fed back, got 7",
        ),
        ({"loss": "mse"}, "loss: expected 'cross_entropy', got 'mse'"),
    ],
)
def test_parts_that_do_not_fit(changes: dict[str, Any], line: str) -> None:
    with pytest.raises(SpecError) as problem:
        small(**changes)
    assert str(problem.value) == line


def test_targets_that_do_not_fit() -> None:
    model, source = small(), torch.randint(6, (4, 3))
    with pytest.raises(InputError, match=r"targets: expected 0 to 5 .* got 9 at targets\[1, 2\]"):
        model.run(source, torch.tensor([[1, 1, 1], [1, 1, 9]]))
    with pytest.raises(InputError, match=r"targets: expected \(L, N\) with N = 3, got \(4, 2\)"):
        model.run(source, torch.ones(4, 2, dtype=torch.int64))
    with pytest.raises(InputError, match="targets: expected ids, to be fed to the decoder"):
        model.run(source, teacher_forcing=True)


def test_dropout_in_train_mode_is_not_stepped() -> None:
    layers = {"num_layers": 2, "dropout": 0.5}
    model = small(encoder=nn.GRU(4, 5, **layers), decoder=nn.GRU(4, 5, **layers))
    source = torch.randint(6, (4, 3))
    with pytest.raises(UsageError, match="expected eval mode"):
        model.run(source)
    assert model.run(source, source).loss is not None
