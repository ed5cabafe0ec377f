"""What stays from frame to frame, painted once on sheets of its own.

A step of a long run moves the edges of what is seen of its lines, and not the lines. Where one
of those edges was, thousands of segments would be stroked again for a few px.
"""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from rnnviz.render.bounds import Bounds, around, mark_bounds
from rnnviz.render.painter import paint
from rnnviz.render.sheet import Sheet
from rnnviz.scene.marks import Cells, Mark, Path, Polyline, Scene

Marks = tuple[Mark, ...]

_WORTH_IT = 400  # points, corners and cells, from which on a sheet is worth its memory


class Sheets:
    """The sheets of one pane; each holds marks that were there in the frame before too."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Marks, Sheet | None]] = {}

    def keep(self, staying: list[Marks]) -> None:
        """Lets go of all but some; those that are new are made where they are first wanted."""
        self._kept = {
            id(marks): self._kept.get(id(marks), (marks, None))
            for marks in staying
            if _is_worth_it(marks)
        }

    def forget(self) -> None:
        """Nothing stays."""
        self._kept.clear()

    def has(self, marks: Marks) -> bool:
        """Whether marks are to be taken from a sheet."""
        return id(marks) in self._kept

    def sheet(self, marks: Marks, scene: Scene, ratio: float) -> Sheet:
        """The sheet of some marks.

        Args:
            scene: which they are a part of.
            ratio: device px of a px.
        """
        sheet = self._kept[id(marks)][1]
        if sheet is None:
            sheet = _painted(marks, around(map(mark_bounds, marks)), scene, ratio)
            self._kept[id(marks)] = (marks, sheet)
        return sheet


def _is_worth_it(marks: Marks) -> bool:
    return sum(map(_places, marks)) >= _WORTH_IT


def _places(mark: Mark) -> int:
    """What there is to paint of a mark: points, corners, cells."""
    if type(mark) is Polyline:
        return len(mark.points)
    if type(mark) is Path:
        return len(mark.segments)
    return mark.colors.size // 4 if type(mark) is Cells else 1


def _painted(marks: Marks, box: Bounds, scene: Scene, ratio: float) -> Sheet:
    left, top = (
        max(math.floor((edge - corner) * ratio), 0)
        for edge, corner in ((box[0], scene.x), (box[1], scene.y))
    )
    right = min(math.ceil((box[2] - scene.x) * ratio), math.ceil(scene.width * ratio))
    low = min(math.ceil((box[3] - scene.y) * ratio), math.ceil(scene.height * ratio))
    size = max(right - left, 1), max(low - top, 1)
    picture = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.translate(-left, -top)
    painter.scale(ratio, ratio)
    paint(Scene(scene.width, scene.height, marks, x=scene.x, y=scene.y), painter, ratio)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return Sheet(left / ratio + scene.x, top / ratio + scene.y, picture)
