"""The line above a figure where several recurrent stacks stand in a row: which one is shown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from rnnviz.files.reading import one_line
from rnnviz.render.fonts import qfont
from rnnviz.session.found_words import spec_words
from rnnviz.session.stacks import given_features, stacks_of
from rnnviz.ui.controls import muted, paint_focus_ring
from rnnviz.ui.plain_text import plain
from rnnviz.ui.sunken import SunkenBar
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.parts import StackPart
    from rnnviz.session.state import State

HEIGHT = 34
_BUTTON, _LONGEST = 24, 170  # px
_PADDING = 9


class StacksBar(SunkenBar):
    """A button for each stack in the order of the computation; hidden where there is one alone."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._stacks: tuple[StackPart, ...] = ()
        self.setAccessibleName("Recurrent stacks in a row")
        self.setFixedHeight(HEIGHT)
        self.buttons: list[StackButton] = []
        self._strip = QWidget()
        self._row = QHBoxLayout(self._strip)
        self._row.setContentsMargins(20, 0, 14, 1)
        self._row.setSpacing(6)
        self._area = QScrollArea()
        self._area.setWidget(self._strip)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        for set_policy in (
            self._area.setHorizontalScrollBarPolicy,
            self._area.setVerticalScrollBarPolicy,
        ):
            set_policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._area)
        self.hide()

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the stacks of a state."""
        if old is not None and old.document is new.document:
            return
        document = new.document
        several = bool(document.before or document.after)
        self.setVisible(several)
        if not several:
            return
        stacks = stacks_of(document)
        if _look(stacks) != _look(self._stacks):
            self._make(stacks)
        self._stacks = stacks
        shown = len(document.before)
        for place, button in enumerate(self.buttons):
            button.setChecked(place == shown)
        QTimer.singleShot(0, self, self._reveal)

    def _make(self, stacks: tuple[StackPart, ...]) -> None:
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = []
        for place, stack in enumerate(stacks):
            if place:
                self._row.addWidget(muted("→"))
            button = StackButton(stack)
            button.clicked.connect(partial(self._show, place))
            button.moved.connect(self._go)
            self._row.addWidget(button)
            self.buttons.append(button)
        self._row.addStretch(1)

    def _show(self, place: int, *_: object) -> None:
        self._session.show_stack(place)
        for at, button in enumerate(self.buttons):  # where it was refused, or is shown already
            button.setChecked(at == len(self._session.state.document.before))

    def _go(self, by: int) -> None:
        place = len(self._session.state.document.before) + by
        if 0 <= place < len(self.buttons):
            self._session.show_stack(place)
            self.buttons[len(self._session.state.document.before)].setFocus()

    def _reveal(self) -> None:
        shown = len(self._session.state.document.before)
        if shown < len(self.buttons):
            self._area.ensureWidgetVisible(self.buttons[shown], 40, 0)


class StackButton(QAbstractButton):
    """The name of a stack and its sizes.

    Signals:
        moved: Left or Right was pressed: −1 or 1.
    """

    moved = Signal(int)

    def __init__(self, stack: StackPart) -> None:
        super().__init__()
        spec = stack.spec
        self._name = one_line(stack.name) or spec.cell
        self._sizes = f"{spec.input_size} → {given_features(spec)}"
        self.setText(f"{self._name} ({self._sizes})")
        self.setAccessibleName(f"{self._name}: {spec_words(spec)}")
        self.setToolTip(
            plain(
                f"{self._name}: {spec_words(spec)}; (L, N, {spec.input_size}) becomes "
                f"(L, N, {given_features(spec)})"
            )
        )
        self.setCheckable(True)
        self.setFont(qfont("mono", 11))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        advance = self.fontMetrics().horizontalAdvance
        wide = advance(self._shown()) + advance(f" ({self._sizes})") + 2 * _PADDING + 2
        return QSize(wide, _BUTTON)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and not event.modifiers():
            self.moved.emit(-1 if event.key() == Qt.Key.Key_Left else 1)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        ui = style_of(self).ui
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        shown, near = self.isChecked(), self.underMouse()
        painter.setPen(QPen(QColor(ui.accent if shown else ui.border), 1))
        painter.setBrush(QColor(ui.surface if shown else ui.accent_soft if near else ui.field))
        painter.drawRoundedRect(box, 5, 5)
        metrics, inside = self.fontMetrics(), self.rect().adjusted(_PADDING, 0, -_PADDING, 0)
        name = self._shown()
        painter.setPen(QColor(ui.text if shown else ui.text_secondary))
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, name)
        inside.adjust(metrics.horizontalAdvance(name), 0, 0, 0)
        painter.setPen(QColor(ui.text_secondary if shown else ui.muted))
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter, f" ({self._sizes})")
        if self.hasFocus():
            paint_focus_ring(painter, self, 5)
        painter.end()

    def _shown(self) -> str:
        middle = Qt.TextElideMode.ElideMiddle
        return self.fontMetrics().elidedText(self._name, middle, _LONGEST)


def _look(stacks: tuple[StackPart, ...]) -> tuple[object, ...]:
    return tuple((stack.name, stack.spec) for stack in stacks)
