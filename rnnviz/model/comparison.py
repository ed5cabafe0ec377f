"""How far a run is from torch: step by step, and as a whole."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from rnnviz.model.binding import Binding

TOLERANCES = {torch.float32: 1e-5, torch.float64: 1e-10}
LOW_PRECISION_TOLERANCE = 1e-2


class Difference(NamedTuple):
    """A largest absolute difference, and where it is.

    Attributes:
        value: 0.0 where nothing is computed.
        layer, direction, t, sequence, unit: its place, from 0.
        tensor: "h" or "c".
    """

    value: float = 0.0
    layer: int = 0
    direction: int = 0
    t: int = 0
    sequence: int = 0
    unit: int = 0
    tensor: str = "h"


def tolerance(dtype: torch.dtype) -> float:
    """What counts as rounding, relative to the size of the values."""
    return TOLERANCES.get(dtype, LOW_PRECISION_TOLERANCE)


def absolute_difference(first: Tensor, second: Tensor) -> Tensor:
    """|first − second|; equal NaN or infinity counts 0, NaN against a number infinity."""
    difference = (first - second).abs()
    if difference.isfinite().all():
        return difference
    same = (first == second) | (first.isnan() & second.isnan())
    return difference.nan_to_num(nan=math.inf, posinf=math.inf).masked_fill(same, 0.0)


def largest(difference: Tensor) -> float:
    """The largest of some differences; 0.0 of none."""
    return float(difference.max()) if difference.numel() else 0.0


def size_of(values: Tensor) -> float:
    """The largest finite magnitude among values; 0.0 of none."""
    if not values.numel():
        return 0.0
    low, high = (float(bound) for bound in values.aminmax())
    if math.isfinite(low) and math.isfinite(high):
        return max(-low, high)
    finite = values[values.isfinite()]
    return float(finite.abs().max()) if finite.numel() else 0.0


def rounding_scale(binding: Binding) -> float:
    """How large values are, as far as rounding in the gates' sums goes, next to the tolerance."""
    dtype = binding.x.dtype
    return binding.term_size * 4 * torch.finfo(dtype).eps / tolerance(dtype)
