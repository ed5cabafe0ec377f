"""Sizes of gradients through time, of one sequence or over the batch; kept while they live."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.figures.memo import Memo
from rnnviz.model.gradients import Gradients
from rnnviz.model.trace import Trace, as_numpy
from rnnviz.scene.pooling import pool_any, pool_largest

Lane = tuple[int, int]
Sizes = NDArray[np.float64]

_MOST_WORK = 3e9  # multiplications, beyond which gates are not computed anew for a frame
_memo = Memo()


def is_bearable(run: Trace, layer: int) -> bool:
    """Whether all gates of a layer can be computed while a frame waits for them."""
    received = run.inputs(layer).shape[-1] + run.output_size
    return run.L * run.N * len(run.cell.gates) * run.hidden_size * received <= _MOST_WORK


def norms(found: Gradients, tensor: str, lane: Lane, sequence: int | None) -> Sizes:
    """|∂loss/∂·| at every t, (L,); NaN at padding. `tensor` as `Gradients.norms` takes it."""
    key = ("norms", tensor, lane)
    grid = _memo.get(found, key, lambda: found.norms(tensor, *lane).numpy())
    return _chosen(found.run, grid, sequence)


def part_norms(found: Gradients, tensor: str, lane: Lane, sequence: int | None) -> dict[str, Sizes]:
    """The sizes of the parts of ∂loss/∂h_t or ∂loss/∂c_t, by the path they came along."""

    def measure() -> dict[str, NDArray[np.floating]]:
        parts = found.parts(tensor, *lane)
        return {name: _norm(values).numpy() for name, values in parts.items()}

    grids = _memo.get(found, ("parts", tensor, lane), measure)
    return {name: _chosen(found.run, grid, sequence) for name, grid in grids.items()}


def weight_norms(found: Gradients, name: str, sequence: int | None) -> Sizes:
    """How large each timestep's own contribution to the gradient of a weight is, (L,)."""
    grid = _memo.get(found, ("weight", name), lambda: found.weight_norms(name).numpy())
    return _chosen(found.run, grid, sequence)


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


def matrix(
    found: Gradients,
    tensor: str,
    lane: Lane,
    sequence: int | None,
    shape: tuple[int, int],
) -> tuple[Sizes, NDArray[np.bool_] | None]:
    """|∂loss/∂·_t[j]| of every unit j, (units, T), pooled by the largest to at most `shape`.

    Returns:
        The values, and which hold NaN or infinity; None where none does.
    """
    run = found.run
    length = run.L if sequence is None else run.lengths[sequence]
    key = ("matrix", tensor, lane, sequence, shape)
    return _memo.get(found, key, partial(_matrix, found, tensor, lane, sequence, length, shape))


def _matrix(
    found: Gradients,
    tensor: str,
    lane: Lane,
    sequence: int | None,
    length: int,
    shape: tuple[int, int],
) -> tuple[Sizes, NDArray[np.bool_] | None]:
    values = gradient(found, tensor, lane)
    if sequence is None:
        clean = torch.where(found.run.valid[..., None], values, 0.0)
        each = torch.linalg.vector_norm(clean, dim=1)
    else:
        each = values[:length, sequence].abs()
    sizes = as_numpy(each).T
    strange = ~np.isfinite(sizes)
    crossed = pool_any(strange, *shape) if strange.any() else None
    if crossed is not None:
        sizes = np.where(strange, np.nan, sizes)
    return pool_largest(sizes, *shape).astype(np.float64), crossed


def gradient(found: Gradients, tensor: str, lane: Lane) -> Tensor:
    """∂loss/∂ a state or what the layer receives, (L, N, ·)."""
    if tensor == "x":
        return found.inputs(lane[0])
    values = found.c(*lane) if tensor == "c" else found.h(*lane)
    assert values is not None
    return values


def mean_gate(run: Trace, gate: str, lane: Lane, sequence: int | None) -> Sizes | None:
    """The mean of a gate of each unit over its timesteps, (H,); None where that takes long."""
    if not is_bearable(run, lane[0]):
        return None

    def measure() -> Sizes:
        values = as_numpy(run.gate_states(*lane)[gate])
        kept: NDArray[np.bool_] = run.schedule.valid
        rows = values[kept] if sequence is None else values[kept[:, sequence], sequence]
        mean: Sizes = rows.mean(axis=0, dtype=np.float64)
        return mean

    return _memo.get(run, ("gate", gate, lane, sequence), measure)


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
