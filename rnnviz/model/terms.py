"""How large the terms are that a run adds up, known before anything is computed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from rnnviz.model.cells.base import Parameters

if TYPE_CHECKING:
    from rnnviz.model.binding import Binding

_AT_ONCE = 1 << 16  # numbers of a weight that are copied


def term_size(binding: Binding) -> float:
    """The most that the magnitudes of a preactivation's terms add up to; infinity for NaN.

    A preactivation is rounded as its terms are, even where these cancel out or the gate stays
    below 1. What relu lets grow is not counted: there the states themselves are as large.
    """
    spec = binding.spec
    given = binding.c_0 if binding.initial_given else None
    if given is not None and not math.isfinite(_size(given)):
        return math.inf
    kept = 1 / (1 - spec.dropout) if binding.masks and spec.dropout < 1 else 1.0
    largest, received = 0.0, _size(binding.x)
    for layer in range(spec.num_layers):
        states = 0.0
        for direction in range(spec.num_directions):
            parameters = binding.lanes[layer, direction]
            h_0, _ = binding.initial(layer, direction)
            projection = 1.0 if parameters.weight_hr is None else _row_sum(parameters.weight_hr)
            bound = 0.0 if spec.nonlinearity == "relu" else projection
            h = max(_size(h_0), bound) if binding.initial_given else bound
            terms = _terms(parameters, received, h) * max(1.0, projection)
            if not math.isfinite(terms):
                return math.inf
            largest, states = max(largest, terms), max(states, h)
        received = states * kept
    return largest


def _terms(parameters: Parameters, x: float, h: float) -> float:
    terms = _row_sum(parameters.weight_ih) * x + _row_sum(parameters.weight_hh) * h
    for bias in (parameters.bias_ih, parameters.bias_hh):
        terms += 0.0 if bias is None else _size(bias)
    return terms


def _size(values: Tensor) -> float:
    """The largest magnitude; NaN where there is one, 0.0 of none."""
    if not values.numel():
        return 0.0
    low, high = (float(bound) for bound in values.aminmax())
    return high if math.isnan(high) else max(-low, high)


def _row_sum(weight: Tensor) -> float:
    rows = max(1, _AT_ONCE // weight.shape[1])
    parts = [weight[at : at + rows].abs().sum(1) for at in range(0, len(weight), rows)]
    return float(torch.cat(parts).max())
