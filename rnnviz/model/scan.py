"""A whole run at once, in numpy on the tensors' own memory, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rnnviz.model.binding import Binding
from rnnviz.model.cells import fused
from rnnviz.model.cells.by_operation import ForceRows, scan_by_operation
from rnnviz.model.cells.scanning import Array, Lane
from rnnviz.model.comparison import rounding_scale, tolerance
from rnnviz.model.states import Known, LayerStates, States

Check = Callable[[int], None]

_LARGEST_SCALE = 1e3  # beyond it two orders of the same sum differ by more than a percent
_LARGEST_STEP = 1 << 12  # numbers of a state beyond which what a call costs matters little
_GAP = 16  # timesteps between forced ones that are not worth a scan of their own


def can_scan(binding: Binding) -> bool:
    """Whether the scan serves this run: float32 or float64, nothing huge or not finite."""
    if binding.x.dtype not in (torch.float32, torch.float64) or not binding.x.numel():
        return False
    return rounding_scale(binding) <= _LARGEST_SCALE


def scan_run(binding: Binding, check: Check, known: Known | None = None) -> States | None:
    """Computes a whole run; None where states grow so large that sums of them may overflow.

    How they do that is for torch itself to say, step by step.

    Args:
        check: called before each block of work with its timesteps; may raise to end it.
        known: a run to take the states from that are as in this one.
    """
    layers: list[LayerStates] = []
    x = binding.x
    with np.errstate(all="ignore"):
        for layer in range(binding.spec.num_layers):
            if layer > 0:
                x = layers[-1].h.flatten(1)
                mask = binding.masks.get(layer - 1)
                x = x if mask is None else x * mask
            layers.append(_scan_layer(binding, layer, x, check, known))
            if _is_unbounded(binding, layer) and _may_overflow(layers[-1]):
                return None
    return States.of_rows(binding, layers)


class _Part(NamedTuple):
    """Consecutive timesteps of a lane, as indices of its spans."""

    start: int
    stop: int
    forced: bool


def _scan_layer(
    binding: Binding, layer: int, x: Tensor, check: Check, known: Known | None
) -> LayerStates:
    spec, layout = binding.spec, binding.layout
    dtype = x.numpy().dtype
    h = np.empty((layout.row_count, spec.num_directions, spec.output_size), dtype)
    c = np.empty((spec.num_directions, layout.row_count, spec.hidden_size), dtype)
    for direction in range(spec.num_directions):
        h_0, c_0 = binding.initial(layer, direction)
        lane = Lane(
            spans=layout.spans if direction == 0 else layout.spans[::-1],
            x=x,
            h_0=layout.sort(h_0).numpy(),
            c_0=None if c_0 is None else layout.sort(c_0).numpy(),
            h=h[:, direction],
            c=c[direction] if binding.cell.has_c else None,
            check=check,
        )
        if known is None:
            _fill(binding, (layer, direction), lane, 0)
        else:
            _refill(binding, (layer, direction), lane, known)
    kept = torch.from_numpy(c).transpose(0, 1) if binding.cell.has_c else None
    return LayerStates(torch.from_numpy(h), kept)


def _refill(binding: Binding, key: tuple[int, int], lane: Lane, known: Known) -> None:
    """The same as `_fill`, but for the states that are known."""
    steps = known.changed[key].any(dim=1).nonzero()
    start = len(lane.spans)
    if len(steps):
        start = int(steps[0]) if key[1] == 0 else start - 1 - int(steps[-1])
    _copy_known(lane, key, known, slice(None))
    _fill(binding, key, lane, start)
    if binding.layout.N > 1:  # sequences of their own are as they were, to the last bit
        _copy_known(lane, key, known, ~binding.layout.rows(known.changed[key]).numpy())


def _copy_known(lane: Lane, key: tuple[int, int], known: Known, rows: slice | Array) -> None:
    layer, direction = key
    old = known.states.rows(layer)
    lane.h[rows] = old.h[:, direction].numpy()[rows]
    if lane.c is not None and old.c is not None:
        lane.c[rows] = old.c[:, direction].numpy()[rows]


def _fill(binding: Binding, key: tuple[int, int], lane: Lane, start: int) -> None:
    """Computes a lane's timesteps from a span on, those before it being there."""
    for part in _parts(binding, key, start):
        rest = _from(lane, part)
        if part.forced:
            forced = _forced_rows(binding, key, part)
            scan_by_operation(binding.operations, rest, binding.lanes[key], forced)
            continue
        done = _fused(binding, key, rest) if _has_kernel(binding) else 0
        if done < len(rest.spans):
            after = _Part(part.start + done, part.stop, False)
            binding.cell.scan(_from(lane, after), binding.lanes[key])


def _has_kernel(binding: Binding) -> bool:
    """Whether a kernel of torch's own may tell all states, and is the faster way.

    It does for LSTM in float32 without a projection, of sequences that are all as long; with many
    rows the scan is as fast.
    """
    spec, layout = binding.spec, binding.layout
    plain = spec.cell == "LSTM" and not spec.proj_size and layout.is_even
    is_small = layout.N * spec.hidden_size <= _LARGEST_STEP
    return plain and is_small and binding.x.dtype == torch.float32 and fused.is_there()


def _fused(binding: Binding, key: tuple[int, int], lane: Lane) -> int:
    """How many timesteps of a lane the kernel has filled."""
    spec = binding.spec
    rows = binding.layout.row_count * spec.num_layers * spec.num_directions
    size = rows * 2 * spec.hidden_size * binding.x.element_size()
    limit = tolerance(binding.x.dtype) * max(1.0, rounding_scale(binding)) / 2
    return fused.fused_scan(lane, binding.cell, binding.lanes[key], size, limit)


def _parts(binding: Binding, key: tuple[int, int], start: int) -> Iterator[_Part]:
    """The timesteps in which something is forced, and those between them."""
    total, forcing = binding.layout.L, binding.forcing.get(key)
    if forcing is None:
        if start < total:
            yield _Part(start, total, False)
        return
    steps = (forcing.steps & binding.layout.valid).any(dim=1)
    forced = (steps if key[1] == 0 else steps.flip(0)).tolist()
    at = [step for step in range(start, total) if forced[step]]
    done = start
    for before, after in pairwise((start - 1, *at, total)):
        if after - before > _GAP:
            if done <= before:
                yield _Part(done, before + 1, True)
            yield _Part(before + 1, after, False)
            done = after
    if done < total:
        yield _Part(done, total, True)


def _from(lane: Lane, part: _Part) -> Lane:
    """A part of a lane, that goes on from the states before it."""
    if part.stop - part.start == len(lane.spans):
        return lane
    spans = lane.spans[part.start : part.stop]
    if part.start == 0:
        return replace(lane, spans=spans)
    before = slice(*lane.spans[part.start - 1])

    def initial(states: Array, first: Array) -> Array:
        return np.concatenate((states[before], first[before.stop - before.start :]))

    c_0 = None if lane.c is None or lane.c_0 is None else initial(lane.c, lane.c_0)
    return replace(lane, spans=spans, h_0=initial(lane.h, lane.h_0), c_0=c_0)


def _forced_rows(binding: Binding, key: tuple[int, int], part: _Part) -> dict[str, ForceRows]:
    """What is forced in a part of a lane, in the order of its rows."""
    layout = binding.layout
    steps = torch.arange(part.start, part.stop, device="cpu")
    t = steps if key[1] == 0 else layout.L - 1 - steps
    return binding.forcing[key].by_rows(t, layout.sort(layout.sequences))


def _is_unbounded(binding: Binding, layer: int) -> bool:
    """Whether h may grow beyond what weights and inputs bound."""
    forced = any(lane[0] == layer for lane in binding.forcing)
    return binding.spec.nonlinearity == "relu" or forced


def _may_overflow(states: LayerStates) -> bool:
    return any(_is_large(values) for values in states if values is not None)


def _is_large(values: Tensor) -> bool:
    low, high = values.aminmax()
    limit = math.sqrt(torch.finfo(values.dtype).max)
    return not (low > -limit and high < limit)  # NaN is neither
