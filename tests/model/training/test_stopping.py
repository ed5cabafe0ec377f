"""A training that leaves the numbers stops at its last good weights and says what was first."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from rnnviz.errors import InputError
from rnnviz.model.training.batch import Batch
from rnnviz.model.training.loop import Training, train
from rnnviz.model.training.stopping import TrainingError, all_finite
from rnnviz.model.training.tasks import Parity, Sine
from tests.model.training.test_loop import PARITY, parity_loss, parity_parts, pipeline


def failed(training: Training) -> TrainingError:
    with pytest.raises(TrainingError) as caught:
        training.run()
    assert training.failure is caught.value
    assert list(training) == []
    assert "\n" not in str(caught.value)
    return caught.value


def same_weights(training: Training, model: Any) -> bool:
    held = training.snapshots[-1].weights
    return all(torch.equal(held[name], value) for name, value in model.named_parameters())


def test_a_rate_that_is_too_large() -> None:
    model = pipeline(Sine(), "RNN", nonlinearity="relu", hidden_size=8)
    training = train(model, Sine(), lr=3.0, steps=400, optimizer="sgd", every=5)
    error = failed(training)
    assert error.step == training.step + 1
    assert error.snapshot == training.snapshots[-1].step < error.step
    assert same_weights(training, model)
    assert all_finite(training.snapshots[-1].weights)
    assert all_finite(model.forward_loss(*sine_batch()))
    assert str(error).startswith(f"training stopped at step {error.step}: {error.tensor} is the ")


def sine_batch() -> tuple[Tensor, Tensor]:
    batch = next(Sine().batches(4))
    return batch.input, batch.target


def test_weights_that_an_update_breaks() -> None:
    model = pipeline(PARITY)
    training = train(model, PARITY, lr=1e308, optimizer="sgd", steps=9, clip=None, every=1)
    error = failed(training)
    assert error.snapshot < error.step <= 2
    assert same_weights(training, model)


def test_a_state_inside_the_cell_is_named() -> None:
    model = pipeline(Parity(), "RNN", nonlinearity="relu")
    training = train(model, Parity(), steps=20, every=1)
    for _ in range(3):
        next(training)
    with torch.no_grad():  # h grows a millionfold each timestep, and overflows
        model.recurrent.weight_ih_l0.fill_(1e6)
        model.recurrent.weight_hh_l0.fill_(1e6)
    error = failed(training)
    assert (error.step, error.snapshot) == (4, 2)
    assert error.tensor == "recurrent.h[5] of layer 0"
    assert same_weights(training, model)


def test_a_batch_that_is_not_finite_does_not_blame_the_weights() -> None:
    good = list(zip(range(3), PARITY.batches(2), strict=False))
    bad = Batch(torch.full((5, 2, 1), torch.nan).double(), torch.zeros(5, 2).long())
    parts = parity_parts()
    training = train(
        parts,
        [*(batch for _, batch in good), bad],
        loss=lambda batch: parity_loss(parts, batch),
        every=1,
    )
    error = failed(training)
    assert (error.step, error.tensor, error.snapshot) == (4, "input", 3)


def test_a_gradient_that_is_not_finite_while_the_loss_is() -> None:
    layers = {"first": nn.Linear(2, 2), "second": nn.Linear(2, 2)}

    def root(batch: Tensor) -> Tensor:
        """√0 at the last step: a loss of 0 with an infinite slope."""
        return layers["second"](layers["first"](batch)).mul(batch[0, 0]).pow(2).sum().sqrt()

    batches = [torch.ones(1, 2), torch.ones(1, 2), torch.zeros(1, 2)]
    error = failed(train(layers, batches, loss=root, every=1))
    assert error.step == 3
    assert error.tensor.startswith("second.")
    assert error.tensor.endswith(".grad")
    assert error.snapshot == 2


def test_the_first_module_is_named() -> None:
    layers = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))

    def loss(batch: Tensor) -> Tensor:
        between: Tensor = layers[0](batch).square().neg().log()  # NaN
        return layers[1](between).sum()

    error = failed(train(layers, [torch.ones(1, 2)], loss=loss))
    assert (error.step, error.tensor, error.snapshot) == (1, "1.output", 0)


def test_weights_that_are_not_finite_to_begin_with() -> None:
    model = pipeline(PARITY)
    with torch.no_grad():
        model.recurrent.weight_hh_l0[0, 0] = torch.nan
    with pytest.raises(InputError, match=r"recurrent\.weight_hh_l0: expected finite numbers"):
        train(model, PARITY)


def test_with_dropout_the_same_masks_are_drawn_again() -> None:
    """Only some masks let the overflow through; the diagnosis must meet the same one."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 4), nn.Dropout(0.9), nn.Linear(4, 1))

    def loss(batch: Tensor) -> Tensor:
        kept = model[1](model[0](batch))
        return model[2](kept / kept[0, 0].ne(0).logical_not().to(kept.dtype)).sum()

    error = failed(train(model, [torch.ones(1, 1)] * 50, loss=loss, steps=50))
    assert error.tensor == "2.output"


def test_scores_behind_the_modules_are_named() -> None:
    model = pipeline(Parity(), "RNN", nonlinearity="relu")
    assert model.head is not None
    training = train(model, Parity(), steps=5, every=1)
    next(training)
    with torch.no_grad():
        model.recurrent.weight_ih_l0.fill_(10.0)
        model.head.linear.weight.fill_(3e38)
    assert failed(training).tensor == "scores"
