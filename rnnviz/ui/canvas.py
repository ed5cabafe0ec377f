"""The canvas: where the mouse and the keys meet a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip

from rnnviz.element import Element
from rnnviz.scene.hit import hit
from rnnviz.ui.controls import paint_focus_ring
from rnnviz.ui.live_figure import Foresee, nothing_foreseen
from rnnviz.ui.nodes import nodes_on_show
from rnnviz.ui.sharing import SharedHover
from rnnviz.ui.theme import style_of
from rnnviz.ui.viewport import Viewport

if TYPE_CHECKING:
    from rnnviz.session import Session

_DRAG = 4  # px that a press may move and still be a click
_STEP = 1.25  # of the zoom keys


class FigureCanvas(Viewport):
    """Dragged and zoomed by hand; a click selects what lies under it, Tab the next node.

    Signals:
        menu_wanted: a context menu is wanted at a global position.
    """

    menu_wanted = Signal(QPoint)

    def __init__(self, session: Session, foresee: Foresee = nothing_foreseen) -> None:
        super().__init__(session, foresee)
        self._shared = SharedHover(self)
        self._by_keyboard = False
        self._pressed: QPointF | None = None
        self._dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    def show_figure(self, name: str) -> None:
        if name != self._figure.name:
            self._shared.leave()
        super().show_figure(name)

    # -- nodes

    def element_at(self, point: QPointF) -> Element | None:
        """What lies under a point of the pane."""
        scene = self.scene()
        return hit(scene, point.x() + scene.x, point.y() + scene.y) if scene else None

    def select_next(self, forward: bool = True) -> bool:
        """Selects the next node on show; False past the last one."""
        scene, chosen = self.scene(), self._session.state.selection
        nodes = nodes_on_show(scene) if scene else []
        place = nodes.index(chosen.vector()) if chosen and chosen.vector() in nodes else None
        if place is None:
            target = 0 if forward else len(nodes) - 1
        else:
            target = place + (1 if forward else -1)
        if not 0 <= target < len(nodes):
            return False
        self._session.select(nodes[target])
        return True

    def describe(self, element: Element) -> str:
        """An element's name and value in words."""
        from rnnviz.session.account import account_of

        state = self._session.state
        return account_of(state).accessible_name(element) if state.ready else ""

    # -- painting

    def _paint(self, painter: QPainter) -> None:
        super()._paint(painter)
        scene = self._picture.shown if self._figure.shares else None
        if scene is not None:
            self._shared.paint(painter, scene, style_of(self))
        if self.hasFocus() and self._by_keyboard:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_focus_ring(painter, self, 3)

    # -- events

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_along(1 + event.value(), event.position())
                return True
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tooltip(event)
            return True
        elif isinstance(event, QKeyEvent) and _is_tab(event):
            # Tab goes from node to node, and on to the next control after the last.
            self._by_keyboard = True
            self.update()
            if self.select_next(event.key() == Qt.Key.Key_Tab):
                return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_keyboard = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Menu:
            self.menu_wanted.emit(self.mapToGlobal(self.rect().center()))
        else:
            event.ignore()  # the window knows the keys

    def wheelEvent(self, event: QWheelEvent) -> None:
        pixels, angle = event.pixelDelta(), event.angleDelta()
        zooms = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier) or pixels.isNull()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            zooms = False
        if zooms and angle.y():
            self.zoom_along(_STEP ** (angle.y() / 240), event.position())
        elif not pixels.isNull():
            self.pan(-pixels.x(), -pixels.y())
        else:
            self.pan(-(angle.x() or angle.y()) / 2, 0)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._by_keyboard = False
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed, self._dragging = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            if self._figure.shares:
                self._shared.move(self.scene(), event.position())
            return
        moved = event.position() - self._pressed
        if self._dragging or moved.manhattanLength() > _DRAG:
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._pressed = event.position()
            self.pan(-moved.x(), -moved.y())

    def leaveEvent(self, event: QEvent) -> None:
        self._shared.leave()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        clicked = self._pressed is not None and not self._dragging
        self._pressed = None
        self.unsetCursor()
        if event.button() == Qt.MouseButton.RightButton:
            self.menu_wanted.emit(event.globalPosition().toPoint())
        elif clicked and event.button() == Qt.MouseButton.LeftButton:
            element = self.element_at(event.position())
            if element is not None:
                self._session.select(element)

    def _show_tooltip(self, event: QHelpEvent) -> None:
        element = self.element_at(QPointF(event.pos()))
        text = self.describe(element) if element is not None else ""
        if text:
            QToolTip.showText(event.globalPos(), text, self)
        else:
            QToolTip.hideText()


def _is_tab(event: QKeyEvent) -> bool:
    tab = event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return event.type() == QEvent.Type.KeyPress and tab and not control
