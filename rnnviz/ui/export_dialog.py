"""Exporting the figure on show: format, resolution, background and step, with a preview."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rnnviz.errors import RnnvizError
from rnnviz.render.painter import paint
from rnnviz.ui.controls import Choice, FieldRow, NumberField, PlainLabel, Segmented, muted
from rnnviz.ui.dialog import Dialog
from rnnviz.ui.fields import set_property

if TYPE_CHECKING:
    from rnnviz.figures.view import View
    from rnnviz.scene.marks import Scene
    from rnnviz.session import Session
    from rnnviz.session.runner import Runner

FORMATS = ((".png", "PNG"), (".svg", "SVG"), (".pdf", "PDF"))
DPI = (72, 150, 300, 600)
_COPY_SCALE = 2.0  # px on the clipboard per px of the scene


@dataclass(frozen=True)
class Request:
    """A picture that is wanted.

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

    def write(self, path: Path) -> Path:
        """Writes the picture; the ending of the path says in which format."""
        from rnnviz.writers import write

        write(self.scene(), path, dpi=self.dpi, transparent=self.transparent)
        return path

    def image(self, scale: float = _COPY_SCALE) -> QImage:
        """The picture in px, for the clipboard."""
        return scene_image(self.scene(), scale)


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


class ExportDialog(Dialog):
    """Asks how the figure is to be exported, and exports it."""

    def __init__(self, session: Session, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__("Export figure", parent)
        self._session, self._runner = session, runner
        self._closed = False
        self.finished.connect(self._close)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(20, 18, 20, 18)
        outer.setSpacing(20)
        self.preview = Preview()
        outer.addWidget(self.preview, 1)
        outer.addLayout(self._form())
        self.resize(960, 500)
        self.show_preview()

    def request(self) -> Request | None:
        """What is asked for now."""
        wanted = request_of(self._session, self._position())
        if wanted is None:
            return None
        dpi = self.dpi.value
        assert isinstance(dpi, int)
        return Request(wanted.view, wanted.figure, wanted.options, dpi, bool(self.background.value))

    def export_to(self, path: Path) -> None:
        """Writes the picture beside the window, then closes; says what went wrong otherwise."""
        wanted = self.request()
        if wanted is None:
            self._say("this step is not known yet: wait until the whole run is traced")
            return
        self._say("writing…")
        self.export_button.setEnabled(False)
        self._runner.submit(lambda _: wanted.write(path), self._written, self._failed)

    def show_preview(self) -> None:
        """Shows what the picture will be."""
        self.dpi_row.setVisible(self.format.value == ".png")
        wanted = self.request()
        if wanted is None:
            return
        scene = wanted.scene()
        self.preview.show_scene(scene, bool(self.background.value))
        self.size_label.setText(self._size_text(scene))

    # -- parts

    def _form(self) -> QVBoxLayout:
        form = QVBoxLayout()
        form.setSpacing(6)
        form.addWidget(PlainLabel("Export figure", size=16, weight=600))
        form.addSpacing(8)
        self.format = Segmented(FORMATS, "format")
        self.format.show_value(".png")
        self.background = Segmented([(False, "White"), (True, "Transparent")], "background")
        self.background.show_value(False)
        self.dpi = Choice([(dpi, f"{dpi} dpi") for dpi in DPI], "resolution")
        self.dpi.show_value(300)
        self.dpi.setFixedWidth(96)
        self.step = NumberField("step")
        self.step.show_value(self._session.state.position)
        self.step.committed.connect(lambda _: self.show_preview())
        for control in (self.format, self.background, self.dpi):
            control.chosen.connect(lambda _: self.show_preview())
        self.dpi_row = FieldRow("Resolution", self.dpi, mono=False)
        total = muted(f"of {self._session.state.total}")
        self.step_row = FieldRow("Step", self.step, mono=False)
        self.step_row.append(total)
        for widget in (self.format, self.background, self.dpi_row, self.step_row):
            form.addWidget(widget)
        self.size_label = muted()
        form.addWidget(self.size_label)
        self.message = PlainLabel(role=QPalette.ColorRole.BrightText)
        self.message.setWordWrap(True)
        form.addWidget(self.message)
        form.addStretch(1)
        form.addLayout(self._buttons())
        return form

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        cancel = QPushButton("Cancel")
        cancel.clicked.connect(self.reject)
        copy = QPushButton("Copy picture")
        copy.clicked.connect(self._copy)
        self.export_button = QPushButton("Export…")
        set_property(self.export_button, "primary", True)
        self.export_button.setDefault(True)
        self.export_button.clicked.connect(self._choose_path)
        for button in (cancel, copy, self.export_button):
            row.addWidget(button)
        return row

    def _position(self) -> int | None:
        position = self.step.number()
        total = self._session.state.total
        good = isinstance(position, int) and 0 <= position <= total
        self.step_row.show_problem("" if good else f"expected 0 to {total}, got {position}")
        return position if good and isinstance(position, int) else None

    def _size_text(self, scene: Scene) -> str:
        dpi = self.dpi.value
        if self.format.value != ".png" or not isinstance(dpi, int):
            return f"{scene.width:.0f} × {scene.height:.0f} px, vector"
        return f"{scene.width * dpi / 96:.0f} × {scene.height * dpi / 96:.0f} px"

    # -- deeds

    def _copy(self) -> None:
        wanted = self.request()
        if wanted is not None:
            copy_image(wanted)
            self._say("copied")

    def _choose_path(self) -> None:
        ending = str(self.format.value)
        name = f"{self._session.state.title}-{self._session.state.figure}{ending}"
        path, _ = QFileDialog.getSaveFileName(
            self, "Export figure", name, f"{ending[1:].upper()} (*{ending})"
        )
        if path:
            chosen = Path(path)
            self.export_to(chosen if chosen.suffix else chosen.with_suffix(ending))

    def _written(self, path: Path) -> None:
        if not self._closed:
            self.accept()

    def _failed(self, error: BaseException) -> None:
        if not self._closed:
            self.export_button.setEnabled(True)
            self._say(str(error))
        if not isinstance(error, RnnvizError):
            raise error

    def _say(self, text: str) -> None:
        self.message.setText(text)

    def _close(self) -> None:
        self._closed = True


class Preview(QWidget):
    """A picture as it will be, on paper or on a chequered ground."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._scene: Scene | None = None
        self._transparent = False
        self.setMinimumSize(360, 260)
        self.setAccessibleName("preview of the picture")

    def show_scene(self, scene: Scene, transparent: bool) -> None:
        """Shows a picture."""
        self._scene, self._transparent = scene, transparent
        self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._draw()

    def _draw(self) -> None:
        if self._scene is None:
            return
        ratio = self.devicePixelRatioF()
        scale = min(self.width() / self._scene.width, self.height() / self._scene.height, 1.0)
        self._image = scene_image(self._scene, scale * ratio)
        self._image.setDevicePixelRatio(ratio)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.AlternateBase))
        if self._image.isNull():
            return
        size = self._image.deviceIndependentSize()
        x, y = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        box = QRectF(x, y, size.width(), size.height())
        if self._transparent:
            _paint_chequers(painter, box)
        painter.drawImage(box, self._image)


def _paint_chequers(painter: QPainter, box: QRectF) -> None:
    painter.save()
    painter.setClipRect(box)
    painter.fillRect(box, QColor("#FFFFFF"))
    side = 8
    for row in range(int(box.height() / side) + 1):
        for column in range(row % 2, int(box.width() / side) + 1, 2):
            x, y = box.left() + column * side, box.top() + row * side
            painter.fillRect(QRectF(x, y, side, side), QColor("#E6E9ED"))
    painter.restore()


def copy_image(wanted: Request) -> None:
    """Puts a picture on the clipboard."""
    from PySide6.QtGui import QGuiApplication

    QGuiApplication.clipboard().setImage(wanted.image())
