"""A quiet colour for every sequence, so that the eye can follow it through the permutations.

The tints keep to a lightness and chroma that no tensor role has, and never stand alone: the
sequence's number is beside them wherever there is room for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from rnnviz.element import Element
from rnnviz.scene.colormap import rgb_to_hex
from rnnviz.scene.marks import Circle, Mark, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

_GOLDEN_ANGLE = 137.508
_FIRST_HUE = 75.0
_CIRCLE = 10.0
_WIDE_NUMBER = 15.0
_FEW = 12  # sequences that get hues far apart; more of them get a ramp, so that order shows


@dataclass(frozen=True)
class Tint:
    """One sequence's colours: behind its number, for its mark, for its arrow."""

    fill: str
    mark: str
    line: str


# (lightness, chroma) in OKLCH
_LEVELS = {
    "light": ((0.91, 0.045), (0.79, 0.085), (0.6, 0.085)),
    "dark": ((0.36, 0.045), (0.54, 0.075), (0.68, 0.075)),
}


def tint(sequence: int, count: int, style: Style) -> Tint:
    """The tint of a sequence of a batch of `count`."""
    return _tint(_hue(sequence, count), style.name)


def sequence_mark(
    x: float,
    y: float,
    sequence: int,
    count: int,
    style: Style,
    radius: float = _CIRCLE,
    *,
    name: str = "",
    key: Element | None = None,
) -> tuple[Mark, ...]:
    """A sequence's number in a ring of its own tint, centred on (x, y).

    Args:
        sequence: row of the batch.
        count: sequences of the batch.
        name: what stands in the ring instead of the number.
        key: what it stands for; None for the sequence's inputs.
    """
    colors = tint(sequence, count, style)
    number = name or str(sequence)
    key = key or Element("x", layer=0, sequence=sequence)
    ink = label(number, x, y + 4, style.ui.text, 11.5, weight=600, anchor="middle")
    if text_width(number, 11.5, weight=600) <= _WIDE_NUMBER:
        ring: Mark = Circle(
            x, y, radius, fill=colors.fill, stroke=style.ui.text, stroke_width=1.25, key=key
        )
    else:
        width = text_width(number, 11.5, weight=600) + 10
        ring = Rect(
            x - width / 2,
            y - radius,
            width,
            2 * radius,
            fill=colors.fill,
            stroke=style.ui.text,
            stroke_width=1.25,
            radius=radius,
            key=key,
        )
    return ring, ink


def _hue(sequence: int, count: int) -> float:
    if count <= _FEW:
        return (_FIRST_HUE + sequence * _GOLDEN_ANGLE) % 360
    return round(300 * sequence / max(count - 1, 1), 1)


@lru_cache(maxsize=4096)
def _tint(hue: float, theme: str) -> Tint:
    fill, mark, line = (_oklch(level, chroma, hue) for level, chroma in _LEVELS[theme])
    return Tint(fill, mark, line)


# References: https://bottosson.github.io/posts/oklab/
_TO_LMS = np.asarray(
    (
        (1.0, 0.3963377774, 0.2158037573),
        (1.0, -0.1055613458, -0.0638541728),
        (1.0, -0.0894841775, -1.2914855480),
    )
)
_TO_LINEAR = np.asarray(
    (
        (4.0767416621, -3.3077115913, 0.2309699292),
        (-1.2684380046, 2.6097574011, -0.3413193965),
        (-0.0041960863, -0.7034186147, 1.7076147010),
    )
)


def _oklch(lightness: float, chroma: float, hue: float) -> str:
    angle = np.radians(hue)
    lab = np.asarray((lightness, chroma * np.cos(angle), chroma * np.sin(angle)))
    linear = np.clip(_TO_LINEAR @ (_TO_LMS @ lab) ** 3, 0.0, 1.0)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return rgb_to_hex(np.rint(srgb * 255))
