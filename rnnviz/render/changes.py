"""What parts a description from the one before it, and how a part of it is painted."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter, QRegion

from rnnviz.render.painter import paint
from rnnviz.scene.marks import Mark, Scene

WORTH_IT = 0.6  # of the pane or of its marks: where more has changed, all of it is painted


class Changes(NamedTuple):
    """What parts some marks from those before them.

    Attributes:
        gone, new: the marks that only the one or the other has.
        same: the equal ones that are not the same, the old one first.
    """

    gone: list[Mark]
    new: list[Mark]
    same: list[tuple[Mark, Mark]]


def changes(last: dict[int, Mark], marks: dict[int, Mark]) -> Changes:
    """What is gone and what is new; both by identity."""
    before = [last[number] for number in last.keys() - marks.keys()]
    known = {mark: mark for mark in before}
    new, same = [], []
    for number in marks.keys() - last.keys():
        mark = marks[number]
        twin = known.get(mark)
        if twin is None:
            new.append(mark)
        else:
            same.append((twin, mark))
    stayed = {twin for twin, _ in same}
    return Changes([mark for mark in known if mark not in stayed], new, same)


def sized(picture: QImage, size: QSize) -> QImage:
    """A picture of a size; the given one, if it has it."""
    return picture if picture.size() == size else QImage(size, QImage.Format.Format_RGB32)


def paint_on(picture: QImage, scene: Scene, ratio: float, region: QRegion | None = None) -> None:
    """Paint a scene on a picture, or what of it lies in a region of device px."""
    picture.setDevicePixelRatio(1.0)
    painter = QPainter(picture)
    if region is not None:
        painter.setClipRegion(region)
    painter.scale(ratio, ratio)
    paint(scene, painter, ratio)
    painter.end()
    picture.setDevicePixelRatio(ratio)
