"""Pictures of rounded rectangles of any size, made of one small one.

Its corners are what every larger one has; between them it is the same at each px.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from rnnviz.scene.marks import Rect

_FORMAT = QImage.Format.Format_ARGB32_Premultiplied


def smallest(mark: Rect, scale: float) -> int:
    """The side of the smallest rectangle, device px, whose middle no corner reaches."""
    return 2 * math.ceil((mark.radius + mark.stroke_width) * scale) + 3


def is_sliced(mark: Rect, width: int, height: int, scale: float) -> bool:
    """Whether a rectangle of this size, device px, is made of a smaller one."""
    least = smallest(mark, scale)
    return not mark.dash and width >= least and height >= least


class Slices:
    """One small square picture, to be cut in the middle of its sides.

    Attributes:
        side: px of a corner.
    """

    def __init__(self, picture: QImage) -> None:
        size = picture.width()
        self.side = size // 2
        self._scale = picture.devicePixelRatio()
        pixels = np.frombuffer(picture.constBits(), np.uint32).reshape(size, -1)
        self._pixels: NDArray[np.uint32] = pixels[:, :size].copy()

    def enlarged(self, width: int, height: int) -> QImage:
        """The picture at another size, px."""
        return self._image(self._stretched(self._stretched(self._pixels, width, 1), height, 0))

    def sides(self, width: int, height: int) -> Iterator[tuple[int, int, QImage]]:
        """The four sides of the picture at another size, and where each goes, px."""
        side, inner = self.side, height - 2 * self.side
        across = self._stretched(self._pixels, width, 1)
        yield 0, 0, self._image(across[:side])
        yield 0, height - side, self._image(across[-side:])
        middle = self._pixels[side : side + 1]
        yield 0, side, self._image(np.repeat(middle[:, :side], inner, axis=0))
        yield width - side, side, self._image(np.repeat(middle[:, -side:], inner, axis=0))

    def _stretched(self, pixels: NDArray[np.uint32], size: int, axis: int) -> NDArray[np.uint32]:
        """The px with those in the middle of an axis repeated."""
        times = np.ones(2 * self.side + 1, np.intp)
        times[self.side] = size - 2 * self.side
        return np.repeat(pixels, times, axis=axis)

    def _image(self, pixels: NDArray[np.uint32]) -> QImage:
        whole = np.ascontiguousarray(pixels)
        height, width = whole.shape
        image = QImage(whole.data, width, height, width * 4, _FORMAT).copy()
        image.setDevicePixelRatio(self._scale)
        return image
