"""How far a run of a pipeline is from the modules themselves, called one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from rnnviz.model.pipeline.named import Named
    from rnnviz.model.pipeline.run import PipelineRun

# What the recurrent layers give is compared by the trace, step by step.
_COMPARED = ("one_hot", "embedded", "output", "last", "final", "scores", "probabilities", "loss")


@torch.no_grad()
def module_difference(pr: PipelineRun) -> float | None:
    """The largest |Δ| of any tensor on the way; None where torch cannot be asked the same.

    That is where values were forced, and where dropout draws its masks anew.
    """
    run, recurrent = pr.run, pr.pipeline.recurrent
    if run is not None and (not run.expressible or (recurrent is not None and _draws(pr))):
        return None
    batch = next(iter(pr.tensors.values())).tensor
    with torch.random.fork_rng(devices=[]):
        found = pr.pipeline.forward(batch, _initial(pr), pr.form.lengths)
    return max((_gap(pr, name, named) for name, named in found.items()), default=0.0)


def _draws(pr: PipelineRun) -> bool:
    module = pr.pipeline.recurrent
    return module is not None and module.training and module.dropout > 0 and module.num_layers > 1


def _initial(pr: PipelineRun) -> Tensor | tuple[Tensor, Tensor] | None:
    if pr.run is None or not pr.run.initial_given:
        return None
    h_0 = pr.tensors["h_0"].tensor
    return (h_0, pr.tensors["c_0"].tensor) if "c_0" in pr.tensors else h_0


def _gap(pr: PipelineRun, name: str, named: Named) -> float:
    if name not in _COMPARED or name not in pr.tensors:
        return 0.0
    first, second = pr.tensors[name].tensor.double(), named.tensor.double()
    equal = (first == second) | (first.isnan() & second.isnan())
    gaps = torch.where(equal, 0.0, (first - second).abs())
    return float(gaps.max()) if gaps.numel() else 0.0
