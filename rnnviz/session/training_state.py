"""What is known of a training, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rnnviz.model.training.spec import TrainingSpec

ALIGNED = ("next word", "copy", "adding", "parity", "sine")
REVERSE = "reverse"
PREFIX = "train."  # of the fields whose problems are told where a training is asked for


def _none() -> NDArray[np.float64]:
    return np.zeros(0)


@dataclass(frozen=True, eq=False)
class TrainingState:
    """A training under way, or one that has ended and can still be looked at.

    Attributes:
        task: the key of the task; "" for the document's own input and targets.
        spec: the choices.
        step: how many steps are done.
        losses: the loss of each of them, (step,).
        norms: the norm of all gradients together before clipping, (step,).
        snapshots: the steps after which weights are kept, ascending; 0 is before the first.
        shown: the step whose weights the document has; None where it has others by now.
        follows: whether the document takes the newest weights while it learns.
        running: more steps are to come.
        message: how it ended, where there is something to say.
        failed: whether it ended where the numbers were left.
    """

    task: str
    spec: TrainingSpec
    step: int = 0
    losses: NDArray[np.float64] = field(default_factory=_none)
    norms: NDArray[np.float64] = field(default_factory=_none)
    snapshots: tuple[int, ...] = (0,)
    shown: int | None = 0
    follows: bool = True
    running: bool = True
    message: str = ""
    failed: bool = False

    @property
    def loss(self) -> float | None:
        """Of the last step; None before the first."""
        return float(self.losses[-1]) if len(self.losses) else None


def task_keys(has_decoder: bool) -> tuple[str, ...]:
    """The tasks that a document can be given; "" is its own input and targets."""
    return ("", REVERSE) if has_decoder else ("", *ALIGNED)
