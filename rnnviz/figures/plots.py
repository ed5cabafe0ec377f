"""What plots over time share: their boxes, the timesteps they label, and the cursor's tab."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rnnviz.scene.axes import nice_integer_ticks
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width


@dataclass(frozen=True)
class Box:
    """A rectangle in px."""

    x: float
    y: float
    width: float
    height: float

    @property
    def sides(self) -> tuple[float, float, float, float]:
        """x, y, width and height."""
        return self.x, self.y, self.width, self.height

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def low(self) -> float:
        return self.y + self.height


def ticks(x_range: tuple[float, float], width: float) -> tuple[int, ...]:
    """Timesteps to label, counted from 1: the first, then round ones."""
    low, high = math.ceil(x_range[0]), math.floor(x_range[1])
    count = max(2, int(width / (text_width(str(high), 11) + 34)))
    if high - low < count:
        return tuple(range(low, high + 1))
    found = nice_integer_ticks(low, high, count)
    step = found[1] - found[0] if len(found) > 1 else 1
    return (low, *found) if found and found[0] - low >= 0.5 * step else found


def tab(text: str, x: float, middle: float, style: Style) -> list[Mark]:
    """An ink pill with a word in it."""
    width = text_width(text, 11, weight=600) + 18
    ink, paper = style.current.line, style.current.text
    return [
        Rect(x - width / 2, middle - 9.5, width, 19, fill=ink, radius=9.5),
        label(text, x, middle + 4, paper, 11, weight=600, anchor="middle"),
    ]
