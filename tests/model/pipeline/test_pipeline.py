"""A pipeline is its modules called one after another, number for number, and backwards too."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from torch import Tensor

from rnnviz.errors import UsageError
from rnnviz.model.pipeline import PipelineRun
from tests.model.pipeline.pipelines import PipelineCase, pipeline_cases


def close(actual: Tensor, expected: Tensor, tolerance: float = 1e-12) -> None:
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    expected = expected.detach()
    finite = expected[expected.isfinite()]
    scale = max(1.0, float(finite.abs().max())) if finite.numel() else 1.0
    torch.testing.assert_close(actual, expected, rtol=0, atol=tolerance * scale, equal_nan=True)


def only_padding_is_ignored(case: PipelineCase) -> bool:
    """Whether something is left to take the mean of."""
    loss, targets = case.pipeline.loss, case.targets
    if loss is None or targets is None or not loss.takes_classes:
        return False
    kept = targets != loss.ignore_index
    head = case.pipeline.head
    if case.lengths is not None and (head is None or head.on == "every"):
        valid = torch.arange(max(targets.shape)) < torch.tensor(case.lengths)[:, None]
        valid = valid[:, : targets.shape[1 if case.pipeline.batch_first else 0]]
        kept &= valid if case.pipeline.batch_first else valid.T
    return not bool(kept.any())


@settings(max_examples=200)
@given(pipeline_cases())
def test_it_computes_what_the_script_computes(case: PipelineCase) -> None:
    assume(not only_padding_is_ignored(case))
    pr = case.run()
    names: dict[str, Any] = {"print": lambda *_: None}
    after = torch.get_rng_state()
    exec(compile(pr.code(), "script.py", "exec"), names)
    torch.set_rng_state(after)
    told = [name for name in pr.tensors if name in names]
    assert {"output", "h_n", "scores", "probabilities", "loss"} & pr.tensors.keys() <= set(told)
    for name in told:
        close(pr.tensors[name].tensor, names[name])
    if pr.loss is None:
        return
    gradients = pr.backward()
    for name, weight in case.pipeline.named_parameters():
        part, _, inner = name.partition(".")
        grad = dict(names[part].named_parameters())[inner].grad
        close(gradients.weights[name], torch.zeros_like(weight) if grad is None else grad, 1e-11)


@settings(max_examples=150)
@given(pipeline_cases())
def test_gradients_are_those_of_autograd(case: PipelineCase) -> None:
    assume(not only_padding_is_ignored(case))
    pr = case.run()
    if pr.loss is None:
        with pytest.raises(UsageError, match="expected a run with a loss"):
            pr.backward()
        return
    torch.set_rng_state(case.generator)
    loss = case.pipeline.forward_loss(case.batch, case.targets, case.hx, case.lengths)
    close(pr.loss, loss)
    for parameter in case.pipeline.parameters():
        parameter.grad = None
    loss.backward()
    gradients = pr.backward()
    for name, parameter in case.pipeline.named_parameters():
        grad = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        close(gradients.weights[name], grad, 1e-11)
    for name, named in gradients.tensors.items():
        assert named.axes == pr.tensors[name].axes
        assert named.tensor.shape == pr.tensors[name].tensor.shape


@given(pipeline_cases())
def test_forward_gives_the_tensors_of_a_run(case: PipelineCase) -> None:
    assume(not only_padding_is_ignored(case))
    pr = case.run()
    torch.set_rng_state(case.generator)
    forward = case.pipeline.forward(case.batch, case.hx, case.lengths)
    for name, named in forward.items():
        assert named.axes == pr.tensors[name].axes
        close(pr.tensors[name].tensor, named.tensor)


@given(pipeline_cases())
def test_every_axis_has_a_name_and_its_size(case: PipelineCase) -> None:
    assume(not only_padding_is_ignored(case))
    pr = case.run()
    sizes = {"L": pr.form.L, "N": pr.form.N}
    for named in pr.tensors.values():
        assert len(named.axes) == named.tensor.dim()
        assert not named.tensor.requires_grad
        for axis, size in named.sizes.items():
            assert sizes.get(axis, size) == size
            sizes[axis] = size if axis not in ("C", "H_out", "H_in") else sizes.get(axis, size)


@given(pipeline_cases())
def test_a_grid_is_time_major_with_nan_at_padding(case: PipelineCase) -> None:
    assume(not only_padding_is_ignored(case))
    pr = case.run()
    for name in ("ids", "embedded", "output", "scores", "losses"):
        if name not in pr.tensors or not _over_time(pr, name):
            continue
        grid = pr.grid(name)
        assert grid.shape[:2] == (pr.form.L, pr.form.N)
        for row, (n, t) in enumerate(pr.form.rows):
            values = pr.form.flat(pr.tensors[name].tensor) if name != "losses" else pr.losses
            assert values is not None
            if t < pr.form.ends[n] + 1:
                close(grid[t, n], values[row])
            elif grid.is_floating_point():
                assert grid[t, n].isnan().all()


def _over_time(pr: PipelineRun, name: str) -> bool:
    head = pr.pipeline.head
    return name in ("ids", "embedded", "output") or head is None or head.on == "every"
