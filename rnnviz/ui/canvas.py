"""The canvas: one plain widget with its own camera that paints a figure's scene."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QScrollBar, QToolTip, QWidget

from rnnviz.element import Element
from rnnviz.render.fonts import qfont
from rnnviz.render.painter import paint
from rnnviz.render.repainting import Repainter
from rnnviz.scene.hit import hit
from rnnviz.ui.camera import Camera, Fit, fitting_zoom, readable_zoom
from rnnviz.ui.controls import paint_focus_ring
from rnnviz.ui.gliding import Glide
from rnnviz.ui.nodes import nodes_on_show
from rnnviz.ui.sharing import SharedHover
from rnnviz.ui.shell import LOADING
from rnnviz.ui.stretching import REST, Stretch
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:
    from rnnviz.figures.view import Extent, Figure, View
    from rnnviz.model.trace import Trace
    from rnnviz.scene.marks import Scene
    from rnnviz.scene.style import Style
    from rnnviz.session import Session
    from rnnviz.session.state import State

log = logging.getLogger("rnnviz")

_DRAG = 4  # px that a press may move and still be a click
_STEP = 1.25  # of the zoom keys
_LARGEST_FIT = 1.25  # a small figure is not blown up beyond this to fill the pane


class FigureCanvas(QWidget):
    """Pans, zooms and paints one figure; a click selects what lies under it.

    Attributes:
        paints: how often it has painted.
        error: why the figure could not be drawn, "" while it can.

    Signals:
        zoomed: the zoom has changed.
        menu_wanted: a context menu is wanted at a global position.
    """

    zoomed = Signal(float)
    menu_wanted = Signal(QPoint)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._name = ""
        self._figure: Figure | None = None
        self._cameras: dict[str, Camera] = {}
        self._camera = Camera()
        self._scene: Scene | None = None
        self._repainter = Repainter()
        self._painted: Camera | None = None  # where the repainter's picture was seen from
        self._stretch = Stretch(self, self._sharpen, self.update)
        self._shared = SharedHover(self)
        self._glide = Glide(self, self._describe_again)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.update)
        self._pressed: QPointF | None = None
        self._dragging = False
        self._syncing = False
        self.paints = 0
        self.error = ""
        self._bars = {way: self._scroll_bar(way) for way in Qt.Orientation}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(240, 160)

    @property
    def zoom(self) -> float:
        """1.0 is 100 %."""
        return self._camera.zoom

    @property
    def stretches(self) -> bool:
        """Whether a zoom is on its way: the sharp frame is still to come, or to fade in."""
        return self._stretch.active

    @property
    def sharpness(self) -> float:
        """How far the sharp frame has faded in, 0 to 1; 1 unless the canvas stretches."""
        return self._stretch.strength

    @property
    def camera(self) -> Camera:
        """Where the canvas looks."""
        return self._camera

    def show_figure(self, name: str) -> None:
        """Shows another figure, as it was last looked at."""
        if name == self._name:
            return
        self._cameras[self._name] = self._camera
        self._name, self._figure = name, None
        self._camera = self._cameras.get(name, Camera())
        self._shared.leave()
        self.look_again()
        self.zoomed.emit(self._camera.zoom)

    def refresh(self, old: State | None, new: State) -> None:
        """Takes up a new state."""
        self._glide.heed(old, new, visible=self.isVisible())
        if old is None or self._is_other(old, new):
            self.look_again()
            return
        if _look(old) == _look(new) and old.position == new.position:
            return
        self._stretch.end()
        self._scene = None
        self._update_apart()
        if old.position != new.position:
            self._follow()

    def _is_other(self, old: State, new: State) -> bool:
        """Whether the figure may have another size, beyond another step or selection."""
        return (
            old.run is None
            or new.run is None
            or _sizes(old.run) != _sizes(new.run)
            or old.sequence != new.sequence
            or old.options is not new.options
            or (old.whole is None) != (new.whole is None)
            or bool(self.error)
        )

    def _update_apart(self) -> None:
        """Paints; while playing in a turn of its own, so that keys are heard between the two."""
        if self._session.state.playing:
            self._soon.start(0)
        else:
            self.update()

    def _describe_again(self) -> None:
        self._scene = None
        self.update()

    def look_again(self) -> None:
        """Describes and paints the figure anew."""
        self._stretch.end()
        self._painted = None
        self._look(self._refit(self._camera))

    # -- what is seen

    @property
    def _view(self) -> View | None:
        state = self._session.state
        return state.view() if state.run is not None else None

    def _extent_at(self, zoom: float) -> Extent:
        assert self._figure is not None
        frame = Camera(zoom).frame(self.width(), self.height())
        return self._figure.extent(self._view_now(), self._options(), frame)

    def _view_now(self) -> View:
        return self._session.state.view()

    def _options(self) -> object:
        return self._glide.shown(self._session.state.options[self._name])

    def _ready(self) -> bool:
        """Whether there is something to draw. Figures need torch: none is loaded before a run."""
        if self._session.state.run is None or not self._name:
            return False
        if self._figure is None:
            from rnnviz.figures import get_figure

            self._figure = get_figure(self._name)
            self.setAccessibleName(self._figure.title)
        return True

    def _refit(self, camera: Camera) -> Camera:
        if not self._ready() or camera.fit is None:
            return camera
        try:
            zoom = self._fit_zoom(camera.fit)
        except Exception as problem:
            self._fail(problem)
            return camera
        return Camera(zoom, camera.x, camera.y, camera.fit)

    def _fit_zoom(self, fit: Fit) -> float:
        from rnnviz.figures.view import FitsItself

        figure = self._figure
        assert figure is not None
        if isinstance(figure, FitsItself):
            pane = (self.width(), self.height())
            return min(figure.fit_zoom(self._view_now(), self._options(), *pane), _LARGEST_FIT)
        low, high = figure.zoom_range
        limits = (low, max(low, min(high, _LARGEST_FIT)))
        find = fitting_zoom if fit == "whole" else readable_zoom
        return find(self._extent_at, self.width(), self.height(), limits)

    def _follow(self) -> None:
        if not self._ready():
            return
        try:
            extent = self._extent_at(self._camera.zoom)
            camera = self._camera
            if extent.width > self.width():
                camera = camera.following(extent, self.width())
            self._look(camera, extent)
        except Exception as problem:
            self._fail(problem)

    def _by_pixels(self, camera: Camera, before: Camera | None = None) -> Camera:
        """The look after a move by whole device px: what stays on show needs no painting then."""
        ratio, here = self.devicePixelRatioF(), before or self._camera
        x = here.x + round((camera.x - here.x) * ratio) / ratio
        y = here.y + round((camera.y - here.y) * ratio) / ratio
        return replace(camera, x=x, y=y)

    def _look(self, camera: Camera, extent: Extent | None = None) -> None:
        """Looks from `camera`, brought within the content."""
        self._scene = None
        self.error = ""
        before, here = self._camera.zoom, self._camera
        self._camera = camera
        if self._ready():
            try:
                extent = extent or self._extent_at(camera.zoom)
                camera = camera.within(extent, self.width(), self.height())
                self._camera = self._by_pixels(camera, here) if camera.zoom == before else camera
                self._place_bars(extent)
            except Exception as problem:
                self._fail(problem)
        if self._camera.zoom != before:
            self.zoomed.emit(self._camera.zoom)
        self._update_apart()

    def scene(self) -> Scene | None:
        """What is on show, described; None while there is nothing or it can't be drawn."""
        if self._scene is None and self._ready() and not self.error:
            assert self._figure is not None
            frame = self._camera.frame(self.width(), self.height())
            try:
                self._scene = self._figure.build(
                    self._view_now(), self._options(), frame, style_of(self)
                )
            except Exception as problem:
                self._fail(problem)
        return self._scene

    def _fail(self, problem: Exception) -> None:
        log.exception("%s could not be drawn", self._name)
        self._stretch.end()
        self.error = f"This figure could not be drawn: {problem}"
        self._scene = None
        self.update()

    # -- zooming and panning

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zooms around a point of the pane, its middle by default."""
        self.zoom_to(self._camera.zoom * factor, at)

    def zoom_along(self, factor: float, at: QPointF) -> None:
        """Zooms as part of a gesture: it is sharp as soon as the gesture rests."""
        self.zoom_to(self._camera.zoom * factor, at, REST)

    def zoom_to(self, zoom: float, at: QPointF | None = None, rest: int = 0) -> None:
        """Zooms to a level within the figure's limits; after `rest` ms it is made sharp."""
        if not self._ready():
            return
        assert self._figure is not None
        low, high = self._figure.zoom_range
        zoom = min(max(zoom, low), high)
        point = at or QPointF(self.width() / 2, self.height() / 2)
        self._turn_to(
            lambda: self._camera.zoomed(zoom, (point.x(), point.y()), self._extent_at), rest
        )

    def _turn_to(self, make: Callable[[], Camera], rest: int) -> None:
        """Looks from elsewhere: the frame on show is stretched, and fades into a sharp one."""
        try:
            self._hold(rest)
            self._look(make())
            if self._stretch.active:
                self._stretch.look_from(self._camera, self._extent_at(self._camera.zoom))
            if self._camera == self._painted:
                self._stretch.end()
        except Exception as problem:
            self._fail(problem)

    def _hold(self, rest: int) -> None:
        """Keeps the frame on show, if there is one and someone sees it."""
        seen = self._painted
        if seen is not None and self.isVisible() and not self.error:
            extent = self._extent_at(seen.zoom)
            self._stretch.hold(self._repainter.picture, seen, extent, rest)

    def _sharpen(self) -> Iterator[None]:
        """Makes the sharp frame in parts."""
        scene = self.scene()
        yield
        try:
            if scene is not None:
                yield from self._repainter.prepare(scene, self.devicePixelRatioF())
        except Exception as problem:
            self._fail(problem)

    def fit(self) -> None:
        """Shows everything, and keeps doing so when the pane's size changes."""
        self._turn_to(lambda: self._refit(Camera(fit="whole")), 0)

    def pan(self, dx: float, dy: float) -> None:
        """Moves the look by px."""
        if not self._ready() or self.error:
            return
        if self._stretch.covers:
            self._turn_to(lambda: self._camera.moved(dx, dy), REST)
            return
        self._settle()
        try:
            extent = self._extent_at(self._camera.zoom)
            moved = self._camera.moved(dx, dy).within(extent, self.width(), self.height())
            moved = self._by_pixels(moved)
        except Exception as problem:
            self._fail(problem)
            return
        if moved != self._camera:
            self._look(moved, extent)

    def _settle(self) -> None:
        """What the user does next ends a fade at once."""
        if self._stretch.active:
            self._stretch.end()
            self.update()

    def _scroll_bar(self, way: Qt.Orientation) -> QScrollBar:
        bar = QScrollBar(way, self)
        bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        bar.hide()
        bar.valueChanged.connect(self._on_scrolled)
        return bar

    def _place_bars(self, extent: Extent) -> None:
        self._syncing = True
        across, down = self._bars[Qt.Orientation.Horizontal], self._bars[Qt.Orientation.Vertical]
        for bar, content, pane, value in (
            (across, extent.width, self.width(), self._camera.x),
            (down, extent.height, self.height(), self._camera.y),
        ):
            bar.setVisible(content > pane + 0.5)
            bar.setRange(0, max(0, round(content - pane)))
            bar.setPageStep(pane)
            bar.setValue(round(value))
        across.setGeometry(0, self.height() - 10, self.width() - 10, 10)
        down.setGeometry(self.width() - 10, 0, 10, self.height() - 10)
        self._syncing = False

    def _on_scrolled(self) -> None:
        if self._syncing:
            return
        x = float(self._bars[Qt.Orientation.Horizontal].value())
        y = float(self._bars[Qt.Orientation.Vertical].value())
        here = self._camera
        dx = x - here.x if self._bars[Qt.Orientation.Horizontal].isVisible() else 0.0
        dy = y - here.y if self._bars[Qt.Orientation.Vertical].isVisible() else 0.0
        self.pan(dx, dy)

    # -- nodes

    def element_at(self, point: QPointF) -> Element | None:
        """What lies under a point of the pane."""
        scene = self.scene()
        return hit(scene, point.x() + scene.x, point.y() + scene.y) if scene else None

    def select_next(self, forward: bool = True) -> bool:
        """Selects the next node on show; False past the last one."""
        nodes = self._nodes()
        chosen = self._session.state.selection
        place = nodes.index(chosen.vector()) if chosen and chosen.vector() in nodes else None
        if place is None:
            target = 0 if forward else len(nodes) - 1
        else:
            target = place + (1 if forward else -1)
        if not 0 <= target < len(nodes):
            return False
        self._session.select(nodes[target])
        return True

    def _nodes(self) -> list[Element]:
        scene = self.scene()
        return nodes_on_show(scene) if scene else []

    def describe(self, element: Element) -> str:
        """An element's name and value in words."""
        from rnnviz.model.provenance import accessible_name

        state = self._session.state
        return accessible_name(state.run, element) if state.run is not None else ""

    # -- events

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paints += 1
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            painter.end()  # even where a traceback keeps it alive

    def _paint(self, painter: QPainter) -> None:
        style, stretch = style_of(self), self._stretch
        scene = None if stretch.covers else self.scene()
        if scene is None or scene.background is None or stretch.active:
            painter.fillRect(self.rect(), QColor(style.ui.canvas))
        stretch.paint(painter)
        if scene is not None:
            self._paint_scene(painter, scene)
            self._shared.paint(painter, scene, style)
        if self.error or not (scene or stretch.covers):
            self._paint_message(painter, style)
        if self.hasFocus() and self._by_keyboard:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_focus_ring(painter, self, 3)

    def _paint_scene(self, painter: QPainter, scene: Scene) -> None:
        painter.setOpacity(self._stretch.strength)
        try:
            if self._glide.active:  # hardly a mark stays: looking for those that do would cost
                paint(scene, painter, self.devicePixelRatioF())
            else:
                self._repainter.paint(scene, painter, self.devicePixelRatioF())
                self._painted = self._camera
        except Exception as problem:
            self._fail(problem)
        painter.setOpacity(1.0)

    _by_keyboard = False

    def _paint_message(self, painter: QPainter, style: Style) -> None:
        state = self._session.state
        text = self.error or "; ".join(state.problems.values()) or LOADING
        painter.setPen(QColor(style.ui.error if self.error else style.ui.muted))
        painter.setFont(qfont("ui", 12))
        box = self.rect().adjusted(40, 40, -40, -40)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(box, int(flags), text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.look_again()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._soon.stop()
        self._settle()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._stretch.end()
            self._scene = None
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )
        super().focusInEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        pixels, angle = event.pixelDelta(), event.angleDelta()
        zooms = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier) or pixels.isNull()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            zooms = False
        if zooms and angle.y():
            self.zoom_along(_STEP ** (angle.y() / 240), event.position())
        elif not pixels.isNull():
            self.pan(-pixels.x(), -pixels.y())
        else:
            self.pan(-(angle.x() or angle.y()) / 2, 0)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_along(1 + event.value(), event.position())
                return True
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tooltip(event)
            return True
        elif isinstance(event, QKeyEvent) and _is_tab(event):
            # Tab goes from node to node, and on to the next control after the last.
            self._by_keyboard = True
            self.update()
            if self.select_next(event.key() == Qt.Key.Key_Tab):
                return True
        return super().event(event)

    def _show_tooltip(self, event: QHelpEvent) -> None:
        element = self.element_at(QPointF(event.pos()))
        text = self.describe(element) if element is not None else ""
        if text:
            QToolTip.showText(event.globalPos(), text, self)
        else:
            QToolTip.hideText()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._by_keyboard = False
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed, self._dragging = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            if getattr(self._figure, "shares", False):
                self._shared.move(self.scene(), event.position())
            return
        moved = event.position() - self._pressed
        if self._dragging or moved.manhattanLength() > _DRAG:
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._pressed = event.position()
            self.pan(-moved.x(), -moved.y())

    def leaveEvent(self, event: QEvent) -> None:
        self._shared.leave()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        clicked = self._pressed is not None and not self._dragging
        self._pressed = None
        self.unsetCursor()
        if event.button() == Qt.MouseButton.RightButton:
            self.menu_wanted.emit(event.globalPosition().toPoint())
        elif clicked and event.button() == Qt.MouseButton.LeftButton:
            element = self.element_at(event.position())
            if element is not None:
                self._session.select(element)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Menu:
            self.menu_wanted.emit(self.mapToGlobal(self.rect().center()))
        else:
            event.ignore()  # the window knows the keys


def _is_tab(event: QKeyEvent) -> bool:
    tab = event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return event.type() == QEvent.Type.KeyPress and tab and not control


def _look(state: State) -> tuple[object, ...]:
    """What a figure follows from; runs and options are compared by identity."""
    runs = (id(run) for run in (state.run, state.whole, state.original))
    options, padding = id(state.options), state.document.padding_value
    return *runs, state.showing, state.sequence, state.selection, state.figure, options, padding


def _sizes(run: Trace) -> tuple[object, ...]:
    """What the size of a figure follows from, whatever the numbers."""
    return run.spec, run.schedule, run.unbatched, run.plan is None
