"""The key to a colour map: a bar with its values."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from rnnviz.scene.axes import MINUS, format_exponent, format_value, nice_ticks, tick_labels
from rnnviz.scene.colormap import Colormap
from rnnviz.scene.marks import Cells, Mark, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

_STEPS = 127  # odd, so that zero has a cell of its own


@lru_cache(maxsize=64)  # the same mark each time, so that what is painted of it stays
def bar(
    x: float, y: float, width: float, height: float, colormap: Colormap, opacity: float = 1.0
) -> Cells:
    """A bar of all colours of a map, its least value at the left."""
    low = -1.0 if colormap.signed else 0.0
    values = np.linspace(low, 1.0, _STEPS)[None, :]
    return Cells(x, y, width, height, colormap.colors(values, 1.0), opacity=opacity, axes=("", ""))


def end_labels(limit: float, signed: bool) -> tuple[str, str]:
    """How the two ends of a bar are written."""
    return plain(-limit) if signed else "0", plain(limit)


def plain(value: float) -> str:
    """A number with as few digits as tell what it is, three at most: `1.5`, `0.02`, `2.5e-05`."""
    size = abs(value)
    if not math.isfinite(value) or not size:
        return format_value(value, 0)
    if size >= 1e5 or size < 1e-3:
        text = format_exponent(size, 0 if float(f"{size:.0e}") == size else 1)
        return f"{MINUS}{text}" if value < 0 else text
    text = format_value(value, max(0, 2 - math.floor(math.log10(size))))
    return text.rstrip("0").rstrip(".") if "." in text else text


def short(number: str) -> str:
    """A number without decimals that say nothing: `1.00` is 1."""
    return number.rstrip("0").rstrip(".") if "." in number and "e" not in number else number


def colorbar(
    x: float,
    y: float,
    width: float,
    colormap: Colormap,
    ends: tuple[str, str],
    style: Style,
    size: float = 11.0,
) -> list[Mark]:
    """A bar with the values of its ends beside it; `x` is where the bar itself begins."""
    color = style.ui.text_secondary
    return [
        bar(x, y, width, 8, colormap),
        Rect(x, y, width, 8, stroke=style.ui.border_strong, stroke_width=0.75, opacity=0.6),
        label(ends[0], x - 7, y + 8, color, size, anchor="end"),
        label(ends[1], x + width + 7, y + 8, color, size),
    ]


def axis_bar(x: float, y: float, width: float, limit: float, style: Style) -> list[Mark]:
    """A signed bar that is also an axis: ticks below it from −limit to limit."""
    marks: list[Mark] = [bar(x, y, width, 10, style.signed)]
    ticks = nice_ticks(-limit, limit, 5)
    texts = tick_labels(ticks)
    if max((text_width(text, 11) for text in texts), default=0) > width / 5:
        ticks, texts = (ticks[0], 0.0, ticks[-1]), (texts[0], "0", texts[-1])
    for tick, text in zip(ticks, texts, strict=True):
        at = x + width * (tick + limit) / (2 * limit)
        marks.append(Rect(at - 0.5, y + 10, 1, 4, fill=style.ui.border_strong))
        marks.append(label(text, at, y + 26, style.ui.text_secondary, 11, anchor="middle"))
    return marks
