"""A scene as a PDF of one page, its size: vectors, embedded fonts, text that can be searched."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSizeF
from PySide6.QtGui import QPageSize, QPainter, QPdfWriter

from rnnviz.errors import FileError
from rnnviz.render.application import ensure_gui
from rnnviz.render.painter import paint
from rnnviz.render.pens import qcolor
from rnnviz.scene.marks import Scene
from rnnviz.writers.progress import Told, nobody

_POINTS = 72.0 / 96.0
_RESOLUTION = 1200


def pdf_file(scene: Scene, told: Told = nobody) -> Iterator[bytes]:
    """The scene as the content of a PDF file."""
    ensure_gui()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    width, height = (max(math.ceil(side * _POINTS), 1) for side in (scene.width, scene.height))
    writer.setPageSize(QPageSize(QSizeF(width, height), QPageSize.Unit.Point, "figure"))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setResolution(_RESOLUTION)
    writer.setTitle(scene.title)
    writer.setCreator("rnnviz")
    painter = QPainter()
    if not painter.begin(writer):
        raise FileError("the PDF could not be begun")
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    if scene.background is not None:
        page = QRectF(0, 0, writer.width(), writer.height())
        painter.fillRect(page, qcolor(scene.background))
    painter.scale(_RESOLUTION / 96.0, _RESOLUTION / 96.0)
    paint(scene, painter)
    painter.end()
    del writer
    told(1, 1)
    data = bytes(buffer.data().data())
    if not data.rstrip().endswith(b"%%EOF"):
        raise FileError("the PDF came out incomplete")
    yield data
