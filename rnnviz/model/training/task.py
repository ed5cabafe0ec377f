"""What a task is: sequences drawn from a seed, and what should come of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from rnnviz.errors import SpecError
from rnnviz.model.spec import ITEM_SIZE
from rnnviz.model.tokens import Vocabulary
from rnnviz.model.training.batch import Batch


class Drawn(NamedTuple):
    """A batch before its axes are turned: N before L."""

    input: Tensor
    target: Tensor
    lengths: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """What all tasks have.

    Args:
        batch_first: whether batches are (N, L, …) instead of (L, N, …).
        dtype: of numbers, "float32" or another; ids and classes are int64.

    Attributes:
        on: whether a target belongs to "every" timestep or to the "last".
        loss: "cross_entropy" or "mse".
        aligned: whether there is a target for each timestep, or one in all; else it is a task
            from sequence to sequence.
    """

    batch_first: bool = False
    dtype: str = "float32"

    on: ClassVar[str] = "every"
    loss: ClassVar[str] = "cross_entropy"
    aligned: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.dtype not in ITEM_SIZE:
            raise SpecError(
                "dtype", expected=f"one of {', '.join(ITEM_SIZE)}", got=repr(self.dtype)
            )

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The tokens of its input; None where that is of vectors."""
        return None

    @property
    def input_size(self) -> int | None:
        """H_in of its vectors; None where its input is of ids."""
        return None

    @property
    @abstractmethod
    def out_features(self) -> int:
        """C: its classes, or the numbers of a target."""

    @abstractmethod
    def draw(self, N: int, generator: torch.Generator) -> Drawn:  # noqa: N803
        """N sequences, N before L, numbers in float64."""

    def batch(self, N: int, generator: torch.Generator) -> Batch:  # noqa: N803
        """The next batch of N sequences from a generator, which is advanced."""
        drawn = self.draw(N, generator)
        turn = self._cast if self.on == "last" else self._turned
        return Batch(self._turned(drawn.input), turn(drawn.target), drawn.lengths)

    def batches(self, batch_size: int, seed: int = 0) -> Iterator[Batch]:
        """Batches without end; the same ones from the same seed."""
        generator = torch.Generator().manual_seed(seed)
        while True:
            yield self.batch(batch_size, generator)

    def _turned(self, values: Tensor) -> Tensor:
        return self._cast(values if self.batch_first else values.transpose(0, 1)).contiguous()

    def _cast(self, values: Tensor) -> Tensor:
        return values.to(getattr(torch, self.dtype)) if values.is_floating_point() else values
