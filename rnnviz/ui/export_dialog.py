"""Exporting the figure on show: format, resolution, background and step, with a preview."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSizeF, QTimer
from PySide6.QtGui import QCloseEvent, QPalette
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rnnviz.session.failures import is_bug, message_of
from rnnviz.session.runner import Cancel
from rnnviz.ui.controls import Choice, FieldRow, NumberField, PlainLabel, Segmented, muted
from rnnviz.ui.dialog import Dialog
from rnnviz.ui.errand_bar import ErrandBar
from rnnviz.ui.exporting import Exporting
from rnnviz.ui.fields import set_property
from rnnviz.ui.picture_request import Request, Sketch, copy_image, request_of
from rnnviz.ui.preview import Preview

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.runner import Runner

FORMATS = ((".png", "PNG"), (".svg", "SVG"), (".pdf", "PDF"))
DPI = (72, 150, 300, 600)
_PATIENCE = 200  # ms, after which it is said that there is something to wait for


class ExportDialog(Dialog):
    """Asks how the figure is to be exported, and exports it beside the window."""

    def __init__(self, session: Session, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__("Export figure", parent)
        self._session, self._runner = session, runner
        self._closed = False
        self._sketching = Cancel()
        self.exporting = Exporting(runner, self)
        self.exporting.written.connect(lambda _: self.accept())
        self.exporting.cancelled.connect(self._cancelled)
        self.exporting.failed.connect(self._failed)
        self.finished.connect(self._close)
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._patience.timeout.connect(self._show_waiting)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(20, 18, 20, 18)
        outer.setSpacing(20)
        self.preview = Preview()
        outer.addWidget(self.preview, 1)
        outer.addLayout(self._form())
        self.resize(960, 500)
        self.preview.resized.connect(self.show_preview)
        self._show_choices()

    def request(self) -> Request | None:
        """What is asked for now."""
        wanted = request_of(self._session, self._position())
        if wanted is None:
            return None
        dpi = self.dpi.value
        assert isinstance(dpi, int)
        return replace(wanted, dpi=dpi, transparent=bool(self.background.value))

    def export_to(self, path: Path) -> None:
        """Writes the picture beside the window, then closes; says what went wrong otherwise."""
        wanted = self.request()
        if wanted is None:
            self._say(
                "this step is not known yet: wait until the whole run is traced", problem=True
            )
            return
        self._say("")
        self._enable(on=False)
        self.exporting.start(wanted, path)
        self._patience.start()

    def show_preview(self) -> None:
        """Has what the picture will be drawn beside the window; the newest wish counts."""
        self._show_choices()
        self._sketching.set()
        wanted = None if self._closed else self.request()
        if wanted is None:
            return
        room, ratio, mine = self.preview.size(), self.preview.devicePixelRatioF(), Cancel()
        self._sketching = mine

        def work(cancel: Cancel) -> Sketch:
            cancel.check()
            mine.check()
            return wanted.sketch(room, ratio)

        self._runner.submit(
            work,
            lambda sketch: None if mine.is_set() else self._show_sketch(sketch),
            lambda error: None if mine.is_set() else self._sketch_failed(error),
        )
        self._patience.start()

    def reject(self) -> None:
        """Gives up what is being written; closes the dialog where nothing is."""
        if self.exporting.errand is not None:
            self._give_up()
        else:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._close()
        super().reject()
        super().closeEvent(event)

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
        self.background.chosen.connect(lambda _: self.show_preview())
        for control in (self.format, self.dpi):
            control.chosen.connect(lambda _: self._show_choices())
        self.dpi_row = FieldRow("Resolution", self.dpi, mono=False)
        total = muted(f"of {self._session.state.total}")
        self.step_row = FieldRow("Step", self.step, mono=False)
        self.step_row.append(total)
        for widget in (self.format, self.background, self.dpi_row, self.step_row):
            form.addWidget(widget)
        self.size_label = muted()
        form.addWidget(self.size_label)
        self.message = PlainLabel()
        self.message.setWordWrap(True)
        form.addWidget(self.message)
        form.addStretch(1)
        self.progress = ErrandBar(self._give_up)
        form.addWidget(self.progress)
        form.addLayout(self._buttons())
        return form

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.clicked.connect(self.reject)
        self.copy_button = QPushButton("Copy picture")
        self.copy_button.clicked.connect(self._copy)
        self.export_button = QPushButton("Export…")
        set_property(self.export_button, "primary", True)
        self.export_button.setDefault(True)
        self.export_button.clicked.connect(self._choose_path)
        for button in (self.cancel_button, self.copy_button, self.export_button):
            row.addWidget(button)
        return row

    def _position(self) -> int | None:
        position = self.step.number()
        total = self._session.state.total
        good = isinstance(position, int) and 0 <= position <= total
        self.step_row.show_problem("" if good else f"expected 0 to {total}, got {position}")
        return position if good and isinstance(position, int) else None

    # -- what is shown

    def _show_choices(self) -> None:
        self.dpi_row.setVisible(self.format.value == ".png")
        if self.preview.sketch is not None:
            self.size_label.setText(self._size_text(self.preview.sketch.size))

    def _size_text(self, size: QSizeF) -> str:
        dpi = self.dpi.value
        if self.format.value != ".png" or not isinstance(dpi, int):
            return f"{size.width():.0f} × {size.height():.0f} px, vector"
        return f"{size.width() * dpi / 96:.0f} × {size.height() * dpi / 96:.0f} px"

    def _show_sketch(self, sketch: Sketch) -> None:
        self._sketching.set()
        self.preview.show_sketch(sketch)
        self._show_choices()

    def _sketch_failed(self, error: BaseException) -> None:
        self._sketching.set()
        self.preview.show_words("")
        self._went_wrong(error)

    def _show_waiting(self) -> None:
        """Somebody has waited for a while, for the preview, the file, or both."""
        self.progress.follow(self.exporting.errand)
        if not self._sketching.is_set():
            self.preview.show_words("drawing…")

    def _say(self, text: str, *, problem: bool = False) -> None:
        if self._closed:
            return
        role = QPalette.ColorRole.BrightText if problem else QPalette.ColorRole.PlaceholderText
        self.message.setForegroundRole(role)
        self.message.setText(text)

    def _enable(self, *, on: bool) -> None:
        """Lets choices be made, or not while a picture is written as they are."""
        choices = (self.format, self.background, self.dpi_row, self.step_row)
        for widget in (*choices, self.copy_button, self.export_button):
            widget.setEnabled(on)

    # -- deeds

    def _copy(self) -> None:
        wanted = self.request()
        if wanted is not None:
            copy_image(wanted, self._runner, lambda: self._say("copied"), self._went_wrong)

    def _went_wrong(self, error: BaseException) -> None:
        self._say(message_of(error), problem=True)
        if is_bug(error):
            raise error

    def _choose_path(self) -> None:
        ending = str(self.format.value)
        name = f"{self._session.state.title}-{self._session.state.figure}{ending}"
        path, _ = QFileDialog.getSaveFileName(
            self, "Export figure", name, f"{ending[1:].upper()} (*{ending})"
        )
        if path:
            chosen = Path(path)
            self.export_to(chosen if chosen.suffix else chosen.with_suffix(ending))

    def _give_up(self) -> None:
        self.exporting.cancel()
        self.cancel_button.setEnabled(False)
        self._say("cancelling…")

    def _cancelled(self) -> None:
        self._stay("cancelled: nothing was written", problem=False)

    def _failed(self, reason: str) -> None:
        self._stay(reason, problem=True)

    def _stay(self, words: str, *, problem: bool) -> None:
        """Open for another try."""
        self.progress.follow(None)
        self._enable(on=True)
        self.cancel_button.setEnabled(True)
        self._say(words, problem=problem)

    def _close(self) -> None:
        self._closed = True
        self._sketching.set()
        self._patience.stop()
        self.exporting.abandon()
        self.progress.follow(None)
