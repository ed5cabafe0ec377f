"""How a training goes, checked where it is born."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass, fields

from rnnviz.errors import SpecError

OPTIMIZERS = ("sgd", "adam", "rmsprop")

_SEEDS = range(2**63)


@dataclass(frozen=True)
class TrainingSpec:
    """The choices of a training.

    Args:
        optimizer: "sgd", "adam" or "rmsprop", as in `torch.optim` with its defaults.
        lr: learning rate.
        steps: updates of the weights.
        clip: the norm that gradients are clipped to, as `torch.nn.utils.clip_grad_norm_` does;
            None not to.
        seed: of the batches that a task draws, and of dropout; weights are as they are.
        batch_size: N of a task's batches.
        every: steps from one snapshot to the next.

    Raises:
        SpecError: for what is no such number.
    """

    optimizer: str = "adam"
    lr: float = 0.01
    steps: int = 1000
    clip: float | None = None
    seed: int = 0
    batch_size: int = 32
    every: int = 10

    def __post_init__(self) -> None:
        if self.optimizer not in OPTIMIZERS:
            raise SpecError(
                "optimizer", expected=f"one of {', '.join(OPTIMIZERS)}", got=repr(self.optimizer)
            )
        _check_positive("lr", self.lr)
        if self.clip is not None:
            _check_positive("clip", self.clip)
        for name in ("steps", "batch_size", "every"):
            check_at_least(name, getattr(self, name), 1)
        check_at_least("seed", self.seed, 0)
        if self.seed not in _SEEDS:
            raise SpecError("seed", expected="at most 2⁶³ − 1", got=self.seed)

    def snapshot_steps(self) -> int:
        """How many snapshots a whole training keeps: at step 0, every so often, and at its end."""
        return 1 + math.ceil(self.steps / self.every)

    def code(self) -> str:
        """Its arguments, those left out that are the default."""
        changed = [field for field in fields(self) if getattr(self, field.name) != field.default]
        return ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in changed)


def check_at_least(name: str, value: object, least: int) -> None:
    """Refuse what is no whole number of at least `least`.

    Raises:
        SpecError: in that case.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise SpecError(name, expected="a whole number", got=repr(value))
    if value < least:
        raise SpecError(name, expected=f"at least {least}", got=value)


def _check_positive(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise SpecError(name, expected="a number", got=repr(value))
    if not 0 < float(value) < math.inf:
        raise SpecError(name, expected="a finite number above 0", got=value)
