"""The small pieces that the packed batch is made of."""

from __future__ import annotations

import re
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.numerals import INK, WHITE, dark_cells
from rnnviz.figures.packed.batch import Values
from rnnviz.scene.marks import Rect, Run, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import text_width

NUMERAL = 10.5
_DIGIT = re.compile(r"\d")


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
