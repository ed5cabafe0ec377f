"""What is left of a training: a record of every step, and the weights every so often."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from torch import Tensor, nn

if TYPE_CHECKING:
    from rnnviz.model.pipeline.pipeline import Pipeline


class Record(NamedTuple):
    """One step of a training.

    Attributes:
        step: how many are done with it; the first is 1.
        loss: of its batch, with the weights before their update.
        grad_norm: of all gradients together, before clipping.
        grad_norms: of each parameter's gradient, before clipping; 0 where it had none.
        scale: what the gradients were multiplied by to clip them; 1 where they were left.
    """

    step: int
    loss: float
    grad_norm: float
    grad_norms: tuple[float, ...]
    scale: float


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The weights after some steps.

    Attributes:
        step: how many.
        weights: a copy of the modules' state_dict.
    """

    step: int
    weights: dict[str, Tensor]

    @classmethod
    def of(cls, step: int, modules: nn.Module) -> Snapshot:
        """A copy of what the modules hold now."""
        held = modules.state_dict()
        return cls(step, {name: value.detach().clone() for name, value in held.items()})

    def applied_to(self, pipeline: Pipeline) -> Pipeline:
        """A copy of a pipeline with these weights; the pipeline itself may go on learning."""
        copied = copy.deepcopy(pipeline)
        nn.ModuleDict(dict(copied.modules)).load_state_dict(self.weights)
        return copied
