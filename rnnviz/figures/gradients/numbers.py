"""Sizes in words: powers of ten, shares, factors."""

from __future__ import annotations

import math

from rnnviz.scene.axes import MINUS, format_value
from rnnviz.scene.marks import Anchor, Run, Text
from rnnviz.scene.text import runs_width

_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def power(exponent: int) -> tuple[Run, ...]:
    """10 to a whole power, as an axis has it: 1, 10, 10⁻²."""
    if exponent in (0, 1):
        return (Run(str(10**exponent)),)
    return Run("10"), Run(str(exponent).replace("-", MINUS), shift="sup")


def power_text(exponent: int) -> str:
    """The same within a sentence."""
    return "1" if exponent == 0 else f"10{str(exponent).translate(_RAISED)}"


def size_runs(value: float, floor: float = 0.0) -> tuple[Run, ...]:
    """A size with two figures: 0.034, 1.9 × 10⁻⁴; < 10⁻¹² where it lies below a floor.

    One below zero, as a difference of two losses may be, has its sign before it.
    """
    if value < 0:
        return Run(MINUS), *size_runs(-value, floor)
    if not math.isfinite(value) or value == 0:
        return (Run(format_value(value, 0)),)
    if value < floor:
        return Run("< "), *power(round(math.log10(floor)))
    if 0.001 <= value < 999.5:
        digits = max(0, 1 - math.floor(math.log10(value)))
        return (Run(format_value(value, digits)),)
    figures, exponent = f"{value:.1e}".split("e")
    return Run(f"{figures} × "), *power(int(exponent))


def size_text(value: float) -> str:
    """The same within a sentence."""
    return "".join(
        run.text.replace(MINUS, "-").translate(_RAISED) if run.shift else run.text
        for run in size_runs(value)
    )


def share_runs(share: float) -> tuple[Run, ...]:
    """What is left of something: 100 %, 0 %, × 1.3 × 10⁴."""
    if math.isfinite(share) and share < 99.95:
        return (Run(f"{format_value(100 * share, 0)} %"),)
    return Run("× "), *size_runs(share)


def factor_text(factor: float) -> str:
    """× 1.00; of far smaller and far larger ones the power of ten."""
    if 0.005 <= factor < 100:
        return f"× {format_value(factor, 2)}"
    return f"× {size_text(factor)}"


def number(
    runs: tuple[Run, ...],
    x: float,
    y: float,
    color: str,
    size: float = 11.0,
    *,
    weight: int = 400,
    anchor: Anchor = "end",
) -> Text:
    """A number set in the interface's font."""
    return Text(x, y, runs, color, size, weight=weight, anchor=anchor)


def width_of(runs: tuple[Run, ...], size: float, weight: int = 400) -> float:
    """How wide a number is set."""
    return runs_width(Text(0, 0, runs, "#000000", size, weight=weight))
