"""Where tiles lie: a grid over the content, at whole device px of the pane."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from typing import NamedTuple

from PySide6.QtCore import QRect

from rnnviz.render.bounds import Bounds

_WIDTH, _HEIGHT = 128, 256  # px of a tile: what a turn of the event loop can paint
_MARGIN = 2  # device px around a mark for its soft edges

Place = tuple[int, int]  # column and row of a tile
Box = tuple[float, float, float, float]  # x, y, width and height


class Grid(NamedTuple):
    """Where tiles lie.

    Attributes:
        look: what they show follows from; of another look no tile can be used.
        x, y: the corner of tile (0, 0), px of the content: less than a device px from its own.
        ratio: device px per px.
    """

    look: Hashable
    x: float
    y: float
    ratio: float

    @property
    def size(self) -> tuple[int, int]:
        """Of a tile, device px."""
        whole = math.ceil(self.ratio)
        return _WIDTH * whole, _HEIGHT * whole

    def places(self, box: Box) -> list[Place]:
        """The tiles that lie in a box, or partly do."""
        x, y, width, height = box
        (left, right), (top, low) = (
            (
                math.floor(((start - origin) * self.ratio + 1e-3) / side),
                math.ceil(((start + length - origin) * self.ratio - 1e-3) / side),
            )
            for start, length, origin, side in (
                (x, width, self.x, self.size[0]),
                (y, height, self.y, self.size[1]),
            )
        )
        return [(column, row) for column in range(left, right) for row in range(top, low)]

    def rect(self, place: Place) -> QRect:
        """A tile in device px from the grid's corner."""
        width, height = self.size
        return QRect(place[0] * width, place[1] * height, width, height)

    def box(self, rect: QRect) -> Box:
        """Device px from the grid's corner as px of the content."""
        x, y = self.x + rect.x() / self.ratio, self.y + rect.y() / self.ratio
        return x, y, rect.width() / self.ratio, rect.height() / self.ratio

    def around(self, box: Bounds) -> QRect:
        """The device px from the grid's corner in which a mark can leave ink."""
        left, top, right, low = box
        x = math.floor((left - self.x) * self.ratio) - _MARGIN
        y = math.floor((top - self.y) * self.ratio) - _MARGIN
        width = math.ceil((right - self.x) * self.ratio) + _MARGIN - x
        return QRect(x, y, width, math.ceil((low - self.y) * self.ratio) + _MARGIN - y)


def grid_at(look: Hashable, x: float, y: float, ratio: float) -> Grid:
    """The grid whose tiles are seen at whole device px from a place of the content."""
    beside = [round(place * ratio % 1.0, 6) % 1.0 / ratio for place in (x, y)]
    return Grid(look, beside[0], beside[1], ratio)


def blocks(places: Iterable[Place], most: int = 0) -> list[list[Place]]:
    """Tiles in upright rectangles, which are described and painted together.

    Args:
        most: columns of a rectangle; 0 for any number.
    """
    columns: dict[int, list[int]] = {}
    for column, row in places:
        columns.setdefault(column, []).append(row)
    found: list[list[Place]] = []
    before: tuple[int, list[int]] | None = None
    count = 0
    for column, rows in sorted(columns.items()):
        if before != (column - 1, sorted(rows)) or (most and count == most):
            found.append([])
            count = 0
        found[-1] += [(column, row) for row in rows]
        before, count = (column, sorted(rows)), count + 1
    return found


def united(rects: Iterable[QRect]) -> QRect:
    """The rectangle around some."""
    whole = QRect()
    for rect in rects:
        whole = whole.united(rect)
    return whole
