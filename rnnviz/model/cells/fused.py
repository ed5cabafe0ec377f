"""LSTM in float32 by oneDNN's own kernel: h from what it returns, c from its workspace.

In training mode the kernel keeps the gates and c for a backward pass, in a workspace whose layout
is not documented. So c is looked for in it once for each size, with numbers of our own, and what
is taken from it is held against the cell's arithmetic every time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.model.cells.base import Cell, Parameters
from rnnviz.model.cells.scanning import Array, Lane

_LSTM = 2  # the kernel's number of this cell
_LEAST_WORKSPACE = 1 << 20  # bytes: less is not worth a chunk of its own
_LARGEST_WORKSPACE = 24 << 20  # bytes: the allocator keeps so much at hand, more is paged anew
_SHARE_OF_STATES = 0.085  # of the states' own memory may be in use for the kernel besides
_LONGEST = 0.04  # seconds of a chunk, about, so that a run can be cancelled
_SECONDS_PER_WEIGHT = 4e-10  # of one row, where reading the weights is what takes the time
_SECONDS_PER_PRODUCT = 4e-11
_SEARCHED = 1 << 16  # numbers of a workspace that are compared at once
_KNOWN_STEPS = 3  # by which c is found
_PHASES = 0.0, 0.5  # of the numbers by which c is found
_SAMPLES = 16  # rows of a lane that are computed again


class _Kernel(NamedTuple):
    """What the kernel gives for a chunk of timesteps.

    Attributes:
        h: (n, N, H), of every timestep.
        h_n, c_n: (N, H), where it ends.
        workspace: float32, what it keeps for a backward pass.
    """

    h: Tensor
    h_n: Tensor
    c_n: Tensor
    workspace: Tensor


class _Place(NamedTuple):
    """Where c of the first timestep lies in a workspace of `size` numbers, the others behind it."""

    start: int
    size: int


class _Chunk(NamedTuple):
    """Consecutive timesteps of a lane, counted as the wavefront goes.

    Attributes:
        start: the first of them.
        coming: how many no chunk before it has.
        rows: of the lane.
        before: rows of the timestep before its own; None where the lane begins with it.
    """

    start: int
    coming: int
    rows: slice
    before: slice | None


def is_there() -> bool:
    """Whether this build of torch has the kernel, and its user has not switched it off."""
    library = torch.backends.mkldnn
    is_built: bool = library.is_available()  # type: ignore[no-untyped-call]
    return is_built and bool(library.enabled) and hasattr(torch.ops.aten, "mkldnn_rnn_layer")


def fused_scan(
    lane: Lane, cell: Cell, parameters: Parameters, states_size: int, tolerance: float
) -> int:
    """Fills a lane's h and c chunk by chunk, as far as they hold against the cell's arithmetic.

    Args:
        lane: of sequences that are all as long, in float32.
        cell: of LSTM.
        parameters: of the lane, without a projection.
        states_size: bytes of the states of the whole run, which limit what is used besides.
        tolerance: how far a number may be from the cell's, next to the largest c.

    Returns:
        How many of the lane's spans are filled: all, or those before a chunk that it cannot
        tell, or none where the states do not hold.
    """
    weights = _weights(parameters)
    assert lane.c is not None
    assert lane.c_0 is not None
    reverse = lane.spans[0] > lane.spans[-1]
    shape = (len(lane.h_0), lane.x.shape[1], lane.c.shape[1])
    steps = _steps(len(lane.spans), *shape, states_size)
    try:
        place = _place_of_c(steps, *shape)  # before there are states, beside which it took memory
    except RuntimeError:
        return 0
    if place is None:
        return 0
    for start, coming, rows, before in _chunks(lane, steps):
        lane.check(coming)
        h, c = (lane.h_0, lane.c_0) if before is None else (lane.h[before], lane.c[before])
        x = lane.x[rows].view(steps, *shape[:2])
        try:
            given = _run_kernel(x, weights, torch.from_numpy(h), torch.from_numpy(c), reverse)
        except RuntimeError:
            return start
        states = lane.c[rows].reshape(steps, shape[0], shape[2])
        if not _take_c(given, place, states[::-1] if reverse else states):
            return start
        if not _is_bounded(given.h, torch.from_numpy(states), tolerance):
            return start
        lane.h[rows] = given.h.flatten(0, 1).numpy()
        del given  # before the next chunk asks for as much
    return len(lane.spans) if _holds(lane, cell, parameters, tolerance) else 0


def _weights(parameters: Parameters) -> tuple[Tensor, ...]:
    """The kernel's four; without biases it gets zeros."""
    w = parameters
    if w.bias_ih is None or w.bias_hh is None:
        zeros = w.weight_hh.new_zeros(len(w.weight_hh))
        return w.weight_ih, w.weight_hh, zeros, zeros
    return w.weight_ih, w.weight_hh, w.bias_ih, w.bias_hh


def _run_kernel(
    x: Tensor, weights: tuple[Tensor, ...], h: Tensor, c: Tensor, reverse: bool
) -> _Kernel:
    units = h.shape[1]
    h, c = h.contiguous(), c.contiguous()  # as which it reads them
    with torch.enable_grad():  # else it keeps nothing; no tensor here asks for a gradient
        output, h_n, c_n, workspace = torch.ops.aten.mkldnn_rnn_layer.default(
            x, *weights, h, c, reverse, [], _LSTM, units, 1, True, False, False, True
        )
    numbers = workspace.view(torch.float32) if workspace.numel() % 4 == 0 else workspace[:0]
    return _Kernel(output, h_n.view(h.shape), c_n.view(c.shape), numbers)


def _steps(total: int, rows: int, features: int, units: int, states_size: int) -> int:
    """How many timesteps make a chunk: about equally many in each."""
    used = 4 * rows * (7 * units + features)  # bytes a timestep that the kernel writes to
    reserved = used * 3
    weights = 4 * units * (units + features)
    seconds = weights * max(_SECONDS_PER_WEIGHT, rows * _SECONDS_PER_PRODUCT)
    allowed = max(_LEAST_WORKSPACE, states_size * _SHARE_OF_STATES)
    most = min(allowed / used, _LARGEST_WORKSPACE / reserved, _LONGEST / seconds)
    chunks = math.ceil(total / max(1, int(most)))
    return math.ceil(total / chunks)


def _chunks(lane: Lane, steps: int) -> Iterator[_Chunk]:
    """The lane in chunks of `steps` timesteps, which the last one shares with that before it.

    So all are of one size, for which the kernel is prepared and c looked for but once.
    """
    total = len(lane.spans)
    for start in range(0, total, steps):
        count = min(steps, total - start)
        first = start + count - steps
        begin, end = lane.spans[first], lane.spans[first + steps - 1]
        rows = slice(min(begin[0], end[0]), max(begin[1], end[1]))
        yield _Chunk(start, count, rows, slice(*lane.spans[first - 1]) if first else None)


def _take_c(given: _Kernel, place: _Place, c: Array) -> bool:
    """Fills c (n, N, H), in the kernel's order of timesteps, if the workspace is as expected."""
    c[-1] = given.c_n.numpy()
    if len(c) == 1:
        return True
    if given.workspace.numel() != place.size:
        return False
    count = c[:-1].size
    c[:-1] = given.workspace[place.start : place.start + count].numpy().reshape(c[:-1].shape)
    return True


@lru_cache(maxsize=256)
def _place_of_c(steps: int, rows: int, features: int, units: int) -> _Place | None:
    """Where c lies in the workspace of a run of this size.

    None where nothing, or more than one place, bears the numbers that must be there. What the
    kernel does not write to may hold an earlier run's, so two runs of other numbers are asked.
    """
    if steps == 1:
        return _Place(0, 0)  # the only c is what the kernel returns
    found = [_places_in_trial(steps, rows, features, units, phase) for phase in _PHASES]
    places = found[0].intersection(*found[1:])
    return places.pop() if len(places) == 1 else None


def _places_in_trial(steps: int, rows: int, features: int, units: int, phase: float) -> set[_Place]:
    """Where in the workspace of a run of known numbers the first of its c lie."""

    def numbers(*shape: int) -> Tensor:
        count = math.prod(shape)
        return torch.arange(count, dtype=torch.float32, device="cpu").add_(phase).sin_().view(shape)

    x, (h, c) = numbers(steps, rows, features), numbers(2, rows, units).unbind()
    weight_ih, weight_hh = numbers(4 * units, features), numbers(4 * units, units)
    bias = numbers(4 * units)
    weights = weight_ih.div_(math.sqrt(features)), weight_hh.div_(math.sqrt(units)), bias, bias
    workspace = _run_kernel(x, weights, h, c, False).workspace
    size, expected = workspace.numel(), []
    for t in range(min(steps - 1, _KNOWN_STEPS)):
        h, c = torch.lstm_cell(x[t], (h, c), *weights)
        expected.append(c.flatten())
    found = _places(workspace.numpy(), torch.cat(expected).numpy())
    last = size - (steps - 1) * rows * units
    return {_Place(start, size) for start in found if start <= last}


@np.errstate(invalid="ignore", over="ignore")
def _places(numbers: Array, expected: Array) -> list[int]:
    """Where in a long row of numbers some that are expected stand.

    The others may be of any bits, signalling NaN too, at which numpy would warn.
    """
    found: list[int] = []
    last = len(numbers) - len(expected) + 1
    for start in range(0, last, _SEARCHED):
        near = np.abs(numbers[start : min(start + _SEARCHED, last)] - expected[0]) < 1e-5
        found.extend(
            place
            for place in (start + np.flatnonzero(near)).tolist()
            if np.allclose(numbers[place : place + len(expected)], expected, rtol=0, atol=1e-5)
        )
    return found


def _is_bounded(h: Tensor, c: Tensor, tolerance: float) -> bool:
    """Whether every h lies between 0 and its c, as o ⊙ tanh(c) does, and both are finite."""
    low, high = (float(bound) for bound in torch.sub(c, h).mul_(h).aminmax())
    if not math.isfinite(low - high):  # NaN is neither
        return False
    return low >= -tolerance or low >= -tolerance * float(c.abs().max())


@np.errstate(invalid="ignore", over="ignore")
def _holds(lane: Lane, cell: Cell, parameters: Parameters, tolerance: float) -> bool:
    """Whether states of a filled lane are those of the cell: all of few, some of many."""
    assert lane.c is not None
    assert lane.c_0 is not None
    rows, total = len(lane.h_0), len(lane.h_0) * len(lane.spans)
    samples = min(total, _SAMPLES)
    steps, sequences = divmod(np.arange(samples) * (total - 1) // max(1, samples - 1), rows)
    onwards = rows if lane.spans[0] <= lane.spans[-1] else -rows
    at = lane.spans[0][0] + steps * onwards + sequences
    before = at - onwards
    first = steps == 0

    def entering(states: Array, initial: Array) -> Array:
        found: Array = states[np.where(first, at, before)]
        found[first] = initial[sequences[first]]
        return found

    c_prev = entering(lane.c, lane.c_0)
    h_prev = torch.from_numpy(entering(lane.h, lane.h_0))
    x = torch.from_numpy(lane.x.numpy()[at])
    h, c = cell.torch_cell(x, h_prev, torch.from_numpy(c_prev), parameters)
    assert c is not None
    limit = tolerance * max(1.0, float(np.abs(c_prev).max()))
    gaps = h.numpy() - lane.h[at], c.numpy() - lane.c[at]
    return all(float(np.abs(gap).max()) <= limit for gap in gaps)
