"""Long work under way: what it is, how far it is, and a way to give it up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from rnnviz.ui.controls import IconButton
from rnnviz.ui.labels import PlainLabel, muted
from rnnviz.ui.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.session.errands import Errand

_EVERY = 100  # ms
_UNSEEN = 2  # turns that short work takes, of which nothing is shown
_WIDTH, _HEIGHT = 90, 6
_ROLE = QPalette.ColorRole


class ProgressLine(QWidget):
    """A thin bar, filled as far as the work is done; of work of unknown length a part moves."""

    def __init__(self) -> None:
        super().__init__()
        self._fraction: float | None = None
        self._turn = 0
        self.setFixedSize(_WIDTH, _HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_fraction(self, fraction: float | None) -> None:
        """Shows how much is done, 0 to 1; None where nobody knows."""
        self._fraction = fraction
        self._turn = (self._turn + 1) % 20
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(_ROLE.Mid))
        painter.drawRoundedRect(QRectF(self.rect()), 3, 3)
        painter.setBrush(self.palette().color(_ROLE.Highlight))
        painter.drawRoundedRect(self._filled(), 3, 3)

    def _filled(self) -> QRectF:
        if self._fraction is None:
            return QRectF((self.width() - 24) * self._turn / 19, 0, 24, self.height())
        return QRectF(0, 0, max(self.height(), self.width() * self._fraction), self.height())


class ErrandBar(QWidget):
    """Shows an errand, and asks it how far it is while there is one.

    Args:
        cancel: gives it up.
    """

    def __init__(self, cancel: Callable[[], None]) -> None:
        super().__init__()
        self._errand: Errand | None = None
        self.name, self.share = PlainLabel(), muted()
        self.line = ProgressLine()
        self.cancel = IconButton("x", "Cancel", cancel, size=12)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self.name, self.line, self.share, self.cancel):
            row.addWidget(widget)
        self._asked = 0
        self._timer = QTimer(self, interval=_EVERY)
        self._timer.timeout.connect(self._ask)
        self.hide()

    def follow(self, errand: Errand | None) -> None:
        """Shows an errand; nothing where there is none."""
        if errand is self._errand:
            return
        self._errand = errand
        if errand is None:
            self.hide()
            self._timer.stop()
            return
        self.name.setText(errand.name)
        self.cancel.setAccessibleName(f"Cancel {errand.name}")
        self.cancel.setToolTip(plain(f"Cancel {errand.name}"))
        self._asked = 0
        self._timer.start()

    def _ask(self) -> None:
        self._asked += 1
        self.setVisible(self._asked > _UNSEEN)
        fraction = None if self._errand is None else self._errand.fraction
        self.line.show_fraction(fraction)
        self.share.setText("" if fraction is None else f"{fraction:.0%}")
