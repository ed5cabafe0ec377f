"""The trajectories on screen: the figure's own scene, with pyqtgraph's pan, zoom and cursor.

One item paints the scene, as every export does. Above each panel lies a transparent ViewBox
over exactly the same rectangle, which answers the mouse and links the time axes; what it is
turned to becomes an option of the figure, and comes back as the next scene.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QHelpEvent,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QGraphicsView, QStyleOptionGraphicsItem, QToolTip, QWidget

from rnnviz.element import Element
from rnnviz.figures.later import Later, at_once
from rnnviz.figures.trajectories import FIGURE, PanelGeometry, TrajectoriesOptions
from rnnviz.figures.trajectories.layout import within
from rnnviz.figures.trajectories.pointing import Pointed, point, timestep
from rnnviz.figures.view import Frame, View
from rnnviz.render.repainting import Repainter
from rnnviz.scene.marks import Scene
from rnnviz.scene.style import Style
from rnnviz.scene.text import label
from rnnviz.session.runner import Runner
from rnnviz.ui.ahead import Ahead
from rnnviz.ui.foresight import given_up_where_it_fails
from rnnviz.ui.plot_stretch import Asked, PlotStretch

_HINT = (
    "Click or drag to move through time. The wheel zooms, Shift and drag or the middle button "
    "pans, a double click shows all."
)
_KEY_ZOOM = 0.8
_AT_ONCE = 8  # marks: a line may be of thousands of points
Limits = tuple[float, float]
_Described = tuple[Scene, dict[str, PanelGeometry]]


class _Picture(pg.GraphicsObject):  # type: ignore[misc]
    """The figure's scene, each painted over the one before it, or the last one moved.

    Args:
        stretch: moves it.
    """

    def __init__(self, stretch: PlotStretch) -> None:
        super().__init__()
        self._stretch = stretch
        self._scene: Scene | None = None
        self._repainter = Repainter()
        self._painted: Scene | None = None

    @property
    def frame(self) -> QImage:
        """The sharp frame of the scene; null while it has not been painted."""
        return self._repainter.picture if self._painted is self._scene else QImage()

    def prepare(self, scene: Scene, ratio: float) -> Iterator[None]:
        """Paint another scene in parts, and from then on that one."""
        yield from self._repainter.prepare(scene, ratio, _AT_ONCE)
        self._scene = self._painted = scene

    def show_scene(self, scene: Scene) -> None:
        """Paint another scene from now on."""
        self.prepareGeometryChange()
        self._scene = scene
        self.update()

    def foresee(self, scene: Scene) -> None:
        """Paint a scene that may be the next one."""
        self._repainter.foresee(scene)

    def boundingRect(self) -> QRectF:
        if self._scene is None:
            return QRectF()
        return QRectF(0, 0, self._scene.width, self._scene.height)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        self._stretch.paint(painter)
        if self._scene is not None and not self._stretch.covers:
            painter.setOpacity(self._stretch.strength)
            self._repainter.paint(self._scene, painter, painter.device().devicePixelRatio())
            self._painted = self._scene
            painter.setOpacity(1.0)


class _Panel(pg.ViewBox):  # type: ignore[misc]
    """A transparent ViewBox over one panel.

    A click and, over time, a drag point at timesteps; with Shift or the middle button a drag
    pans, the wheel zooms, a double click shows all.

    Attributes:
        name: of the figure's panel, "lines", "heatmap" or "path".
        pointed_at: called with scene px, and whether it is a drag.
        reset: called to show all.
    """

    def __init__(
        self,
        name: str,
        pointed_at: Callable[[QPointF, bool], None],
        reset: Callable[[str], None],
    ) -> None:
        super().__init__(border=None, enableMenu=False, defaultPadding=0.0)
        self.name_of_panel = name
        self._pointed_at = pointed_at
        self._reset = reset
        self.disableAutoRange()
        self.setZValue(1)

    def place(self, geometry: PanelGeometry) -> None:
        """Lie over the panel and show what it shows."""
        self.setGeometry(QRectF(*geometry.rect))
        (x0, x1), (y0, y1) = geometry.x_limits, geometry.y_limits
        self.setMouseEnabled(x=bool(geometry.x_option), y=bool(geometry.y_option))
        self.setLimits(
            xMin=x0,
            xMax=x1,
            yMin=y0,
            yMax=y1,
            minXRange=min(1.0, x1 - x0) if geometry.x_option == "t_range" else (x1 - x0) / 1000,
            minYRange=(y1 - y0) / 1000,
        )
        self.setRange(xRange=geometry.x_range, yRange=geometry.y_range, padding=0)

    def mouseClickEvent(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        event.accept()
        if event.double():
            self._reset(self.name_of_panel)
        else:
            self._pointed_at(event.scenePos(), False)

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        left = event.button() == Qt.MouseButton.LeftButton
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if left and not shifted and self.name_of_panel != "path":
            event.accept()
            self._pointed_at(event.scenePos(), True)
        elif event.button() != Qt.MouseButton.RightButton:
            super().mouseDragEvent(event, axis)


class TrajectoryView(pg.GraphicsView):  # type: ignore[misc]
    """The widget: shows a view of a run, and tells what the user points at.

    Args:
        seek: called with a Stepper position.
        select: called with an element.
        set_option: called with the name and value of an option of the figure.
        beside: works out what is derived of large data; None for here.
    """

    def __init__(
        self,
        seek: Callable[[int], None],
        select: Callable[[Element], None],
        set_option: Callable[[str, Any], None],
        parent: QWidget | None = None,
        beside: Runner | None = None,
    ) -> None:
        super().__init__(parent, background=None)
        self._ahead = Ahead(self, beside, self._describe, self._wait)
        self._seek, self._select, self._set_option = seek, select, set_option
        self._view: View | None = None
        self._options = TrajectoriesOptions()
        self._style: Style | None = None
        self._geometry: dict[str, PanelGeometry] = {}
        self._following = False
        self._coming: tuple[Asked, _Described] | None = None
        self._wished: Asked | None = None  # is foreseen when the frame is sharp
        self._stretch = PlotStretch(self, self._sharpen, self._show_on)
        self._picture = _Picture(self._stretch)
        self.addItem(self._picture)
        self._panels = {name: self._panel(name) for name in ("lines", "heatmap", "path")}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(self.Shape.NoFrame)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setAccessibleName("Trajectories")
        self.setAccessibleDescription(_HINT)

    def _panel(self, name: str) -> _Panel:
        panel = _Panel(name, self._point, self._reset_panel)
        panel.setVisible(False)
        self.addItem(panel)
        panel.sigRangeChangedManually.connect(lambda _=None, name=name: self._ranged(name))
        return panel

    @property
    def waits(self) -> bool:
        """Whether what the figure derives is still being worked out."""
        return self._ahead.waits

    @property
    def stretches(self) -> bool:
        """Whether a zoom or a pan is on its way: the sharp frame is still to come."""
        return self._stretch.active

    @property
    def is_ready_to_move(self) -> bool:
        """Whether what is on show was painted beyond its edges, so that it can be moved."""
        return self._stretch.is_ready

    def show_view(self, view: View, options: TrajectoriesOptions, style: Style) -> None:
        """Show a run as it is at a moment."""
        self._view, self._options, self._style = view, options, style
        self._rebuild()

    def foresee(self, view: View, options: TrajectoriesOptions, style: Style) -> None:
        """Describe and paint what may be shown next, so that it costs next to nothing then.

        Raises:
            Later: where something of it is worked out beside the window.
        """
        asked, self._coming = Asked(view, options, self.frame(), style), None
        self._wished = asked if self.stretches else None
        if not self.waits and not self.stretches and self._geometry:
            with at_once():
                described = _described(asked)
            self._coming = asked, described
            self._picture.foresee(described[0])

    def frame(self) -> Frame:
        """The pane that the figure is laid out in."""
        return Frame(0.0, 0.0, float(self.width()), float(self.height()))

    def panel_geometry(self) -> dict[str, PanelGeometry]:
        """Where the panels are now that can be panned and zoomed."""
        return dict(self._geometry)

    def reset_range(self) -> None:
        """Show all timesteps, all values and the whole path."""
        for option in ("t_range", "value_range", "path_range"):
            if getattr(self._options, option) is not None:
                self._set_option(option, None)

    def zoom_in(self) -> None:
        """Fewer timesteps, around the cursor."""
        self._zoom(_KEY_ZOOM)

    def zoom_out(self) -> None:
        """More timesteps."""
        self._zoom(1 / _KEY_ZOOM)

    def close(self) -> bool:
        """Close as any widget does: pyqtgraph's own way leaves a view without a viewport."""
        return QGraphicsView.close(self)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Lay the figure out anew."""
        super().resizeEvent(event)
        if getattr(self, "_view", None) is not None:
            self._rebuild()

    def hideEvent(self, event: QHideEvent) -> None:
        """What is on its way is done at once: nobody sees it."""
        super().hideEvent(event)
        if self.stretches:
            self._describe()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Hand the press to the panels; it goes no further."""
        super().mousePressEvent(event)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Hand the release to the panels; it goes no further."""
        super().mouseReleaseEvent(event)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Hand the double click to the panels; it goes no further."""
        super().mouseDoubleClickEvent(event)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with + − 0; everything else is the window's."""
        actions = {
            Qt.Key.Key_Plus: self.zoom_in,
            Qt.Key.Key_Equal: self.zoom_in,
            Qt.Key.Key_Minus: self.zoom_out,
            Qt.Key.Key_0: self.reset_range,
        }
        action = actions.get(Qt.Key(event.key()))
        if action is None:
            event.ignore()
        else:
            action()
            event.accept()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Keys are the window's."""
        event.ignore()

    def viewportEvent(self, event: QEvent) -> bool:
        """Answer a hover with the value under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._pointed(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), found.text if found else "", self.viewport())
            return True
        handled: bool = super().viewportEvent(event)
        return handled

    def _asked(self) -> Asked | None:
        """What is to be shown; None as yet."""
        if self._view is None or self._style is None or self.width() < 2:
            return None
        return Asked(self._view, self._options, self.frame(), self._style)

    def _rebuild(self) -> None:
        """Shows what is asked for; where but the timesteps are other ones, first without care."""
        asked = self._asked()
        if asked is None:
            return
        if (
            self.isVisible()
            and not self.waits
            and self._stretch.move_to(asked, self._picture.frame)
        ):
            self._coming = None
            self._place_panels(
                {name: _seen(plot, asked.options) for name, plot in self._geometry.items()}
            )
            self._picture.update()
        else:
            self._describe()

    def _describe(self) -> None:
        """Shows it in full."""
        asked = self._asked()
        if asked is None:
            return
        self._stretch.end()
        coming, self._coming = self._coming, None
        try:
            if coming is not None and coming[0].is_as(asked):
                scene, geometry = coming[1]
            else:
                scene, geometry = self._ahead.attempt(partial(_described, asked))
        except Later:
            return  # what is on show stays until it is there
        self._picture.show_scene(scene)
        self._place_panels(geometry)
        self._stretch.begin_with(asked)

    def _sharpen(self) -> Iterator[None]:
        """Makes the sharp frame in parts."""
        asked = self._asked()
        if asked is None:
            return
        try:
            scene, _ = self._ahead.attempt(partial(_described, asked))
        except Later:
            self._stretch.end()
            return
        yield
        yield from self._picture.prepare(scene, self.devicePixelRatioF())
        self._stretch.begin_with(asked)

    def _show_on(self) -> None:
        """A part of the sharp frame has faded in, or all of it is there."""
        self._picture.update()
        wished = self._wished
        if not self.stretches and wished is not None:
            with given_up_where_it_fails():
                self.foresee(wished.view, wished.options, wished.style)

    def _place_panels(self, geometry: dict[str, PanelGeometry]) -> None:
        before, self._geometry, self._following = self._geometry, geometry, True
        for name, panel in self._panels.items():
            plot = geometry.get(name)
            panel.setVisible(plot is not None)
            if plot is not None and plot is not before.get(name):
                panel.place(plot)
        self._following = False

    def _wait(self) -> None:
        """Says what is waited for, where nothing is on show that could stand for it."""
        if self._geometry or self._style is None:
            return
        frame, style = self.frame(), self._style
        middle = frame.width / 2, frame.height / 2
        words = label(self._ahead.words, *middle, style.ui.muted, 12, anchor="middle")
        self._picture.show_scene(
            Scene(frame.width, frame.height, (words,), background=style.background)
        )

    def _ranged(self, name: str) -> None:
        """A panel was panned or zoomed: its range becomes the figure's option."""
        geometry = self._geometry.get(name)
        if geometry is None or self._following:
            return
        x, y = (_plain(span) for span in self._panels[name].viewRange())
        x_all, y_all = _close(x, geometry.x_limits), _close(y, geometry.y_limits)
        if geometry.x_option == "path_range":
            self._set_option("path_range", None if x_all and y_all else (x, y))
            return
        if geometry.x_option and not _close(x, geometry.x_range):
            self._set_option(geometry.x_option, None if x_all else x)
        if geometry.y_option and not _close(y, geometry.y_range):
            self._set_option(geometry.y_option, None if y_all else y)

    def _reset_panel(self, name: str) -> None:
        geometry = self._geometry.get(name)
        if geometry is None:
            return
        for option in dict.fromkeys((geometry.x_option, geometry.y_option)):
            if option:
                self._set_option(option, None)

    def _zoom(self, factor: float) -> None:
        geometry = self._geometry.get("lines")
        if geometry is None or self._view is None:
            return
        (low, high), (first, last) = geometry.x_range, geometry.x_limits
        middle = (low + high) / 2
        half = min(max((high - low) * factor / 2, 0.5), (last - first) / 2)
        start = min(max(middle - half, first), last - 2 * half)
        wished = (start, start + 2 * half)
        self._set_option("t_range", None if _close(wished, geometry.x_limits) else wished)

    def _pointed(self, at: QPointF) -> Pointed | None:
        if self._view is None or self.waits:
            return None
        return point(self._view, self._options, self.frame(), at.x(), at.y())

    def _point(self, at: QPointF, dragged: bool) -> None:
        if self._view is None or self.waits:
            return
        if dragged:
            found = timestep(self._view, self._options, self.frame(), at.x())
        else:
            found = self._pointed(at)
        if found is None:
            return
        if found.position != self._view.run.position:
            self._seek(found.position)
        if found.element.unit is not None:
            self._select(found.element)


def _described(asked: Asked) -> _Described:
    """The scene, and the panels that can be panned and zoomed."""
    return FIGURE.build(*asked), FIGURE.panels(*asked[:3])


def _seen(panel: PanelGeometry, options: TrajectoriesOptions) -> PanelGeometry:
    """A panel at the timesteps that the options ask for."""
    if panel.x_option != "t_range":
        return panel
    return replace(panel, x_range=within(options.t_range, panel.x_limits, least=1.0))


def _plain(span: Any) -> Limits:
    return float(span[0]), float(span[1])


def _close(span: Limits, other: Limits) -> bool:
    """Whether two ranges are the same to the eye."""
    rounding = 1e-6 * max(abs(other[1] - other[0]), 1e-12)
    return all(abs(a - b) <= rounding for a, b in zip(span, other, strict=True))
