"""The functions that gates go through: value, slope, and where they are saturated."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Verb = Literal["sigmoid", "tanh", "relu"]

SATURATED_BELOW = 0.05  # of the steepest slope


class Function(NamedTuple):
    """An activation.

    Attributes:
        symbol: as it is written in an equation.
        value, slope: at a point.
        steepest: the largest slope it has.
        reach: how far from 0 a curve shows what is worth seeing of it.
    """

    symbol: str
    value: Callable[[float], float]
    slope: Callable[[float], float]
    steepest: float
    reach: float


def _sigmoid(a: float) -> float:
    if a >= 0:
        return 1 / (1 + math.exp(-a))
    grown = math.exp(a) if not math.isnan(a) else a
    return grown / (1 + grown)


def _sigmoid_slope(a: float) -> float:
    return _sigmoid(a) * _sigmoid(-a)


def _tanh_slope(a: float) -> float:
    return 1 - math.tanh(a) ** 2 if abs(a) < 10 else 4 * math.exp(-2 * abs(a))


def _relu(a: float) -> float:
    return a if math.isnan(a) else max(a, 0.0)


ACTIVATIONS: dict[Verb, Function] = {
    "sigmoid": Function("σ", _sigmoid, _sigmoid_slope, 0.25, 6.0),
    "tanh": Function("tanh", math.tanh, _tanh_slope, 1.0, 3.0),
    "relu": Function("ReLU", _relu, lambda a: float(a > 0), 1.0, 2.0),
}


@dataclass(frozen=True)
class Activation:
    """Where on its curve an activation is.

    Attributes:
        verb: "sigmoid", "tanh" or "relu".
        point: what goes in.
    """

    verb: Verb
    point: float

    @property
    def symbol(self) -> str:
        """σ, tanh or ReLU."""
        return ACTIVATIONS[self.verb].symbol

    @property
    def reached(self) -> tuple[float, float]:
        """The point on the curve itself: what goes in, and the function of it."""
        return self.point, ACTIVATIONS[self.verb].value(self.point)

    @property
    def steepest(self) -> float:
        """The largest slope of the curve."""
        return ACTIVATIONS[self.verb].steepest

    @property
    def slope(self) -> float:
        """The derivative at the point."""
        return ACTIVATIONS[self.verb].slope(self.point)

    @property
    def is_saturated(self) -> bool:
        """Whether the slope is below a twentieth of the steepest."""
        return self.slope < SATURATED_BELOW * ACTIVATIONS[self.verb].steepest

    def curve(self, samples: int = 121) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Points (samples,) of the curve to draw, the point itself well within."""
        function = ACTIVATIONS[self.verb]
        size = abs(self.point) if math.isfinite(self.point) else 0.0
        reach = max(function.reach, 1.15 * size)
        x = np.linspace(-reach, reach, samples)
        return x, np.array([function.value(float(at)) for at in x])
