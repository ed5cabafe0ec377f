"""The numbers around the recurrent layers, of one sequence and the timesteps that are asked for.

What is cut here are views of the run's tensors: nothing of it is copied as a whole.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from rnnviz.figures.memo import Memo
from rnnviz.figures.ranges import largest_magnitude, round_limit
from rnnviz.model.pipeline import PipelineRun
from rnnviz.model.pipeline.named import Named
from rnnviz.model.trace import as_numpy

Floats = NDArray[np.floating]
Whole = NDArray[np.int64]

_SAMPLE = 4096  # rows that a range is measured by
_MEMO = Memo()


def over_time(pr: PipelineRun, named: Named, sequence: int, t0: int, t1: int) -> Floats:
    """A tensor's rows of a sequence at timesteps [t0, t1), `(steps, *)`; rows of a loss too."""
    values, axes = named
    form = pr.form
    if axes[:1] == (form.flat_axis,) and len(form.axes) != 1:
        sizes = {"L": form.L, "N": form.N}
        values = values.reshape([*(sizes[axis] for axis in form.axes), *values.shape[1:]])
    return as_numpy(form.grid(values)[t0:t1, sequence])


def at_end(pr: PipelineRun, named: Named, sequence: int) -> Floats:
    """What a tensor without timesteps holds of a sequence, `(1, *)`."""
    values, axes = named
    flat = axes[:1] in (("N",), ("1",))
    return as_numpy(values[sequence : sequence + 1] if flat else values[None])


def rows_of(pr: PipelineRun, name: str, sequence: int, t0: int, t1: int) -> Floats:
    """A tensor of the run at timesteps [t0, t1); of one without timesteps its only row."""
    named = pr.tensors[name]
    if has_steps(pr, named):
        return over_time(pr, named, sequence, t0, t1)
    return at_end(pr, named, sequence)


def has_steps(pr: PipelineRun, named: Named) -> bool:
    """Whether a tensor, or its rows, have timesteps."""
    lead = pr.form.axes
    return named.axes[: len(lead)] == lead or named.axes[:1] == (pr.form.flat_axis,)


def wanted(pr: PipelineRun, sequence: int, t0: int, t1: int) -> Whole:
    """The classes that are the targets, `(steps,)`; −1 where a position does not count."""
    found = rows_of(pr, "flat_targets", sequence, t0, t1)
    assert pr.pipeline.loss is not None
    ignored = found == pr.pipeline.loss.ignore_index
    result: Whole = np.where(ignored, -1, found).astype(np.int64)
    return result


def losses(pr: PipelineRun, sequence: int, t0: int, t1: int) -> NDArray[np.float64]:
    """The loss of each timestep, `(steps,)`; of several values what they are reduced to."""
    found = rows_of(pr, "losses", sequence, t0, t1).astype(np.float64)
    assert pr.pipeline.loss is not None
    if found.ndim > 1:
        found = found.sum(axis=1) if pr.pipeline.loss.reduction == "sum" else found.mean(axis=1)
    return found


def counts(pr: PipelineRun, sequence: int, t0: int, t1: int) -> NDArray[np.bool_]:
    """Which timesteps count in the reduced loss, `(steps,)`."""
    return rows_of(pr, "counts", sequence, t0, t1).astype(bool)


def counted(pr: PipelineRun) -> int:
    """How many losses the reduced one is made of."""

    def count() -> int:
        shape = pr.tensors["losses"].tensor.shape
        return int(pr.tensors["counts"].tensor.sum()) * (shape[1] if len(shape) > 1 else 1)

    return _MEMO.get(pr, "counted", count)


def limit_of(pr: PipelineRun, *names: str) -> float:
    """The end of a colour range for some tensors together, sampled where they are large."""
    return _MEMO.get(pr, names, partial(_limit, pr, names))


def _limit(pr: PipelineRun, names: tuple[str, ...]) -> float:
    found = (pr.tensors[name].tensor for name in names if name in pr.tensors)
    return round_limit(max((largest_magnitude(sampled(values)) for values in found), default=0.0))


def sampled(values: torch.Tensor) -> Floats:
    """Some rows of a tensor, evenly spread, all of them where they are few."""
    rows = values.reshape(-1, values.shape[-1]) if values.dim() else values.reshape(1, 1)
    return as_numpy(rows[:: max(1, len(rows) // _SAMPLE)])
