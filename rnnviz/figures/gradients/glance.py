"""Vanishing or exploding: what is left of a gradient, and by what factor a step changes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.gradients import flows
from rnnviz.figures.gradients.curves import Curve
from rnnviz.figures.gradients.flows import Lane, Sizes
from rnnviz.figures.gradients.numbers import factor_text
from rnnviz.figures.gradients.subject import Subject
from rnnviz.model.gradients import Gradients

_VERBS = ((1e-2, "vanishes"), (0.5, "shrinks"), (2.0, "is kept"), (1e2, "grows"))

_AWAY = 0.3  # powers of ten that sizes may lie from the fit, or a share of all they go through
_SHARE = 0.12


@dataclass(frozen=True)
class Decay:
    """How a gradient changes on its way back.

    Attributes:
        factor: of one step back, fitted to all that is seen of it.
        steps: back from where it begins, of what is fitted.
        left: of it at the end of these, by the fit.
    """

    factor: float
    steps: int

    @property
    def left(self) -> float:
        with np.errstate(over="ignore", under="ignore"):
            return float(np.float64(self.factor) ** self.steps)

    @property
    def verb(self) -> str:
        """In a word what happens to it."""
        return next((word for most, word in _VERBS if self.left < most), "explodes")


def decay(values: Sizes, start: int, floor: float) -> Decay | None:
    """The factor of one step back, by least squares on the logarithms of what is seen.

    Args:
        values: (T,), sizes by timestep.
        start: the timestep at which the way back begins.
        floor: what lies below it is not seen.

    Returns:
        None where fewer than three timesteps can be seen, or no one factor describes them.
    """
    seen = np.isfinite(values) & (values > max(floor, 0.0))
    t = np.flatnonzero(seen)
    if len(t) < 3:
        return None
    steps = np.abs(t - start).astype(np.float64)
    heights = np.log10(values[t])
    slope, offset = np.polyfit(steps, heights, 1)
    away = float(np.sqrt(np.mean((heights - slope * steps - offset) ** 2)))
    if away > max(_AWAY, _SHARE * float(np.ptp(heights))):
        return None
    with np.errstate(over="ignore"):
        return Decay(float(10.0**slope), int(steps.max()))


def passed_on(found: Gradients, lane: Lane, sequence: int | None) -> float | None:
    """What of a gradient arrives one step back, typically: for a loss that enters everywhere.

    Of LSTM along c. None where it takes long to tell, or nothing arrives.
    """
    run = found.run
    if not flows.is_bearable(run, lane[0]) or run.L < 2:
        return None
    tensor = "c" if run.cell.has_c else "h"
    parts = flows.part_norms(found, tensor, lane, sequence)
    share = parts["carry"] if tensor == "c" else np.hypot(parts["gates"], parts.get("carry", 0.0))
    whole = flows.norms(found, tensor, lane, sequence)
    pair = (share[:-1], whole[1:]) if lane[1] == 0 else (share[1:], whole[:-1])
    seen: NDArray[np.bool_] = np.logical_and(*(np.isfinite(v) & (v > 0) for v in pair))
    if not seen.any():
        return None
    logs = np.log(pair[0][seen]) - np.log(pair[1][seen])
    return float(np.exp(logs.mean()))


def left_at(curve: Curve, start: int, place: int) -> float | None:
    """What is left of a gradient at a timestep, of 1 where the way back begins."""
    first, now = float(curve.values[start]), float(curve.values[place])
    if not (np.isfinite(first) and np.isfinite(now)) or first <= 0:
        return None
    return now / first


def steps_above(curve: Curve, start: int, floor: float, length: int) -> int | None:
    """After how many steps back a gradient first lies below a floor; None where it never does."""
    t = np.arange(length) if start == 0 else np.arange(length)[::-1]
    low = np.flatnonzero(curve.arrived[t] < floor)
    return int(low[0]) if len(low) else None


def sentences(shown: Subject, main: Curve | None, rival: Curve | None, floor: float) -> list[str]:
    """At a glance what happens on the way back, with the measured factors."""
    found = []
    if main is not None:
        name = f"{shown.run.kind}, {_carried(shown)} of {main.words}"
        found.append(_sentence(shown, shown.found, main, name, floor))
    if rival is not None and shown.rival is not None:
        gradients = shown.rival.gradients.recurrent
        assert gradients is not None
        name = f"{shown.rival.name}, layer {rival.lane[0]}"
        found.append(_sentence(shown, gradients, rival, name, floor))
    return [sentence for sentence in found if sentence]


def _carried(shown: Subject) -> str:
    return "carry" if shown.tensor == "c" else shown.tensor


def _sentence(shown: Subject, found: Gradients, curve: Curve, name: str, floor: float) -> str:
    values = curve.arrived[: shown.length]
    if not shown.single:
        factor = passed_on(found, curve.lane, shown.sequence)
        if factor is None:
            return ""
        return f"{name}: {factor_text(factor)} of what is at a step arrives one step back."
    fitted = decay(values, shown.start, floor)
    if fitted is None:
        return ""
    return f"{name}: the gradient {fitted.verb}, {factor_text(fitted.factor)} for each step back."
