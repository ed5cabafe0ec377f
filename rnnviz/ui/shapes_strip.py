"""The line above the figure: which tensor becomes which, with its shape, and the whole script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QFontMetricsF,
    QGuiApplication,
    QHelpEvent,
    QIcon,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolTip, QWidget

from rnnviz.render.fonts import qfont
from rnnviz.render.icons import icon
from rnnviz.session.shapes import Chain, Link, chain_of, chain_text, explained, shortened
from rnnviz.ui.fields import set_property
from rnnviz.ui.theme import style_of

if TYPE_CHECKING:
    from rnnviz.session import Session
    from rnnviz.session.state import State

HEIGHT = 28
_SAID = 1400  # ms that the button says what it did
_ARROW, _COMMA, _LEFT_OUT = " → ", ", ", "…"
_ROLE = QPalette.ColorRole


class ShapesStrip(QWidget):
    """The chain of the run's tensors, and a button that copies the script of it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Tensors and their shapes")
        self.chain = ChainLine()
        self.copy_button = QPushButton("Copy script")
        self.copy_button.setToolTip("Copy the PyTorch script that prints the same numbers")
        self.copy_button.setFont(qfont("ui", 11, 500))
        self.copy_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for name in ("flat", "compact"):
            set_property(self.copy_button, name, True)
        self.copy_button.clicked.connect(lambda: self.copy())
        self._said = QTimer(self)
        self._said.setSingleShot(True)
        self._said.setInterval(_SAID)
        self._said.timeout.connect(lambda: self.copy_button.setText("Copy script"))
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 0, 8, 0)
        row.setSpacing(10)
        row.addWidget(self.chain, 1)
        row.addWidget(self.copy_button)
        self._dress()

    def refresh(self, old: State | None, new: State) -> None:
        """Shows the tensors of a state."""
        if old is not None and _look(old) == _look(new):
            return
        self.chain.show_chain(chain_of(new))
        self.copy_button.setEnabled(_has_script(new))

    def copy(self) -> None:
        """Puts the whole script on the clipboard, as soon as it is written."""
        if _has_script(self._session.state):
            self._session.write_script(self._take)

    def _take(self, script: str) -> None:
        QGuiApplication.clipboard().setText(script)
        self.copy_button.setText("Copied")
        self._said.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "copy_button"):
            self._dress()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self.palette().color(_ROLE.Mid))
        painter.end()

    def _dress(self) -> None:
        self.copy_button.setIcon(QIcon(icon("copy", style_of(self).ui.text_secondary, 14)))
        self.copy_button.setIconSize(QSize(14, 14))


class _Piece(NamedTuple):
    """Some text on the line.

    Attributes:
        links: the tensors that it stands for.
    """

    text: str
    role: QPalette.ColorRole
    links: tuple[Link, ...] = ()


class ChainLine(QWidget):
    """The chain on one line, elided in the middle where the room is short."""

    def __init__(self) -> None:
        super().__init__()
        self._chain: Chain = ()
        self._pieces: list[tuple[QRectF, _Piece]] = []
        self.setFont(qfont("mono", 11))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)

    @property
    def text(self) -> str:
        """What is on show, elided as it is."""
        return "".join(piece.text for _, piece in self._pieces)

    def show_chain(self, chain: Chain) -> None:
        """Shows another chain."""
        if chain != self._chain:
            self._chain = chain
            self.setAccessibleName(chain_text(chain))
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            rect, text = self._told(event.pos().x())
            if text:
                QToolTip.showText(event.globalPos(), text, self, rect.toAlignedRect())
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        for rect, piece in self._pieces:
            painter.setPen(self.palette().color(piece.role))
            painter.drawText(
                rect, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, piece.text
            )

    def _told(self, x: int) -> tuple[QRectF, str]:
        """What the pointer is on, and what that is."""
        for rect, piece in self._pieces:
            if rect.left() <= x < rect.right() and piece.links:
                return rect, "\n\n".join(explained(link) for link in piece.links)
        return QRectF(), ""

    def _arrange(self) -> None:
        metrics = QFontMetricsF(self.font())
        pieces: list[_Piece] = []
        widths: list[float] = []
        for pieces in _attempts(self._chain):
            widths = [metrics.horizontalAdvance(piece.text) for piece in pieces]
            if sum(widths) <= self.width():
                break
        x, self._pieces = 0.0, []
        for piece, width in zip(pieces, widths, strict=True):
            self._pieces.append((QRectF(x, 0, width, self.height()), piece))
            x += width
        self.update()


def _attempts(chain: Chain) -> Iterator[list[_Piece]]:
    """The line as it is, and shorter and shorter ones."""
    for hidden, alone in [((), False), *((hidden, True) for hidden in shortened(chain))]:
        for legend in (True, False):
            yield _pieces(chain, hidden, alone, legend)


def _pieces(
    chain: Chain, hidden: tuple[int, ...], alone: bool = False, legend: bool = False
) -> list[_Piece]:
    """The chain as texts.

    Args:
        hidden: the stages that are left out.
        alone: of each stage the first tensor alone is named; it stands for all.
        legend: the first tensor says what its axes are.
    """
    pieces: list[_Piece] = []
    for place, stage in enumerate(chain):
        if place in hidden:
            if place == hidden[0]:
                left_out = tuple(link for each in hidden for link in chain[each])
                pieces += [_quiet(_ARROW), _Piece(_LEFT_OUT, _ROLE.LinkVisited, left_out)]
            continue
        for nth, link in enumerate(stage[:1] if alone else stage):
            if nth or place:
                pieces.append(_quiet(_COMMA if nth else _ARROW))
            text = link.legend if legend and not (place or nth) else link.text
            name, space, sizes = text.partition(" ")
            meant = stage if alone else (link,)
            pieces.append(_Piece(name + space, _ROLE.LinkVisited, meant))
            pieces.append(_Piece(sizes, _ROLE.WindowText, meant))
    return pieces


def _quiet(text: str) -> _Piece:
    return _Piece(text, _ROLE.PlaceholderText)


def _look(state: State) -> tuple[object, ...]:
    shown = state.document, state.pr, state.decoded, state.ready, state.whole is None
    return (*shown, _has_script(state))


def _has_script(state: State) -> bool:
    """Whether the whole run is known; of a long one that takes a while."""
    known = state.pr is not None or state.whole is not None
    return state.ready and known and not state.outdated
