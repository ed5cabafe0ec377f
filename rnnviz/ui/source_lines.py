"""What the selected element was computed from: a line each, a click away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.ui.controls import SectionLabel, paint_focus_ring
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:
    from rnnviz.element import Element
    from rnnviz.model.provenance import Description
    from rnnviz.session.account import Account

_HEIGHT = 22  # px


class Source(NamedTuple):
    """An element in the list.

    Attributes:
        name: in words.
        code: how PyTorch gets it.
    """

    element: Element
    name: str
    code: str
    role: str


class SourceLines(QWidget):
    """A heading and the sources below it; nothing where there are none.

    Signals:
        chosen: the element of the line that was clicked.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        self.title = SectionLabel()
        column.addWidget(self.title)
        self._column = column
        self._lines: list[_SourceLine] = []

    @property
    def shown(self) -> list[Source]:
        """The sources on show."""
        return [line.source for line in self._lines if line.source is not None]

    def show_sources(self, account: Account, element: Element) -> None:
        """Lists what an element was computed from; of a parameter's row, what it serves."""
        found = [
            _source(source, account.describe(source), element)
            for source in account.sources(element)
        ]
        serves = account.run is not None and element.tensor in account.run.weights
        self.title.setText("Serves" if serves else "Computed from")
        self.setVisible(bool(found))
        self._show(found)

    def _show(self, found: Sequence[Source]) -> None:
        while len(self._lines) < len(found):
            line = _SourceLine()
            line.clicked.connect(lambda _=False, line=line: self._choose(line))
            self._lines.append(line)
            self._column.addWidget(line)
        for place, line in enumerate(self._lines):
            line.show_source(found[place] if place < len(found) else None)

    def _choose(self, line: _SourceLine) -> None:
        if line.source is not None:
            self.chosen.emit(line.source.element)


class _SourceLine(QAbstractButton):
    """A bar in the colour of the role, the name, and the code at the right."""

    def __init__(self) -> None:
        super().__init__()
        self.source: Source | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT)

    def show_source(self, source: Source | None) -> None:
        """Shows a source, or nothing."""
        self.source = source
        self.setVisible(source is not None)
        if source is not None:
            self.setAccessibleName(f"{source.name}, {source.code}")
            self.setToolTip(f"{source.name}: {source.code}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, _HEIGHT)

    def enterEvent(self, event: QEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.source is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style, box = style_of(self), QRectF(self.rect())
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(style.ui.accent_soft))
            painter.drawRoundedRect(box, 4, 4)
        painter.fillRect(QRectF(0, 5, 3, _HEIGHT - 10), QColor(style.role(self.source.role).line))
        name, mono = qfont("ui", 12), qfont("mono", 11)
        wanted = QFontMetricsF(name).horizontalAdvance(self.source.name)
        room = self.width() - 10 - min(wanted, 0.62 * self.width()) - 8
        code = QFontMetricsF(mono).elidedText(self.source.code, _MIDDLE, room)
        taken = QFontMetricsF(mono).horizontalAdvance(code)
        left = QRectF(10, 0, self.width() - taken - 18, _HEIGHT)
        painter.setFont(name)
        painter.setPen(QColor(style.ui.text))
        shown = QFontMetricsF(name).elidedText(self.source.name, _RIGHT_END, left.width())
        painter.drawText(left, _LEFT, shown)
        painter.setFont(mono)
        painter.setPen(QColor(style.ui.muted))
        painter.drawText(box, _RIGHT, code)
        if self.hasFocus():
            paint_focus_ring(painter, self, 4)


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.TextElideMode.ElideMiddle
_RIGHT_END = Qt.TextElideMode.ElideRight


def _names_class(source: Element) -> bool:
    """Whether the title of an element says its class, which is its unit."""
    return source.tensor.removeprefix("decoder.").removeprefix("grad_") in _OF_CLASSES


_OF_CLASSES = frozenset({"scores", "probabilities"})


def _source(source: Element, told: Description, of: Element) -> Source:
    is_parameter = source.row is not None
    lines = [
        (line, shape)
        for line, shape in told.expressions
        if is_parameter or not line.startswith("module.")  # those make a gate, and are not it
    ]
    codes = [line for line, shape in lines if not shape]
    codes = codes or [line for line, shape in lines if shape == told.values.shape]
    code = min(codes, key=len, default="").removeprefix("module.")
    if source.row is not None:
        # "weight_ih_l0" of a recurrent layer, "head.weight" of what stands around it
        named = source.tensor.rpartition(".")[2]
        kind = "Weights" if named.startswith("weight") else "Bias"
        return Source(source, f"{kind}, row {source.row}", code, told.role)
    parts = [told.title]
    if source.layer is not None and source.layer != of.layer and source.tensor != "x":
        parts.append(f"layer {source.layer}")
    if source.t is not None:
        parts.append(f"t = {source.t + 1}")
    if source.sequence is not None and of.tensor == "data":
        parts.append(f"sequence {source.sequence}")
    if source.unit is not None and source.unit != of.unit and not _names_class(source):
        parts.append(f"unit {source.unit}")
    return Source(source, ", ".join(parts), code, told.role)
