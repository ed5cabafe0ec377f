"""The gradients of a loss with respect to everything that led to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from rnnviz.errors import UsageError
from rnnviz.model.gradients import Gradients, back
from rnnviz.model.pipeline.behind import behind
from rnnviz.model.pipeline.embedding import embed
from rnnviz.model.pipeline.named import Named

if TYPE_CHECKING:
    from rnnviz.model.pipeline.run import PipelineRun

_BEHIND = ("last", "final", "scores", "probabilities")
_FLAT = ("flat_scores", "flat_probabilities", "flat_output")


@dataclass(frozen=True, eq=False)
class PipelineGradients:
    """What a change of any number would do to the loss.

    Attributes:
        tensors: ∂loss/∂tensor under the tensor's own name, axes and shape, for every tensor on
            the way that the loss depends on; from the loss back to the input.
        weights: ∂loss/∂weight by the pipeline's names, as `parameter.grad` after
            `loss.backward()`: "embedding.weight", "recurrent.weight_ih_l0", "head.bias". Where
            two parts share a parameter, each has its own share of its `grad`.
        recurrent: of the recurrent layers; None where there are none.
    """

    tensors: dict[str, Named]
    weights: dict[str, Tensor]
    recurrent: Gradients | None


def back_through(pr: PipelineRun) -> PipelineGradients:
    """The gradients of a run's loss.

    Raises:
        UsageError: where it has none.
    """
    if pr.loss is None:
        raise UsageError("backward: expected a run with a loss and targets")
    with torch.inference_mode(False):
        tensors, weights = _back_behind(pr)
        recurrent = None
        if pr.run is not None:
            recurrent = _back_recurrent(pr, tensors, weights)
        _back_in_front(pr, tensors, weights)
    parts = list(pr.pipeline.modules)
    order = sorted(weights, key=lambda name: parts.index(name.partition(".")[0]))
    return PipelineGradients(tensors, {name: weights[name] for name in order}, recurrent)


def back_from_states(
    pr: PipelineRun, grad_h_n: Tensor, grad_c_n: Tensor | None
) -> PipelineGradients:
    """The gradients of a run whose loss comes by way of its final states alone.

    Args:
        grad_h_n: ∂loss/∂h_n, as the module returns h_n.
        grad_c_n: ∂loss/∂c_n likewise; None where the loss does not see it.
    """
    tensors: dict[str, Named] = {}
    weights: dict[str, Tensor] = {}
    for name, grad in (("h_n", grad_h_n), ("c_n", grad_c_n)):
        if grad is not None:
            tensors[name] = Named(grad, pr.tensors[name].axes)
    with torch.inference_mode(False):
        recurrent = _back_recurrent(pr, tensors, weights)
        _back_in_front(pr, tensors, weights)
    return PipelineGradients(tensors, weights, recurrent)


def _back_behind(pr: PipelineRun) -> tuple[dict[str, Named], dict[str, Tensor]]:
    """From the loss to `output` (and `h_n`, where the head reads it)."""
    pipeline = pr.pipeline
    name = _received(pr)
    leaves = {name: pr.tensors[name].tensor.detach().clone().requires_grad_()}
    if "h_n" in pr.tensors:
        leaves["h_n"] = pr.tensors["h_n"].tensor.detach().clone().requires_grad_()
    weights = {
        key: w.clone().requires_grad_() for key, w in pr.weights.items() if key[:5] == "head."
    }
    spec = pipeline.spec
    with torch.enable_grad(), torch.autocast("cpu", enabled=False):
        found = behind(
            pipeline.head,
            pipeline.loss,
            leaves[name],
            leaves.get("h_n"),
            weights,
            pr.form,
            pr.tensors["targets"].tensor,
            1 if spec is None else spec.num_directions,
        )
        on_the_way = [key for key in (*_FLAT, *reversed(_BEHIND)) if key in found]
        wanted = [found[key].tensor for key in on_the_way] + [*leaves.values(), *weights.values()]
        grads = torch.autograd.grad(found["loss"].tensor, wanted, allow_unused=True)
    names = [*on_the_way, *leaves, *weights]
    known = {key: grad for key, grad in zip(names, grads, strict=True) if grad is not None}
    axes = {key: named.axes for key, named in {**pr.tensors, **found}.items()}
    tensors = {key: Named(grad, axes[key]) for key, grad in known.items() if key in axes}
    return tensors, {key: known[key] for key in weights}


def _back_recurrent(
    pr: PipelineRun,
    tensors: dict[str, Named],
    weights: dict[str, Tensor],
) -> Gradients:
    """From `output` and final states to `embedded` and the initial ones, added to what is known."""
    assert pr.run is not None
    form, unbatched = pr.form, pr.run.unbatched
    output = tensors.setdefault("output", _zeros(pr, "output")).tensor
    h_n, c_n = (tensors[name].tensor if name in tensors else None for name in ("h_n", "c_n"))
    found = back(pr.run, _by_direction(pr, output), h_n, c_n)
    x = torch.where(pr.run.valid[..., None], found.x, 0.0)
    name, beyond = _embedded(pr), form.L - pr.run.L  # where no sequence is as long as the batch
    tensors[name] = Named(
        form.as_given(functional.pad(x, (0, 0, 0, 0, 0, beyond))), pr.tensors[name].axes
    )
    for state, grad in (("h_0", found.h_0), ("c_0", found.c_0)):
        if grad is None:
            continue
        tensors[state] = Named(grad.squeeze(1) if unbatched else grad, pr.tensors[state].axes)
        if f"{state}_vector" in pr.tensors:
            tensors[f"{state}_vector"] = Named(
                grad.sum(dim=(0, 1)), pr.tensors[f"{state}_vector"].axes
            )
    weights |= {f"recurrent.{key}": grad for key, grad in found.weights.items()}
    return found


def _by_direction(pr: PipelineRun, grad_output: Tensor) -> Tensor:
    """The gradient of `output` as (L, N, D, H_out), L that of the longest sequence."""
    assert pr.run is not None
    grid = pr.form.grid(grad_output)[: pr.run.L]
    return grid.reshape(pr.run.L, pr.run.N, pr.run.num_directions, pr.run.output_size)


def _back_in_front(pr: PipelineRun, tensors: dict[str, Named], weights: dict[str, Tensor]) -> None:
    """From `embedded` to the table or the vectors, added to what is known."""
    pipeline, name = pr.pipeline, _embedded(pr)
    front = {key: w.clone().requires_grad_() for key, w in pr.weights.items() if key[:5] != "head."}
    if not front:
        return
    batch = next(iter(pr.tensors.values())).tensor.clone()
    batch.requires_grad_(batch.is_floating_point())
    with torch.enable_grad(), torch.autocast("cpu", enabled=False):
        found = embed(pipeline.embedding, batch, front, pr.form, pipeline.dtype, True)
        leaves = {key: found[key].tensor for key in ("one_hot", "input") if key in found} | front
        grads = torch.autograd.grad(found[name].tensor, list(leaves.values()), tensors[name].tensor)
    for key, grad in zip(leaves, grads, strict=True):
        if key in front:
            weights[key] = grad
        else:
            tensors[key] = Named(grad, pr.tensors[key].axes)


def _embedded(pr: PipelineRun) -> str:
    """The name of what the recurrent layers, or the head, receive from in front."""
    return next(name for name in ("embedded", "one_hot", "input") if name in pr.tensors)


def _received(pr: PipelineRun) -> str:
    return "output" if pr.run is not None else _embedded(pr)


def _zeros(pr: PipelineRun, name: str) -> Named:
    tensor, axes = pr.tensors[name]
    return Named(torch.zeros_like(tensor), axes)
