"""Gradient clipping as torch does it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import NamedTuple

import torch
from torch import Tensor

from rnnviz.errors import InputError
from rnnviz.model.arithmetic import plain_arithmetic
from rnnviz.model.gradients.gradients import Gradients

_LITTLE = 1e-6  # what torch adds to the norm that it divides by


class Clipped(NamedTuple):
    """Gradients after clipping.

    Attributes:
        weights: by name, each multiplied by `coefficient`.
        total_norm: of all of them together, before.
        coefficient: max_norm / (total_norm + 1e-6), at most 1.
    """

    weights: dict[str, Tensor]
    total_norm: float
    coefficient: float


@plain_arithmetic()
def clip_norm(
    gradients: Gradients | Mapping[str, Tensor], max_norm: float, norm_type: float = 2.0
) -> Clipped:
    """Scales the gradients of all weights together so that their norm is at most `max_norm`.

    Nothing is changed in place.

    Args:
        gradients: what `back` returned, or any gradients by name.
        max_norm: of all of them together; at least 0.
        norm_type: p of the p-norm; `math.inf` is the largest magnitude.

    Raises:
        InputError: where `max_norm` or `norm_type` is no such number.

    References:
        https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
    """
    _check("max_norm", max_norm)
    _check("norm_type", norm_type)
    if norm_type == 0:
        raise InputError("norm_type", expected="a number above 0", got=norm_type)
    weights = dict(gradients.weights if isinstance(gradients, Gradients) else gradients)
    total = torch.nn.utils.get_total_norm(list(weights.values()), norm_type)
    coefficient = torch.clamp(max_norm / (total + _LITTLE), max=1.0)
    scaled = {name: values * coefficient.to(values.dtype) for name, values in weights.items()}
    return Clipped(scaled, float(total), float(coefficient))


def _check(name: str, value: object) -> None:
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or math.isnan(float(value)) or float(value) < 0:  # type: ignore[arg-type]
        raise InputError(name, expected="a number of at least 0", got=repr(value))
