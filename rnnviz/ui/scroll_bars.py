"""The scroll bars of a pane: they lie over its edges where there is more to see."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollBar, QWidget

from rnnviz.ui.camera import Camera

if TYPE_CHECKING:
    from rnnviz.figures.view import Extent

_THICKNESS = 10  # px


class ScrollBars:
    """One along the bottom and one down the right side.

    Args:
        pane: where they lie.
        scroll: moves the look by px, across and down.
    """

    def __init__(self, pane: QWidget, scroll: Callable[[float, float], object]) -> None:
        self._pane, self._scroll = pane, scroll
        self._camera = Camera()
        self._placing = False
        self._across = self._bar(Qt.Orientation.Horizontal)
        self._down = self._bar(Qt.Orientation.Vertical)

    def place(self, extent: Extent, camera: Camera) -> None:
        """Says where the pane looks in content of an extent."""
        self._camera, self._placing = camera, True
        width, height = self._pane.width(), self._pane.height()
        for bar, content, pane, value in (
            (self._across, extent.width, width, camera.x),
            (self._down, extent.height, height, camera.y),
        ):
            bar.setVisible(content > pane + 0.5)
            bar.setRange(0, max(0, round(content - pane)))
            bar.setPageStep(pane)
            bar.setValue(round(value))
        self._across.setGeometry(0, height - _THICKNESS, width - _THICKNESS, _THICKNESS)
        self._down.setGeometry(width - _THICKNESS, 0, _THICKNESS, height - _THICKNESS)
        self._placing = False

    def _bar(self, way: Qt.Orientation) -> QScrollBar:
        bar = QScrollBar(way, self._pane)
        bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        bar.hide()
        bar.valueChanged.connect(self._on_scrolled)
        return bar

    def _on_scrolled(self) -> None:
        if self._placing:
            return
        dx = self._across.value() - self._camera.x if self._across.isVisible() else 0.0
        dy = self._down.value() - self._camera.y if self._down.isVisible() else 0.0
        self._scroll(dx, dy)
