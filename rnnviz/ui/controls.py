"""The small controls that every panel is made of: painted from the palette, reached by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from rnnviz.render.fonts import qfont
from rnnviz.render.icons import icon_pixmap
from rnnviz.ui.fields import FieldRow, NumberField
from rnnviz.ui.labels import ElidedLabel, PlainLabel, SectionLabel, muted

__all__ = [
    "Choice",
    "ElidedLabel",
    "FieldRow",
    "IconButton",
    "NumberField",
    "PlainLabel",
    "Rule",
    "SectionLabel",
    "Segmented",
    "Toggle",
    "muted",
    "paint_focus_ring",
]

_ROLE = QPalette.ColorRole


def paint_focus_ring(painter: QPainter, widget: QWidget, radius: float) -> None:
    """The 2 px ink ring around whatever has the keyboard."""
    painter.setPen(QPen(widget.palette().color(_ROLE.Accent), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(widget.rect()).adjusted(1, 1, -1, -1), radius, radius)


class Rule(QFrame):
    """A hairline between two parts."""

    def __init__(self, *, vertical: bool = False) -> None:
        super().__init__()
        self.setAutoFillBackground(True)
        self.setBackgroundRole(_ROLE.Mid)
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)


class IconButton(QToolButton):
    """A button that is one icon, tinted by the palette; its name is its tooltip too.

    Args:
        name: the icon's.
        text: the accessible name and the tooltip.
        on_click: what a click does.
        size: of the icon, in px.
    """

    def __init__(
        self,
        name: str,
        text: str,
        on_click: Callable[[], object] | None = None,
        *,
        size: int = 18,
        checkable: bool = False,
    ) -> None:
        super().__init__()
        self._name, self._size = name, size
        self.setCheckable(checkable)
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(size + 10, size + 10)
        if on_click is not None:
            self.clicked.connect(lambda: on_click())

    def show_icon(self, name: str, text: str | None = None) -> None:
        """Takes another icon, and another name with it."""
        self._name = name
        if text is not None:
            self.setAccessibleName(text)
            self.setToolTip(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked() or self.isDown() or (self.underMouse() and self.isEnabled()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().color(_ROLE.Shadow))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
        role = _ROLE.ButtonText if self.isChecked() else _ROLE.LinkVisited
        color = self.palette().color(role if self.isEnabled() else _ROLE.Dark).name()
        pixmap = icon_pixmap(self._name, color, self._size, self.devicePixelRatioF())
        corner = (self.width() - self._size) // 2, (self.height() - self._size) // 2
        painter.drawPixmap(*corner, pixmap)
        if self.hasFocus():
            paint_focus_ring(painter, self, 5)


class Toggle(QAbstractButton):
    """A switch, 28 × 16 px, ink when on."""

    def __init__(self, name: str, checked: bool = False) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setChecked(checked)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(34, 22)

    def sizeHint(self) -> QSize:
        return QSize(34, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(3, 3, 28, 16)
        painter.setBrush(self._track_color())
        painter.drawRoundedRect(track, 8, 8)
        knob = track.right() - 8 if self.isChecked() else track.left() + 8
        painter.setBrush(
            self.palette().color(_ROLE.HighlightedText if self.isChecked() else _ROLE.Base)
        )
        painter.drawEllipse(QPointF(knob, track.center().y()), 6, 6)
        if self.hasFocus():
            paint_focus_ring(painter, self, 11)

    def _track_color(self) -> QColor:
        if not self.isEnabled():
            return self.palette().color(_ROLE.Mid)
        return self.palette().color(_ROLE.Highlight if self.isChecked() else _ROLE.Dark)


class _Segment(QAbstractButton):
    """One choice of a Segmented."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setText(text)
        self.setCheckable(True)
        self.setFont(qfont("ui", 12, 500))
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 22, 24)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 16, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = self.palette()
        if self.isChecked():
            painter.setPen(QPen(colors.color(_ROLE.Mid), 1))
            dark = colors.color(_ROLE.Window).lightness() < 128
            painter.setBrush(colors.color(_ROLE.Dark if dark else _ROLE.Base))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        quiet = not self.isChecked() and not self.underMouse()
        painter.setPen(colors.color(_ROLE.PlaceholderText if quiet else _ROLE.ButtonText))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            paint_focus_ring(painter, self, 5)


class Segmented(QWidget):
    """A few exclusive choices side by side; arrow keys move between them.

    Args:
        options: `(value, label)` for each choice.
        name: the accessible name of the group.

    Signals:
        chosen: a value was picked by the user.
    """

    chosen = Signal(object)

    def __init__(self, options: Sequence[tuple[object, str]], name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._values: list[object] = []
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(lambda index: self.chosen.emit(self._values[index]))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(1, 1, 1, 1)
        self._row.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.set_options(options)

    @property
    def value(self) -> object:
        """The choice on show, None where there is none."""
        index = self._group.checkedId()
        return self._values[index] if 0 <= index < len(self._values) else None

    def set_options(self, options: Sequence[tuple[object, str]]) -> None:
        """Offers other choices; nothing is chosen until `show_value`."""
        for button in self._group.buttons():
            self._group.removeButton(button)
            self._row.removeWidget(button)
            button.deleteLater()
        self._values = [value for value, _ in options]
        for index, (_, label) in enumerate(options):
            button = _Segment(label)
            button.setAccessibleDescription(self.accessibleName())
            self._group.addButton(button, index)
            self._row.addWidget(button)
        self.updateGeometry()

    def show_value(self, value: object) -> None:
        """Shows a choice without telling anyone."""
        if value in self._values:
            self._group.button(self._values.index(value)).setChecked(True)

    def set_choice_enabled(self, value: object, enabled: bool, reason: str = "") -> None:
        """Opens or bars one choice, with the reason as its tooltip."""
        button = self._group.button(self._values.index(value))
        button.setEnabled(enabled)
        button.setToolTip("" if enabled else reason)

    def set_hint(self, value: object, hint: str) -> None:
        """Says by a tooltip what a choice means, or its key."""
        self._group.button(self._values.index(value)).setToolTip(hint)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(_ROLE.Mid), 1))
        painter.setBrush(self.palette().color(_ROLE.Button))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)


class Choice(QComboBox):
    """A drop-down list of `(value, label)`; the wheel scrolls the panel, not the choice.

    Signals:
        chosen: a value was picked by the user.
    """

    chosen = Signal(object)

    def __init__(self, options: Sequence[tuple[object, str]], name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFont(qfont("ui", 12))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMaxVisibleItems(16)
        self._values: list[object] = []
        self.set_options(options)
        self.activated.connect(lambda index: self.chosen.emit(self._values[index]))

    @property
    def value(self) -> object:
        """The choice on show, None where there is none."""
        index = self.currentIndex()
        return self._values[index] if 0 <= index < len(self._values) else None

    def set_options(self, options: Sequence[tuple[object, str]]) -> None:
        """Offers other choices, without telling anyone."""
        labels = [label for _, label in options]
        if labels != [self.itemText(index) for index in range(self.count())]:
            self.blockSignals(True)
            self.clear()
            self.addItems(labels)
            self.blockSignals(False)
        self._values = [value for value, _ in options]

    def show_value(self, value: object) -> None:
        """Shows a choice without telling anyone."""
        if value in self._values:
            self.setCurrentIndex(self._values.index(value))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Left and Right step through time everywhere else: a list needs only Up and Down.
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End):
            event.ignore()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        role = _ROLE.ButtonText if self.isEnabled() else _ROLE.Dark
        painter.setPen(QPen(self.palette().color(role), 1.3))
        x, y = self.width() - 13.0, self.height() / 2 - 1.5
        painter.drawPolyline([QPointF(x - 3.5, y), QPointF(x, y + 3.5), QPointF(x + 3.5, y)])

    def showPopup(self) -> None:
        self.view().window().setFont(self.font())
        super().showPopup()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            # For it Qt would make the list that drops down, ten widgets that few people ever see.
            self.updateGeometry()
            return
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
