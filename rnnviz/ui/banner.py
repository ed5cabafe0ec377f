"""The line above a figure that names the first NaN or infinity and leads to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from rnnviz.render.icons import icon_pixmap
from rnnviz.ui.fields import set_property
from rnnviz.ui.labels import ElidedLabel
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:
    from rnnviz.element import Element
    from rnnviz.session import Session
    from rnnviz.session.state import State

_HEIGHT = 34
_ICON = 16


class NotFiniteBanner(QWidget):
    """Says where the numbers end; hidden as long as they don't."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._element: Element | None = None
        self.setFixedHeight(_HEIGHT)
        self.text = ElidedLabel()
        self.show_it = QPushButton("Show it")
        self.show_it.setAccessibleName("Show the first value that is not finite")
        set_property(self.show_it, "compact", True)
        self.show_it.clicked.connect(self._go)
        row = QHBoxLayout(self)
        row.setContentsMargins(20 + _ICON + 8, 0, 16, 0)
        row.addWidget(self.text, 1)
        row.addWidget(self.show_it)
        self.hide()

    def refresh(self, new: State) -> None:
        """Looks at the whole run of a state."""
        found = new.whole.first_not_finite if new.whole is not None else None
        if found != self._element:
            self._element = found
            self.text.setText(_told(new, found) if found is not None else "")
        self.setVisible(found is not None)

    def paintEvent(self, event: QPaintEvent) -> None:
        style = style_of(self)
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(style.ui.surface))
        mark = icon_pixmap("alert-triangle", style.ui.warning, _ICON, self.devicePixelRatioF())
        painter.drawPixmap(20, (self.height() - _ICON) // 2, mark)
        painter.end()

    def _go(self) -> None:
        element, session = self._element, self._session
        whole = session.state.whole
        if element is None or whole is None or element.t is None or element.sequence is None:
            return
        session.show_sequence(element.sequence)
        session.seek(
            1
            + whole.schedule.step_of(
                element.layer or 0, element.direction or 0, element.t, element.sequence
            )
        )
        session.select(element)


def _told(state: State, element: Element) -> str:
    from rnnviz.model.provenance import value_at

    assert state.whole is not None
    assert element.t is not None
    value = value_at(state.whole, element)
    kind = "infinity" if value is not None and abs(value) == float("inf") else "NaN"
    place = [f"t = {element.t + 1}"]
    if state.whole.N > 1:
        place.append(f"sequence {element.sequence}")
    if element.tensor != "x":
        place.insert(0, f"layer {element.layer}")
    if element.direction:
        place.insert(0, "reverse")
    return f"The first {kind} is in {element.tensor}[{element.unit}]: {', '.join(place)}."
