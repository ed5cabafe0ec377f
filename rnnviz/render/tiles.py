"""Content that keeps its place, in tiles: each is painted once, and moved from then on."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QPainter

from rnnviz.render.grids import Box, Grid, Place
from rnnviz.render.renewal import Describe, Renewal, Tile, painted
from rnnviz.render.standing import Standing

_AT_ONCE = 4  # columns of tiles that a turn of the event loop describes
_BESIDE = 8  # tiles that are kept on each side of those on show


class Tiles:
    """The tiles of one pane.

    Where the content has changed, only the changed marks of the tiles on show are painted anew.
    That can be done before it has changed: see `foresee`.
    """

    def __init__(self) -> None:
        self._grid: Grid | None = None
        self._kept: dict[Place, Tile] = {}
        self._next: dict[Place, Tile] = {}  # the same after the change that is foreseen
        self._standing = Standing()
        self._stale = False
        self._edition = 0  # of the content; what is under way for another one is given up

    def forget(self) -> None:
        """None of what was painted is of use any longer."""
        self._grid, self._stale = None, False
        self._kept, self._next = {}, {}
        self._standing.forget()
        self._edition += 1

    def turn_stale(self) -> None:
        """Something of the content may have changed."""
        self._stale, self._next = True, {}
        self._edition += 1

    def turn_as_foreseen(self) -> None:
        """The content has become what was foreseen, as far as that was brought to an end."""
        self._stale, self._kept, self._next = not self._next, self._next or self._kept, {}
        self._edition += 1

    def bring(self, grid: Grid, box: Box, describe: Describe) -> None:
        """Have all tiles that show a box of the content, and have them up to date.

        Args:
            grid: puts its tiles at whole device px from the box's corner.
            describe: gives the content that reaches into a box.
        """
        self._use(grid)
        if self._stale:
            renewal = Renewal(grid, self._kept, grid.places(box), describe, self._standing)
            for _ in renewal.parts():
                pass
            self._kept, self._stale = renewal.tiles, False
        for _ in self._fill(grid, box, describe, 0):
            pass
        self._drop_beyond(grid.places(box))

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
            self._kept, self._stale = {}, False
        yield from self._while_wanted(self._fill(grid, box, describe, _AT_ONCE))

    def foresee(self, box: Box, describe: Describe) -> Iterator[None]:
        """Paints in parts what a box is going to show after the next change.

        Until that, `turn_as_foreseen`, its tiles show what they did.
        """
        if self._grid is None or self._stale:
            return
        grid, kept = self._grid, self._kept
        renewal = Renewal(grid, kept, grid.places(box), describe, self._standing)
        if (yield from self._while_wanted(renewal.parts())):
            self._next = renewal.tiles

    def _use(self, grid: Grid) -> None:
        if self._grid != grid:
            self.forget()
            self._grid = grid

    def _fill(self, grid: Grid, box: Box, describe: Describe, most: int) -> Iterator[None]:
        """Paints the tiles that are not there."""
        missing = [place for place in grid.places(box) if place not in self._kept]
        return painted(grid, missing, describe, self._kept, most)

    def _while_wanted(self, parts: Iterator[None]) -> Generator[None, None, bool]:
        """Work in parts that is given up where the content changes.

        Returns:
            Whether it was done to the end.
        """
        edition = self._edition
        for _ in parts:
            yield
            if edition != self._edition:
                return False
        return True

    def _drop_beyond(self, places: list[Place]) -> None:
        """Keeps tiles around those on show alone."""
        if len(self._kept) <= 4 * len(places) + 64 or not places:
            return
        (left, top), (right, low) = places[0], places[-1]
        for column, row in tuple(self._kept):
            if not (left - _BESIDE <= column <= right + _BESIDE and top - 2 <= row <= low + 2):
                del self._kept[column, row]
