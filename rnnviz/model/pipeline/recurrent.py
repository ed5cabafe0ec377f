"""Back through the recurrent layers of a run."""

from __future__ import annotations

from contextlib import nullcontext
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnnviz.errors import UsageError
from rnnviz.model.reference import rebuild_module
from rnnviz.model.trace import Trace


class RecurrentGradients(NamedTuple):
    """The gradients of a loss at the edges of the recurrent layers.

    Attributes:
        x: of the input, (L, N, H_in), 0 at padding.
        h_0, c_0: (D * num_layers, N, H_out), (D * num_layers, N, H_cell); c_0 of LSTM alone.
        weights: by PyTorch's names, as `weight.grad`.
    """

    x: Tensor
    h_0: Tensor
    c_0: Tensor | None
    weights: dict[str, Tensor]


def recurrent_back(
    run: Trace,
    grad_output: Tensor,
    grad_h_n: Tensor | None = None,
    grad_c_n: Tensor | None = None,
) -> RecurrentGradients:
    """The gradients, from those of what the module returned.

    Args:
        grad_output: (L, N, D * H_out); what lies at padding is not read.
        grad_h_n: (D * num_layers, N, H_out); None for zeros.
        grad_c_n: (D * num_layers, N, H_cell); None for zeros.
    """
    if not run.expressible:
        raise UsageError("backward: expected a run in which nothing is forced to a value")
    binding = run.buffers.binding
    with torch.enable_grad():
        leaves, returned = _by_autograd(run)
        h_n = None if grad_h_n is None else binding.state_as_given(grad_h_n)
        c_n = None if grad_c_n is None else binding.state_as_given(grad_c_n)
        wanted = [_data(binding.as_given(binding.layout.rows(grad_output))), h_n, c_n]
        pairs = [pair for pair in zip(returned, wanted, strict=False) if pair[1] is not None]
        outputs, grads = zip(*pairs, strict=True)
        found = torch.autograd.grad(
            outputs, list(leaves.values()), grads, allow_unused=True, materialize_grads=True
        )
    named = {name: grad.cpu() for name, grad in zip(leaves, found, strict=True)}
    grid = binding.layout.grid(named.pop("x"))
    return RecurrentGradients(
        x=torch.where(run.valid[..., None], grid, 0.0),
        h_0=named.pop("h_0"),
        c_0=named.pop("c_0", None),
        weights=named,
    )


def _by_autograd(run: Trace) -> tuple[dict[str, Tensor], list[Tensor]]:
    """The module run again: what gradients are asked for, and what it returned."""
    binding = run.buffers.binding
    module = rebuild_module(binding)
    leaves = {"x": binding.x.clone().requires_grad_(), "h_0": run.h_0.clone().requires_grad_()}
    if run.c_0 is not None:
        leaves["c_0"] = run.c_0.clone().requires_grad_()
    states = [binding.state_as_given(leaves[n]) for n in ("h_0", "c_0") if n in leaves]
    hx = states[0] if len(states) == 1 else (states[0], states[1])
    with nullcontext() if binding.generator is None else binding.generator.restored():
        output, final = module(binding.as_given(leaves["x"]), hx)
    finals = final if isinstance(final, tuple) else (final,)
    return leaves | dict(module.named_parameters()), [_data(output), *finals]


def _data(values: Tensor | PackedSequence) -> Tensor:
    return values.data if isinstance(values, PackedSequence) else values
