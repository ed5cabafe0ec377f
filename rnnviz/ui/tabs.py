"""The bar of views: a tab for each figure that applies, and at its right the zoom."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QWidget,
)

from rnnviz.render.fonts import qfont
from rnnviz.ui.controls import IconButton, paint_focus_ring
from rnnviz.ui.fields import set_property

HEIGHT = 38
_SPACING, _LEAST_SPACING = 20, 10
_NARROW = 760
_LEAST = 380  # px: the longest title, the menu, and what is at the right
_ROLE = QPalette.ColorRole


class _Tab(QAbstractButton):
    """One view's name, underlined while it is on show."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setText(text)
        self.setCheckable(True)
        self.setAccessibleName(text)
        self.setFont(qfont("ui", 13, 600))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 4, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        chosen = self.isChecked()
        quiet = not chosen and not self.underMouse()
        painter.setPen(self.palette().color(_ROLE.PlaceholderText if quiet else _ROLE.ButtonText))
        painter.setFont(qfont("ui", 13, 600 if chosen else 500))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if chosen:
            line = self.rect().adjusted(0, HEIGHT - 2, 0, 0)
            painter.fillRect(line, self.palette().color(_ROLE.Highlight))
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_focus_ring(painter, self, 4)


class TabBar(QWidget):
    """Chooses the figure, shows the zoom.

    Signals:
        chosen: a figure's name.
        zoom_reset, fit, inspector_toggled: buttons at the right.
    """

    chosen = Signal(str)
    zoom_reset = Signal()
    fit = Signal()
    inspector_toggled = Signal()

    def __init__(self, figures: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self._names = [name for name, _ in figures]
        self._titles = dict(figures)
        self._shown: tuple[str, ...] = tuple(self._names)
        self._current = self._names[0]
        self._group = QButtonGroup(self)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(20, 0, 12, 0)
        row.setSpacing(_SPACING)
        for place, (_, title) in enumerate(figures):
            tab = _Tab(title)
            self._group.addButton(tab, place)
            row.addWidget(tab)
        self.more = self._more_button()
        row.addWidget(self.more)
        self._group.idClicked.connect(lambda place: self.chosen.emit(self._names[place]))
        row.addStretch(1)
        self.zoom = QPushButton("100 %")
        self.zoom.setToolTip("Back to 100 % (0)")
        self.zoom.setFont(qfont("ui", 12))
        self.zoom.setMinimumWidth(64)
        self.zoom.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        set_property(self.zoom, "flat", True)
        self.zoom.clicked.connect(lambda: self.zoom_reset.emit())
        self.fit_button = IconButton("maximize", "Fit (F)", self.fit.emit, size=17)
        self.side = IconButton(
            "layout-columns", "Show or hide the inspector", self.inspector_toggled.emit, size=17
        )
        buttons = self._buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for button in (self.zoom, self.fit_button, self.side):
            buttons.addWidget(button)
        row.addLayout(buttons)

    def minimumSizeHint(self) -> QSize:
        """Little: the tabs for which there is no room go into a menu."""
        return QSize(_LEAST, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        narrow = self.width() < _NARROW
        self._row.setSpacing(_LEAST_SPACING if narrow else _SPACING)
        self._row.setContentsMargins(14 if narrow else 20, 0, 8 if narrow else 12, 0)
        self._share_out()

    def show_figures(self, shown: Sequence[str], current: str) -> None:
        """Shows the tabs of some figures, in the order of all, and underlines one."""
        self._shown = tuple(name for name in self._names if name in shown)
        self._current = current
        for place, name in enumerate(self._shown):
            key = f" ({place + 1})" if place < 9 else ""
            self._tab(name).setToolTip(f"{self._titles[name]}{key}")
        if current in self._names:
            self._tab(current).setChecked(True)
        self._share_out()

    def _share_out(self) -> None:
        """Gives each tab its room; those for which there is none go into a menu."""
        fitting = self._fitting()
        for name in self._names:
            self._tab(name).setVisible(name in fitting)
        self.more.setVisible(len(fitting) < len(self._shown))

    def _fitting(self) -> set[str]:
        """The tabs that there is room for: the first ones, and always the current one."""
        gap = self._row.spacing()
        margins = self._row.contentsMargins()
        # Counted whether they are shown or not, so that no tab moves as the zoom comes and goes.
        buttons = (self.zoom, self.fit_button, self.side)
        right = sum(max(each.sizeHint().width(), each.minimumWidth()) for each in buttons)
        right += self._buttons.spacing() * (len(buttons) - 1)
        room = self.width() - margins.left() - margins.right() - right - 2 * gap
        widths = {name: self._tab(name).sizeHint().width() + gap for name in self._shown}
        if sum(widths.values()) <= room:
            return set(widths)
        room -= self.more.sizeHint().width() + gap + widths.get(self._current, 0)
        fitting = {self._current}
        for name, width in widths.items():
            if name != self._current:
                room -= width
                if room < 0:
                    break
                fitting.add(name)
        return fitting

    def _tab(self, name: str) -> QAbstractButton:
        return self._group.button(self._names.index(name))

    def _more_button(self) -> QPushButton:
        button = QPushButton("More  ▾")
        button.setAccessibleName("More views")
        set_property(button, "flat", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(button)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        button.setMenu(menu)
        button.hide()
        return button

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        fitting = self._fitting()
        for name in self._shown:
            if name not in fitting:
                action = menu.addAction(self._titles[name])
                action.triggered.connect(lambda _=False, name=name: self.chosen.emit(name))

    def show_zoom(self, zoom: float) -> None:
        """Shows the zoom, 1.0 being 100 %."""
        percent = zoom * 100
        text = f"{percent:.0f} %" if percent >= 1 else f"{percent:.2g} %"
        self.zoom.setText(text)
        self.zoom.setAccessibleName(f"zoom {text}: back to 100 %")

    def show_zoomable(self, zoomable: bool) -> None:
        """Bars the zoom where the view has its own."""
        self.zoom.setVisible(zoomable)
        self.fit_button.setVisible(zoomable)
