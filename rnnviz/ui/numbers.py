"""An equation with its numbers in it: as text at once, typeset as soon as that is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.ui.mathtext import Line, in_lines, paint_tokens
from rnnviz.ui.theme import style_of
from rnnviz.ui.typesetter import Piece, Typesetter

if TYPE_CHECKING:
    from rnnviz.model.provenance.expressions import Tokens

_SIZE = 16  # px
_LINE = 25
_REST = 120  # ms without a change


class NumbersView(QWidget):
    """An equation side by side, broken to the width."""

    def __init__(self, typesetter: Typesetter) -> None:
        super().__init__()
        self._typesetter = typesetter
        self._sides: tuple[Tokens, ...] = ()
        self._lines: list[Line] = []
        self._pieces: list[Piece] = []
        self._is_typeset = True
        # The typesetter would hold up the painting: the two cannot run at once in Python.
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self._wish)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def is_typeset(self) -> bool:
        """Whether all that is on show is typeset."""
        return all(self._typesetter.picture(piece) is not None for piece in self._pieces)

    def show_sides(self, sides: tuple[Tokens, ...], spoken: str, *, typeset: bool = True) -> None:
        """Shows an equation.

        Args:
            sides: what the equals signs stand between.
            spoken: what a screen reader says of it.
            typeset: not while it changes many times a second.
        """
        self._sides, self._is_typeset = sides, typeset
        self.setAccessibleName(spoken)
        self.setVisible(bool(sides))
        self._break()

    def stop(self) -> None:
        """Asks for no more typesetting."""
        self._is_typeset = False
        self._rest.stop()

    def sizeHint(self) -> QSize:
        return QSize(200, max(1, len(self._lines)) * _LINE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._break()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._break()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        style = style_of(self)
        for number, (line, piece) in enumerate(zip(self._lines, self._pieces, strict=True)):
            baseline = number * _LINE + 17.0
            picture = self._typesetter.picture(piece)
            if picture is None:
                paint_tokens(painter, QPointF(line.x, baseline), line.tokens, _SIZE, style)
                continue
            drawn = picture.typeset
            fit = min(1.0, (self.width() - line.x) / drawn.width)
            left, top = line.x + drawn.left * fit, baseline + drawn.top * fit
            box = QRectF(left, top, drawn.width * fit, drawn.height * fit)
            picture.renderer.render(painter, box)

    def _break(self) -> None:
        from rnnviz.model.provenance.tex import set_tokens

        style = style_of(self)
        self._lines = in_lines(self._sides, self.width(), _SIZE) if self._sides else []

        def paint(tex: str, role: str) -> str:
            return rf"\textcolor{{{style.role(role).text}}}{{{tex}}}"

        self._pieces = [
            Piece(_begun(set_tokens(line.tokens, paint)), _SIZE, style.ui.text)
            for line in self._lines
        ]
        self.setFixedHeight(self.sizeHint().height())
        self.update()
        if self._is_typeset:
            self._rest.start()
        else:
            self._rest.stop()

    def _wish(self) -> None:
        self._typesetter.wish(self._pieces, self.update)


def _begun(tex: str) -> str:
    """A line that goes on with an operator, which is to have its room before the number."""
    return f"{{}} {tex}" if tex.startswith(("+ ", "- ", r"\cdot")) else tex
