"""Sizes of gradients through time, of one sequence or over the batch; kept while they live."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.figures.memo import Memo
from rnnviz.model.gradients import Gradients
from rnnviz.model.trace import Trace, as_numpy

Lane = tuple[int, int]
Sizes = NDArray[np.float64]

_MOST_WORK = 3e8  # multiplications, beyond which gates are not computed anew for a frame
_SAMPLE = 5e7  # the same, for the mean of a gate
_STEPS = 64  # that it is the mean of where they are computed one by one
_memo = Memo()


def is_bearable(run: Trace, layer: int) -> bool:
    """Whether all gates of a layer can be computed while a frame waits for them."""
    return run.L * _work(run, layer) <= _MOST_WORK


def _work(run: Trace, layer: int) -> int:
    """Multiplications for the gates of one timestep."""
    received = run.inputs(layer).shape[-1] + run.output_size
    return run.N * len(run.cell.gates) * run.hidden_size * received


def _numbers(run: Trace) -> int:
    """How many numbers a state has at all timesteps."""
    return run.L * run.N * run.hidden_size


def norms(found: Gradients, tensor: str, lane: Lane, sequence: int | None) -> Sizes:
    """|∂loss/∂·| at every t, (L,); NaN at padding. `tensor` as `Gradients.norms` takes it."""
    key = ("norms", tensor, lane)

    def measure() -> NDArray[np.floating]:
        values: NDArray[np.floating] = found.norms(tensor, *lane).numpy()
        return values

    grid = _memo.get(found, key, measure, _numbers(found.run))
    return _chosen(found.run, grid, sequence)


def part_norms(found: Gradients, tensor: str, lane: Lane, sequence: int | None) -> dict[str, Sizes]:
    """The sizes of the parts of ∂loss/∂h_t or ∂loss/∂c_t, by the path they came along."""

    def measure() -> dict[str, NDArray[np.floating]]:
        parts = found.parts(tensor, *lane)
        return {name: _norm(values).numpy() for name, values in parts.items()}

    size = len(found.run.cell.gates) * _numbers(found.run)
    grids = _memo.get(found, ("parts", tensor, lane), measure, size)
    return {name: _chosen(found.run, grid, sequence) for name, grid in grids.items()}


def weight_norms(found: Gradients, lane: Lane, sequence: int | None) -> dict[str, Sizes]:
    """How large each timestep's own contribution to the gradient of each weight is, (L,)."""

    def measure() -> dict[str, NDArray[np.floating]]:
        return {name: grid.numpy() for name, grid in found.contribution_norms(*lane).items()}

    size = len(found.run.cell.gates) * _numbers(found.run)
    grids = _memo.get(found, ("weights", lane), measure, size)
    return {name: _chosen(found.run, grid, sequence) for name, grid in grids.items()}


def reached(arrived: Gradients, lane: Lane, sequence: int | None) -> NDArray[np.bool_]:
    """At which t gradients have arrived, (L,); over the batch where those of any sequence have."""
    grid: NDArray[np.bool_] = arrived.reached(*lane).numpy()
    chosen: NDArray[np.bool_] = grid if sequence is None else grid[:, sequence : sequence + 1]
    result: NDArray[np.bool_] = np.logical_or.reduce(chosen, axis=1)
    return result


def input_reached(arrived: Gradients, layer: int, sequence: int | None) -> NDArray[np.bool_]:
    """At which t all that a layer passes on to its input has arrived."""
    lanes = [(layer, direction) for direction in range(arrived.run.num_directions)]
    found = [reached(arrived, lane, sequence) for lane in lanes]
    result: NDArray[np.bool_] = np.logical_and.reduce(found)
    return result


class Pooled(NamedTuple):
    """Sizes of units over time, neighbours merged by the largest.

    Attributes:
        sizes: (rows, columns).
        crossed: which hold NaN or infinity; None where none does.
        stride: units a row, timesteps a column; the last of each may stand for fewer.
    """

    sizes: Sizes
    crossed: NDArray[np.bool_] | None
    stride: tuple[int, int]


def pooled(sizes: NDArray[np.floating], most: tuple[int, int]) -> Pooled:
    """A matrix of sizes, made no larger than `most` rows and columns."""
    stride = tuple(max(1, -(-count // room)) for count, room in zip(sizes.shape, most, strict=True))
    strange = ~np.isfinite(sizes)
    crossed: NDArray[np.bool_] | None = None
    if strange.any():
        sizes, crossed = np.where(strange, np.nan, sizes), strange
    for axis in (1, 0):
        if stride[axis] > 1:
            starts = np.arange(0, sizes.shape[axis], stride[axis])
            sizes = np.fmax.reduceat(sizes, starts, axis=axis)
            if crossed is not None:
                crossed = np.logical_or.reduceat(crossed, starts, axis=axis)
    return Pooled(sizes.astype(np.float64), crossed, (stride[0], stride[1]))


def matrix(
    found: Gradients, tensor: str, lane: Lane, sequence: int | None, most: tuple[int, int]
) -> Pooled:
    """|∂loss/∂·_t[j]| of every unit j over time, of at most so many rows and columns."""
    key = ("matrix", tensor, lane, sequence, most)
    find = partial(_matrix, found, tensor, lane, sequence, most)
    return _memo.get(found, key, find, _numbers(found.run))


def _matrix(
    found: Gradients, tensor: str, lane: Lane, sequence: int | None, most: tuple[int, int]
) -> Pooled:
    values = gradient(found, tensor, lane)
    if sequence is None:
        clean = torch.where(found.run.valid[..., None], values, 0.0)
        each = torch.linalg.vector_norm(clean, dim=1)
    else:
        each = values[: found.run.lengths[sequence], sequence].abs()
    return pooled(as_numpy(each).T, most)


def gradient(found: Gradients, tensor: str, lane: Lane) -> Tensor:
    """∂loss/∂ a state or what the layer receives, (L, N, ·)."""
    if tensor == "x":
        return found.inputs(lane[0])
    values = found.c(*lane) if tensor == "c" else found.h(*lane)
    assert values is not None
    return values


def mean_gate(run: Trace, gate: str, lane: Lane, sequence: int | None) -> tuple[Sizes, int]:
    """The mean of a gate of each unit over timesteps, (H,), and of how many of them.

    All, or where that takes long as many as there is time for, evenly spread.
    """
    key = ("gate", gate, lane, sequence)
    find = partial(_mean_gate, run, gate, lane, sequence)
    return _memo.get(run, key, find, _numbers(run))


def _mean_gate(run: Trace, gate: str, lane: Lane, sequence: int | None) -> tuple[Sizes, int]:
    length = run.L if sequence is None else run.lengths[sequence]
    most = max(8, int(_SAMPLE / _work(run, lane[0])))
    valid: NDArray[np.bool_] = run.schedule.valid
    count = length if length <= most else min(most, _STEPS)
    if count == length:
        values = as_numpy(run.gate_states(*lane)[gate])
        rows = values[valid] if sequence is None else values[:length, sequence]
    else:
        sample = np.linspace(0, length - 1, count).round().astype(int).tolist()
        grids = [as_numpy(run.gates(*lane, t)[gate]) for t in sample]
        if sequence is None:
            rows = np.concatenate([g[valid[t]] for t, g in zip(sample, grids, strict=True)])
        else:
            rows = np.stack([grid[sequence] for grid in grids])
    mean: Sizes = rows.mean(axis=0, dtype=np.float64)
    return mean, count


def _norm(values: Tensor) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(values, dim=-1, dtype=torch.float64)
    return norm


def _chosen(run: Trace, grid: NDArray[np.floating], sequence: int | None) -> Sizes:
    """(L, N) of one sequence, or the size of all of them together, (L,)."""
    sizes = grid.astype(np.float64, copy=False)
    if sequence is not None:
        return sizes[:, sequence]
    together: Callable[..., Sizes] = np.hypot.reduce
    return together(np.where(run.schedule.valid, sizes, 0.0), axis=1)
