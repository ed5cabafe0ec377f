"""The trajectories while a hand moves them in time: their plots alone are moved or stretched.

Beyond the edges of what is seen they are painted in idle turns, so that hardly anything is left
to do while a hand pans or zooms. Titles, axis and cursor are those of the new timesteps at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QRegion
from PySide6.QtWidgets import QWidget

from rnnviz.figures.later import at_once
from rnnviz.figures.plots import Box
from rnnviz.figures.trajectories import FIGURE, TrajectoriesOptions
from rnnviz.figures.trajectories.moving import Over
from rnnviz.figures.trajectories.time_axis import TimeAxis
from rnnviz.figures.view import Extent, Frame, View
from rnnviz.render.changes import paint_on
from rnnviz.render.painter import paint
from rnnviz.render.parts import in_parts
from rnnviz.render.repainting import rectangles
from rnnviz.scene.style import Style
from rnnviz.ui.camera import Camera
from rnnviz.ui.foresight import given_up_where_it_fails
from rnnviz.ui.stretching import REST, Stretch

_IDLE = 150  # ms after a sharp frame: no key is held that would change what is drawn
_AT_ONCE = 4  # marks of one part
_MOST = 2.0  # times that a plate is stretched before a sharper one is painted
_ENOUGH = 0.25  # of the panel's width that is still to come into sight on either side
_LEAST = 0.75  # of the panel that there is something to show in
_ROUND = 3  # px at a corner that lie without its bend
_SCALE = 1e6  # timesteps whose width stands for a zoom


class Asked(NamedTuple):
    """What the figure is described for."""

    view: View
    options: TrajectoriesOptions
    frame: Frame
    style: Style

    def is_as(self, other: Asked) -> bool:
        """Whether it is the same that is asked for; runs are compared by identity."""
        names = [field.name for field in fields(View)]
        alike = (_is(getattr(self.view, name), getattr(other.view, name)) for name in names)
        return self[1:] == other[1:] and all(alike)

    def is_as_but_for_time(self, other: Asked) -> bool:
        """Whether it is the same at least when it is panned and zoomed in time."""
        moved = replace(self.options, t_range=other.options.t_range)
        return self._replace(options=moved).is_as(other)


class _Painted(NamedTuple):
    """Both panels on a picture.

    Attributes:
        left, top: its corner in the pane.
        axis: where its timesteps lie there.
    """

    asked: Asked
    picture: QImage
    left: float
    top: float
    axis: TimeAxis

    @property
    def start(self) -> float:
        """The timestep at its left edge."""
        return self.axis.x_range[0] + (self.left - self.axis.box.x) / self.axis.per_step

    @property
    def look(self) -> tuple[Camera, Extent]:
        """Where it was painted from."""
        return Camera(x=self.start * self.axis.per_step, y=self.top), _extent(self.axis)

    def stretched(self, axis: TimeAxis) -> float:
        """How many times as wide it is seen."""
        factor = axis.per_step / self.axis.per_step
        return 1.0 if abs(factor - 1) < 1e-6 else factor

    def place(self, axis: TimeAxis) -> tuple[float, float]:
        """From where to where it is seen, by whole px where it is but moved."""
        left, factor = axis.place(self.start), self.stretched(axis)
        ratio = self.picture.devicePixelRatio()
        left = round(left * ratio) / ratio if factor == 1.0 else left
        return left, left + factor * self.picture.deviceIndependentSize().width()

    def shows(self, axis: TimeAxis) -> bool:
        """Whether enough of it is seen to stand for a sharp frame."""
        (left, right), box = self.place(axis), axis.box
        seen = min(right, box.right) - max(left, box.x)
        least = 1.0 if self.stretched(axis) == 1.0 else _LEAST
        return seen >= least * box.width - 0.5

    def suits(self, axis: TimeAxis) -> bool:
        """Whether it goes on to do so for a while."""
        (left, right), box = self.place(axis), axis.box
        room = _ENOUGH * box.width
        wide = left <= box.x - room and right >= box.right + room
        return wide and self.stretched(axis) <= _MOST


class PlotStretch:
    """Shows the plots of a sharp frame at other timesteps until there is a new sharp one.

    Args:
        pane: what is painted on.
        sharpen: makes its sharp frame, a part with each step.
        show: asks it to paint.
    """

    def __init__(
        self,
        pane: QWidget,
        sharpen: Callable[[], Iterator[None]],
        show: Callable[[], object],
    ) -> None:
        self._pane = pane
        self._stretch = Stretch(pane, sharpen, show)
        self._sharp: Asked | None = None
        self._frame = QImage()  # the sharp one
        self._plots: _Painted | None = None
        self._held: _Painted | None = None
        self._over: Over | None = None
        self._making: Iterator[None] | None = None
        self._idle = QTimer(pane)
        self._idle.timeout.connect(self._go_on)

    @property
    def active(self) -> bool:
        """Whether anything of a moved frame is still to be seen."""
        return self._stretch.active

    @property
    def covers(self) -> bool:
        """Whether it is all there is: the sharp frame is still to come."""
        return self._stretch.covers

    @property
    def strength(self) -> float:
        """How far the sharp frame has faded in, 0 to 1."""
        return self._stretch.strength

    @property
    def is_ready(self) -> bool:
        """Whether there is something to move."""
        return self._plots is not None and self._making is None

    def begin_with(self, asked: Asked) -> None:
        """A sharp frame is on show; soon it can be moved."""
        self._sharp = asked
        if self._plots is not None and not self._plots.asked.is_as_but_for_time(asked):
            self._plots = None
        self._make(asked, _IDLE)

    def end(self) -> None:
        """Nothing of what is there is to be moved."""
        self._stretch.end()
        self._idle.stop()
        self._making = self._sharp = self._plots = self._held = self._over = None
        self._frame = QImage()

    def move_to(self, asked: Asked, frame: QImage) -> bool:
        """Shows the same at other timesteps, if what has been painted is enough for that.

        Args:
            frame: the sharp frame on show.
        """
        sharp, plots = self._sharp, self._plots
        if sharp is None or plots is None or frame.isNull():
            return False
        if not (sharp.is_as_but_for_time(asked) and plots.asked.is_as_but_for_time(asked)):
            return False
        over = FIGURE.over(*asked, sharp.options)
        if not plots.shows(over.axis):
            return False
        if not self.covers:
            self._frame = QImage(frame)  # shared, until it is painted on
        self._over = over
        self._hold(plots, over.axis)
        if self._making is None and not plots.suits(over.axis):
            self._make(asked, 0)
        return True

    def _hold(self, plots: _Painted, axis: TimeAxis) -> None:
        if self._held is not plots:
            self._stretch.end()
        self._held = plots
        self._stretch.hold(plots.picture, *plots.look, REST)
        left, _ = plots.place(axis)
        factor = plots.stretched(axis)
        start, extent = plots.look
        extent = extent if factor == 1.0 else _extent(axis)
        self._stretch.look_from(Camera(x=start.x * factor - left), extent)

    # -- painting

    def paint(self, painter: QPainter) -> None:
        """Paints the sharp frame with its plots moved."""
        over = self._over
        if over is None or self._held is None:
            return
        boxes = over.lines, over.cells
        self._paint_around(painter, boxes)
        paint(over.erased, painter)
        for box in boxes:
            painter.save()
            painter.setClipRect(_inner(box))
            left, right = self._held.place(over.axis)
            if left > box.x or right < box.right:
                painter.fillRect(_inner(box), QColor(self._held.asked.style.ui.card))
            self._stretch.paint(painter)
            painter.restore()
        for corner in _corners(over.lines):
            self._paint_part(painter, corner)
        paint(over.marks, painter)

    def _paint_around(self, painter: QPainter, boxes: tuple[Box, ...]) -> None:
        """Paints what of the sharp frame lies around the plots."""
        around = QRegion(self._pane.rect())
        for box in boxes:
            around -= QRegion(_inner(box))
        for piece in rectangles(around):
            self._paint_part(painter, piece)

    def _paint_part(self, painter: QPainter, part: QRect) -> None:
        ratio = self._frame.devicePixelRatio()
        corner, size = QPointF(part.topLeft()) * ratio, QSizeF(part.size()) * ratio
        painter.drawImage(QRectF(part), self._frame, QRectF(corner, size))

    # -- in idle turns

    def _make(self, asked: Asked, delay: int) -> None:
        self._making = self._made(asked)
        self._idle.start(delay)

    def _go_on(self) -> None:
        self._idle.setInterval(0)
        making = self._making
        if making is not None:
            with given_up_where_it_fails():
                for _ in making:
                    return  # the next part in the next turn
        self._making = None
        self._idle.stop()

    def _made(self, asked: Asked) -> Iterator[None]:
        """Paints both panels beyond what is seen, in parts."""
        with at_once():
            plate = FIGURE.plate(*asked)
        yield
        if plate is None:
            return
        scene, ratio = plate.scene, self._pane.devicePixelRatioF()
        size = QSize(math.ceil(scene.width * ratio), math.ceil(scene.height * ratio))
        picture = QImage(size, QImage.Format.Format_RGB32)
        for part in in_parts(scene, _AT_ONCE):
            paint_on(picture, part, ratio)
            yield
        self._plots = _Painted(asked, picture, scene.x, scene.y, plate.axis)


def _extent(axis: TimeAxis) -> Extent:
    """How wide time is at a zoom."""
    return Extent(axis.per_step * _SCALE, 1.0)


def _inner(box: Box) -> QRect:
    """The px of a panel within its edge."""
    left, top = math.ceil(box.x), math.ceil(box.y)
    return QRect(left, top, math.floor(box.right) - left, math.floor(box.low) - top)


def _corners(box: Box) -> Iterator[QRect]:
    """What lies at a panel's round corners."""
    inner = _inner(box)
    for x in (inner.x(), inner.x() + inner.width() - _ROUND):
        for y in (inner.y(), inner.y() + inner.height() - _ROUND):
            yield QRect(x, y, _ROUND, _ROUND)


def _is(one: object, other: object) -> bool:
    plain = isinstance(one, str | int | float | tuple) or one is None
    return one is other or (plain and one == other)
