"""The bar above a figure while numbers are edited: what changed, and which run is shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QPushButton, QSizePolicy

from rnnviz.render.fonts import qfont
from rnnviz.ui.controls import Segmented, paint_focus_ring
from rnnviz.ui.fields import set_property
from rnnviz.ui.sunken import SunkenBar

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.changes import Change
    from rnnviz.session.state import State

HEIGHT = 38
_MOST = 12  # changes that the menu names one by one
_SHOWN = (("new", "New"), ("old", "Original"), ("difference", "Difference"))
_HINTS = {
    "new": "The run as edited",
    "old": "The run before the edits",
    "difference": "New − original, element by element",
}


class ComparisonBar(SunkenBar):
    """Names the edits since the original run, and chooses what the figures show of both.

    Where nothing is compared but clamps are in force, it names these; hidden otherwise.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setAccessibleName("Comparison with the run before the edits")
        self.setFixedHeight(HEIGHT)
        self.edits = EditsButton(session)
        self.showing = Segmented(_SHOWN, "which run the figures show")
        self.showing.chosen.connect(session.show_comparison)
        self.showing.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.keep = _button("Keep", "Make the edited run the new original", session.keep_edits)
        self.discard = _button("Discard", "Go back to the original", session.discard_edits)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 0, 14, 0)
        row.setSpacing(8)
        row.addWidget(self.edits, 1)
        for widget in (self.showing, self.keep, self.discard):
            row.addWidget(widget)
        self.hide()

    def refresh(self, old: State | None, new: State) -> None:
        """Shows what a state compares."""
        if old is not None and _look(old) == _look(new):
            return
        compared = new.original_document is not None
        if old is None or _told(old) != _told(new):
            self.edits.show_changes(self._session.changes(), compared)
        for widget in (self.showing, self.keep, self.discard):
            widget.setVisible(compared)
        if compared:
            self.showing.show_value(new.showing)
            self._offer(new)
        self.setVisible(compared or bool(new.document.clamps))

    def _offer(self, state: State) -> None:
        """Bars the original and the difference until the original run is known."""
        known = state.original is not None
        for value, _ in _SHOWN:
            self.showing.set_choice_enabled(value, known or value == "new")
            self.showing.set_hint(value, _HINTS[value] if known else "The original is computed")


class EditsButton(QAbstractButton):
    """The edits in a few words; a click lists them, each to be taken back."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._changes: tuple[Change, ...] = ()
        self._title = ""
        self.setFont(qfont("ui", 12))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: self.show_menu())

    def show_changes(self, changes: tuple[Change, ...], compared: bool) -> None:
        """Names the first change, and how many there are.

        Args:
            compared: there is an original to compare with.
        """
        from rnnviz.session.changes import kept_changes

        self._changes = changes
        self._title = "What if" if compared else "In force"
        if not compared:
            self._changes = kept_changes(self._session.state.document)
        first = self._changes[0].text if self._changes else ""
        count = len(self._changes)
        self.setText(f"{first}; {count} edits" if count > 1 else first)
        self.setAccessibleName(f"{self._title}: {self.text()}; list of edits")
        self.setToolTip("\n".join(change.text for change in self._changes[:_MOST]))
        self.update()

    def show_menu(self) -> QMenu:
        """Lists the changes; choosing one takes it back."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        heading = menu.addAction("Take back")
        heading.setEnabled(False)
        for change in self._changes[:_MOST]:
            action = menu.addAction(change.text.replace("&", "&&"))
            action.triggered.connect(partial(self._revert, change))
        if len(self._changes) > _MOST:
            menu.addAction(f"and {len(self._changes) - _MOST} more").setEnabled(False)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))
        return menu

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(f"{self._title}  {self.text()}")
        return QSize(width + 40, 26)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors, role = self.palette(), QPalette.ColorRole
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color(role.Shadow))
            painter.drawRoundedRect(self.rect(), 5, 5)
        used = self._paint_text(painter)
        painter.setPen(QPen(colors.color(role.PlaceholderText), 1.3))
        x, y = min(used + 12.0, self.width() - 10.0), self.height() / 2 - 1.5
        painter.drawPolyline([QPointF(x - 3.5, y), QPointF(x, y + 3.5), QPointF(x + 3.5, y)])
        if self.hasFocus():
            paint_focus_ring(painter, self, 5)

    def _paint_text(self, painter: QPainter) -> int:
        """The title in bold, then what changed; returns where it ends."""
        flags, role = Qt.AlignmentFlag.AlignVCenter, QPalette.ColorRole
        box = self.rect().adjusted(6, 0, -22, 0)
        painter.setFont(qfont("ui", 12, 600))
        painter.setPen(self.palette().color(role.WindowText))
        painter.drawText(box, flags, self._title)
        box.adjust(painter.fontMetrics().horizontalAdvance(self._title) + 8, 0, 0, 0)
        painter.setFont(self.font())
        metrics = painter.fontMetrics()
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, flags, text)
        return box.left() + metrics.horizontalAdvance(text)

    def _revert(self, change: Change, *_: object) -> None:
        self._session.revert(change)


def _button(text: str, hint: str, run: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(hint)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    set_property(button, "compact", True)
    button.clicked.connect(lambda: run())
    return button


def _look(state: State) -> tuple[object, ...]:
    """What the bar follows from."""
    return _told(state), state.showing, state.original is not None


def _told(state: State) -> tuple[int, int]:
    return id(state.document), id(state.original_document)
