"""A pane that looks at one figure from a camera of its own: it pans, zooms and paints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from rnnviz.ui.camera import Camera
from rnnviz.ui.gliding import Glide
from rnnviz.ui.live_figure import (
    Foresee,
    LiveFigure,
    is_drawn_alike,
    may_be_resized,
    nothing_foreseen,
)
from rnnviz.ui.look import Look
from rnnviz.ui.picture import Picture
from rnnviz.ui.shell import LOADING
from rnnviz.ui.stretching import REST

if TYPE_CHECKING:
    from rnnviz.figures.view import Extent
    from rnnviz.scene.marks import Scene
    from rnnviz.session import Session
    from rnnviz.session.state import State


def _moment(state: State) -> object:
    """How far everything has come, forwards and back."""
    return state.position, state.returned, state.decoder_steps


class Viewport(QWidget):
    """Shows the session's figure; whatever moves the look ends in one place, `_look_from`.

    Args:
        session: what it shows.
        foresee: gives the state that a next step leads to, which is painted in idle turns.

    Attributes:
        paints: how often it has painted.

    Signals:
        zoomed: the zoom has changed.
    """

    zoomed = Signal(float)

    def __init__(self, session: Session, foresee: Foresee = nothing_foreseen) -> None:
        super().__init__()
        self._session = session
        self._glide = Glide(self, self._describe_again)
        told = self._take_up_arrival, self.update
        self._figure = LiveFigure(self, session, self._glide, *told, foresee)
        self._look = Look(self, self._figure, self.pan)
        self._picture = Picture(self, self._figure, self._look)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.update)
        self.paints = 0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(240, 160)

    @property
    def camera(self) -> Camera:
        """Where it looks."""
        return self._look.camera

    @property
    def zoom(self) -> float:
        """1.0 is 100 %."""
        return self.camera.zoom

    @property
    def stretches(self) -> bool:
        """Whether a zoom is on its way: the sharp frame is still to come, or to fade in."""
        return self._picture.stretch.active

    @property
    def waits(self) -> bool:
        """Whether what the figure derives is still being worked out."""
        return self._figure.ahead.waits

    @property
    def sharpness(self) -> float:
        """How far the sharp frame has faded in, 0 to 1; 1 unless the pane stretches."""
        return self._picture.stretch.strength

    @property
    def error(self) -> str:
        """Why the figure could not be drawn, "" while it can."""
        return self._picture.error

    def scene(self) -> Scene | None:
        """What is on show, described; None while there is nothing or it can't be drawn."""
        return self._picture.scene()

    def looks(self) -> dict[str, Camera]:
        """Where every figure is looked at from that was on show."""
        return self._look.known()

    def look_as(self, looks: Mapping[str, Camera], pane: tuple[float, float] | None) -> None:
        """Looks at figures as was done in a pane of another size: at the same middle."""
        dx, dy = (0.0, 0.0) if pane is None else (pane[0] - self.width(), pane[1] - self.height())
        moved = {name: look.moved(dx / 2, dy / 2) for name, look in looks.items()}
        self._picture.settle()
        self._look_from(self._refitted(self._look.recall(moved)))

    # -- what it shows

    def show_figure(self, name: str) -> None:
        """Shows another figure, as it was last looked at."""
        if name != self._figure.name:
            self._look.turn_to(name)
            self.look_again()
            self.zoomed.emit(self.zoom)

    def refresh(self, old: State | None, new: State) -> None:
        """Takes up a new state."""
        self._glide.heed(old, new, visible=self.isVisible())
        opened = old is not None and new.example not in (None, old.example)
        if opened:
            self._look.begin_again()  # nothing of what was looked at is left
        if old is None or opened or self.error or may_be_resized(old, new):
            self.look_again()
        elif not is_drawn_alike(old, new):
            self._picture.stretch.end()
            self._picture.describe_again()
            self._update_apart()
            if _moment(old) != _moment(new):
                self._follow()

    def look_again(self) -> None:
        """Describes and paints the figure anew."""
        self._picture.start_anew()
        self._look_from(self._refitted(self.camera))

    def _take_up_arrival(self) -> None:
        """What was waited for is there: its frame is made in parts behind the one on show."""
        state = self._session.state
        if self._picture.shows_figure and not state.playing and not state.learns:
            rest = REST if self._picture.stretch.covers else 0  # a gesture may be under way
            self._turn_to(lambda: self._refitted(self.camera), rest, renewed=True)
        else:
            self.look_again()

    def _follow(self) -> None:
        if self._figure.ready():
            with self._picture.told():
                self._look_from(*self._look.following())

    def _update_apart(self) -> None:
        """Paints; of many frames each in a turn of its own, so that keys are heard between."""
        if self._session.state.playing or self._session.state.learns:
            self._soon.start(0)
        else:
            self.update()

    def _describe_again(self) -> None:
        self._picture.describe_again()
        self.update()

    # -- where it looks

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zooms around a point of the pane, its middle by default."""
        self.zoom_to(self.zoom * factor, at)

    def zoom_along(self, factor: float, at: QPointF) -> None:
        """Zooms as part of a gesture: it is sharp as soon as the gesture rests."""
        self.zoom_to(self.zoom * factor, at, REST)

    def zoom_to(self, zoom: float, at: QPointF | None = None, rest: int = 0) -> None:
        """Zooms to a level within the figure's limits; after `rest` ms it is made sharp."""
        if self._figure.ready():
            point = at or QPointF(self.width() / 2, self.height() / 2)
            self._turn_to(lambda: self._look.zoomed(zoom, (point.x(), point.y())), rest)

    def fit(self) -> None:
        """Shows everything, and keeps doing so when the pane's size changes."""
        self._turn_to(lambda: self._refitted(Camera(fit="whole")), 0)

    def pan(self, dx: float, dy: float) -> None:
        """Moves the look by px."""
        if not self._figure.ready() or self.error:
            return
        if self._picture.stretch.covers:
            self._turn_to(lambda: self.camera.moved(dx, dy), REST)
            return
        self._picture.settle()
        with self._picture.told():
            moved, extent = self._look.moved(dx, dy)
            if moved != self.camera:
                self._look_from(moved, extent)

    def _refitted(self, camera: Camera) -> Camera:
        with self._picture.told():
            return self._look.refitted(camera)
        return camera  # it could not say

    def _turn_to(self, make: Callable[[], Camera], rest: int, *, renewed: bool = False) -> None:
        """Looks from elsewhere: the frame on show is stretched, and fades into a sharp one.

        Args:
            renewed: it does so even from where it was seen, since there is something else to see.
        """
        with self._picture.told():
            self._picture.hold(rest)
            self._look_from(make())
            self._picture.follow(renewed=renewed)

    def _look_from(self, camera: Camera, extent: Extent | None = None) -> None:
        """Looks from `camera`, brought within the content."""
        before = self.zoom
        self._picture.look_elsewhere()
        self._picture.error = ""
        with self._picture.told():
            self._look.take(camera, extent)
        if self.zoom != before:
            self.zoomed.emit(self.zoom)
        self._update_apart()

    # -- events

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paints += 1
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            painter.end()  # even where a traceback keeps it alive

    def _paint(self, painter: QPainter) -> None:
        waiting = "; ".join(self._session.state.problems.values()) or LOADING
        ahead = self._figure.ahead
        self._picture.paint(painter, ahead.words if ahead.waits else waiting)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.look_again()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._soon.stop()
        self._picture.settle()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._picture.stretch.end()
            self._describe_again()
