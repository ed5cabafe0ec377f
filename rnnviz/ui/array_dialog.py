"""Which array of a file is the input or the targets, and which of its axes is which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QPushButton, QVBoxLayout, QWidget

from rnnviz.errors import RnnvizError
from rnnviz.files.reading import one_line
from rnnviz.session import array_input
from rnnviz.session.failures import is_bug, message_of
from rnnviz.session.fitted_targets import target_shape
from rnnviz.ui.controls import (
    Choice,
    ElidedLabel,
    FieldRow,
    PlainLabel,
    SectionLabel,
    Segmented,
    Toggle,
    muted,
)
from rnnviz.ui.dialog import Dialog
from rnnviz.ui.fields import set_property
from rnnviz.ui.plain_table import PlainModel, PlainTable
from rnnviz.ui.plain_text import plain

if TYPE_CHECKING:
    from rnnviz.files.tensors import Array
    from rnnviz.session import Session
    from rnnviz.session.incoming import FoundArrays
    from rnnviz.session.runner import Cancel

_WIDTH, _HEIGHT = 640, 560
_MOST_ROWS = 5
_PREVIEWED = 6  # rows
_COLUMN = 78  # px
_ONE = {"L": "timestep", "N": "sequence", "H": "feature"}


class ArrayDialog(Dialog):
    """Chooses one of a file's arrays; Load makes it the input, or the targets."""

    def __init__(self, session: Session, found: FoundArrays, parent: QWidget | None) -> None:
        super().__init__("Load an array", parent)
        self._session, self._found = session, found
        self._names = tuple(found.arrays)
        self._corners: dict[str, Array | None] = {}
        self._closed = False
        self.use = Segmented([("input", "Input"), ("targets", "Targets")], "what it is for")
        has_loss = session.state.document.loss is not None
        self.use.set_choice_enabled("targets", has_loss, "There are targets where there is a loss")
        self.use.show_value(found.use if has_loss else "input")
        self.use.chosen.connect(lambda _: self._show_choices())
        self.arrays = PlainTable(
            model := PlainModel(("name", "shape", "dtype")),
            "arrays in the file",
            (0, 170, 90),
            selects=True,
        )
        model.show_items(
            self._names,
            lambda name: (name, str(found.arrays[name].shape), found.arrays[name].dtype),
        )
        self.axes = Choice([], "axes")
        self.axes.chosen.connect(lambda _: self._show_axes())
        self.axes_row = FieldRow("Its axes are", self.axes, mono=False)
        self.lengths = Toggle("lengths")
        self.lengths_row = FieldRow("lengths", self.lengths)
        self._preview = PlainModel(("",))
        self.preview = PlainTable(self._preview, "the first values", (_COLUMN,))
        self.told = muted(size=11)
        self.message = PlainLabel(size=11, role=QPalette.ColorRole.BrightText)
        self.message.setWordWrap(True)
        self.cancel, self.load = QPushButton("Cancel"), QPushButton("Load")
        self.cancel.clicked.connect(self.reject)
        self.load.clicked.connect(self.accept)
        self.finished.connect(self._close)
        self._arrange()
        self.arrays.selectionModel().currentRowChanged.connect(lambda *_: self._show_choices())
        self.arrays.choose(self._first())
        self.arrays.setFocus()

    @property
    def name(self) -> str:
        """The array that is chosen."""
        return self._names[max(self.arrays.chosen, 0)]

    def accept(self) -> None:
        """Loads the array as it is chosen."""
        axes = self.axes.value
        if not isinstance(axes, str) or not self.load.isEnabled():
            return
        super().accept()
        self._session.load_array(
            self._found.path, self.name, axes, str(self.use.value), self._lengths_on(axes)
        )

    def reject(self) -> None:
        """Loads nothing."""
        super().reject()
        if self._session.state.found is self._found:
            self._session.dismiss_found()

    # -- parts

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        heading = QHBoxLayout()
        heading.setSpacing(12)
        title = ElidedLabel(
            one_line(self._found.path.name), size=16, weight=600, mode=Qt.TextElideMode.ElideMiddle
        )
        heading.addWidget(title, 1)
        heading.addWidget(self.use)
        column.addLayout(heading)
        self.arrays.setFixedHeight(self.arrays.height_of(min(len(self._names), _MOST_ROWS)))
        self.axes.setMinimumWidth(330)
        across = self.preview.horizontalHeader()
        across.setDefaultSectionSize(_COLUMN)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.preview.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.preview.setMinimumHeight(self.preview.height_of(3))
        for widget in (self.arrays, self.axes_row, self.lengths_row):
            column.addWidget(widget)
        beginning = QHBoxLayout()
        beginning.addWidget(SectionLabel("How it begins"))
        beginning.addStretch(1)
        beginning.addWidget(self.told)
        column.addLayout(beginning)
        column.addWidget(self.preview, 1)
        column.addWidget(self.message)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.cancel, self.load):
            button.setAutoDefault(button is self.load)
            buttons.addWidget(button)
        set_property(self.load, "primary", True)
        self.load.setDefault(True)
        column.addLayout(buttons)
        rows = self.preview.height_of(_PREVIEWED) - self.preview.height_of(3)
        self.resize(_WIDTH, min(self.sizeHint().height() + rows, _HEIGHT))

    def _first(self) -> int:
        """The first array that can be used, one that is no lengths where there is another."""
        document, use = self._session.state.document, str(self.use.value)
        fit = (
            place
            for place, (name, stored) in enumerate(self._found.arrays.items())
            if name.rpartition(".")[2] != array_input.LENGTHS
            and array_input.axes_choices(document, stored.shape, use)
        )
        return next(fit, 0)

    # -- what is shown

    def _show_choices(self) -> None:
        stored, use = self._found.arrays[self.name], str(self.use.value)
        choices = array_input.axes_choices(self._session.state.document, stored.shape, use)
        words = [(axes, array_input.axes_words(axes, stored.shape)) for axes in choices]
        self.axes.set_options(words)
        self.axes.setEnabled(bool(words))
        self.load.setEnabled(bool(words))
        self._say("" if words else self._why_not(stored.shape, use))
        if words:
            self.axes.show_value(choices[0])
        self._show_axes()

    def _show_axes(self) -> None:
        axes = self.axes.value
        name = array_input.lengths_name(self._found.arrays, self.name, str(axes or ""))
        offered = bool(name) and self.use.value == "input"
        self.lengths.setChecked(offered)
        self.lengths_row.setVisible(offered)
        told = f"How long each sequence is stands in {one_line(name[:80])}"
        self.lengths_row.set_meaning(plain(told))
        self._show_preview()

    def _show_preview(self) -> None:
        name, axes = self.name, self.axes.value
        if not isinstance(axes, str) or name not in self._corners:
            self._preview.show_table(("",), [])
            self.told.setText("")
            if isinstance(axes, str):
                self._look_at(name)
            return
        corner = self._corners[name]
        if corner is None:
            self.told.setText("it is too large to look into")
            return
        self._show_rows(array_input.first_rows(corner, axes), axes)

    def _show_rows(self, rows: Array, axes: str) -> None:
        down = next(axis for axis in "LNH" if axis in axes)
        across = "H" if "H" in axes and down != "H" else "value"
        names = [f"feature {place}" if across == "H" else across for place in range(rows.shape[1])]
        texts = [(str(place), *map(_number, row)) for place, row in enumerate(rows)]
        self._preview.show_table((_ONE[down], *names), texts)
        shape = self._found.arrays[self.name].shape
        count = shape[axes.index("N")] if "N" in axes and down != "N" else 1
        self.told.setText(f"sequence 0 of {count}" if count > 1 else "")

    def _look_at(self, name: str) -> None:
        """Has an array's beginning read beside the window."""
        path, stored = self._found.path, self._found.arrays[name]

        def work(cancel: Cancel) -> Array | None:
            cancel.check()
            return array_input.corner_of(path, name, stored)

        def done(corner: Array | None) -> None:
            if not self._closed:
                self._corners[name] = corner
                if name == self.name:
                    self._show_preview()

        def failed(error: BaseException) -> None:
            if not self._closed and name == self.name:
                self._say(message_of(error))
                self.load.setEnabled(not isinstance(error, RnnvizError))
            if is_bug(error):
                raise error

        self._session.beside.submit(work, done, failed)

    def _lengths_on(self, axes: str) -> str:
        if self.lengths_row.isHidden() or not self.lengths.isChecked():
            return ""
        return array_input.lengths_name(self._found.arrays, self.name, axes)

    def _why_not(self, shape: tuple[int, ...], use: str) -> str:
        document = self._session.state.document
        if use == "targets":
            wanted = target_shape(document)
            return f"targets: expected the axes of shape {wanted} in any order, got {shape}"
        if document.takes_ids:
            return f"ids: expected one id for each timestep of each sequence, got shape {shape}"
        if 0 in shape:
            return f"input: expected numbers, got none: shape {shape}"
        return f"input: expected one to three axes, got shape {shape}"

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def _close(self) -> None:
        self._closed = True


def _number(value: np.generic) -> str:
    return f"{float(value):.4g}".replace("-", "−")
