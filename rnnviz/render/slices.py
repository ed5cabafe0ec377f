"""Pictures of rounded rectangles of any size, made of small ones.

Their corners are what every larger one has. Between them it is the same at each px, or, where the
frame is dashed, at each px of a period: sizes that differ by whole periods have the same corners.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from rnnviz.scene.marks import Rect

_NEVER = 1 << 30  # device px, more than any picture has
_FORMAT = QImage.Format.Format_ARGB32_Premultiplied


class Cut(NamedTuple):
    """Where the pictures of a look are cut, all in device px.

    Attributes:
        side: of a corner, without the margin around the picture.
        period: after how many px the frame is the same again.
    """

    side: int
    period: int

    @property
    def least(self) -> int:
        """The least size that has something between its corners."""
        return 2 * self.side + self.period

    def smallest(self, size: int) -> int:
        """The least size from which `size` is made: itself, where it has no room to be cut."""
        return size if size < self.least else self.least + (size - self.least) % self.period


def cut_of(mark: Rect, scale: float) -> Cut:
    """How a rectangle's pictures are cut; not at all where no dash ends on whole device px."""
    side = math.ceil((mark.radius + mark.stroke_width) * scale) + 1
    period = sum(mark.dash) * (1 + len(mark.dash) % 2) * scale if mark.dash else 1.0
    return Cut(side, round(period) if period == round(period) else _NEVER)


class Slices:
    """One small picture, to be cut in the middle of its sides.

    Args:
        picture: with its margin.
        side: px of a corner, with the margin.
        period: px that are repeated after the corner.
    """

    def __init__(self, picture: QImage, side: int, period: int = 1) -> None:
        width, height = picture.width(), picture.height()
        self.side, self._period = side, period
        self._scale = picture.devicePixelRatio()
        pixels = np.frombuffer(picture.constBits(), np.uint32).reshape(height, -1)
        self._pixels: NDArray[np.uint32] = pixels[:, :width].copy()

    def enlarged(self, width: int, height: int) -> QImage:
        """The picture at another size, px: greater by whole periods."""
        return self._image(self._stretched(self._stretched(self._pixels, width, 1), height, 0))

    def sides(self, width: int, height: int) -> Iterator[tuple[int, int, QImage]]:
        """The four sides of the picture at another size, and where each goes, px."""
        side = self.side
        across = self._stretched(self._pixels, width, 1)
        yield 0, 0, self._image(across[:side])
        yield 0, height - side, self._image(across[-side:])
        down = self._stretched(self._pixels, height, 0)[side:-side]
        yield 0, side, self._image(down[:, :side])
        yield width - side, side, self._image(down[:, -side:])

    def _stretched(self, pixels: NDArray[np.uint32], size: int, axis: int) -> NDArray[np.uint32]:
        """The px with a period in the middle of an axis repeated."""
        more = (size - pixels.shape[axis]) // self._period
        if not more:
            return pixels
        if self._period == 1:
            times = np.ones(pixels.shape[axis], np.intp)
            times[self.side] += more
            return np.repeat(pixels, times, axis=axis)
        first, period, rest = np.split(pixels, (self.side, self.side + self._period), axis=axis)
        repeated = np.tile(period, (1, 1 + more) if axis else (1 + more, 1))
        return np.concatenate([first, repeated, rest], axis=axis)

    def _image(self, pixels: NDArray[np.uint32]) -> QImage:
        whole = np.ascontiguousarray(pixels)
        height, width = whole.shape
        image = QImage(whole.data, width, height, width * 4, _FORMAT).copy()
        image.setDevicePixelRatio(self._scale)
        return image
