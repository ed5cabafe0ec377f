"""Content that keeps its place, in tiles: each is painted once, and moved from then on."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QPoint, QPointF, QRect
from PySide6.QtGui import QImage, QPainter, QRegion

from rnnviz.render.bounds import Bounds, mark_bounds, outermost
from rnnviz.render.changes import WORTH_IT, changes, paint_on
from rnnviz.render.parts import in_parts
from rnnviz.scene.marks import Mark, Scene

_WIDTH, _HEIGHT = 128, 256  # px of a tile: what a turn of the event loop can paint
_BESIDE = 8  # tiles that are kept on each side of those on show
_MARGIN = 2  # device px around a mark for its soft edges

Place = tuple[int, int]  # column and row of a tile
Box = tuple[float, float, float, float]  # x, y, width and height
Describe = Callable[[Box], Scene]


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


class _Tile(NamedTuple):
    """A picture, and the marks on it by identity, with others of the same description."""

    picture: QImage
    marks: dict[int, Mark]


class Tiles:
    """The tiles of one pane.

    Where the content has changed, only the changed marks of the tiles on show are painted anew.
    """

    def __init__(self) -> None:
        self._grid: Grid | None = None
        self._kept: dict[Place, _Tile] = {}
        self._stale = False
        self._edition = 0  # of the content; what is under way for another one is given up

    def forget(self) -> None:
        """None of what was painted is of use any longer."""
        self._grid, self._stale = None, False
        self._kept.clear()
        self._edition += 1

    def turn_stale(self) -> None:
        """Something of the content may have changed."""
        self._stale = True
        self._edition += 1

    def bring(self, grid: Grid, box: Box, describe: Describe) -> None:
        """Have all tiles that show a box of the content, and have them up to date.

        Args:
            grid: puts its tiles at whole device px from the box's corner.
            describe: gives the content that reaches into a box.
        """
        self._use(grid)
        places = grid.places(box)
        scene = self._renew(places, describe) if self._stale else None
        if scene is not None:  # it reaches into all of them
            describe = partial(_part, scene)
        for _ in self._fill(places, describe):
            pass
        self._drop_beyond(places)

    def paint(self, painter: QPainter, box: Box) -> None:
        """Paint a box that was brought, its top left corner at the painter's origin."""
        grid = self._grid
        assert grid is not None
        left, top = (
            round((origin - corner) * grid.ratio)
            for origin, corner in ((grid.x, box[0]), (grid.y, box[1]))
        )
        for place in grid.places(box):
            corner = grid.rect(place).topLeft() + QPoint(left, top)
            painter.drawImage(QPointF(corner) / grid.ratio, self._kept[place].picture)

    def prepare(self, grid: Grid, box: Box, describe: Describe) -> Iterator[None]:
        """Paints a box in parts, so that painting it on the screen costs next to nothing then."""
        self._use(grid)
        if self._stale:
            self._renew([], describe)
        yield from self._fill(grid.places(box), describe)

    def _use(self, grid: Grid) -> None:
        if self._grid != grid:
            self.forget()
            self._grid = grid

    def _fill(self, places: Iterable[Place], describe: Describe) -> Iterator[None]:
        """Paints the tiles that are not there."""
        grid, edition = self._grid, self._edition
        assert grid is not None
        for block in _blocks(place for place in places if place not in self._kept):
            whole = _united(grid.rect(place) for place in block)
            scene = describe(grid.box(whole))
            picture = QImage(whole.size(), QImage.Format.Format_RGB32)
            yield
            for part in in_parts(scene):
                if edition != self._edition:
                    return
                paint_on(picture, part, grid.ratio)
                yield
            if edition != self._edition:
                return
            self._cut(picture, whole, scene, block)

    def _cut(self, picture: QImage, whole: QRect, scene: Scene, places: Iterable[Place]) -> None:
        """Keeps the tiles that a picture is made of."""
        assert self._grid is not None
        marks = {id(mark): mark for mark in scene.marks}
        for place in places:
            part = self._grid.rect(place).translated(-whole.topLeft())
            self._kept[place] = _Tile(picture.copy(part), marks)

    def _renew(self, places: list[Place], describe: Describe) -> Scene | None:
        """Brings the tiles at some places up to date; others are dropped.

        Returns:
            What all places show, where any tile is there to be brought up to date.
        """
        grid, self._stale = self._grid, False
        assert grid is not None
        kept = {place: self._kept[place] for place in places if place in self._kept}
        self._kept = kept
        if not kept:
            return None
        whole = _united(map(grid.rect, places))
        scene = describe(grid.box(whole))
        known: dict[int, Mark] = {}
        for marks in {id(tile.marks): tile.marks for tile in kept.values()}.values():
            known |= marks
        marks = {id(mark): mark for mark in scene.marks}
        gone, new = changes(known, marks)
        if len(new) > WORTH_IT * len(marks):
            picture = QImage(whole.size(), QImage.Format.Format_RGB32)
            paint_on(picture, scene, grid.ratio)
            self._cut(picture, whole, scene, places)
            return scene
        region = QRegion()
        for box in outermost(mark_bounds(mark) for mark in (*gone, *new)):
            region = region.united(grid.around(box))
        self._paint_anew(region, scene)
        for place, tile in kept.items():
            kept[place] = _Tile(tile.picture, marks)
        return scene

    def _paint_anew(self, region: QRegion, scene: Scene) -> None:
        grid, kept = self._grid, self._kept
        assert grid is not None
        touched = [place for place in kept if region.intersects(grid.rect(place))]
        for block in _blocks(touched):
            within = region.intersected(_united(grid.rect(place) for place in block))
            whole = within.boundingRect()
            x, y, width, height = grid.box(whole)
            picture = QImage(whole.size(), QImage.Format.Format_RGB32)
            clip = None if within.rectCount() == 1 else within.translated(-whole.topLeft())
            paint_on(picture, _part(scene, (x, y, width, height)), grid.ratio, clip)
            for place in block:
                _lay_over(kept[place].picture, grid.rect(place), picture, within)

    def _drop_beyond(self, places: list[Place]) -> None:
        """Keeps tiles around those on show alone."""
        if len(self._kept) <= 4 * len(places) + 64 or not places:
            return
        (left, top), (right, low) = places[0], places[-1]
        self._kept = {
            (column, row): tile
            for (column, row), tile in self._kept.items()
            if left - _BESIDE <= column <= right + _BESIDE and top - 2 <= row <= low + 2
        }


def _part(scene: Scene, box: Box) -> Scene:
    """What of a scene reaches into a box."""
    x, y, width, height = box
    return replace(scene, x=x, y=y, width=width, height=height)


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


def _blocks(places: Iterable[Place]) -> list[list[Place]]:
    """Tiles in upright rectangles, which are described and painted together."""
    columns: dict[int, list[int]] = {}
    for column, row in places:
        columns.setdefault(column, []).append(row)
    blocks: list[list[Place]] = []
    before: tuple[int, list[int]] | None = None
    for column, rows in sorted(columns.items()):
        if before != (column - 1, sorted(rows)):
            blocks.append([])
        blocks[-1] += [(column, row) for row in rows]
        before = column, sorted(rows)
    return blocks


def _united(rects: Iterable[QRect]) -> QRect:
    whole = QRect()
    for rect in rects:
        whole = whole.united(rect)
    return whole
