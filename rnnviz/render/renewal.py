"""Tiles that are brought up to date: of what they show, only what has changed is painted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from rnnviz.render.bounds import Bounds
from rnnviz.render.changes import WORTH_IT, changes, paint_on
from rnnviz.render.grids import Box, Grid, Place, blocks, united
from rnnviz.render.parts import in_parts
from rnnviz.render.patches import Patch, patches
from rnnviz.render.standing import Standing
from rnnviz.scene.marks import Mark, Scene

Describe = Callable[[Box], Scene]


class Tile(NamedTuple):
    """A picture, and the marks on it by identity, with others of the same description."""

    picture: QImage
    marks: Mapping[int, Mark]


def painted(
    grid: Grid,
    places: Iterable[Place],
    describe: Describe,
    tiles: dict[Place, Tile],
    most: int = 0,
) -> Iterator[None]:
    """Paints tiles from scratch, in parts; they are added to `tiles` as they are done.

    Args:
        most: columns of tiles that are described at once; 0 for any number.
    """
    for block in blocks(places, most):
        whole = united(grid.rect(place) for place in block)
        scene = describe(grid.box(whole))
        picture = QImage(whole.size(), QImage.Format.Format_RGB32)
        yield
        for part in in_parts(scene):
            paint_on(picture, part, grid.ratio)
            yield
        marks = _by_identity(scene)
        for place in block:
            cut = grid.rect(place).translated(-whole.topLeft())
            tiles[place] = Tile(picture.copy(cut), marks)


class Renewal:
    """The tiles at some places as they become; those that are there now stay as they are.

    Args:
        standing: what is known of the marks that were there before.

    Attributes:
        tiles: what they become, once all parts are done.
    """

    def __init__(
        self,
        grid: Grid,
        now: Mapping[Place, Tile],
        places: Sequence[Place],
        describe: Describe,
        standing: Standing,
    ) -> None:
        self._grid, self._places, self._describe = grid, places, describe
        self._standing = standing
        self._now = {place: now[place] for place in places if place in now}
        self.tiles: dict[Place, Tile] = {}

    def parts(self) -> Iterator[None]:
        """Makes them, in parts."""
        grid = self._grid
        scene = self._describe(grid.box(united(map(grid.rect, self._places))))
        yield
        marks, known = _by_identity(scene), self._known()
        gone, new, _ = changes(known, marks)
        if len(new) <= WORTH_IT * len(marks):
            self._standing.keep(known, marks, scene, grid.ratio)
            boxes = self._standing.around((*gone, *new))
            yield
            self.tiles = {
                place: Tile(QImage(tile.picture), marks) for place, tile in self._now.items()
            }
            yield from self._paint(boxes, scene)
        missing = [place for place in self._places if place not in self.tiles]
        yield from painted(grid, missing, partial(_part, scene), self.tiles)

    def _known(self) -> dict[int, Mark]:
        """The marks of the tiles that are there now."""
        known: dict[int, Mark] = {}
        for marks in {id(tile.marks): tile.marks for tile in self._now.values()}.values():
            known |= marks
        return known

    def _paint(self, boxes: Iterable[Bounds], scene: Scene) -> Iterator[None]:
        """Paints some boxes of the tiles; a picture that others share becomes one of its own."""
        grid, tiles = self._grid, self.tiles
        there = {place: grid.rect(place) for place in tiles}
        whole = united(there.values())
        pieces = (grid.around(box).intersected(whole) for box in boxes)
        for piece in map(_rect, patches(_patch(piece) for piece in pieces if not piece.isEmpty())):
            picture = QImage(piece.size(), QImage.Format.Format_RGB32)
            part = _part(scene, grid.box(piece))
            for some in in_parts(replace(part, marks=self._standing.touched(part))):
                paint_on(picture, some, grid.ratio)
                yield
            for place, rect in there.items():
                if piece.intersects(rect):
                    _lay_over(tiles[place].picture, rect, picture, piece)


def _patch(rect: QRect) -> Patch:
    return rect.x(), rect.y(), rect.x() + rect.width(), rect.y() + rect.height()


def _rect(patch: Patch) -> QRect:
    left, top, right, low = patch
    return QRect(left, top, right - left, low - top)


def _part(scene: Scene, box: Box) -> Scene:
    """What of a scene reaches into a box."""
    x, y, width, height = box
    return replace(scene, x=x, y=y, width=width, height=height)


def _by_identity(scene: Scene) -> dict[int, Mark]:
    return {id(mark): mark for mark in scene.marks}


def _lay_over(tile: QImage, rect: QRect, picture: QImage, piece: QRect) -> None:
    """Lays a piece, painted apart, over a tile."""
    ratio = tile.devicePixelRatio()
    for image in (tile, picture):
        image.setDevicePixelRatio(1.0)
    painter = QPainter(tile)
    painter.drawImage(piece.topLeft() - rect.topLeft(), picture)
    painter.end()
    tile.setDevicePixelRatio(ratio)
