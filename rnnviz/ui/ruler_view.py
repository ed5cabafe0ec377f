"""The ruler in the transport: a slider over the run that is also a minimap of |h_t|."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QToolTip

from rnnviz.ui.ahead import Ahead
from rnnviz.ui.controls import paint_focus_ring
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:  # the figures need torch, which comes after the first paint
    from rnnviz.figures.view import Frame
    from rnnviz.scene.marks import Scene
    from rnnviz.session import Session
    from rnnviz.session.state import State

_Key = Qt.Key
_FAR = 10
_FRAME = 16  # ms, after which a step is shown: the figure's frame comes first


class RulerView(QSlider):
    """Shows the ruler, and seeks to the timestep that is clicked or dragged to.

    It is a QSlider so that assistive technology knows it as one: its value is the position.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._session = session
        self._scene: Scene | None = None
        self._before: Scene | None = None  # on show until there is another
        self._ahead = Ahead(self, session.beside, self.update, self.update)
        self._shows_focus = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_FRAME)
        self._soon.timeout.connect(self.update)
        self.setAccessibleName("Position in the run")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumWidth(240)
        self.setRange(0, 0)
        self.setEnabled(False)
        self.valueChanged.connect(self._on_value_changed)

    def sizeHint(self) -> QSize:
        return QSize(900, 96)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 90)

    def refresh(self, old: State | None, new: State) -> None:
        """Shows a state's run and position."""
        self.setEnabled(new.ready and new.total > 0)
        blocked = self.blockSignals(True)
        self.setRange(0, new.total)
        self.setValue(_value(new))
        self.blockSignals(blocked)
        if old is None or _look(old) != _look(new):
            self._scene = None
            if not self._soon.isActive():
                self._soon.start()

    def sliderChange(self, change: QSlider.SliderChange) -> None:
        """What is painted is no slider: it follows from the state alone."""

    def scene(self) -> Scene | None:
        """What is on show, described; None before the first run, and until its norms are there."""
        state = self._session.state
        if self._scene is None and state.ready:
            from rnnviz.figures.later import Later
            from rnnviz.figures.ruler import FIGURE

            shown = state.view(), self._options(state), self._frame(), style_of(self)
            with suppress(Later):
                self._scene = self._ahead.attempt(partial(FIGURE.build, *shown))
        return self._scene

    def seek_to(self, x: float) -> None:
        """Goes to the timestep under a point; left of the first one, before all of them."""
        from rnnviz.figures.ruler import position_at
        from rnnviz.model.schedule import Progress

        state = self._session.state
        if not state.ready:
            return
        position = position_at(state.view(), self._frame(), x)
        here = Progress(state.position) if state.run is None else state.run.progress
        if state.returned is not None or Progress(position) != here:
            self._session.seek(position)

    def describe(self, at: QPointF) -> str:
        """What the cell under a point stands for, in words."""
        from rnnviz.figures.ruler import describe_at

        state = self._session.state
        if not state.ready:
            return ""
        options = self._options(state)
        return describe_at(state.view(), options, self._frame(), at.x(), at.y())

    def _options(self, state: State) -> Any:
        from rnnviz.figures.ruler import RulerOptions

        by_sequence = state.figure == "packed" and state.run is not None and state.run.N > 1
        return RulerOptions("sequences" if by_sequence else "layers")

    def _frame(self) -> Frame:
        from rnnviz.figures.view import Frame

        return Frame(0.0, 0.0, float(self.width()), float(self.height()))

    def _on_value_changed(self, value: int) -> None:
        if value != _value(self._session.state):
            self._session.seek(value)

    def paintEvent(self, event: QPaintEvent) -> None:
        scene = self.scene()  # a painter that outlives what fails here breaks all of the window
        painter = QPainter(self)
        if scene is not None or not self._session.state.ready:
            self._before = scene
        if self._before is not None:
            from rnnviz.render.painter import paint

            paint(self._before, painter, self.devicePixelRatioF())
        if self.hasFocus() and self._shows_focus:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_focus_ring(painter, self, 5)

    def resizeEvent(self, event: QEvent) -> None:
        self._scene = None

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._scene = None
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        by_tab = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self._shows_focus = event.reason() in by_tab
        super().focusInEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.describe(QPointF(event.pos()))
            if text:
                QToolTip.showText(event.globalPos(), text, self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._session.pause()
            self.setSliderDown(True)
            self.seek_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.seek_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        session = self._session
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        moves: dict[int, Callable[[], None]] = {
            _Key.Key_Left: session.back,
            _Key.Key_Right: session.step,
            _Key.Key_Home: session.first,
            _Key.Key_End: session.last,
            _Key.Key_PageUp: lambda: session.go(_FAR),
            _Key.Key_PageDown: lambda: session.go(-_FAR),
        }
        move = moves.get(event.key())
        if move is None or far:
            event.ignore()  # the window knows the other keys
        else:
            move()


def _value(state: State) -> int:
    """The position that the slider shows: on the way back, of the step that was returned last."""
    if state.returned is None:
        return state.position
    return min(max(state.total + state.decoder_total - state.returned, 0), state.total)


def _look(state: State) -> tuple[object, ...]:
    """What the ruler's picture follows from."""
    by_sequence = state.figure == "packed"
    shown = id(state.original), state.showing, id(state.pr), id(state.gradients), state.returned
    return id(state.run), id(state.whole), *shown, state.position, state.sequence, by_sequence
