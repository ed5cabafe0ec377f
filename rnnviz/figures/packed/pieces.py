"""The small pieces that the packed batch is made of."""

from __future__ import annotations

import re
from math import isfinite
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.numerals import INK, WHITE, dark_cells
from rnnviz.figures.packed.batch import Values
from rnnviz.figures.packed.tints import tint
from rnnviz.scene.marks import Circle, Mark, Path, Rect, Run, Segment, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

NUMERAL = 10.5
_CIRCLE = 10.0
_WIDE_NUMBER = 15.0
_DIGIT = re.compile(r"\d")


def sequence_mark(
    x: float, y: float, sequence: int, count: int, style: Style, radius: float = _CIRCLE
) -> tuple[Mark, ...]:
    """A sequence's number in a ring of its own tint, centred on (x, y)."""
    colors = tint(sequence, count, style)
    number = str(sequence)
    key = Element("x", layer=0, sequence=sequence)
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


def verdict(
    x: float, y: float, kind: Literal["good", "bad", "none"], text: str, style: Style
) -> tuple[Mark, ...]:
    """A sentence with a tick or a cross before it; `y` is its baseline."""
    said = label(text, x + (20 if kind != "none" else 0), y, style.ui.text)
    if kind == "none":
        return (label(text, x, y, style.ui.text_secondary),)
    color = style.ui.ok if kind == "good" else style.ui.error
    cx, cy, r = x + 7, y - 4, 2.7
    tick: tuple[Segment, ...] = (
        ("M", cx - 3.2, cy + 0.2),
        ("L", cx - 0.9, cy + 2.5),
        ("L", cx + 3.3, cy - 2.2),
    )
    cross: tuple[Segment, ...] = (
        ("M", cx - r, cy - r),
        ("L", cx + r, cy + r),
        ("M", cx + r, cy - r),
        ("L", cx - r, cy + r),
    )
    strokes = tick if kind == "good" else cross
    return (
        Circle(cx, cy, 7.5, fill=color),
        Path(strokes, stroke=style.ui.on_accent, stroke_width=1.6),
        said,
    )


def decimals_that_fit(values: Values, width: float) -> int | None:
    """How many decimals every number of a batch can have in `width` px; None where none fits."""
    for digits in range(values.decimals, min(values.decimals, 1) - 1, -1):
        texts = (_DIGIT.sub("0", values.written(value, digits)) for value in values.extremes)
        if all(text_width(text, NUMERAL, weight=500) <= width for text in texts):
            return digits
    return None


def cell_numerals(
    values: NDArray[np.floating],
    colors: NDArray[np.uint8],
    box: tuple[float, float, float, float],
    batch: Values,
    vertical: bool = False,
) -> list[Text]:
    """A number in every finite cell of a strip, where those of the whole batch fit; else none.

    Args:
        values: `(n,)`; `colors`: `(n, 3)`.
        box: x, y, width, height of the strip.
        batch: all values, so that each has as many decimals as the others.
        vertical: the cells stand one below the other.
    """
    x, y, width, height = box
    count = len(values)
    cell_width, cell_height = (width, height / count) if vertical else (width / count, height)
    digits = decimals_that_fit(batch, cell_width - 3)
    if cell_height < NUMERAL + 2 or digits is None:
        return []
    dark = dark_cells(colors)
    marks = []
    for index, value in enumerate(values.tolist()):
        if not isfinite(value):
            continue
        left = x + (0.5 if vertical else index + 0.5) * cell_width
        top = y + (index + 0.5 if vertical else 0.5) * cell_height
        ink = WHITE if dark[index] else INK
        run = (Run(batch.written(value, digits)),)
        marks.append(
            Text(left, top + NUMERAL * 0.36, run, ink, NUMERAL, weight=500, anchor="middle")
        )
    return marks


def wrapped(text: str, width: float, size: float = 11.0) -> list[str]:
    """A caption cut into lines of at most `width` px, between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def caption(
    text: str, x: float, y: float, width: float, style: Style, size: float = 11.0
) -> list[Text]:
    """A muted caption in lines of 15 px; `y` is the first baseline."""
    return [
        label(line, x, y + 15 * number, style.ui.muted, size)
        for number, line in enumerate(wrapped(text, width, size))
    ]


def box_of(
    x: float, y: float, width: float, height: float, style: Style, key: Element | None = None
) -> Rect:
    """A card: what a value stands on."""
    return Rect(
        x, y, width, height, fill=style.ui.card, stroke=style.ui.border_strong, radius=6, key=key
    )


def reverse_ring(box: tuple[float, float, float, float], style: Style) -> Rect:
    """The dashed ink ring around what the reverse direction has just read."""
    x, y, width, height = box
    return Rect(
        x - 1,
        y - 1,
        width + 2,
        height + 2,
        stroke=style.current.line,
        stroke_width=1.75,
        radius=7,
        dash=(4, 3),
    )
