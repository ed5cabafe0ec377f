"""Where a pane looks at its figure: the camera, kept within what there is to see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from rnnviz.ui.camera import Camera
from rnnviz.ui.scroll_bars import ScrollBars

if TYPE_CHECKING:
    from rnnviz.figures.view import Extent
    from rnnviz.ui.live_figure import LiveFigure


class Look:
    """A pane's camera; every figure is looked at as it last was.

    Looks are made first and taken then. All but `take` and `refitted` need a figure that is ready.

    Args:
        pane: what looks.
        figure: what it looks at.
        scroll: moves the look by px, for the scroll bars.

    Attributes:
        camera: where the pane looks.
    """

    def __init__(
        self, pane: QWidget, figure: LiveFigure, scroll: Callable[[float, float], object]
    ) -> None:
        self._pane, self._figure = pane, figure
        self._bars = ScrollBars(pane, scroll)
        self._cameras: dict[str, Camera] = {}
        self.camera = Camera()

    def turn_to(self, name: str) -> None:
        """Looks at another figure."""
        self._cameras[self._figure.name] = self.camera
        self._figure.change(name)
        self.camera = self._cameras.get(name, Camera())

    def known(self) -> dict[str, Camera]:
        """Where every figure is looked at from that was on show."""
        looks = {**self._cameras, self._figure.name: self.camera}
        return {name: look for name, look in looks.items() if name}

    def recall(self, looks: Mapping[str, Camera]) -> Camera:
        """Has figures looked at as they once were, and returns the look for the one on show."""
        self._cameras.update(looks)
        return looks.get(self._figure.name, self.camera)

    def begin_again(self) -> None:
        """Looks at every figure as if for the first time."""
        self._cameras.clear()
        self.camera = Camera()

    def take(self, camera: Camera, extent: Extent | None = None) -> None:
        """Looks from `camera`, brought within the content.

        Args:
            camera: the new look.
            extent: the content's at its zoom; the figure is asked if None.
        """
        here, self.camera = self.camera, camera
        if not self._figure.ready():
            return
        extent = extent or self._figure.extent_at(camera.zoom)
        within = camera.within(extent, self._pane.width(), self._pane.height())
        self.camera = self._by_pixels(within, here) if camera.zoom == here.zoom else within
        self._bars.place(extent, self.camera)

    def refitted(self, camera: Camera) -> Camera:
        """The look with the zoom that fits the pane, if it is to fit."""
        if camera.fit is None or not self._figure.ready():
            return camera
        return replace(camera, zoom=self._figure.fit_zoom(camera.fit))

    def zoomed(self, zoom: float, at: tuple[float, float]) -> Camera:
        """The look at another zoom, within the figure's limits, around a point of the pane."""
        low, high = self._figure.zoom_range
        return self.camera.zoomed(min(max(zoom, low), high), at, self._figure.extent_at)

    def moved(self, dx: float, dy: float) -> tuple[Camera, Extent]:
        """The look moved by px, and the extent of the content."""
        extent = self._figure.extent_at(self.camera.zoom)
        moved = self.camera.moved(dx, dy).within(extent, self._pane.width(), self._pane.height())
        return self._by_pixels(moved, self.camera), extent

    def following(self) -> tuple[Camera, Extent]:
        """The look with the current step in sight, and the extent of the content."""
        camera, size = self.camera, (self._pane.width(), self._pane.height())
        extent = self._figure.extent_at(camera.zoom)
        return camera.following(extent, *size, self._figure.opening(camera)), extent

    def _by_pixels(self, camera: Camera, here: Camera) -> Camera:
        """The look after a move by whole device px: what stays on show needs no painting then."""
        ratio = self._pane.devicePixelRatioF()
        x = here.x + round((camera.x - here.x) * ratio) / ratio
        y = here.y + round((camera.y - here.y) * ratio) / ratio
        return replace(camera, x=x, y=y)
