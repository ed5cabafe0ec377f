"""The transport: play, step, and see where the run stands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from rnnviz.render.icons import icon_pixmap
from rnnviz.session.settings import FASTEST, SLOWEST
from rnnviz.ui.controls import (
    ElidedLabel,
    IconButton,
    PlainLabel,
    Rule,
    Segmented,
    muted,
    paint_focus_ring,
)
from rnnviz.ui.ruler_view import RulerView
from rnnviz.ui.whereabouts import whereabouts

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.pacing import Granularity
    from rnnviz.session.state import State

# What one step may be, as the transport, the menu and the keys have it.
STEPS: tuple[tuple[Granularity, str, str], ...] = (
    ("timestep", "Timestep", "T"),
    ("layer", "Layer", "L"),
    ("operation", "Operation", "O"),
)
_UNITS = {"timestep": "step", "layer": "layer", "operation": "op"}
_LEFT, _RIGHT = 271, 327
_PER_DOUBLING = 4  # places of the speed slider
_ROLE = QPalette.ColorRole


class PlayButton(QAbstractButton):
    """The large round button that plays and pauses."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(42, 42)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._playing = False
        self.show_playing(False)

    def show_playing(self, playing: bool) -> None:
        """Offers what the next click does."""
        self._playing = playing
        name = "Pause" if playing else "Play"
        self.setAccessibleName(name)
        self.setToolTip(f"{name} (Space)")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(42, 42)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = self.palette()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color(_ROLE.Highlight if self.isEnabled() else _ROLE.Dark))
        painter.setOpacity(0.85 if self.isDown() or self.underMouse() else 1.0)
        painter.drawEllipse(QRectF(self.rect()).adjusted(2, 2, -2, -2))
        painter.setOpacity(1.0)
        name = "player-pause-filled" if self._playing else "player-play-filled"
        color = colors.color(_ROLE.HighlightedText).name()
        shift = 0 if self._playing else 1
        pixmap = icon_pixmap(name, color, 20, self.devicePixelRatioF())
        painter.drawPixmap((self.width() - 20) // 2 + shift, (self.height() - 20) // 2, pixmap)
        if self.hasFocus():
            paint_focus_ring(painter, self, 21)


class SpeedSlider(QSlider):
    """The playing speed; every four places double it."""

    def __init__(self, session: Session) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(_place(SLOWEST), _place(FASTEST))
        self.setSingleStep(_PER_DOUBLING)
        self.setPageStep(_PER_DOUBLING)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Speed, steps per second")
        self.setToolTip("Speed: slower ([), faster (])")
        self.setFixedHeight(20)
        self.valueChanged.connect(lambda place: session.set_speed(_speed(place)))

    def show_speed(self, speed: float) -> None:
        """Shows a speed without telling anyone."""
        blocked = self.blockSignals(True)
        self.setValue(_place(speed))
        self.blockSignals(blocked)


def _place_of(state: State) -> tuple[object, ...]:
    """What the text follows from."""
    place = state.position, state.returned, state.decoder_steps, id(state.pr)
    return id(state.run), *place, state.sequence, state.figure, state.granularity


def _begun(state: State) -> bool:
    if state.returned is not None:
        return True  # one step back is the pass forward again
    return any(state.run.progress) if state.run is not None else state.position > 0


def _ended(state: State) -> bool:
    if state.returned is not None:
        return state.returned >= state.steps_back
    return state.position >= state.total and state.decoder_steps >= state.decoder_total


def _place(speed: float) -> int:
    return round(math.log2(speed) * _PER_DOUBLING)


def _speed(place: int) -> float:
    speed = float(2.0 ** (place / _PER_DOUBLING))
    rounded = round(speed, 2) if speed < 2 else round(speed, 1) if speed < 8 else round(speed)
    return min(max(rounded, SLOWEST), FASTEST)


def speed_text(speed: float, granularity: Granularity = "timestep") -> str:
    """A speed as it is written: `1 step/s`, `2.8 steps/s`, `2 ops/s`."""
    number = f"{speed:.2f}" if speed < 1 else f"{speed:.1f}"
    number = number.rstrip("0").rstrip(".")
    return f"{number} {_UNITS[granularity]}{'' if number == '1' else 's'}/s"


class TransportPanel(QWidget):
    """The strip below the figure: buttons and speed, the ruler, and where the run stands."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setAccessibleName("Transport")
        self.first = IconButton("player-skip-back", "Before the first step", session.first)
        self.back = IconButton("chevron-left", "Back", session.back, size=20)
        self.play = PlayButton()
        self.play.clicked.connect(session.toggle_play)
        self.step = IconButton("chevron-right", "Step", session.step, size=20)
        self.last = IconButton("player-skip-forward", "Behind the last step", session.last)
        self.returning = IconButton(
            "way-back", "Back through time: the gradients", session.toggle_returning, checkable=True
        )
        self.returning.setToolTip("Back through time: the gradients (B)")
        keys = ((self.first, "Home"), (self.back, "←"), (self.step, "→"), (self.last, "End"))
        for button, key in keys:
            button.setToolTip(f"{button.accessibleName()} ({key})")
        self.speed = SpeedSlider(session)
        self.speed_label = muted()
        self.speed_label.setFixedWidth(84)
        self.speed_label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.ruler = RulerView(session)
        self.granularity = Segmented([(name, title) for name, title, _ in STEPS], "Step by")
        for name, title, key in STEPS:
            self.granularity.set_hint(name, f"Step by {title.lower()} ({key})")
        self.granularity.chosen.connect(session.set_granularity)
        self.caption = muted("Step by")
        self.place = PlainLabel(weight=600)
        self.about = ElidedLabel()
        self.detail = ElidedLabel(role=_ROLE.PlaceholderText)
        self._arrange()

    def refresh(self, old: State | None, new: State) -> None:
        """Shows what of a new state concerns the transport."""
        self.ruler.refresh(old, new)
        ready = new.ready and new.total > 0
        begun, ended = _begun(new), _ended(new)
        self._enable(self.first, ready and begun)
        self._enable(self.back, ready and begun)
        self._enable(self.step, ready and not ended)
        self._enable(self.last, ready and not ended)
        self.play.setEnabled(ready)
        self.returning.setEnabled(new.has_way_back)
        self.returning.setChecked(new.returned is not None)
        if old is None or old.playing != new.playing:
            self.play.show_playing(new.playing)
        if old is None or (old.speed, old.granularity) != (new.speed, new.granularity):
            self.speed.show_speed(new.speed)
            self.speed_label.setText(speed_text(new.speed, new.granularity))
            self.granularity.show_value(new.granularity)
        if old is None or _place_of(old) != _place_of(new):
            self._show_place(new)

    def _enable(self, button: IconButton, enabled: bool) -> None:
        """Bars a button that does nothing now; the keyboard moves on to the play button."""
        if not enabled and button.hasFocus():
            self.play.setFocus(Qt.FocusReason.OtherFocusReason)
        button.setEnabled(enabled)

    def _show_place(self, state: State) -> None:
        place = whereabouts(state)
        self.place.setText(place.title)
        self.about.setText(place.about)
        self.detail.setText(place.detail)
        self.detail.setVisible(bool(place.detail))
        self.caption.setVisible(not place.detail)  # there is room for one of them
        self.ruler.setAccessibleDescription(", ".join(filter(None, place)))

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._controls())
        row.addWidget(Rule(vertical=True))
        row.addWidget(self.ruler, 1)
        row.addWidget(Rule(vertical=True))
        row.addWidget(self._texts())

    def _controls(self) -> QWidget:
        pane = QWidget()
        pane.setFixedWidth(_LEFT)
        column = QVBoxLayout(pane)
        column.setContentsMargins(16, 8, 16, 6)
        column.setSpacing(4)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addSpacing(self.returning.width() + 6)
        buttons.addStretch(1)
        for button in (self.first, self.back, self.play, self.step, self.last):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.returning)
        speed = QHBoxLayout()
        speed.setSpacing(8)
        speed.addWidget(muted("Speed"))
        speed.addWidget(self.speed, 1)
        speed.addWidget(self.speed_label)
        column.addLayout(buttons)
        column.addLayout(speed)
        return pane

    def _texts(self) -> QWidget:
        pane = QWidget()
        pane.setFixedWidth(_RIGHT)
        column = QVBoxLayout(pane)
        column.setContentsMargins(16, 6, 16, 6)
        column.setSpacing(3)
        column.addWidget(self.caption)
        column.addWidget(self.granularity)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self.place)
        line.addWidget(self.about, 1)
        column.addLayout(line)
        column.addWidget(self.detail)
        column.addStretch(1)
        return pane
