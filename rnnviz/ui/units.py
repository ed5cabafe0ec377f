"""Chooses one unit of a vector: buttons while they fit, a number field beyond that."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.ui.controls import IconButton, NumberField, SectionLabel, paint_focus_ring

_MOST_BUTTONS = 8


class UnitChooser(QWidget):
    """Shows and takes a unit.

    Signals:
        chosen: a unit was picked by the user.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._unit: int | None = None
        self._first = 0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        self._title = SectionLabel("Unit")
        row.addWidget(self._title)
        row.addStretch(1)
        self.buttons = [_UnitButton(unit) for unit in range(_MOST_BUTTONS)]
        for button in self.buttons:
            button.clicked.connect(lambda _=False, unit=button.unit: self.chosen.emit(unit))
            row.addWidget(button)
        self._before = IconButton("chevron-left", "Previous unit", lambda: self._move(-1), size=16)
        self._after = IconButton("chevron-right", "Next unit", lambda: self._move(1), size=16)
        self.field = NumberField("unit")
        self.field.committed.connect(self._typed)
        for widget in (self._before, self.field, self._after):
            row.addWidget(widget)

    def show_units(
        self, count: int, unit: int | None, axis: str, what: str = "unit", first: int = 0
    ) -> None:
        """Shows which of `count` units is chosen.

        Args:
            what: they are: unit, row, column, sequence, or t.
            first: the number of the first.
        """
        self._title.setText(what.capitalize() if len(what) > 1 else what)
        self._count, self._unit, self._first = count, unit, first
        few = count <= _MOST_BUTTONS
        for button in self.buttons:
            button.setVisible(few and button.unit < count)
            button.setChecked(button.unit == unit)
            button.setText(str(first + button.unit))
            button.setAccessibleName(f"{what} {first + button.unit}")
        for widget in (self._before, self.field, self._after):
            widget.setVisible(not few)
        self.field.show_value("" if unit is None else first + unit)
        self.setToolTip(f"of {axis} = {count}")

    def _move(self, change: int) -> None:
        self.chosen.emit(
            ((self._unit if self._unit is not None else -change) + change) % self._count
        )

    def _typed(self, value: object) -> None:
        if isinstance(value, int) and 0 <= value - self._first < self._count:
            self.chosen.emit(value - self._first)
        else:
            self.field.show_value("" if self._unit is None else self._first + self._unit)


class _UnitButton(QAbstractButton):
    """A unit's number, on ink while it is chosen."""

    def __init__(self, unit: int) -> None:
        super().__init__()
        self.unit = unit
        self.setText(str(unit))
        self.setCheckable(True)
        self.setAccessibleName(f"unit {unit}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(25, 24)

    def sizeHint(self) -> QSize:
        return QSize(25, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        role = QPalette.ColorRole
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.underMouse():
            fill = role.Highlight if self.isChecked() else role.Shadow
            painter.setBrush(self.palette().color(fill))
            painter.drawRoundedRect(QRectF(self.rect()), 5, 5)
        ink = role.HighlightedText if self.isChecked() else role.LinkVisited
        painter.setPen(self.palette().color(ink))
        painter.setFont(qfont("ui", 12, 600 if self.isChecked() else 400))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.hasFocus():
            paint_focus_ring(painter, self, 5)
