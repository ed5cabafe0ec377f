"""What does not fit is said in one line with its field, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from rnnviz.errors import InputError, RnnvizError, SpecError, UsageError
from rnnviz.model.pipeline import Head, Loss, OneHot, Pipeline, PipelineRun

NAN = float("nan")


def words(**changes: Any) -> Pipeline:
    parts: dict[str, Any] = {
        "embedding": nn.Embedding(4, 5),
        "recurrent": nn.RNN(5, 6),
        "head": nn.Linear(6, 4),
        "loss": "cross_entropy",
    }
    return Pipeline(**(parts | changes))


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ({"recurrent": nn.RNN(3, 6)}, "input_size: expected 5, as the embedding gives, got 3"),
        ({"head": nn.Linear(5, 4)}, "in_features: expected 6, as comes before, got 5"),
        ({"recurrent": nn.RNN(5, 3, bidirectional=True)}, None),
        (
            {"recurrent": nn.RNN(5, 6).double()},
            "recurrent.weight_ih_l0: expected torch.float32, as before it, got torch.float64",
        ),
        ({"embedding": torch.ones(4, 5)}, "embedding: expected nn.Embedding, OneHot, nn.Linear or"),
        ({"embedding": nn.Embedding(4, 5, max_norm=1.0)}, "max_norm: expected None (with it a"),
        ({"head": "linear"}, "head: expected a Head, an nn.Linear or None, got str"),
        ({"loss": "hinge"}, "loss: expected 'cross_entropy', 'mse' or 'bce', got 'hinge'"),
        ({"loss": 3}, "loss: expected a Loss, its kind or None, got int"),
        (
            {"batch_first": True},
            "batch_first: expected False, as of the recurrent module, got True",
        ),
        (
            {"head": Head(nn.Linear(6, 4), activation="sigmoid")},
            "activation: expected None or 'softmax' before cross_entropy, got 'sigmoid'",
        ),
        ({"loss": Loss("cross_entropy", weight=torch.ones(3))}, "weight: expected 4 numbers, got"),
    ],
)
def test_parts_that_do_not_fit(parts: dict[str, Any], line: str | None) -> None:
    if line is None:
        assert words(**parts).spec is not None
        return
    with pytest.raises(SpecError) as problem:
        words(**parts)
    assert str(problem.value).startswith(line)


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (lambda: Pipeline(), "pipeline: expected an embedding, recurrent or head, got none"),
        (lambda: Pipeline(recurrent=nn.Linear(2, 2)), "module: expected a torch.nn.RNN, torch.nn"),
        (lambda: OneHot(0), "num_classes: expected at least 1, got 0"),
        (lambda: OneHot(4, nn.Linear(3, 5)), "linear: expected in_features 4 (num_classes), got 3"),
        (lambda: Head(nn.Linear(2, 2), on="first"), "on: expected 'every', 'last' or 'h_n', got"),
        (lambda: Head(nn.Linear(2, 2), activation="relu"), "activation: expected None, 'sigmoid'"),
        (lambda: Head(nn.RNN(2, 2)), "linear: expected an nn.Linear, got RNN"),
        (lambda: Pipeline(head=Head(nn.Linear(2, 2), on="h_n")), "on: expected 'every' or 'last'"),
        (lambda: Loss("mse", reduction="none"), "reduction: expected 'mean' or 'sum', got 'none'"),
        (lambda: Loss("mse", label_smoothing=0.1), "label_smoothing: expected cross_entropy"),
        (lambda: Loss("mse", weight=torch.ones(2)), "weight: expected cross_entropy, which alone"),
    ],
)
def test_a_part_that_cannot_be(make: Callable[[], object], line: str) -> None:
    with pytest.raises(SpecError) as problem:
        make()
    assert str(problem.value).startswith(line)


IDS = torch.tensor([[1, 3], [2, 2], [3, 1]])


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (
            {"batch": torch.tensor([[1, 3], [2, 7], [3, 1]])},
            "ids: expected 0 to 3 (num_embeddings is 4), got 7 at ids[1, 1]",
        ),
        ({"batch": [[1, -1]]}, "ids: expected 0 to 3 (num_embeddings is 4), got -1 at ids[0, 1]"),
        ({"batch": torch.ones(3, 2)}, "ids: expected whole numbers, got torch.float32"),
        ({"batch": "hello"}, "ids: expected a tensor, got a str"),
        ({"batch": torch.ones(1, 2, 3).long()}, "batch: expected at most 2 axes (N and L)"),
        ({"batch": torch.ones(0, 2).long()}, "batch: expected at least 1 sequence and 1 timestep"),
        ({"targets": torch.ones(3, 3).long()}, "targets: expected (3, 2) or flat (6), got (3, 3)"),
        (
            {"targets": torch.tensor([[1, 3], [2, 2], [9, 1]])},
            "targets: expected classes 0 to 3, or -100 to ignore, got 9 at targets[2, 0]",
        ),
        ({"targets": torch.ones(3, 2)}, "targets: expected class ids (whole numbers), got torch"),
        ({"targets": torch.full((6,), -100)}, "targets: expected at least one that is not ignored"),
        ({"lengths": [3]}, "lengths: expected 2, one a sequence, got 1"),
        ({"lengths": [3, 4]}, "lengths: expected at most total_length (3), got 4 for sequence 1"),
        ({"batch": [1, 2], "lengths": [2]}, "lengths: expected None without axes N and L"),
        ({"hx": torch.ones(5)}, "h_0: expected 6 numbers for every sequence, got 5"),
        ({"hx": torch.ones(1, 3, 6)}, "h_0: expected 2 in the second axis of"),
    ],
)
def test_a_call_that_does_not_fit(call: dict[str, Any], line: str) -> None:
    with pytest.raises(InputError) as problem:
        words().run(**({"batch": IDS} | call))
    assert str(problem.value).startswith(line)
    assert "\n" not in str(problem.value)


def test_nan_in_a_table() -> None:
    pipeline = words()
    with torch.no_grad():
        pipeline.embedding.weight[2, 1] = NAN
    with pytest.raises(InputError) as problem:
        pipeline.run(IDS)
    told = "embedding.weight: expected finite numbers, got nan in row 2, column 1"
    assert str(problem.value) == told


@pytest.mark.parametrize(
    ("kind", "target", "line"),
    [
        (
            "mse",
            torch.full((3, 2, 4), NAN),
            "targets: expected finite numbers, got nan at targets[",
        ),
        ("bce", torch.full((3, 2, 4), 2.0), "targets: expected numbers from 0 to 1, got 2.0 at"),
        ("mse", torch.ones(3, 2), "targets: expected (3, 2, 4) or flat (6, 4), got (3, 2)"),
        (
            "mse",
            torch.ones(3, 2, 4).double(),
            "targets: expected torch.float32, that of the scores",
        ),
    ],
)
def test_values_that_cannot_be_compared_with(kind: str, target: Any, line: str) -> None:
    with pytest.raises(InputError) as problem:
        words(loss=kind).run(IDS, target)
    assert str(problem.value).startswith(line)


def test_vectors_that_do_not_fit() -> None:
    pipeline = Pipeline(nn.Linear(3, 2))
    with pytest.raises(InputError, match="3 features in the last axis"):
        pipeline.run(torch.ones(2, 4))
    with pytest.raises(InputError, match=r"vectors of torch.float32, got torch.float64"):
        pipeline.run(torch.ones(2, 3).double())
    with pytest.raises(InputError, match="got a single number"):
        pipeline.run(torch.tensor(1.0))
    with pytest.raises(InputError, match="hx: expected None without a recurrent module"):
        pipeline.run(torch.ones(2, 3), hx=torch.ones(2))
    with pytest.raises(InputError, match="targets: expected None without a loss"):
        pipeline.run(torch.ones(2, 3), torch.ones(2, 2))
    with pytest.raises(SpecError, match="loss: expected a Loss, to be trained with"):
        pipeline.forward_loss(torch.ones(2, 3), torch.ones(2, 2))


def test_what_is_wrong_at_padding_does_not_count() -> None:
    pipeline, lengths = words(), [1, 3]
    targets = torch.tensor([[1, 3], [99, 2], [99, 1]])
    pr = pipeline.run(IDS, targets, lengths=lengths)
    assert pr.tensors["counts"].tensor.tolist() == [True, True, False, True, False, True]
    assert pr.flat_targets is not None
    assert pr.flat_targets.tolist() == [1, 3, -100, 2, -100, 1]
    values = torch.where(
        torch.tensor([[[True], [True]], [[False], [True]], [[False], [True]]]), 0.5, NAN
    )
    pr = words(loss="bce").run(IDS, values.expand(3, 2, 4), lengths=lengths)
    assert pr.losses is not None
    assert pr.losses.isfinite().all()
    assert pr.losses[2].tolist() == [0] * 4


def run() -> PipelineRun:
    return words().run(IDS, IDS, hx=torch.ones(6))


def test_a_run_without_loss_has_no_gradients() -> None:
    with pytest.raises(UsageError, match="expected a run with a loss and targets"):
        words().run(IDS).backward()


def test_only_tensors_over_time_have_a_grid() -> None:
    pr = run()
    assert pr.grid("scores").shape == (3, 2, 4)
    for name in ("h_n", "loss", "h_0_vector"):
        with pytest.raises(UsageError, match="expected one with timesteps"):
            pr.grid(name)
    with pytest.raises(UsageError, match="expected one of ids, embedded"):
        pr.grid("softmax")


def test_a_change_of_the_modules_does_not_reach_the_run() -> None:
    pipeline = words()
    pr = pipeline.run(IDS, IDS)
    before, code = pr.backward().weights, pr.code()
    with torch.no_grad():
        for parameter in pipeline.parameters():
            parameter.zero_()
    after = pr.backward().weights
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert pr.code() == code


def test_running_asks_for_no_gradient_and_leaves_no_trace_in_the_modules() -> None:
    pipeline = words()
    state = torch.get_rng_state()
    pr = pipeline.run(IDS, IDS)
    pr.backward()
    pr.code()
    assert torch.equal(torch.get_rng_state(), state)
    assert all(parameter.grad is None for parameter in pipeline.parameters())
    assert not any(named.tensor.requires_grad for named in pr.tensors.values())


def test_every_refusal_is_a_rnnviz_error() -> None:
    assert issubclass(SpecError, RnnvizError)
    assert issubclass(InputError, RnnvizError)
