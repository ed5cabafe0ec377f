"""A picture of the figure on show that somebody wants: described, painted or written anywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, QSizeF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter

from rnnviz.render.painter import paint
from rnnviz.writers.progress import Told, nobody

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.figures.view import View
    from rnnviz.scene.marks import Scene
    from rnnviz.session import Session
    from rnnviz.session.runner import Runner

_COPY_SCALE = 2.0  # px on the clipboard per px of the scene


@dataclass(frozen=True)
class Request:
    """A picture that is wanted; it says all that another thread needs to make it.

    Attributes:
        view: the run at the moment to be shown.
        figure: its name; `options` as they are in the window.
        dpi: of a PNG.
        transparent: without the white background.
    """

    view: View
    figure: str
    options: Any
    dpi: int = 300
    transparent: bool = False

    def scene(self) -> Scene:
        """What the picture is made of."""
        from rnnviz.figures.picture import picture

        return picture(self.view, self.figure, self.options, transparent=self.transparent)

    def write(self, path: Path, told: Told = nobody) -> Path:
        """Writes the picture; the ending of the path says in which format."""
        from rnnviz.writers import write

        told(0, 1)
        write(self.scene(), path, dpi=self.dpi, transparent=self.transparent, told=told)
        return path

    def image(self, scale: float = _COPY_SCALE) -> QImage:
        """The picture in px, for the clipboard."""
        return scene_image(self.scene(), scale)

    def sketch(self, room: QSize, ratio: float) -> Sketch:
        """The picture as it is shown in so much room, on a screen of so many px per px."""
        scene = self.scene()
        scale = min(room.width() / scene.width, room.height() / scene.height, 1.0)
        image = scene_image(scene, scale * ratio)
        image.setDevicePixelRatio(ratio)
        return Sketch(image, QSizeF(scene.width, scene.height), self.transparent)


@dataclass(frozen=True)
class Sketch:
    """A picture made to be looked at before it is written.

    Attributes:
        image: in the size that it is shown in.
        size: of the picture itself, px of the scene.
        transparent: it has no background.
    """

    image: QImage
    size: QSizeF
    transparent: bool


def scene_image(scene: Scene, scale: float) -> QImage:
    """A scene painted into an image."""
    size = QSize(max(1, round(scene.width * scale)), max(1, round(scene.height * scale)))
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.scale(scale, scale)
    paint(scene, painter, scale)
    painter.end()
    return image


def request_of(session: Session, position: int | None = None) -> Request | None:
    """The picture of the figure on show, at another step where one is given; None without a run."""
    state = session.state
    if not state.ready:
        return None
    view = state.view()
    if position is not None and position != state.position:
        if view.trace is None and view.around is not None:
            view = replace(view, around=replace(view.around, position=position))
        elif view.whole is None:
            return None
        else:
            view = replace(view, trace=view.whole.at(position))
    return Request(view, state.figure, state.options[state.figure])


def _nobody() -> None:
    """Nobody waits for it."""


def _raise(error: BaseException) -> None:
    raise error


def copy_image(
    wanted: Request,
    runner: Runner,
    done: Callable[[], None] = _nobody,
    failed: Callable[[BaseException], None] = _raise,
) -> None:
    """Puts a picture on the clipboard as soon as it is painted, beside the window."""

    def copy(image: QImage) -> None:
        QGuiApplication.clipboard().setImage(image)
        done()

    runner.submit(lambda _: wanted.image(), copy, failed)
