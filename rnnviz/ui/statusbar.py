"""The status bar: whether the numbers are torch's, how large the model is, and the help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QPushButton, QWidget

from rnnviz.model.spec import ModelSpec
from rnnviz.render.fonts import qfont
from rnnviz.render.icons import icon_pixmap
from rnnviz.session.parameters import parameter_count
from rnnviz.ui.controls import ElidedLabel, IconButton, muted, paint_focus_ring
from rnnviz.ui.errand_bar import ErrandBar
from rnnviz.ui.fields import set_property
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import Badge, State

HEIGHT = 24
_ICONS = {"matches": "circle-check", "differs": "alert-circle", "pending": "info-circle"}


class BadgeButton(QAbstractButton):
    """How the run compares with torch; a click on a difference goes to its place."""

    def __init__(self) -> None:
        super().__init__()
        self.setFont(qfont("ui", 12, 500))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._status = "pending"

    def show_badge(self, badge: Badge) -> None:
        """Shows a comparison."""
        self._status = badge.status
        self.setText(badge.text)
        self.setAccessibleName(badge.text)
        self.setToolTip(badge.tooltip)
        self.setFixedSize(self.fontMetrics().horizontalAdvance(badge.text) + 30, HEIGHT)
        self.update()

    @property
    def status(self) -> str:
        """As in `Badge`."""
        return self._status

    def paintEvent(self, event: QPaintEvent) -> None:
        ui = style_of(self).ui
        color = {"matches": ui.ok, "differs": ui.error}.get(self._status, ui.muted)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        mark = icon_pixmap(_ICONS[self._status], color, 15, self.devicePixelRatioF())
        painter.drawPixmap(4, (self.height() - 15) // 2, mark)
        painter.setPen(QColor(color))
        box = self.rect().adjusted(24, 0, 0, 0)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.hasFocus():
            paint_focus_ring(painter, self, 4)


class StatusBar(QWidget):
    """The line at the bottom."""

    def __init__(self, session: Session, show_shortcuts: Callable[[], None]) -> None:
        super().__init__()
        self._session = session
        self.setFixedHeight(HEIGHT)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self.badge = BadgeButton()
        self.badge.clicked.connect(self._go_to_difference)
        self.count = muted()
        self.dtype = muted()
        self.busy = muted()
        self.errand = ErrandBar(session.cancel_errand)
        self.notice = ElidedLabel()
        self.dismiss = IconButton("x", "Dismiss the notice", session.dismiss_notice, size=12)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 10, 0)
        row.setSpacing(18)
        for widget in (self.badge, self.count, self.dtype, self.busy, self.errand):
            row.addWidget(widget)
        row.addWidget(self.notice, 1)
        row.addWidget(self.dismiss)
        row.addStretch(0)
        row.addWidget(self._help(show_shortcuts))

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the comparison and the notices of a state."""
        if old is None or old.badge is not new.badge:
            self.badge.show_badge(new.badge)
        if old is None or old.document is not new.document:
            count = f"{parameter_count(new.document):,}".replace(",", "\u2009")
            self.count.setText(f"{count} parameters")
        if old is None or old.run is not new.run or old.document is not new.document:
            self.dtype.setText(f"{new.document.spec.dtype}, {_device(new)}")
        self.errand.follow(new.errand or new.saving or new.tracing)
        told = new.tracing is not None and new.busy == new.tracing.name
        self.busy.setText(f"{new.busy}…" if new.busy and not told else "")
        self.notice.setText(new.notice or _loose_problem(new))
        self.dismiss.setVisible(bool(self.notice.text()))

    def _go_to_difference(self) -> None:
        session, element = self._session, self._session.state.badge.element
        if element is None:
            return
        session.show_figure("unrolled")
        if session.state.sequence is not None and element.sequence is not None:
            session.show_sequence(element.sequence)
        session.select(element)

    def _help(self, show_shortcuts: Callable[[], None]) -> QPushButton:
        button = QPushButton("Shortcuts  ?")
        button.setAccessibleName("Shortcuts")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for name in ("flat", "compact"):
            set_property(button, name, True)
        button.clicked.connect(lambda: show_shortcuts())
        return button


# Fields whose problems are shown beside them; any other is told in the status bar.
_SHOWN_ELSEWHERE = {field.name for field in fields(ModelSpec)} | {
    "N",
    "L",
    "lengths",
    "packed",
    "enforce_sorted",
    "padding_value",
    "input",
    "h_0",
    "c_0",
    "cell",
    "front",
    "num_embeddings",
    "embedding_dim",
    "num_classes",
    "in_features",
    "out_features",
    "padding_idx",
    "head",
    "on",
    "activation",
    "loss",
    "decoder",
    "forced",
    "steps",
    "table",
    "weights",
    "ids",
    "token",
    "text",
    "targets",
    "unbatched",
    "file",
}


def _loose_problem(state: State) -> str:
    loose = (
        f"{field}: {text}"
        for field, text in state.problems.items()
        if field not in _SHOWN_ELSEWHERE
    )
    return "; ".join(loose)


def _device(state: State) -> str:
    weights = state.run.weights if state.run is not None else {}
    first = next(iter(weights.values()), None)
    return str(first.device) if first is not None else "cpu"
