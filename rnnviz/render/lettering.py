"""Text on a painter: runs, indices, anchors, at any fractional size."""

from __future__ import annotations

import threading
from typing import NamedTuple

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontMetricsF, QGlyphRun, QPen, QRawFont, QTextLayout

from rnnviz.render.canvas import Canvas
from rnnviz.render.fonts import MASTER_SIZE, qfont
from rnnviz.render.pens import pen
from rnnviz.scene.marks import Anchor, Color, Font, Run, Text
from rnnviz.scene.text import run_drop, run_italic, run_size, run_weight

_KEPT = 8192
_SMALLEST = 2.0  # device px; smaller text is not painted
_STEPS = 8  # per device px: between these sizes letters look the same, and are kept
_SHARE = {"start": 0.0, "middle": 0.5, "end": 1.0}


class Letters(NamedTuple):
    """A piece of text, shaped at the master size.

    Attributes:
        glyphs: of each font that it takes, its name, the glyphs, and where they stand.
        width: of the whole piece.
    """

    glyphs: tuple[tuple[str, QRawFont, list[int], list[QPointF]], ...]
    width: float


Piece = tuple[QPen, QGlyphRun]
_Key = tuple[tuple[Run, ...], Color, Font, int, bool, Anchor, float]


class _Shaped(threading.local):
    """Texts that have been shaped, by all that they depend on; each thread keeps its own."""

    def __init__(self) -> None:
        self.letters: dict[tuple[str, Font, int, bool], Letters] = {}
        self.fonts: dict[tuple[str, float], QRawFont] = {}
        self.pieces: dict[_Key, tuple[Piece, ...]] = {}


_shaped = _Shaped()


def forget_lettering() -> None:
    """Drop every shaped text, before the application that they were shaped for ends."""
    _shaped.letters.clear()
    _shaped.fonts.clear()
    _shaped.pieces.clear()


def _letters(text: str, font: Font, weight: int, italic: bool) -> Letters:
    key = (text, font, weight, italic)
    found = _shaped.letters.get(key)
    if found is None:
        if len(_shaped.letters) >= _KEPT:
            _shaped.letters.clear()
        found = _shaped.letters[key] = _shape(*key)
    return found


def _shape(text: str, font: Font, weight: int, italic: bool) -> Letters:
    layout = QTextLayout(text, qfont(font, MASTER_SIZE, weight, italic))
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    base = line.ascent()
    glyphs = tuple(
        (
            _name(run.rawFont()),
            run.rawFont(),
            run.glyphIndexes(),
            [QPointF(place.x(), place.y() - base) for place in run.positions()],
        )
        for run in layout.glyphRuns()
    )
    return Letters(glyphs, line.horizontalAdvance())


def _name(font: QRawFont) -> str:
    return f"{font.familyName()} {font.styleName()} {font.weight()}"


def _sized(name: str, size: float, master: QRawFont) -> QRawFont:
    """A font at a fractional size, which a QFont cannot have."""
    font = _shaped.fonts.get((name, size))
    if font is None:
        font = QRawFont(master)
        font.setPixelSize(size)
        _shaped.fonts[name, size] = font
    return font


def _pieces(canvas: Canvas, mark: Text) -> tuple[Piece, ...]:
    size = max(round(mark.size * canvas.scale * _STEPS), 1) / _STEPS
    key = (
        mark.runs,
        mark.color,
        mark.font,
        mark.weight,
        mark.italic,
        mark.anchor,
        size,
    )
    pieces = _shaped.pieces.get(key)
    if pieces is None:
        if len(_shaped.pieces) >= _KEPT:
            _shaped.pieces.clear()
        pieces = _shaped.pieces[key] = tuple(_set(mark, size))
    return pieces


def _set(mark: Text, size: float) -> list[Piece]:
    """The runs of a text one after another, from where it stands, in device px."""
    found, x = [], 0.0
    for run in mark.runs:
        weight, italic = run_weight(run, mark.weight), run_italic(run, mark.italic)
        letters = _letters(run.text, mark.font, weight, italic)
        run_px = run_size(run, size)
        found.append((run, letters, run_px, x))
        x += letters.width * run_px / MASTER_SIZE
    back = x * _SHARE[mark.anchor]
    joined: dict[tuple[Color, int], tuple[QRawFont, list[int], list[QPointF]]] = {}
    for run, letters, run_px, start in found:
        left, scale, y = start - back, run_px / MASTER_SIZE, run_drop(run, size)
        for name, master, indices, places in letters.glyphs:
            font = _sized(name, run_px, master)
            _, all_indices, all_places = joined.setdefault(
                (run.color or mark.color, id(font)), (font, [], [])
            )
            all_indices += indices
            all_places += [
                QPointF(left + place.x() * scale, y + place.y() * scale) for place in places
            ]
    return [(pen(color), _glyph_run(*glyphs)) for (color, _), glyphs in joined.items()]


def _glyph_run(font: QRawFont, indices: list[int], places: list[QPointF]) -> QGlyphRun:
    run = QGlyphRun()
    run.setRawFont(font)
    run.setGlyphIndexes(indices)
    run.setPositions(places)
    return run


def paint_text(canvas: Canvas, mark: Text) -> None:
    """Paint a line of text."""
    if mark.size * canvas.scale < _SMALLEST or not _seen(canvas, mark):
        return
    set_text = _set_glyphs if canvas.crisp else _set_characters
    if not mark.rotation:
        set_text(canvas, mark, mark.x, mark.y)
        return
    painter = canvas.painter
    painter.save()
    painter.translate(mark.x, mark.y)
    painter.rotate(mark.rotation)
    set_text(canvas, mark, 0.0, 0.0)
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


def _set_glyphs(canvas: Canvas, mark: Text, x: float, y: float) -> None:
    """Text on px: its glyphs at the size that the device shows, each kept as a picture by Qt."""
    painter, scale = canvas.painter, canvas.scale
    if scale != 1.0:
        painter.save()
        painter.scale(1 / scale, 1 / scale)
        x, y = x * scale, y * scale
    place = QPointF(x, y)
    for ink, glyphs in _pieces(canvas, mark):
        painter.setPen(ink)
        painter.drawGlyphRun(place, glyphs)
    if scale != 1.0:
        painter.restore()


def _set_characters(canvas: Canvas, mark: Text, x: float, y: float) -> None:
    """Text as text, in files that can be searched."""
    painter = canvas.painter
    faces = [(run_weight(run, mark.weight), run_italic(run, mark.italic)) for run in mark.runs]
    sizes = [run_size(run, mark.size) / MASTER_SIZE for run in mark.runs]
    widths = [
        _plain_width(run.text, mark.font, *face) * scale
        for run, face, scale in zip(mark.runs, faces, sizes, strict=True)
    ]
    x -= sum(widths) * _SHARE[mark.anchor]
    for run, face, scale, width in zip(mark.runs, faces, sizes, widths, strict=True):
        painter.setPen(pen(run.color or mark.color))
        painter.setFont(qfont(mark.font, MASTER_SIZE, *face, plain=True))
        painter.save()
        painter.scale(scale, scale)
        painter.drawText(QPointF(x / scale, (y + run_drop(run, mark.size)) / scale), run.text)
        painter.restore()
        x += width


def _plain_width(text: str, font: Font, weight: int, italic: bool) -> float:
    metrics = QFontMetricsF(qfont(font, MASTER_SIZE, weight, italic, plain=True))
    return metrics.horizontalAdvance(text)
