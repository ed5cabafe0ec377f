"""What parts a description from the one before it, and how a part of it is painted."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QPainter, QRegion

from rnnviz.render.painter import paint
from rnnviz.scene.marks import Mark, Scene

WORTH_IT = 0.6  # of the pane or of its marks: where more has changed, all of it is painted


def changes(last: dict[int, Mark], marks: dict[int, Mark]) -> tuple[list[Mark], list[Mark]]:
    """The marks that are gone and those that are new; equal ones are neither.

    Args:
        last, marks: by identity.
    """
    gone = [last[number] for number in last.keys() - marks.keys()]
    new = [marks[number] for number in marks.keys() - last.keys()]
    stayed = set(gone) & set(new)
    return (
        [mark for mark in gone if mark not in stayed],
        [mark for mark in new if mark not in stayed],
    )


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
