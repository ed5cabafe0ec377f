"""A rounded rectangle put together of a small one looks as one that is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from rnnviz.render import boxes
from rnnviz.render.painter import paint
from rnnviz.render.pens import NO_BRUSH, brush, pen
from rnnviz.scene.marks import Rect, Scene

SIZE = 420


def pixels(image: QImage) -> NDArray[np.int16]:
    shown = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return shown[..., :3].astype(np.int16)


def blank(ratio: float) -> QImage:
    image = QImage(round(SIZE * ratio), round(SIZE * ratio), QImage.Format.Format_RGB32)
    image.fill(QColor("#FAFAFA"))
    return image


def painted(mark: Rect, ratio: float) -> QImage:
    image = blank(ratio)
    painter = QPainter(image)
    painter.scale(ratio, ratio)
    paint(Scene(SIZE, SIZE, (mark,)), painter, ratio)
    painter.end()
    return image


def stroked(mark: Rect, ratio: float) -> QImage:
    """The rectangle as Qt strokes it, on whole px."""
    image = blank(ratio)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(ratio, ratio)
    painter.setBrush(brush(mark.fill) if mark.fill else NO_BRUSH)
    painter.setPen(pen(mark.stroke or "#000000", mark.stroke_width, mark.dash))
    half = 0.5 / ratio if round(mark.stroke_width * ratio) % 2 else 0.0
    box = QRectF(mark.x, mark.y, mark.width, mark.height).adjusted(half, half, -half, -half)
    if mark.radius:
        painter.drawRoundedRect(box, mark.radius, mark.radius)
    else:
        painter.drawRect(box)
    painter.end()
    return image


LOOKS: list[tuple[float, float, tuple[float, ...]]] = [
    (1.0, 2.0, ()),
    (1.25, 8.0, ()),
    (1.75, 1.0, ()),
    (2.0, 5.0, ()),
    (1.0, 2.0, (3.0, 3.0)),
    (1.25, 3.0, (5.0, 3.0)),
    (1.0, 0.0, (3.0, 3.0)),
    (1.25, 8.0, (5.0, 3.0)),
    (1.0, 2.0, (3.0,)),
    (1.0, 2.0, (2.3, 1.1)),  # of which no number of px is a whole number of dashes
]
SIZES = [(6, 5), (9, 8), (11, 40), (40, 23), (120, 16), (121, 7), (122, 14), (400, 390)]


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("fill", [None, "#DDE8FF"])
@pytest.mark.parametrize(("width", "radius", "dash"), LOOKS)
def test_any_size_looks_as_if_stroked(
    qtbot: QtBot,
    ratio: float,
    size: tuple[int, int],
    fill: str | None,
    width: float,
    radius: float,
    dash: tuple[float, ...],
) -> None:
    radius = min(radius, min(size) / 2 - 1)
    mark = Rect(7, 9, *size, fill, "#336699", width, radius, dash)
    difference = np.abs(pixels(painted(mark, ratio)) - pixels(stroked(mark, ratio)))
    assert difference.max() <= 2


def test_a_frame_of_dashes_that_shrinks_is_not_stroked_again(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    stroked: list[int] = []
    make = boxes._make_stamp
    monkeypatch.setattr(boxes, "_stamps", boxes._Stamps())  # nothing is dropped in between
    monkeypatch.setattr(boxes, "_make_stamp", lambda *given: stroked.append(1) or make(*given))
    for width in range(300, 240, -1):
        painted(Rect(7, 9, width, 21, None, "#336655", 1.0, 2.0, (3.0, 3.0)), 1.0)
    assert len(stroked) <= 6
