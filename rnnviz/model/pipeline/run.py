"""Everything that a pipeline computed, by name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from rnnviz.errors import UsageError
from rnnviz.model.pipeline.form import Form
from rnnviz.model.pipeline.named import Named
from rnnviz.model.trace import Trace

if TYPE_CHECKING:
    from rnnviz.model.pipeline.backward import PipelineGradients
    from rnnviz.model.pipeline.pipeline import Pipeline

_TIMELESS = ("h_0", "c_0", "h_0_vector", "c_0_vector", "h_n", "c_n", "loss")


@dataclass(frozen=True, eq=False)
class PipelineRun:
    """A run of a pipeline: every tensor from the batch to the loss.

    Tensors lie in the form in which torch's modules take and return them, so that they are what
    a script would print; `grid` gives them time-major, with NaN at padding, as a `Trace` does.

    Attributes:
        pipeline: the modules; a change to them later on does not reach the run.
        form: which axes the batch has, and its lengths.
        weights: of embedding and head, "embedding.weight", "head.bias"; those of the recurrent
            layers are `run.weights`.
        tensors: by name, in the order in which they were computed. In front: `ids` or `input`,
            `one_hot`, `embedded`. Of the recurrent layers: `h_0`, `c_0`, `output` (zeros at
            padding), `h_n`, `c_n`. Behind: `last` or `final`, `scores`, `probabilities`. Of the
            loss: `targets`, `flat_scores` (or `flat_probabilities`, `flat_output`),
            `flat_targets`, `counts`, `losses`, `loss`.
        run: the recurrent layers; None where there are none.
        broadcast: whether one initial vector was given for all sequences.
    """

    pipeline: Pipeline
    form: Form
    weights: dict[str, Tensor]
    tensors: dict[str, Named]
    run: Trace | None
    broadcast: bool = False

    @property
    def ids(self) -> Tensor | None:
        """(leading axes) int64; None for a batch of vectors."""
        return self._tensor("ids")

    @property
    def embedded(self) -> Tensor:
        """What the recurrent layers receive: (leading axes, E or H_in)."""
        names = ("embedded", "one_hot", "input")
        return next(self.tensors[name].tensor for name in names if name in self.tensors)

    @property
    def output(self) -> Tensor | None:
        """Of the recurrent layers: (leading axes, D * H_out), zeros at padding."""
        return self._tensor("output")

    @property
    def scores(self) -> Tensor | None:
        """(leading axes, C), without L where the head reads one timestep; None without head."""
        return self._tensor("scores")

    @property
    def probabilities(self) -> Tensor | None:
        """(leading axes, C), of the head's activation or, without one, of the loss."""
        return self._tensor("probabilities")

    @property
    def flat_scores(self) -> Tensor | None:
        """(rows, C): what the loss compares with the targets."""
        names = ("flat_scores", "flat_probabilities", "flat_output")
        return next((self.tensors[name].tensor for name in names if name in self.tensors), None)

    @property
    def flat_targets(self) -> Tensor | None:
        """(rows,) int64, `ignore_index` at padding; or (rows, C)."""
        return self._tensor("flat_targets")

    @property
    def losses(self) -> Tensor | None:
        """(rows,) or (rows, C): the loss of each, 0 where it does not count."""
        return self._tensor("losses")

    @property
    def loss(self) -> Tensor | None:
        """(): the reduced loss."""
        return self._tensor("loss")

    @property
    def flat_rows(self) -> tuple[tuple[int, int], ...]:
        """The (sequence, timestep) of every row of `flat_scores`, in its order."""
        head = self.pipeline.head
        return self.form.rows if head is None or head.on == "every" else self.form.last_rows

    @cached_property
    def predictions(self) -> Tensor | None:
        """The likeliest class: (leading axes) int64; None without scores."""
        return None if self.scores is None else self.scores.argmax(dim=-1)

    @cached_property
    def module_difference(self) -> float | None:
        """The largest |Δ| from the modules called one after another; None where that is unasked.

        The modules must be as they were when the run was made.
        """
        from rnnviz.model.pipeline.checking import module_difference

        return module_difference(self)

    def grid(self, name: str) -> Tensor:
        """A tensor over timesteps as (L, N, *), NaN at padding; a view where there is none.

        Of rows, such as `losses`, each stands where its timestep is.

        Raises:
            UsageError: where there is no such tensor, or it has no timesteps.
        """
        if name not in self.tensors:
            known = ", ".join(self.tensors)
            raise UsageError(f"tensor: expected one of {known}, got {name!r}")
        values, axes = self.tensors[name]
        leading, rows = self.form.axes, axes[:1] == (self.form.flat_axis,)
        if name in _TIMELESS or not (rows or axes[: len(leading)] == leading):
            raise UsageError(f"tensor: expected one with timesteps, got {name!r}")
        if rows and len(leading) != 1:
            sizes = {"L": self.form.L, "N": self.form.N}
            values = values.reshape([*(sizes[axis] for axis in leading), *values.shape[1:]])
        return self._masked(self.form.grid(values))

    def backward(self) -> PipelineGradients:
        """The gradients of everything, back through time.

        Raises:
            UsageError: where the run has no loss.
        """
        from rnnviz.model.pipeline.backward import back_through

        return back_through(self)

    def code(self, batch: str = "") -> str:
        """A PyTorch script that computes the same and prints the same numbers.

        Args:
            batch: an expression that makes the batch, which may use numpy as `np`; without one
                its numbers are written out.
        """
        from rnnviz.model.pipeline.code import run_code

        return run_code(self, batch)

    def _tensor(self, name: str) -> Tensor | None:
        named = self.tensors.get(name)
        return None if named is None else named.tensor

    def _masked(self, grid: Tensor) -> Tensor:
        if self.form.lengths is None or not grid.is_floating_point():
            return grid
        beyond = ~self.form.valid.view(*self.form.valid.shape, *(1 for _ in grid.shape[2:]))
        return torch.where(beyond, math.nan, grid)
