"""Models that fit tasks: sizes, and weights that a script draws again."""

from __future__ import annotations

import pytest
import torch

from rnnviz.errors import SpecError
from rnnviz.model.pipeline.redraw import redraw
from rnnviz.model.spec import ModelSpec
from rnnviz.model.training.fitting import pipeline_for, sequence_to_sequence_for
from rnnviz.model.training.loop import train
from rnnviz.model.training.tasks import TASKS, Reverse

SPECS = [
    ModelSpec("RNN", 3, 4, seed=5),
    ModelSpec("LSTM", 3, 4, num_layers=2, proj_size=2, batch_first=True, dtype="float64"),
    ModelSpec("GRU", 3, 4, bidirectional=True, seed=2),
]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.cell)
@pytest.mark.parametrize("name", [name for name, task in TASKS.items() if task.aligned])
def test_it_runs_and_trains(name: str, spec: ModelSpec) -> None:
    task = TASKS[name](batch_first=spec.batch_first, dtype=spec.dtype)
    before = torch.get_rng_state()
    model = pipeline_for(task, spec)
    assert torch.equal(torch.get_rng_state(), before)
    batch = next(task.batches(3))
    run = model.run(batch.input, batch.target)
    first = next(train(model, batch))
    torch.testing.assert_close(first.loss, run.loss.item(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.cell)
@pytest.mark.parametrize("name", ["next word", "sine"])
def test_a_script_draws_the_same_weights(name: str, spec: ModelSpec) -> None:
    model = pipeline_for(TASKS[name](), spec)
    drawn = redraw(model).weights
    for key, parameter in model.named_parameters():
        assert torch.equal(drawn[key], parameter), key


@pytest.mark.parametrize("shortest", [None, 1])
@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_an_encoder_and_a_decoder_learn(cell: str, shortest: int | None) -> None:
    task = Reverse(symbols=3, length=2, shortest=shortest)
    spec = ModelSpec(cell, 4, 8, seed=3, dtype="float64", batch_first=cell == "GRU")
    before = torch.get_rng_state()
    model = sequence_to_sequence_for(task, spec)
    assert torch.equal(torch.get_rng_state(), before)
    training = train(model, task, lr=0.03, steps=40, batch_size=16).run()
    assert sum(training.losses[-5:]) < 0.5 * sum(training.losses[:5])
    assert {name.split(".")[0] for name in training.parameter_names} == {
        "embedding",
        "encoder",
        "decoder",
        "head",
    }


def test_sequence_to_sequence_takes_two() -> None:
    with pytest.raises(SpecError, match="task: expected one target a timestep"):
        pipeline_for(Reverse(), SPECS[0])
