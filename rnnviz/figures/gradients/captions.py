"""Words within the plot, where no line runs through them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.plots import Box
from rnnviz.scene.marks import Mark, Path, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

_SIZE = 11.5
_HIGH = 15.0
_PLACES = 24


class Room:
    """Which parts of a plot are taken, by lines and by words that stand already.

    Args:
        box: the plot.
        lines: each a line's points, (n, 2).
        cursor: x of a line from top to bottom; None for none.
    """

    def __init__(
        self, box: Box, lines: list[NDArray[np.float64]], cursor: float | None = None
    ) -> None:
        self.box, self._cursor = box, cursor
        self._x = np.arange(box.x, box.right + 1)
        self._heights = [_heights(points, self._x) for points in lines]
        self._taken: list[Box] = []

    def crossings(self, box: Box) -> int:
        """How many lines and words a box would cover."""
        columns = (self._x >= box.x - 2) & (self._x <= box.right + 2)
        count = sum(_crosses(heights[columns], box) for heights in self._heights)
        count += 10 * sum(_meet(box, other) for other in self._taken)
        if self._cursor is not None and box.x - 8 <= self._cursor <= box.right + 8:
            count += 2
        return count

    def take(self, box: Box) -> None:
        """Words stand there now."""
        self._taken.append(box)

    def beside(self, line: int, width: float) -> Box | None:
        """The best place for words above or below a line; None where there is none."""
        heights, best = self._heights[line], None
        span = self.box.width - width - 24
        if span <= 0:
            return None
        for x in self.box.x + 12 + span * np.linspace(0.1, 0.9, _PLACES):
            part = heights[(self._x >= x) & (self._x <= x + width)]
            if not np.isfinite(part).all():
                part = part[np.isfinite(part)]
            if not len(part):
                continue
            for y in (part.min() - 7 - _HIGH, part.max() + 7):
                box = Box(float(x), float(y), width, _HIGH)
                if box.y < self.box.y + 4 or box.low > self.box.low - 4:
                    continue
                away = abs(float(np.ptp(part)))
                cost = (self.crossings(box), away)
                if best is None or cost < best[0]:
                    best = (cost, box)
        return None if best is None else best[1]

    def at_top(self, width: float) -> Box | None:
        """The highest free place for words of a width; None where there is none."""
        span = self.box.width - width - 24
        if span <= 0:
            return None
        for y in (self.box.y + 14, self.box.y + 36, self.box.low - 30):
            for share in (0.9, 0.7, 0.5, 0.3, 0.1):
                box = Box(self.box.x + 12 + span * share, y, width, _HIGH)
                if not self.crossings(box):
                    return box
        return None


def _heights(points: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """A line's height at each of many x; NaN where it has none."""
    if not len(points):
        return np.full(len(x), np.nan)
    result: NDArray[np.float64] = np.interp(
        x, points[:, 0], points[:, 1], left=np.nan, right=np.nan
    )
    return result


def _crosses(heights: NDArray[np.float64], box: Box) -> bool:
    known = heights[np.isfinite(heights)]
    if not len(known):
        return False
    if ((known > box.y - 3) & (known < box.low + 3)).any():
        return True
    above = known < box.y
    return bool(above.any() and not above.all())


def _meet(first: Box, second: Box) -> bool:
    across = first.x < second.right + 8 and second.x < first.right + 8
    return across and first.y < second.low + 4 and second.y < first.low + 4


def line_caption(text: str, line: int, room: Room, color: str, style: Style) -> list[Mark]:
    """A sentence beside a line of the plot, on paper of its own."""
    width = text_width(text, _SIZE, weight=600)
    box = room.beside(line, width)
    if box is None or room.crossings(box) > 2:
        return []
    room.take(box)
    return [
        Rect(box.x - 3, box.y, width + 6, _HIGH, fill=style.ui.card, radius=3, opacity=0.85),
        label(text, box.x, box.y + 11.5, color, _SIZE, weight=600),
    ]


def flow_arrow(wordings: tuple[str, ...], rightwards: bool, room: Room, style: Style) -> list[Mark]:
    """Which way gradients flow: words, the longest that have room, and a dashed arrow."""
    role = style.role("gradient")
    lengths = (min(240.0, room.box.width * 0.3), 60.0)
    wishes = [(text, length) for text in wordings for length in lengths]
    found = ((text, room.at_top(text_width(text, _SIZE) + 10 + length)) for text, length in wishes)
    text, box = next(((text, box) for text, box in found if box is not None), ("", None))
    if box is None:
        return []
    words = text_width(text, _SIZE)
    room.take(box)
    y = box.y + 8
    start, end = box.x + words + 10, box.right
    if rightwards:
        start, end = end, start
    segments: list[tuple[str, float, float]] = [("M", end, y), ("L", start, y)]
    return [
        label(text, box.x, y + 4, role.text, _SIZE),
        Path(
            tuple(segments),  # type: ignore[arg-type]
            stroke=role.line,
            stroke_width=1.5,
            dash=(5, 3),
            arrow=True,
        ),
    ]
