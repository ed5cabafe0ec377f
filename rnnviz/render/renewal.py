"""Tiles that are brought up to date: of what they show, only what has changed is painted."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter, QRegion

from rnnviz.render.bounds import NOWHERE, Bounds, mark_bounds, outermost
from rnnviz.render.changes import WORTH_IT, changes, paint_on
from rnnviz.render.grids import Box, Grid, Place, blocks, united
from rnnviz.render.parts import in_parts
from rnnviz.scene.marks import Mark, Scene

_GRAIN = 16.0  # px that the boxes of changed marks are rounded to

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

    Attributes:
        tiles: what they become, once all parts are done.
    """

    def __init__(
        self, grid: Grid, now: Mapping[Place, Tile], places: Sequence[Place], describe: Describe
    ) -> None:
        self._grid, self._places, self._describe = grid, places, describe
        self._now = {place: now[place] for place in places if place in now}
        self.tiles: dict[Place, Tile] = {}

    def parts(self) -> Iterator[None]:
        """Makes them, in parts."""
        grid = self._grid
        scene = self._describe(grid.box(united(map(grid.rect, self._places))))
        yield
        marks = _by_identity(scene)
        gone, new, _ = changes(self._known(), marks)
        if len(new) <= WORTH_IT * len(marks):
            region = QRegion()
            boxes = map(mark_bounds, (*gone, *new))
            for box in outermost({_rough(box) for box in boxes if box != NOWHERE}):
                region = region.united(grid.around(box))
            yield
            self.tiles = {
                place: Tile(QImage(tile.picture), marks) for place, tile in self._now.items()
            }
            yield from self._paint(region, scene)
        missing = [place for place in self._places if place not in self.tiles]
        yield from painted(grid, missing, partial(_part, scene), self.tiles)

    def _known(self) -> dict[int, Mark]:
        """The marks of the tiles that are there now."""
        known: dict[int, Mark] = {}
        for marks in {id(tile.marks): tile.marks for tile in self._now.values()}.values():
            known |= marks
        return known

    def _paint(self, region: QRegion, scene: Scene) -> Iterator[None]:
        """Paints a region of the tiles; a picture that others share becomes one of its own."""
        grid, tiles = self._grid, self.tiles
        touched = {place: grid.rect(place) for place in tiles}
        touched = {place: rect for place, rect in touched.items() if region.intersects(rect)}
        if not touched:
            return
        within = region.intersected(united(touched.values()))
        whole = within.boundingRect()
        picture = QImage(whole.size(), QImage.Format.Format_RGB32)
        clip = None if within.rectCount() == 1 else within.translated(-whole.topLeft())
        for part in in_parts(_part(scene, grid.box(whole))):
            paint_on(picture, part, grid.ratio, clip)
            yield
        for place, rect in touched.items():
            _lay_over(tiles[place].picture, rect, picture, within)


def _rough(box: Bounds) -> Bounds:
    """A box that holds another one: many of those that lie close to each other become one."""
    left, top, right, low = (edge / _GRAIN for edge in box)
    return (
        math.floor(left) * _GRAIN,
        math.floor(top) * _GRAIN,
        math.ceil(right) * _GRAIN,
        math.ceil(low) * _GRAIN,
    )


def _part(scene: Scene, box: Box) -> Scene:
    """What of a scene reaches into a box."""
    x, y, width, height = box
    return replace(scene, x=x, y=y, width=width, height=height)


def _by_identity(scene: Scene) -> dict[int, Mark]:
    return {id(mark): mark for mark in scene.marks}


def _lay_over(tile: QImage, rect: QRect, picture: QImage, region: QRegion) -> None:
    """Lays the px of a region, painted apart, over a tile."""
    ratio = tile.devicePixelRatio()
    for image in (tile, picture):
        image.setDevicePixelRatio(1.0)
    painter = QPainter(tile)
    painter.setClipRegion(region.translated(-rect.topLeft()))
    painter.drawImage(region.boundingRect().topLeft() - rect.topLeft(), picture)
    painter.end()
    tile.setDevicePixelRatio(ratio)
