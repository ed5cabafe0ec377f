"""What a model is shown at one step of a training."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Batch:
    """Inputs and what should come of them.

    Attributes:
        input: ids (L, N) or vectors (L, N, H_in); N before L under the module's batch_first.
        target: of every timestep: classes (L, N) or numbers (L, N, C); of the last alone: (N,)
            or (N, C). −100 is a class that no loss counts.
        lengths: of each sequence, where they differ.
    """

    input: Tensor
    target: Tensor
    lengths: tuple[int, ...] | None = None
