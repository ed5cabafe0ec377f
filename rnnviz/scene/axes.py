"""Ticks and numbers: where an axis is labelled, how a value is written and read."""

from __future__ import annotations

import math
from itertools import pairwise

MINUS = "\u2212"
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def nice_ticks(lo: float, hi: float, count: int = 5) -> tuple[float, ...]:
    """Round values between `lo` and `hi`, both included, about `count` of them.

    Returns:
        Ascending values at 1, 2, 2.5 or 5 times a power of ten; a lone value where the range
        is empty, none where it is not finite.
    """
    if not (math.isfinite(lo) and math.isfinite(hi)):
        return ()
    lo, hi = min(lo, hi), max(lo, hi)
    if not hi - lo > abs(hi) * 1e-12:
        return (lo,)
    power = 10.0 ** math.floor(math.log10((hi - lo) / max(count, 1)))
    wishes = (_multiples(lo, hi, step * power) for step in (*_STEPS, 20.0))
    return min(wishes, key=lambda ticks: abs(len(ticks) - count))


def nice_integer_ticks(lo: int, hi: int, count: int = 5) -> tuple[int, ...]:
    """Round whole numbers between `lo` and `hi`, both included, about `count` of them."""
    step = max(1, math.ceil(_nice_step((hi - lo) / max(count, 1)))) if hi > lo else 1
    return tuple(range(math.ceil(lo / step) * step, hi + 1, step))


def _multiples(lo: float, hi: float, step: float) -> tuple[float, ...]:
    first, last = math.ceil(lo / step - 1e-9), math.floor(hi / step + 1e-9)
    return tuple(index * step for index in range(first, last + 1))


def _nice_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))


def format_value(value: float, digits: int = 2) -> str:
    """A number with a fixed count of decimals and a real minus sign: `−0.45`.

    Sizes that the decimals cannot hold turn to the exponent's form; NaN and infinity are
    written out.
    """
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if abs(value) >= 10**6:
        return format_exponent(value)
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


def format_exponent(value: float, digits: int = 1) -> str:
    """A number in the exponent's form, as torch prints it: `6.0e-08`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    return f"{value:.{digits}e}"


def write_number(value: float, digits: int = 6) -> str:
    """A number as a person writes it, for where it can be typed over: `−0.25`, `1e−05`, `∞`.

    Args:
        digits: how many are kept of what is no whole number; `read_number` reads them back.
    """
    text = str(value) if isinstance(value, int) else f"{value:.{digits}g}"
    return text.replace("-", MINUS).replace("inf", "∞").replace("nan", "NaN")


def read_number(text: str) -> float:
    """The number that a person wrote, with either minus sign; infinity may be `∞`.

    Raises:
        ValueError: the text is no number.
    """
    return float(_ascii(text))


def read_whole(text: str) -> int:
    """The whole number that a person wrote, with either minus sign.

    Raises:
        ValueError: the text is no whole number.
    """
    return int(_ascii(text))


def _ascii(text: str) -> str:
    return text.strip().replace(MINUS, "-").replace("∞", "inf")


def tick_labels(ticks: tuple[float, ...]) -> tuple[str, ...]:
    """The ticks' labels, all with the decimals that tell them apart."""
    if not ticks:
        return ()
    step = min((b - a for a, b in pairwise(ticks)), default=abs(ticks[0]))
    largest = max(abs(tick) for tick in ticks)
    if largest >= 1e5 or (0 < largest < 1e-3):
        return tuple("0" if tick == 0 else format_exponent(tick) for tick in ticks)
    digits = next((n for n in range(6) if abs(round(step, n) - step) <= 1e-9 * (step or 1)), 6)
    return tuple(format_value(tick, digits) for tick in ticks)
