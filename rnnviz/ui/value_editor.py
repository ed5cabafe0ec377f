"""A field over the picture, in which the number under a double click is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLineEdit

from rnnviz.element import Element
from rnnviz.render.fonts import qfont
from rnnviz.scene.axes import read_number, write_number
from rnnviz.scene.hit import hit_rect, is_merged
from rnnviz.ui.canvas import FigureCanvas
from rnnviz.ui.fields import set_property

if TYPE_CHECKING:
    from rnnviz.session import Session

_WIDTH, _HEIGHT = 92, 26
_WAYS = {"set": "new value", "force": "force to"}


class ValueEditor(QLineEdit):
    """Opens on a double click on a number of a figure; Enter changes it, Escape does not.

    What the run follows from is set; what it computes is forced from then on.
    """

    def __init__(self, canvas: FigureCanvas, session: Session) -> None:
        super().__init__(canvas)
        self._canvas, self._session = canvas, session
        self._element: Element | None = None
        self.setFont(qfont("ui", 12))
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.hide()
        self.textEdited.connect(lambda _: self._mark_wrong(False))
        canvas.installEventFilter(self)

    @property
    def element(self) -> Element | None:
        """What is being changed; None while the field is closed."""
        return self._element

    def open_at(self, point: QPointF) -> bool:
        """Opens on the number at a point of the canvas; False where none can be changed.

        A cell in which several units are merged is none: the inspector tells them apart.
        """
        element, scene = self._canvas.element_at(point), self._canvas.scene()
        if element is None or scene is None:
            return False
        merged = is_merged(scene, point.x() + scene.x, point.y() + scene.y)
        return not merged and self.open_on(element, point)

    def open_on(self, element: Element, point: QPointF) -> bool:
        """Opens on a number that is drawn at a point of the canvas."""
        from rnnviz.session.account import account_of
        from rnnviz.session.numbers import way_in

        state = self._session.state
        way = way_in(state, element)
        if way is None:
            return False
        account = account_of(state.with_(showing="new"))
        value = account.value_at(element)
        self._element = element
        self._mark_wrong(False)
        name = account.accessible_name(element)
        self.setAccessibleName(f"{_WAYS[way]}: {name}")
        self.setToolTip(f"{_WAYS[way].capitalize()}: {name}")
        self.setPlaceholderText(_WAYS[way])
        self.setText("" if value is None else write_number(value))
        self.setGeometry(self._place(element, point))
        self.show()
        self.raise_()
        self.selectAll()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def close_editor(self) -> None:
        """Closes the field; nothing is changed."""
        if self._element is not None:
            self._element = None
            self.hide()
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonDblClick and isinstance(event, QMouseEvent):
            return event.button() == Qt.MouseButton.LeftButton and self.open_at(event.position())
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Wheel):
            self.close_editor()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_editor()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()  # and the window hears nothing of it
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.close_editor()

    def _mark_wrong(self, wrong: bool) -> None:
        set_property(self, "wrong", wrong)

    def _take(self) -> None:
        from rnnviz.session.numbers import change_number

        element, text = self._element, self.text().strip()
        if element is None:
            return
        try:
            value = read_number(text)
        except ValueError:
            self._mark_wrong(True)
            self.setToolTip(f"expected a number, got {text!r}")
            return
        self.close_editor()
        change_number(self._session, element, value)

    def _place(self, element: Element, point: QPointF) -> QRect:
        """Over the number's cell, within the pane."""
        scene = self._canvas.scene()
        box = hit_rect(scene, element) if scene is not None else None
        x, y = point.x(), point.y()
        if box is not None and scene is not None:
            x, y = box[0] + box[2] / 2 - scene.x, box[1] + box[3] / 2 - scene.y
        left = min(max(round(x) - _WIDTH // 2, 4), self._canvas.width() - _WIDTH - 4)
        top = min(max(round(y) - _HEIGHT // 2, 4), self._canvas.height() - _HEIGHT - 4)
        return QRect(left, top, _WIDTH, _HEIGHT)
