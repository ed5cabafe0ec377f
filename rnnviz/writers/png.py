"""A scene as a picture of px: for PNG files and the clipboard."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from rnnviz.errors import FileError
from rnnviz.render.application import ensure_gui
from rnnviz.render.painter import paint
from rnnviz.scene.marks import Scene
from rnnviz.writers.progress import Told, nobody
from rnnviz.writers.raster import png_pieces

SCENE_DPI = 96.0
_LARGEST_SIDE = 32_000
_MOST_PIXELS = 250_000_000
_CLIPBOARD_DPI = 192.0
_BAND = 500_000  # px that are packed at a time


def image(scene: Scene, dpi: float = 300.0) -> QImage:
    """The scene painted at a resolution; transparent where it has no background.

    Raises:
        FileError: for a picture that no viewer could open.
    """
    ensure_gui()
    scale = dpi / SCENE_DPI
    width, height = math.ceil(scene.width * scale - 1e-6), math.ceil(scene.height * scale - 1e-6)
    if max(width, height) > _LARGEST_SIDE or width * height > _MOST_PIXELS:
        raise FileError(f"{width} × {height} px is too large a picture: choose a lower dpi, or SVG")
    opaque = scene.background is not None
    form = QImage.Format.Format_RGB32 if opaque else QImage.Format.Format_ARGB32_Premultiplied
    picture = QImage(max(width, 1), max(height, 1), form)
    if picture.isNull():
        raise FileError(f"not enough memory for a picture of {width} × {height} px")
    picture.fill(scene.background or Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.scale(scale, scale)
    paint(scene, painter)
    painter.end()
    picture.setDotsPerMeterX(round(dpi / 0.0254))
    picture.setDotsPerMeterY(round(dpi / 0.0254))
    return picture


def png_file(scene: Scene, dpi: float = 300.0, told: Told = nobody) -> Iterator[bytes]:
    """The scene as the pieces of a PNG file.

    Raises:
        FileError: for a picture that no viewer could open.
    """
    told(0, 1)
    picture = image(scene, dpi)
    size = picture.width(), picture.height()
    texts = {"Title": scene.title, "Software": "rnnviz"}
    channels = 3 if scene.background is not None else 4
    yield from png_pieces(size, _bands(picture, channels, told), channels, dpi, texts)


def clipboard_image(scene: Scene) -> QImage:
    """The scene as a picture for the clipboard, twice as fine as on screen."""
    return image(scene, _CLIPBOARD_DPI)


def _bands(picture: QImage, channels: int, told: Told) -> Iterator[NDArray[np.uint8]]:
    """The colours of a picture, some rows at a time: all of them would take it twice."""
    form = QImage.Format.Format_RGB888 if channels == 3 else QImage.Format.Format_RGBA8888
    width, height = picture.width(), picture.height()
    rows = max(_BAND // width, 1)
    for top in range(0, height, rows):
        told(top, height)
        band = picture.copy(0, top, width, min(rows, height - top)).convertToFormat(form)
        lines = np.frombuffer(band.constBits(), np.uint8).reshape(band.height(), -1)
        yield lines[:, : width * channels].reshape(-1, width, channels)
    told(height, height)
