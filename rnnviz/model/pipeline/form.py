"""How a batch lies in its tensors: which axes come first, and where its padding is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from rnnviz.errors import InputError
from rnnviz.model.sequences import PackingPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    Lengths = Sequence[int] | Tensor | None


@dataclass(frozen=True)
class Form:
    """The leading axes of a batch, before those of a token or a vector.

    Attributes:
        axes: ("N", "L") under batch_first, ("L", "N") without; ("L",) for one unbatched
            sequence, ("N",) for rows that are no sequences, () for a single token or vector.
        L: timesteps.
        N: sequences.
        lengths: of each sequence, where the batch is padded; None where it is not.
    """

    axes: tuple[str, ...]
    L: int
    N: int
    lengths: tuple[int, ...] | None = None

    @classmethod
    def of(
        cls, shape: tuple[int, ...], batch_first: bool, sequences: bool, lengths: Lengths = None
    ) -> Form:
        """The form of a batch by the shape of its leading axes.

        Args:
            shape: their sizes; at most two.
            batch_first: whether N stands before L where there are two.
            sequences: whether a single axis is L, as before a recurrent layer, rather than N.
            lengths: of each sequence; None where nothing is padding.

        Raises:
            InputError: for more axes, and for lengths that do not fit.
        """
        if len(shape) > 2:
            raise InputError(
                "batch", expected="at most 2 axes (N and L) before the features", got=len(shape)
            )
        if 0 in shape:
            raise InputError("batch", expected="at least 1 sequence and 1 timestep", got=shape)
        two = ("N", "L") if batch_first else ("L", "N")
        axes = {0: (), 1: ("L",) if sequences else ("N",), 2: two}[len(shape)]
        sizes = dict(zip(axes, shape, strict=True))
        form = cls(axes, sizes.get("L", 1), sizes.get("N", 1))
        return form if lengths is None else cls(axes, form.L, form.N, form._checked(lengths))

    @property
    def batch_first(self) -> bool:
        """Whether N stands before L."""
        return self.axes == ("N", "L")

    @property
    def flat_axis(self) -> str:
        """The name of the axis that all leading axes make together, in their order."""
        return " * ".join(self.axes) or "1"

    @cached_property
    def plan(self) -> PackingPlan | None:
        """How the batch is packed; None where nothing is padding."""
        if self.lengths is None:
            return None
        return PackingPlan(self.lengths, self.L, enforce_sorted=False)

    @cached_property
    def ends(self) -> Tensor:
        """The last timestep of each sequence: (N,)."""
        lengths = (self.L,) * self.N if self.lengths is None else self.lengths
        return torch.tensor(lengths, dtype=torch.long, device="cpu") - 1

    @cached_property
    def valid(self) -> Tensor:
        """What is no padding: (L, N) bool."""
        return torch.arange(self.L, device="cpu")[:, None] <= self.ends

    @cached_property
    def rows(self) -> tuple[tuple[int, int], ...]:
        """The (sequence, timestep) of every row once the leading axes are flattened."""
        if self.batch_first:
            return tuple((n, t) for n in range(self.N) for t in range(self.L))
        return tuple((n, t) for t in range(self.L) for n in range(self.N))

    @cached_property
    def last_rows(self) -> tuple[tuple[int, int], ...]:
        """The (sequence, timestep) of each sequence's last step."""
        return tuple((n, int(t)) for n, t in enumerate(self.ends))

    def grid(self, values: Tensor) -> Tensor:
        """(leading axes, *) as (L, N, *), padding left as it is; a view."""
        tail = values.shape[len(self.axes) :]
        if self.batch_first:
            return values.transpose(0, 1)
        return values.reshape(self.L, self.N, *tail)

    def as_given(self, grid: Tensor) -> Tensor:
        """(L, N, *) with the leading axes that the batch has."""
        if self.batch_first:
            return grid.transpose(0, 1)
        shape = {"L": self.L, "N": self.N}
        return grid.reshape([*(shape[axis] for axis in self.axes), *grid.shape[2:]])

    def flat(self, values: Tensor) -> Tensor:
        """(leading axes, *) as (rows, *), in the order in which they lie."""
        return values.reshape(self.L * self.N, *values.shape[len(self.axes) :])

    def last(self, values: Tensor) -> Tensor:
        """Each sequence's last valid timestep: (leading axes but L, *)."""
        found = self.grid(values)[self.ends.to(values.device), torch.arange(self.N)]
        return found if "N" in self.axes else found.squeeze(0)

    def to_module(self, values: Tensor) -> Tensor | PackedSequence:
        """(leading axes, features) as a recurrent module takes it; packed where padded."""
        if self.lengths is not None:
            lengths = torch.tensor(self.lengths, device="cpu")
            return pack_padded_sequence(
                values, lengths, batch_first=self.batch_first, enforce_sorted=False
            )
        return values if self.axes else values.unsqueeze(0)

    def from_module(self, output: Tensor | PackedSequence) -> Tensor:
        """What the module returns as (leading axes, features), zeros at padding."""
        if isinstance(output, PackedSequence):
            return pad_packed_sequence(output, batch_first=self.batch_first, total_length=self.L)[0]
        return output if self.axes else output.squeeze(0)

    def _checked(self, lengths: Lengths) -> tuple[int, ...]:
        if len(self.axes) != 2:
            raise InputError("lengths", expected="None without axes N and L", got=lengths)
        plan = PackingPlan(lengths, self.L, enforce_sorted=False)  # type: ignore[arg-type]
        if len(plan.lengths) != self.N:
            raise InputError("lengths", expected=f"{self.N}, one a sequence", got=len(plan.lengths))
        return plan.lengths
