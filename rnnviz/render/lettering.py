"""Text on a painter: runs, indices, anchors, at any fractional size."""

from __future__ import annotations

import threading
from typing import NamedTuple

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QStaticText

from rnnviz.render.canvas import Canvas
from rnnviz.render.fonts import MASTER_SIZE, qfont
from rnnviz.render.pens import pen
from rnnviz.scene.marks import Run, Text
from rnnviz.scene.text import run_drop, run_italic, run_size, run_weight

_KEPT = 4096
_SMALLEST = 2.0  # device px; smaller text is not painted
_Key = tuple[str, str, int, int, bool]


class Lettering(NamedTuple):
    """A run, shaped: `advance` and `ascent` in px at the whole size of its font."""

    font: QFont
    size: int
    advance: float
    ascent: float
    static: QStaticText


class _Shaped(threading.local):
    """Shaped runs by text and font; each thread keeps its own."""

    def __init__(self) -> None:
        self.kept: dict[_Key, Lettering] = {}


_shaped = _Shaped()


def forget_lettering() -> None:
    """Drop every shaped run, before the application that they were shaped for ends."""
    _shaped.kept.clear()


def _shape(run: Run, text: Text, size: int) -> Lettering:
    weight, italic = run_weight(run, text.weight), run_italic(run, text.italic)
    key = (run.text, text.font, size, weight, italic)
    shaped = _shaped.kept.get(key)
    if shaped is None:
        if len(_shaped.kept) >= _KEPT:
            _shaped.kept.clear()
        font = qfont(text.font, size, weight, italic)
        metrics = QFontMetricsF(font)
        static = QStaticText(run.text)
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        advance = metrics.horizontalAdvance(run.text)
        shaped = Lettering(font, size, advance, metrics.ascent(), static)
        _shaped.kept[key] = shaped
    return shaped


def _font_size(canvas: Canvas, size: float) -> int:
    """The whole size nearest to what the device shows: the shapes of letters depend on it."""
    return max(round(size * canvas.scale), 1) if canvas.crisp else MASTER_SIZE


def paint_text(canvas: Canvas, mark: Text) -> None:
    """Paint a line of text."""
    if mark.size * canvas.scale < _SMALLEST or not _seen(canvas, mark):
        return
    shaped = []
    width = 0.0
    for run in mark.runs:
        size = run_size(run, mark.size)
        letters = _shape(run, mark, _font_size(canvas, size))
        shaped.append((run, letters, size / letters.size))
        width += letters.advance * size / letters.size
    left = mark.x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.anchor]
    painter = canvas.painter
    if mark.rotation:
        painter.save()
        painter.translate(mark.x, mark.y)
        painter.rotate(mark.rotation)
        painter.translate(-mark.x, -mark.y)
    for run, letters, scale in shaped:
        painter.setPen(pen(run.color or mark.color))
        _paint_run(canvas, letters, left, mark.y + run_drop(run, mark.size), scale)
        left += letters.advance * scale
    if mark.rotation:
        painter.restore()


def _seen(canvas: Canvas, mark: Text) -> bool:
    """Whether a text may be visible, by a bound that needs no measuring."""
    reach = mark.size * (1 + sum(len(run.text) for run in mark.runs))
    if mark.rotation:
        return canvas.sees(mark.x - reach, mark.y - reach, 2 * reach, 2 * reach)
    left = mark.x - (0.0 if mark.anchor == "start" else reach)
    return canvas.sees(left, mark.y - 1.5 * mark.size, reach * 2, 2.5 * mark.size)


def _paint_run(canvas: Canvas, letters: Lettering, x: float, y: float, scale: float) -> None:
    painter = canvas.painter
    painter.setFont(letters.font)
    exact = abs(scale - 1.0) < 1e-9
    if not exact:
        painter.save()
        painter.scale(scale, scale)
        x, y = x / scale, y / scale
    if canvas.crisp:
        painter.drawStaticText(QPointF(x, y - letters.ascent), letters.static)
    else:
        painter.drawText(QPointF(x, y), letters.static.text())
    if not exact:
        painter.restore()
