"""What the painting of one scene knows: the painter, the visible part, the device's px."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPaintEngine, QPainter

from rnnviz.render.pens import NO_BRUSH, NO_PEN, brush, pen
from rnnviz.scene.marks import Color

_HALF = 0.5 + 1e-6  # rounds halves up, whatever the arithmetic before has left of them


def nearest(place: float) -> int:
    """The nearest whole px; halves go up, so that a picture moved by whole px is the same."""
    return math.floor(place + _HALF)


def nearest_each(places: NDArray[np.floating]) -> NDArray[np.floating]:
    """The same of many places."""
    whole: NDArray[np.floating] = np.floor(places + _HALF)
    return whole


@dataclass(slots=True)
class Canvas:
    """One scene being painted.

    Attributes:
        painter: paints in the scene's own px.
        left, top, right, low: what is visible, in the same px; the rest need not be painted.
        scale: device px per px of the scene.
        dx, dy: device px of the scene's (0, 0).
        crisp: whether edges are put on whole device px (screens and pictures, not vectors).
    """

    painter: QPainter
    left: float
    top: float
    right: float
    low: float
    scale: float
    dx: float
    dy: float
    crisp: bool

    def sees(self, x: float, y: float, width: float, height: float) -> bool:
        """Whether any of a rectangle is visible."""
        return (
            x <= self.right and x + width >= self.left and y <= self.low and y + height >= self.top
        )

    def snap_x(self, x: float) -> float:
        """The nearest place between two device px."""
        return (nearest(x * self.scale + self.dx) - self.dx) / self.scale if self.crisp else x

    def snap_y(self, y: float) -> float:
        """The nearest place between two device px."""
        return (nearest(y * self.scale + self.dy) - self.dy) / self.scale if self.crisp else y

    def whole(self, length: float) -> float:
        """A length of whole device px, at least one."""
        return max(round(length * self.scale), 1) / self.scale if self.crisp else length

    def snapped(self, x: float, y: float, width: float, height: float) -> QRectF:
        """A rectangle with its edges between device px, never thinner than one."""
        if not self.crisp:
            return QRectF(x, y, width, height)
        least = 1 / self.scale
        left, top = self.snap_x(x), self.snap_y(y)
        right, low = self.snap_x(x + width), self.snap_y(y + height)
        return QRectF(left, top, max(right - left, least), max(low - top, least))

    def use(
        self,
        fill: Color | None,
        stroke: Color | None = None,
        width: float = 1.0,
        dash: tuple[float, ...] = (),
    ) -> None:
        """Take up brush and pen."""
        self.painter.setBrush(brush(fill) if fill else NO_BRUSH)
        self.painter.setPen(pen(stroke, width, dash) if stroke and width > 0 else NO_PEN)


def device_canvas(
    painter: QPainter,
    visible: tuple[float, float, float, float],
    device_pixel_ratio: float | None = None,
) -> Canvas:
    """A canvas for a painter as it is set now; `visible` is left, top, right and low."""
    matrix = painter.deviceTransform()
    upright = math.isclose(matrix.m11(), matrix.m22()) and not matrix.m12() and not matrix.m21()
    engine = painter.paintEngine()
    raster = engine is not None and engine.type() == QPaintEngine.Type.Raster
    scale = device_pixel_ratio or matrix.m11() or 1.0
    return Canvas(painter, *visible, scale, matrix.dx(), matrix.dy(), crisp=raster and upright)
