"""The key above the figure: what the cells, the ring and the hatch mean."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.colorbar import bar, end_labels, plain
from rnnviz.figures.compared import DIFFERENCE, ORIGINAL
from rnnviz.figures.scores.options import ScoresOptions
from rnnviz.figures.scores.subject import Subject
from rnnviz.figures.scores.vectors import target_marks
from rnnviz.figures.strips import aperture_strip
from rnnviz.figures.tints import sequence_mark
from rnnviz.scene.compose import translate
from rnnviz.scene.marks import Clip, Mark, Rect, Scene
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

_LINE = 26.0
_MARGIN = 24.0
_GAP = 20.0
_BAR = 72.0
_Entry = tuple[float, list[Mark]]  # its width, and its marks from x = 0 about y = 0


def draw_legend(subject: Subject, options: ScoresOptions, width: float, style: Style) -> Scene:
    """The entries one after another, in as many lines as they need."""
    x, y = _MARGIN, 20.0
    marks: list[Mark] = []
    for wide, entry in _entries(subject, options, style):
        if x > _MARGIN and x + wide > width - _MARGIN:
            x, y = _MARGIN, y + _LINE
        marks += translate(entry, x, y)
        x += wide + _GAP
    height = y + 16
    clip = Clip(0, 0, width, height, tuple(marks))
    return Scene(width, height, (clip,), style.background, "Key to scores and loss")


def _entries(subject: Subject, options: ScoresOptions, style: Style) -> Iterator[_Entry]:
    rows = subject.rows
    words = {"old": ORIGINAL, "difference": DIFFERENCE}.get(subject.view.showing, "")
    if words and subject.view.original is not None:
        yield (
            text_width(words, 11.5, weight=600),
            [label(words, 0, 4, style.ui.text, 11.5, weight=600)],
        )
    yield _scale(subject.name, rows.limit, style)
    if rows.probabilities is not None and options.probabilities:
        yield (
            _scale("probabilities", rows.probability_limit, style)
            if subject.is_difference
            else _windows(f"probability, 0 to {plain(rows.probability_limit)}", style)
        )
    if subject.takes_classes:
        yield _ring("target", style)
    compared = subject.compared
    if compared is not None and not compared.loss.takes_classes:
        yield _scale("losses", compared.limit, style)
    if compared is not None and not compared.counts.all():
        yield _hatch("does not count", style)
    if subject.gradients is not None:
        yield _scale(f"∂loss/∂{subject.name}", subject.gradient_limit, style, gradient=True)
    if subject.pr.form.N > 1:
        yield _sequence(subject.pr.form.N, style)


def _scale(text: str, limit: float, style: Style, gradient: bool = False) -> _Entry:
    low, high = end_labels(limit, signed=True)
    left = text_width(text, 11.5) + 10 + text_width(low, 10.5) + 6
    hue = style.role("gradient").text if gradient else style.ui.text_secondary
    muted = style.ui.muted
    marks: list[Mark] = [
        label(text, 0, 4, hue, 11.5),
        label(low, left - 6, 4, muted, 10.5, anchor="end"),
        bar(left, -4, _BAR, 8, style.signed),
        Rect(left, -4, _BAR, 8, stroke=style.ui.border_strong, stroke_width=0.75, opacity=0.6),
        label(high, left + _BAR + 6, 4, muted, 10.5),
    ]
    return left + _BAR + 6 + text_width(high, 10.5), marks


def _windows(text: str, style: Style) -> _Entry:
    levels, key = np.asarray((0.2, 0.7, 0.1)), None
    strip = aperture_strip((0, -7, 36, 14), levels, style.role("y"), key)
    return _beside(text, 36, list(strip), style)


def _ring(text: str, style: Style) -> _Entry:
    box = (0.0, -6.0, 12.0, 12.0)
    role = style.role("y")
    cell = Rect(*box, fill=role.fill, stroke=role.line)
    return _beside(text, 14, [cell, *target_marks(box, 0, 1, style)], style)


def _hatch(text: str, style: Style) -> _Entry:
    role = style.role("padding")
    box = Rect(0, -7, 22, 14, fill=role.fill, stroke=role.line, hatch=role.line, radius=3)
    return _beside(text, 22, [box], style)


def _sequence(count: int, style: Style) -> _Entry:
    mark = sequence_mark(9, 0, min(1, count - 1), count, style, 9, key=Element("lengths"))
    return _beside("row of the batch", 19, list(mark), style)


def _beside(text: str, wide: float, marks: list[Mark], style: Style) -> _Entry:
    said = label(text, wide + 8, 4, style.ui.text_secondary, 11.5)
    return wide + 8 + text_width(text, 11.5), [*marks, said]
