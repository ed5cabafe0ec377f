"""What the curve of a training is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """The steps of a training that are done, and how many there are to be.

    Attributes:
        losses: the loss of each step done, (steps done,).
        norms: the norm of all gradients together, before clipping.
        steps: how many there are to be.
        clip: the norm that gradients are clipped to; None where they are left.
        shown: the step whose weights are on show; None for none.
        logarithmic: whether sizes are drawn by their logarithms.
        title: what is learned.
    """

    losses: Values
    norms: Values
    steps: int
    clip: float | None = None
    shown: int | None = None
    logarithmic: bool = True
    title: str = ""
