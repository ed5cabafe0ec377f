"""Training against torch's own loop written by hand, to the last digits."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from rnnviz.errors import InputError, SpecError, UsageError
from rnnviz.model.pipeline.head import Head
from rnnviz.model.pipeline.pipeline import Pipeline
from rnnviz.model.spec import CELL_NAMES, ModelSpec
from rnnviz.model.training import loop
from rnnviz.model.training.batch import Batch
from rnnviz.model.training.loop import train
from rnnviz.model.training.tasks import Adding, NextWord, Parity, Sine
from tests.model.training.test_optimizers import THEIRS


def parity_parts(cell: str = "RNN", **changes: Any) -> dict[str, nn.Module]:
    """A small classifier of every timestep, the same each time."""
    spec = ModelSpec(cell, 1, 4, dtype="float64", batch_first=True, seed=1, **changes)
    head = nn.Linear(spec.output_size * spec.num_directions, 2, dtype=torch.float64)
    for n, parameter in enumerate(head.parameters()):
        nn.init.uniform_(parameter, -0.5, 0.5, generator=torch.Generator().manual_seed(n))
    return {"recurrent": spec.build(), "head": head}


def parity_loss(parts: dict[str, nn.Module], batch: Batch) -> Tensor:
    output, _ = parts["recurrent"](batch.input)
    scores = parts["head"](output)
    return functional.cross_entropy(scores.flatten(0, 1), batch.target.flatten())


PARITY = Parity(length=5, batch_first=True, dtype="float64")


def by_hand(
    parts: dict[str, nn.Module], optimizer: str, clip: float | None, steps: int, seed: int
) -> list[tuple[float, float]]:
    """Losses and gradient norms of a plain loop."""
    parameters = [each for part in parts.values() for each in part.train().parameters()]
    torch_optimizer = THEIRS[optimizer](parameters, lr=0.02)
    torch.manual_seed(seed)
    found = []
    for batch in itertools.islice(PARITY.batches(6, seed), steps):
        torch_optimizer.zero_grad()
        loss = parity_loss(parts, batch)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(parameters, clip if clip is not None else float("inf"))
        torch_optimizer.step()
        found.append((loss.item(), norm.item()))
    return found


@settings(max_examples=25)
@given(
    st.sampled_from(CELL_NAMES),
    st.sampled_from(sorted(THEIRS)),
    st.sampled_from([None, 0.05, 100.0]),
    st.sampled_from([{}, {"num_layers": 2, "dropout": 0.5}, {"bidirectional": True}]),
    st.integers(0, 3),
)
def test_as_a_loop_by_hand(
    cell: str, optimizer: str, clip: float | None, changes: dict[str, Any], seed: int
) -> None:
    ours, theirs = parity_parts(cell, **changes), parity_parts(cell, **changes)
    with torch.random.fork_rng():
        expected = by_hand(theirs, optimizer, clip, 6, seed)
    training = train(
        ours,
        PARITY,
        loss=lambda batch: parity_loss(ours, batch),
        optimizer=optimizer,
        clip=clip,
        lr=0.02,
        steps=6,
        batch_size=6,
        seed=seed,
        every=4,
    ).run()
    found = [(record.loss, record.grad_norm) for record in training.records]
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-14)
    for name, part in ours.items():
        for mine, other in zip(part.parameters(), theirs[name].parameters(), strict=True):
            torch.testing.assert_close(mine, other, rtol=1e-11, atol=1e-13)


def pipeline(task: Any, cell: str = "GRU", **changes: Any) -> Pipeline:
    """A small model for a task."""
    changes = {"hidden_size": 6, "dtype": task.dtype, "seed": 2} | changes
    embedding, size = None, task.input_size
    dtype = getattr(torch, task.dtype)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        if task.vocabulary is not None:
            size = 4
            embedding = nn.Embedding(len(task.vocabulary), size, dtype=dtype)
        spec = ModelSpec(cell, size, **changes)
        linear = nn.Linear(spec.output_size, task.out_features, dtype=dtype)
    return Pipeline(embedding, spec, Head(linear, on=task.on), task.loss)


@pytest.mark.parametrize(
    "task", [NextWord(), Adding(), Sine()], ids=lambda task: type(task).__name__
)
def test_a_pipeline_learns_in_its_own_layout(task: Any) -> None:
    model = pipeline(task, batch_first=True)
    training = train(model, task, lr=0.02, steps=60, batch_size=8, every=30).run()
    assert sum(training.losses[-5:]) < 0.7 * sum(training.losses[:5])
    assert training.parameter_names == tuple(name for name, _ in model.named_parameters())
    assert [snapshot.step for snapshot in training.snapshots] == [0, 30, 60]


def test_the_users_own_inputs_and_targets() -> None:
    generator = torch.Generator().manual_seed(0)
    batch = Batch(torch.randn(5, 3, 1, generator=generator), torch.randint(2, (5, 3)), (5, 2, 3))
    model = pipeline(Parity())
    expected = model.forward_loss(batch.input, batch.target, lengths=batch.lengths).item()
    training = train(model, batch, lr=0.05, steps=30).run()
    assert training.losses[0] == expected
    assert training.losses[-1] < expected


def test_equal_seeds_equal_runs_and_nothing_else_is_touched() -> None:
    def trained(seed: int) -> Any:
        model = pipeline(PARITY, num_layers=2, dropout=0.4)
        return train(model, PARITY, steps=5, batch_size=3, seed=seed).run()

    before = torch.get_rng_state()
    one = trained(1)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(1)
    two = trained(1)
    assert one.records == two.records
    for name, value in one.snapshots[-1].weights.items():
        assert torch.equal(value, two.snapshots[-1].weights[name])
    assert trained(2).records != one.records


def test_nothing_around_it_reaches_a_step() -> None:
    expected = train(pipeline(PARITY), PARITY, steps=2, batch_size=2).run().records
    threads = torch.get_num_threads()
    model = pipeline(PARITY)
    with torch.inference_mode():
        assert train(model, PARITY, steps=2, batch_size=2).run().records == expected
    with torch.no_grad():
        model = pipeline(PARITY)
        assert train(model, PARITY, steps=2, batch_size=2).run().records == expected
    assert torch.get_num_threads() == threads


def test_modes_are_put_back() -> None:
    parts = parity_parts()
    parts["head"].train()
    training = train(parts, PARITY, loss=lambda batch: parity_loss(parts, batch), steps=2)
    next(training)
    assert (parts["recurrent"].training, parts["head"].training) == (False, True)


def snapshot_of(weight: Tensor) -> Tensor:
    return weight.detach().clone()


def test_snapshots_are_copies_to_go_back_to() -> None:
    model = pipeline(PARITY)
    weight = model.recurrent.weight_hh_l0
    training = train(model, PARITY, steps=7, every=3, batch_size=2)
    seen = [snapshot_of(weight), *(snapshot_of(weight) for _ in training)]
    assert [snapshot.step for snapshot in training.snapshots] == [0, 3, 6, 7]
    for snapshot in training.snapshots:
        assert torch.equal(snapshot.weights["recurrent.weight_hh_l0"], seen[snapshot.step])
    assert training.restore(5).step == 3
    assert torch.equal(weight, seen[3])
    assert training.restore(0).step == 0
    assert torch.equal(weight, seen[0])
    with pytest.raises(UsageError, match="step: expected 0 to 7, got 8"):
        training.restore(8)


def test_a_snapshot_as_a_pipeline_of_its_own() -> None:
    model = pipeline(PARITY)
    batch = next(PARITY.batches(3))
    before = model.run(batch.input).scores
    training = train(model, batch, steps=4, every=2).run()
    first = training.snapshots[0].applied_to(model)
    assert torch.equal(first.run(batch.input).scores, before)
    assert not torch.equal(model.run(batch.input).scores, before)
    again = training.snapshots[-1].applied_to(first).run(batch.input)
    assert torch.equal(again.scores, model.run(batch.input).scores)


def test_records_tell_norms_and_clipping() -> None:
    model = pipeline(PARITY)
    training = train(model, PARITY, steps=3, clip=0.01, batch_size=2)
    for record in training:
        torch.testing.assert_close(
            record.grad_norm, sum(each**2 for each in record.grad_norms) ** 0.5
        )
        torch.testing.assert_close(record.scale, 0.01 / (record.grad_norm + 1e-6))
        clipped = [parameter.grad.norm().item() for parameter in model.parameters()]
        expected = [norm * record.scale for norm in record.grad_norms]
        torch.testing.assert_close(clipped, expected)
    assert training.losses == tuple(record.loss for record in training.records)
    assert next(train(pipeline(PARITY), PARITY, steps=1, clip=1e6)).scale == 1


def test_a_weight_that_is_never_applied_stays() -> None:
    parts = parity_parts() | {"wh": nn.Linear(4, 4, dtype=torch.float64)}
    before = parts["wh"].weight.detach().clone()
    training = train(parts, PARITY, loss=lambda batch: parity_loss(parts, batch), steps=2).run()
    assert torch.equal(parts["wh"].weight, before)
    norms = dict(zip(training.parameter_names, training.records[-1].grad_norms, strict=True))
    assert norms["wh.weight"] == 0
    assert norms["head.weight"] > 0


def test_a_frozen_table_stays() -> None:
    task = NextWord(dtype="float64")
    model = pipeline(task)
    assert isinstance(model.embedding, nn.Embedding)
    model.embedding.weight.requires_grad_(False)
    before = model.embedding.weight.clone()
    training = train(model, task, steps=2).run()
    assert torch.equal(model.embedding.weight, before)
    assert "embedding.weight" not in training.parameter_names
    assert "embedding.weight" in training.snapshots[0].weights


def test_progress_and_cancel() -> None:
    told: list[tuple[int, int]] = []
    training = train(
        pipeline(PARITY),
        PARITY,
        steps=9,
        every=5,
        progress=lambda done, total: told.append((done, total)),
        cancelled=lambda: len(told) == 3,
    ).run()
    assert told == [(1, 9), (2, 9), (3, 9)]
    assert [snapshot.step for snapshot in training.snapshots] == [0, 3]
    assert training.failure is None
    assert list(training) == []


def test_batches_that_run_out() -> None:
    batches = list(itertools.islice(PARITY.batches(2), 4))
    training = train(pipeline(PARITY), batches, steps=9).run()
    assert training.step == 4
    assert training.snapshots[-1].step == 4


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"optimizer": "adamw"}, "optimizer: expected one of sgd, adam, rmsprop, got 'adamw'"),
        ({"lr": 0}, "lr: expected a finite number above 0, got 0"),
        ({"lr": float("nan")}, "lr: expected a finite number above 0, got nan"),
        ({"lr": "fast"}, "lr: expected a number, got 'fast'"),
        ({"steps": 0}, "steps: expected at least 1, got 0"),
        ({"steps": 2.0}, "steps: expected a whole number, got 2.0"),
        ({"clip": -1.0}, "clip: expected a finite number above 0, got -1.0"),
        ({"every": 0}, "every: expected at least 1, got 0"),
        ({"batch_size": True}, "batch_size: expected a whole number, got True"),
        ({"seed": -1}, "seed: expected at least 0, got -1"),
        ({"seed": 2**63}, "seed: expected at most"),
    ],
)
def test_choices_that_are_none(choices: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        train(pipeline(PARITY), PARITY, **choices)


def test_what_cannot_be_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = parity_parts()
    with pytest.raises(SpecError, match="loss: expected a function of a batch"):
        train(parts, PARITY)
    with pytest.raises(SpecError, match="model: expected a Pipeline or torch modules, got str"):
        train("model", PARITY)  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="model: expected parameters that require gradients"):
        train(nn.Tanh(), PARITY, loss=lambda batch: batch.input.sum())
    with pytest.raises(SpecError, match="sparse: expected False, got True"):
        train(nn.Embedding(3, 4, sparse=True), PARITY, loss=lambda batch: batch.input.sum())
    with pytest.raises(InputError, match="data: expected a task, a Batch or batches, got int"):
        train(pipeline(PARITY), 3)  # type: ignore[arg-type]
    monkeypatch.setattr(loop, "memory_limit", lambda: 100_000)
    with pytest.raises(SpecError, match="every: expected at least 15, so that snapshots fit"):
        train(pipeline(PARITY), PARITY, steps=1000, every=1)


def test_losses_that_are_none() -> None:
    parts = parity_parts()
    with pytest.raises(InputError, match="loss: expected one that depends on a parameter"):
        next(train(parts, PARITY, loss=lambda batch: batch.input.sum()))
    with pytest.raises(InputError, match="loss: expected one that depends on a parameter"):
        next(train(parts, PARITY, loss=lambda batch: torch.ones((), requires_grad=True) * 2))
    with pytest.raises(InputError, match=r"loss: expected a tensor \(\), got shape \(5, 2\)"):
        next(train(parts, PARITY, loss=lambda batch: parts["head"](torch.ones(5, 4).double())))
    with pytest.raises(InputError, match=r"loss: expected a tensor \(\), got float"):
        next(train(parts, PARITY, loss=lambda batch: 1.0))  # type: ignore[arg-type, return-value]
    wrong = Batch(torch.zeros(5, 1, 1).double(), torch.full((5, 1), 2))
    with pytest.raises(InputError, match="targets: expected classes 0 to 1"):
        next(train(pipeline(PARITY), wrong))
