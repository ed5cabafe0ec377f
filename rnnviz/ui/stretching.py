"""While a zoom gesture goes on, the last sharp frame is stretched; a new one follows its end.

Describing and painting a frame at another zoom may take longer than a gesture leaves between
two of its events, so that the picture would lag behind the fingers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, QTimer
from PySide6.QtGui import QImage, QPainter

if TYPE_CHECKING:
    from rnnviz.figures.view import Extent
    from rnnviz.ui.camera import Camera

_REST = 70  # ms without an event, after which a gesture has ended


class Stretch(QObject):
    """The last sharp frame of a pane, shown from another camera until the gesture rests.

    Args:
        parent: the pane.
        sharpen: asks the pane for a sharp frame.
    """

    def __init__(self, parent: QObject, sharpen: Callable[[], object]) -> None:
        super().__init__(parent)
        self._sharpen = sharpen
        self._picture = QImage()
        self._held: tuple[Camera, Extent] | None = None
        self._place = QRectF()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._on_rest)

    @property
    def active(self) -> bool:
        """Whether a gesture goes on."""
        return self._held is not None

    def hold(self, picture: QImage, camera: Camera, extent: Extent) -> None:
        """A gesture's event has come; the frame on show before its first one is kept."""
        if self._held is None and not picture.isNull():
            self._picture, self._held = picture.copy(), (camera, extent)
        self._rest.start()

    def end(self) -> None:
        """Keeps the frame no longer: what it shows may be out of date."""
        self._rest.stop()
        self._held, self._picture = None, QImage()

    def look_from(self, camera: Camera, extent: Extent) -> None:
        """Another camera sees the kept frame; the content has another extent at its zoom."""
        if self._held is None:
            return
        held, before = self._held
        across = extent.width / max(before.width, 1.0)
        down = extent.height / max(before.height, 1.0)
        size = self._picture.deviceIndependentSize()
        self._place = QRectF(
            held.x * across - camera.x,
            held.y * down - camera.y,
            size.width() * across,
            size.height() * down,
        )

    def paint(self, painter: QPainter) -> None:
        """Draws the kept frame where it lies now."""
        painter.drawImage(self._place, self._picture)

    def _on_rest(self) -> None:
        self.end()
        self._sharpen()
