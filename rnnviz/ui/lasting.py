"""A pane's figure whose content keeps its place: tiles that are only moved when it is panned."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QRectF, QSize, QTimer
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from rnnviz.render.changes import sized
from rnnviz.render.grids import Box, Grid, grid_at
from rnnviz.render.painter import paint
from rnnviz.render.tiles import Tiles
from rnnviz.ui.camera import Camera
from rnnviz.ui.foresight import given_up_where_it_fails
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:
    from rnnviz.scene.marks import Scene
    from rnnviz.scene.style import Style
    from rnnviz.session.state import State
    from rnnviz.ui.live_figure import LiveFigure
    from rnnviz.ui.look import Look


_AHEAD = 120.0  # px that are painted before they are looked at
_PORTION = 0.003  # seconds of a turn of the event loop
_REST = 150  # ms without a frame, after which what lies around is painted

Way = tuple[int, int]
_NOWHERE: Way = (0, 0)
_BESIDE: tuple[Way, ...] = ((1, 0), (-1, 0))


class _Foresight(NamedTuple):
    """What the content becomes with the next step, painted in parts."""

    state: State
    style: Style
    parts: Iterator[None]


class LastingPicture:
    """The content in tiles, and over it what is pinned to the pane's edges.

    What a pan or a step is going to show is painted between its frames.

    Args:
        pane: what is painted on.
        figure: a figure that lasts, whenever anything is painted.
        look: where it is seen from.

    Attributes:
        picture: what the pane saw last; null before that.
    """

    def __init__(self, pane: QWidget, figure: LiveFigure, look: Look) -> None:
        self._pane, self._figure, self._look = pane, figure, look
        self._tiles = Tiles()
        self.picture = QImage()
        self._seen: tuple[Camera, QSize, float] | None = None  # what the picture shows, if it does
        self._before: Camera | None = None  # the last painted look
        self._changed = False  # the figure has, since it was painted
        self._position = 0  # of the run, when that was taken up
        self._jumps = False  # somebody goes about in time, not step by step
        self._foresight: _Foresight | None = None
        self._coming: Iterator[None] | None = None
        self._later: Iterator[None] | None = None  # once nobody has panned for a while
        self._way = _NOWHERE
        self._idle = QTimer(pane)
        self._idle.timeout.connect(self._go_on)

    def forget(self) -> None:
        """Nothing of what was painted is of use any longer."""
        self.rest()
        self._seen = self._foresight = None
        self._changed = False
        self._tiles.forget()

    def turn_stale(self) -> None:
        """Something of the figure may have changed."""
        self._seen = None
        self._changed = True

    def rest(self) -> None:
        """Nothing is painted ahead for now."""
        self._idle.stop()
        self._coming = self._later = None

    def bring_up_to_date(self) -> None:
        """Makes the picture what the pane sees now."""
        camera = self._look.camera
        seen = camera, self._pane.size(), self._pane.devicePixelRatioF()
        if seen == self._seen:
            return
        self._seen = None  # until all of it is painted
        stepped = self._changed
        self._take_up_change()
        self._paint(camera)
        self._seen = seen
        way = _way(self._before, camera)
        self._before = camera
        self._look_ahead(camera, way, stepped=stepped)

    def _look_ahead(self, camera: Camera, way: Way, *, stepped: bool) -> None:
        """Begins with what is to be expected after a step or on the way of a pan."""
        if stepped:
            self._coming = chain(self._next(camera, way), self._around(camera, way))
            self._later = None
        else:
            if self._coming is None or way != self._way:  # else what is under way is still wanted
                self._coming = self._around(camera, way)
            self._later = self._next(camera, way)
        self._way = way
        # While somebody jumps about, the next jump should not have to wait for what comes after.
        is_urgent = not self._jumps if stepped else way != _NOWHERE
        self._idle.start(0 if is_urgent else _REST)

    def prepare(self) -> Iterator[None]:
        """Paints what the pane looks at in parts, before it is shown."""
        camera = self._look.camera
        self._take_up_change()
        yield from self._prepared(camera, self._figure.opening(camera))

    def _take_up_change(self) -> None:
        """Where it is the change that was foreseen, what was painted for it is of use."""
        if not self._changed:
            return
        self._changed = False
        foreseen, self._foresight = self._foresight, None
        before, self._position = self._position, self._figure.position
        self._jumps = abs(self._position - before) > 1
        if foreseen is not None and self._is_as(foreseen):
            with given_up_where_it_fails():
                for _ in foreseen.parts:  # the rest of them
                    pass
            self._tiles.turn_as_foreseen()
        else:
            self._tiles.turn_stale()

    def _is_as(self, foreseen: _Foresight) -> bool:
        return foreseen.style is style_of(self._pane) and self._figure.is_on_show(foreseen.state)

    def _paint(self, camera: Camera) -> None:
        style, ratio = style_of(self._pane), self._pane.devicePixelRatioF()
        pinned, opening = self._figure.pinned(camera, style), self._figure.opening(camera)
        self._tiles.bring(self._grid(camera), opening, partial(self._content, camera))
        self.picture = sized(self.picture, self._pane.size() * ratio)
        self.picture.setDevicePixelRatio(ratio)
        self.picture.fill(QColor(style.background))
        painter = QPainter(self.picture)
        painter.save()
        x, y = opening[0] - camera.x, opening[1] - camera.y
        painter.setClipRect(QRectF(x, y, opening[2], opening[3]))
        painter.translate(x, y)
        self._tiles.paint(painter, opening)
        painter.restore()
        paint(pinned, painter, ratio)
        painter.end()

    def _grid(self, camera: Camera) -> Grid:
        size = self._pane.width(), self._pane.height()
        look = self._figure.name, camera.zoom, size
        return grid_at(look, camera.x, camera.y, self._pane.devicePixelRatioF())

    def _content(self, camera: Camera, box: Box) -> Scene:
        return self._figure.content(camera, box, style_of(self._pane))

    def _prepared(self, camera: Camera, box: Box) -> Iterator[None]:
        grid = self._grid(camera)
        yield from self._tiles.prepare(grid, box, partial(self._content, camera))

    def _around(self, camera: Camera, way: Way) -> Iterator[None]:
        """What a pan goes on to show, or what lies beside."""
        x, y, width, height = self._figure.opening(camera)
        across, down = way
        ways = _BESIDE if way == _NOWHERE else (way, (2 * across, 2 * down))
        for across, down in ways:
            box = (x + across * _AHEAD, y + down * _AHEAD, width, height)
            yield from self._prepared(camera, box)

    def _next(self, camera: Camera, way: Way) -> Iterator[None]:
        """What the pane sees after another step, and where it may have moved to by then."""
        state, style = self._figure.foresee(), style_of(self._pane)
        if state is None:
            return
        yield
        (x, y, width, height), (across, down) = self._figure.opening(camera), way
        corner = x + min(across, 0) * _AHEAD, y + min(down, 0) * _AHEAD
        box = (*corner, width + abs(across) * _AHEAD, height + abs(down) * _AHEAD)
        parts = self._tiles.foresee(box, partial(self._foreseen_content, state, camera))
        self._foresight = _Foresight(state, style, parts)
        yield from parts

    def _foreseen_content(self, state: State, camera: Camera, box: Box) -> Scene:
        return self._figure.foreseen_content(state, camera, box, style_of(self._pane))

    def _go_on(self) -> None:
        figure, coming = self._figure, self._coming
        if self._changed or coming is None or not figure.ready() or not figure.lasts:
            self.rest()
            return
        self._idle.setInterval(0)
        until = time.perf_counter() + _PORTION
        with given_up_where_it_fails():
            for _ in coming:
                if time.perf_counter() > until:
                    return  # the next part in the next turn
        later, pans = self._later, self._way != _NOWHERE
        self.rest()
        if later is not None:
            self._coming, self._way = later, _NOWHERE
            self._idle.start(_REST if pans else 0)


def _way(before: Camera | None, camera: Camera) -> Way:
    """Where a look has moved to at the same zoom: −1, 0 or 1 across and down."""
    if before is None or before.zoom != camera.zoom:
        return _NOWHERE
    return _sign(camera.x - before.x), _sign(camera.y - before.y)


def _sign(distance: float) -> int:
    return (distance > 0) - (distance < 0)
