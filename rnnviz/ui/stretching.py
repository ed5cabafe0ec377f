"""From one zoom to another: the last sharp frame is stretched at once, and fades into a new one.

Describing and painting a frame at another zoom may take longer than a gesture leaves between
two of its events, so that the picture would lag behind the fingers. It is done when the gesture
rests, a part of it in each turn of the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QRectF, QTimer
from PySide6.QtGui import QImage, QPainter

if TYPE_CHECKING:
    from rnnviz.figures.view import Extent
    from rnnviz.ui.camera import Camera

REST = 70  # ms without an event, after which a gesture has ended
FADE = 180  # ms
_FRAME = 16  # ms


class Stretch(QObject):
    """The last sharp frame of a pane, shown from another camera until there is a new one.

    Args:
        parent: the pane.
        sharpen: makes the pane's sharp frame, a part with each step.
        show: asks the pane to paint.
    """

    def __init__(
        self,
        parent: QObject,
        sharpen: Callable[[], Iterator[None]],
        show: Callable[[], object],
    ) -> None:
        super().__init__(parent)
        self._sharpen, self._show = sharpen, show
        self._picture = QImage()
        self._held: tuple[Camera, Extent] | None = None
        self._place = QRectF()
        self._parts: Iterator[None] | None = None
        self._faded = QElapsedTimer()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._on_rest)
        self._turn = QTimer(self)
        self._turn.timeout.connect(self._on_turn)

    @property
    def active(self) -> bool:
        """Whether a frame is kept, of which anything is still to be seen."""
        return self._held is not None

    @property
    def covers(self) -> bool:
        """Whether the kept frame is all there is: the sharp one is still to come."""
        return self.active and not self._faded.isValid()

    @property
    def strength(self) -> float:
        """How far the sharp frame has faded in, 0 to 1."""
        if not self.active:
            return 1.0
        return min(self._faded.elapsed() / FADE, 1.0) if self._faded.isValid() else 0.0

    def hold(self, picture: QImage, camera: Camera, extent: Extent, rest: int) -> None:
        """Keeps the frame on show, unless one is kept already; `rest` ms on, it is sharpened."""
        if self._faded.isValid():
            self.end()
        if self._held is None and not picture.isNull():
            self._picture, self._held = picture.copy(), (camera, extent)
        self._parts = None
        self._turn.stop()
        self._rest.start(rest)

    def end(self) -> None:
        """Keeps the frame no longer: what it shows may be out of date."""
        self._rest.stop()
        self._turn.stop()
        self._faded.invalidate()
        self._held, self._parts, self._picture = None, None, QImage()

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
        """Draws the kept frame where it lies now, if there is one."""
        if self.active:
            painter.drawImage(self._place, self._picture)

    def _on_rest(self) -> None:
        if self._held is not None:
            self._parts = self._sharpen()
            self._turn.start(0)

    def _on_turn(self) -> None:
        if self._parts is not None:
            self._sharpen_on(self._parts)
            return
        if self.strength >= 1.0:
            self.end()
        self._show()

    def _sharpen_on(self, parts: Iterator[None]) -> None:
        for _ in parts:
            return  # the next part in the next turn
        self._parts = None
        if self._held is not None:
            self._faded.start()
            self._turn.start(_FRAME)
