"""A whole run at once, in numpy on the tensors' own memory, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from rnnviz.model.binding import Binding
from rnnviz.model.cells.scanning import Lane
from rnnviz.model.comparison import rounding_scale
from rnnviz.model.states import LayerStates, States

_LARGEST_SCALE = 1e3  # beyond it two orders of the same sum differ by more than a percent


def can_scan(binding: Binding) -> bool:
    """Whether the scan serves this run: float32 or float64, nothing huge or not finite."""
    if binding.x.dtype not in (torch.float32, torch.float64) or not binding.x.numel():
        return False
    return rounding_scale(binding) <= _LARGEST_SCALE


def scan_run(binding: Binding, check: Callable[[], None]) -> States | None:
    """Computes a whole run; None where states grow so large that sums of them may overflow.

    How they do that is for torch itself to say, step by step.

    Args:
        check: called between blocks of work; may raise to end it.
    """
    layers: list[LayerStates] = []
    x = binding.x
    with np.errstate(all="ignore"):
        for layer in range(binding.spec.num_layers):
            if layer > 0:
                x = layers[-1].h.flatten(1)
                mask = binding.masks.get(layer - 1)
                x = x if mask is None else x * mask
            layers.append(_scan_layer(binding, layer, x, check))
            if binding.spec.nonlinearity == "relu" and _may_overflow(layers[-1].h):
                return None
    return States.of_rows(binding, layers)


def _scan_layer(binding: Binding, layer: int, x: Tensor, check: Callable[[], None]) -> LayerStates:
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
        binding.cell.scan(lane, binding.lanes[layer, direction])
    kept = torch.from_numpy(c).transpose(0, 1) if binding.cell.has_c else None
    return LayerStates(torch.from_numpy(h), kept)


def _may_overflow(values: Tensor) -> bool:
    low, high = values.aminmax()
    limit = math.sqrt(torch.finfo(values.dtype).max)
    return not (low > -limit and high < limit)  # NaN is neither
