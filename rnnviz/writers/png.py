"""A scene as a picture of px: for PNG files and the clipboard."""

from __future__ import annotations

import math

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter

from rnnviz.errors import FileError
from rnnviz.render.application import ensure_gui
from rnnviz.render.painter import paint
from rnnviz.scene.marks import Scene

SCENE_DPI = 96.0
_LARGEST_SIDE = 32_000
_MOST_PIXELS = 250_000_000
_CLIPBOARD_DPI = 192.0


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


def png_data(scene: Scene, dpi: float = 300.0) -> bytes:
    """The scene as the content of a PNG file."""
    picture = image(scene, dpi)
    picture.setText("Title", scene.title)
    picture.setText("Software", "rnnviz")
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"png"))
    if not writer.write(picture):
        raise FileError(f"the picture could not be encoded as PNG: {writer.errorString()}")
    return bytes(buffer.data().data())


def clipboard_image(scene: Scene) -> QImage:
    """The scene as a picture for the clipboard, twice as fine as on screen."""
    return image(scene, _CLIPBOARD_DPI)
