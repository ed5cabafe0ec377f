"""An LSTM with proj_size beside an LSTM followed by Linear, which people take for the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from rnnviz.errors import SpecError
from rnnviz.model.building import read_module
from rnnviz.model.pipeline.head import Head
from rnnviz.model.pipeline.pipeline import Pipeline
from rnnviz.model.pipeline.run import PipelineRun

if TYPE_CHECKING:
    from rnnviz.model.pipeline.form import Lengths

WEIGHTS_HH = ("drawn", "product")


@dataclass(frozen=True, eq=False)
class ProjectionBesideLinear:
    """The same batch through both.

    Attributes:
        projected: the LSTM with proj_size, which feeds back the projected h; its output is
            (…, proj_size).
        followed: the LSTM without, which feeds back the whole h, and a Linear layer whose weight
            is `weight_hr_l0`; its scores are (…, proj_size).
    """

    projected: PipelineRun
    followed: PipelineRun

    @property
    def fed_back(self) -> tuple[int, int]:
        """How many features of h each of them feeds back."""
        assert self.projected.run is not None
        assert self.followed.run is not None
        return self.projected.run.output_size, self.followed.run.output_size

    @property
    def shapes(self) -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
        """The parameters of each with their shapes, by the pipelines' names."""
        first, second = (
            {name: tuple(weight.shape) for name, weight in pr.pipeline.named_parameters()}
            for pr in (self.projected, self.followed)
        )
        return first, second

    @property
    def difference(self) -> Tensor:
        """What the second gives, less what the first gives: (L, N, proj_size), NaN at padding."""
        return self.followed.grid("scores") - self.projected.grid("output")


def projection_beside_linear(
    module: nn.LSTM,
    batch: Any,
    lengths: Lengths = None,
    weight_hh: str = "drawn",
    seed: int = 0,
) -> ProjectionBesideLinear:
    """Runs both on the same vectors, with the same numbers as far as the shapes allow.

    From initial states of zero they agree at the first timestep, and after it only if what is
    fed back amounts to the same.

    Args:
        module: of one layer and one direction, with proj_size.
        batch: vectors, as the module takes them.
        lengths: of each sequence, where the batch is padded.
        weight_hh: of the second LSTM, (4 · hidden_size, hidden_size): "drawn" from `seed` as
            torch draws it; or the "product" weight_hh · weight_hr of the first, with which both
            are the same: a projection is an LSTM whose weight_hh has at most rank proj_size.
        seed: what draws it.

    Raises:
        SpecError: for another module or choice.
    """
    followed = followed_by_linear(module, weight_hh, seed)
    return ProjectionBesideLinear(
        Pipeline(recurrent=module).run(batch, lengths=lengths),
        followed.run(batch, lengths=lengths),
    )


@torch.no_grad()
def followed_by_linear(module: nn.LSTM, weight_hh: str = "drawn", seed: int = 0) -> Pipeline:
    """The LSTM without projection and the Linear layer, as `projection_beside_linear` says."""
    spec = read_module(module)
    if not spec.proj_size:
        raise SpecError("proj_size", expected="at least 1", got=0)
    if spec.num_layers > 1 or spec.bidirectional:
        raise SpecError("module", expected="one layer and one direction", got=spec.code())
    if weight_hh not in WEIGHTS_HH:
        raise SpecError("weight_hh", expected="'drawn' or 'product'", got=repr(weight_hh))
    lstm = spec.with_changes(proj_size=0, seed=seed).build()
    given = dict(module.named_parameters())
    for name, parameter in lstm.named_parameters():
        if name != "weight_hh_l0":
            parameter.copy_(given[name])
        elif weight_hh == "product":
            parameter.copy_(given[name] @ given["weight_hr_l0"])
    dtype = given["weight_hr_l0"].dtype
    linear = nn.Linear(spec.hidden_size, spec.proj_size, bias=False, device="meta", dtype=dtype)
    linear = linear.to_empty(device="cpu")
    linear.weight.copy_(given["weight_hr_l0"])
    return Pipeline(recurrent=lstm, head=Head(linear))
