"""What a pane shows of its figure: the sharp picture, or the last one until that is there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from rnnviz.render.fonts import qfont
from rnnviz.render.painter import paint
from rnnviz.render.repainting import Repainter
from rnnviz.ui.camera import Camera
from rnnviz.ui.lasting import LastingPicture
from rnnviz.ui.stretching import Stretch
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:
    from rnnviz.scene.marks import Scene
    from rnnviz.ui.live_figure import LiveFigure
    from rnnviz.ui.look import Look

log = logging.getLogger("rnnviz")


class Picture:
    """The figure's scene, described when it is needed and painted over the one before it.

    Args:
        pane: what is painted on.
        figure: what is painted.
        look: where it is seen from.

    Attributes:
        error: why the figure could not be drawn, "" while it can.
    """

    def __init__(self, pane: QWidget, figure: LiveFigure, look: Look) -> None:
        self._pane, self._figure, self._look = pane, figure, look
        self._scene: Scene | None = None
        self._repainter = Repainter()
        self._lasting = LastingPicture(pane, figure, look)
        self._painted: Camera | None = None  # where what was painted last was seen from
        self._painted_name = ""  # of the figure on it
        self._painted_lasts = False  # whether that figure lasts
        self.stretch = Stretch(pane, self._sharpen, pane.update)
        self.error = ""

    # -- what there is to paint

    def scene(self) -> Scene | None:
        """The scene; None while there is nothing or it can't be drawn."""
        if self._scene is None and self._figure.ready() and not self.error:
            with self.told():
                self._scene = self._figure.build(self._look.camera, style_of(self._pane))
        return self._scene

    @property
    def shown(self) -> Scene | None:
        """The scene, unless the stretched picture is all there is as yet."""
        return None if self.stretch.covers else self.scene()

    def describe_again(self) -> None:
        """Something else is to be drawn."""
        self._scene = None
        self._lasting.turn_stale()

    def look_elsewhere(self) -> None:
        """The same is to be drawn, seen from elsewhere."""
        self._scene = None

    def start_anew(self) -> None:
        """What was painted is no longer worth a stretch."""
        self.stretch.end()
        self._lasting.forget()
        self._painted = None

    @property
    def shows_figure(self) -> bool:
        """Whether a picture of this very figure is on show, which can stand for a new one."""
        return self._painted is not None and self._painted_name == self._figure.name

    @property
    def _lasts(self) -> bool:
        """Whether there is a figure whose content only has to be moved where it is panned."""
        return self._figure.ready() and not self.error and self._figure.lasts

    @contextmanager
    def told(self) -> Iterator[None]:
        """What a figure raises within is told in its place, and no crash."""
        try:
            yield
        except Exception as problem:
            if self._figure.ahead.waits and _is_later(problem):
                return  # the last picture stays until it is there
            log.exception("%s could not be drawn", self._figure.name)
            self.stretch.end()
            self.error = f"This figure could not be drawn: {problem}"
            self._scene = None
            self._pane.update()

    # -- from one zoom to another

    def hold(self, rest: int) -> None:
        """Keeps the picture on show, if there is one and someone sees it; sharp after `rest` ms."""
        seen = self._painted
        if seen is not None and self._pane.isVisible() and not self.error:
            self._lasting.rest()
            extent = self._figure.extent_at(seen.zoom)
            self.stretch.hold(self._last, seen, extent, rest)

    @property
    def _last(self) -> QImage:
        """What was painted last; null before that."""
        return self._lasting.picture if self._painted_lasts else self._repainter.picture

    def follow(self, *, renewed: bool = False) -> None:
        """Stretches what is kept to where the pane looks now; `renewed`, it is out of date."""
        camera = self._look.camera
        if self.stretch.active:
            self.stretch.look_from(camera, self._figure.extent_at(camera.zoom))
        if camera == self._painted and not renewed:
            self.stretch.end()

    def settle(self) -> None:
        """What the user does next ends a fade at once."""
        if self.stretch.active:
            self.stretch.end()
            self._pane.update()

    def _sharpen(self) -> Iterator[None]:
        """Makes the sharp picture in parts."""
        if self._lasts:
            with self.told():
                yield from self._lasting.prepare()
            return
        scene = self.scene()
        yield
        with self.told():
            if scene is not None:
                yield from self._repainter.prepare(scene, self._pane.devicePixelRatioF())

    # -- painting

    def paint(self, painter: QPainter, waiting: str) -> None:
        """Paints what there is, or says why there is nothing.

        Args:
            painter: on the pane.
            waiting: what to say where no picture is there and nothing went wrong.
        """
        ui, lasts, covered = style_of(self._pane).ui, self._lasts, self.stretch.covers
        scene = None if lasts else self.shown
        if scene is None or scene.background is None or self.stretch.active:
            painter.fillRect(self._pane.rect(), QColor(ui.canvas))
        self.stretch.paint(painter)
        if lasts and not covered:
            self._paint_lasting(painter)
            lasts = not self._figure.ahead.waits
        elif scene is not None:
            self._paint_scene(painter, scene)
        there = lasts or scene is not None or covered
        if not there and self._keeps_last:
            painter.drawImage(QPointF(0, 0), self._last)
        elif self.error:
            self._write(painter, self.error, ui.error)
        elif not there:
            self._write(painter, waiting, ui.muted)

    @property
    def _keeps_last(self) -> bool:
        """Whether what was painted last stands for what is still being worked out.

        For a moment even another figure does, so that nothing flickers.
        """
        ahead = self._figure.ahead
        if self.error or self.stretch.covers or not ahead.waits:
            return False
        return not ahead.words or self._painted_name == self._figure.name

    def _paint_lasting(self, painter: QPainter) -> None:
        with self.told():
            self._lasting.bring_up_to_date()
            painter.setOpacity(self.stretch.strength)
            painter.drawImage(QPointF(0, 0), self._lasting.picture)
            self._note_painted(lasts=True)
        painter.setOpacity(1.0)

    def _note_painted(self, *, lasts: bool) -> None:
        self._painted, self._painted_name = self._look.camera, self._figure.name
        self._painted_lasts = lasts

    def _paint_scene(self, painter: QPainter, scene: Scene) -> None:
        painter.setOpacity(self.stretch.strength)
        with self.told():
            ratio = self._pane.devicePixelRatioF()
            if self._figure.gliding:  # hardly a mark stays: looking for those that do would cost
                paint(scene, painter, ratio)
            else:
                self._repainter.paint(scene, painter, ratio)
                self._note_painted(lasts=False)
        painter.setOpacity(1.0)

    def _write(self, painter: QPainter, text: str, color: str) -> None:
        painter.setPen(QColor(color))
        painter.setFont(qfont("ui", 12))
        box = self._pane.rect().adjusted(40, 40, -40, -40)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(box, int(flags), text)


def _is_later(problem: Exception) -> bool:
    from rnnviz.figures.later import Later

    return isinstance(problem, Later)
