"""Text on a painter: runs, indices, anchors, at any fractional size."""

from __future__ import annotations

import threading
from typing import NamedTuple

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPen, QStaticText

from rnnviz.render.canvas import Canvas
from rnnviz.render.fonts import MASTER_SIZE, qfont
from rnnviz.render.pens import pen
from rnnviz.scene.marks import Anchor, Color, Font, Run, Text
from rnnviz.scene.text import run_drop, run_italic, run_size, run_weight

_KEPT = 4096
_SMALLEST = 2.0  # device px; smaller text is not painted


class Piece(NamedTuple):
    """A run, shaped and placed.

    Attributes:
        x, y: of its baseline, from where the text stands.
        ascent: of its font, at the font's whole size.
        scale: px of the scene per px of the font.
    """

    x: float
    y: float
    pen: QPen
    font: QFont
    static: QStaticText
    ascent: float
    scale: float


_Key = tuple[tuple[Run, ...], Color, float, Font, int, bool, Anchor, float, bool]


class _Shaped(threading.local):
    """Texts that have been shaped, by all that they depend on; each thread keeps its own."""

    def __init__(self) -> None:
        self.kept: dict[_Key, tuple[Piece, ...]] = {}


_shaped = _Shaped()


def forget_lettering() -> None:
    """Drop every shaped text, before the application that they were shaped for ends."""
    _shaped.kept.clear()


def _shape(canvas: Canvas, mark: Text) -> tuple[Piece, ...]:
    pieces, x = [], 0.0
    for run in mark.runs:
        size = run_size(run, mark.size)
        font_size = _font_size(canvas, size)
        weight, italic = run_weight(run, mark.weight), run_italic(run, mark.italic)
        font = qfont(mark.font, font_size, weight, italic, plain=not canvas.crisp)
        metrics, scale = QFontMetricsF(font), size / font_size
        static = QStaticText(run.text)
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        ink, y = pen(run.color or mark.color), run_drop(run, mark.size)
        pieces.append(Piece(x, y, ink, font, static, metrics.ascent(), scale))
        x += metrics.horizontalAdvance(run.text) * scale
    back = x * {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.anchor]
    return tuple(piece._replace(x=piece.x - back) for piece in pieces)


def _font_size(canvas: Canvas, size: float) -> int:
    """The whole size nearest to what the device shows: the shapes of letters depend on it."""
    return max(round(size * canvas.scale), 1) if canvas.crisp else MASTER_SIZE


def _pieces(canvas: Canvas, mark: Text) -> tuple[Piece, ...]:
    key = (
        mark.runs,
        mark.color,
        mark.size,
        mark.font,
        mark.weight,
        mark.italic,
        mark.anchor,
        canvas.scale,
        canvas.crisp,
    )
    pieces = _shaped.kept.get(key)
    if pieces is None:
        if len(_shaped.kept) >= _KEPT:
            _shaped.kept.clear()
        pieces = _shaped.kept[key] = _shape(canvas, mark)
    return pieces


def paint_text(canvas: Canvas, mark: Text) -> None:
    """Paint a line of text."""
    if mark.size * canvas.scale < _SMALLEST or not _seen(canvas, mark):
        return
    if not mark.rotation:
        _paint_pieces(canvas, _pieces(canvas, mark), mark.x, mark.y)
        return
    painter = canvas.painter
    painter.save()
    painter.translate(mark.x, mark.y)
    painter.rotate(mark.rotation)
    _paint_pieces(canvas, _pieces(canvas, mark), 0.0, 0.0)
    painter.restore()


def _seen(canvas: Canvas, mark: Text) -> bool:
    """Whether a text may be visible, by a bound that needs no measuring."""
    inside = canvas.left <= mark.x <= canvas.right and canvas.top <= mark.y <= canvas.low
    if inside:
        return True
    reach = mark.size * (1 + sum(len(run.text) for run in mark.runs))
    if mark.rotation:
        return canvas.sees(mark.x - reach, mark.y - reach, 2 * reach, 2 * reach)
    left = mark.x - (0.0 if mark.anchor == "start" else reach)
    return canvas.sees(left, mark.y - 1.5 * mark.size, reach * 2, 2.5 * mark.size)


def _paint_pieces(canvas: Canvas, pieces: tuple[Piece, ...], x: float, y: float) -> None:
    painter, crisp = canvas.painter, canvas.crisp
    for dx, dy, ink, font, static, ascent, scale in pieces:
        painter.setPen(ink)
        painter.setFont(font)
        left, line = x + dx, y + dy
        exact = -1e-9 < scale - 1.0 < 1e-9
        if not exact:
            painter.save()
            painter.scale(scale, scale)
            left, line = left / scale, line / scale
        if crisp:
            painter.drawStaticText(QPointF(left, line - ascent), static)
        else:
            painter.drawText(QPointF(left, line), static.text())
        if not exact:
            painter.restore()
