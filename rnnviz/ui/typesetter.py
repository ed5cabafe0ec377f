"""Mathematics set while the program runs: in a thread of its own, each piece once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QByteArray
from PySide6.QtSvg import QSvgRenderer

if TYPE_CHECKING:
    from rnnviz.session.runner import Cancel
    from rnnviz.ui.worker import ThreadRunner

_KEPT = 512  # pieces
_SIGN = re.compile(r"-(?=[\d\\])")  # of a number: what stands between two has a space behind it
_SPACING = {r"\tanh": r"\mathrm{tanh}", r"\odot": r"\,\odot\,"}  # too much or none is left


class Piece(NamedTuple):
    """Mathematics to be set.

    Attributes:
        tex: its LaTeX, colours included.
        size: of its letters, in px.
        ink: the colour of what has none.
    """

    tex: str
    size: int
    ink: str


class Typeset(NamedTuple):
    """Mathematics as it was set: an SVG, and its box in px about the baseline's left end."""

    svg: str
    left: float
    top: float
    width: float
    height: float


class Picture(NamedTuple):
    """Typeset mathematics, ready to be painted."""

    renderer: QSvgRenderer
    typeset: Typeset


def typeset(piece: Piece) -> Typeset:
    """Sets a piece; takes 5 to 50 ms, and the first one 250 more."""
    from ziamath.config import config
    from ziamath.zmath import Latex

    config.svg2 = False  # QtSvg draws no <symbol>
    config.precision = 2
    tex = _SIGN.sub("{-}", piece.tex)
    for command, spaced in _SPACING.items():
        tex = tex.replace(command, spaced)
    drawn = Latex(tex, size=piece.size, color=piece.ink)
    left, top, width, height = map(float, drawn.svgxml().attrib["viewBox"].split())
    return Typeset(drawn.svg(), left, top, width, height)


class Typesetter:
    """Sets pieces beside the window and keeps them; only the latest wish is worked on."""

    def __init__(self) -> None:
        self._runner: ThreadRunner | None = None
        self._pictures: dict[Piece, Picture] = {}
        self._wish = 0
        self._closed = False

    def picture(self, piece: Piece) -> Picture | None:
        """A piece that was set already."""
        return self._pictures.get(piece)

    def wish(self, pieces: Sequence[Piece], done: Callable[[], None]) -> None:
        """Sets what is not set yet, then calls `done`; a later wish takes its place."""
        self._wish += 1
        missing = tuple(piece for piece in pieces if piece not in self._pictures)
        if not missing or self._closed:
            return
        wish = self._wish

        def work(cancel: Cancel) -> dict[Piece, Typeset]:
            found = {}
            for piece in missing:
                if wish != self._wish or cancel.is_set():
                    break
                found[piece] = typeset(piece)
            return found

        def arrived(found: dict[Piece, Typeset]) -> None:
            self._keep(found)
            if wish == self._wish:
                done()

        self._working().submit(work, arrived, _fail)

    def close(self) -> None:
        """Ends the thread."""
        self._closed = True
        if self._runner is not None:
            self._runner.close()

    def _working(self) -> ThreadRunner:
        from rnnviz.ui.worker import ThreadRunner

        if self._runner is None:
            self._runner = ThreadRunner()
        return self._runner

    def _keep(self, found: dict[Piece, Typeset]) -> None:
        if len(self._pictures) + len(found) > _KEPT:
            self._pictures.clear()
        for piece, drawn in found.items():
            renderer = QSvgRenderer(QByteArray(drawn.svg.encode()))
            self._pictures[piece] = Picture(renderer, drawn)


def _fail(error: BaseException) -> None:
    raise error
