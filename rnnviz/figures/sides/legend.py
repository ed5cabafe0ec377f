"""The key: whose frame is whose, and the ranges of the colours."""

from __future__ import annotations

from collections.abc import Sequence

from rnnviz.figures.colorbar import bar, plain
from rnnviz.figures.compared import shown_words
from rnnviz.figures.sides.page import MARGIN
from rnnviz.figures.sides.subject import Subject
from rnnviz.scene.compose import translate
from rnnviz.scene.marks import Mark, Rect, Run, Scene, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, runs_width, text_box, text_width

_SECOND = 22.0  # px down to a second line
_HEIGHT = 40.0
_BASE = 25.0
_BAR = 84.0


def draw_legend(subject: Subject, width: float, style: Style) -> Scene:
    """Keys at the left, the scale at the right, or below where there is no room."""
    marks, x = _keys(subject, style)
    right, height = max(width - MARGIN, 0.0), _HEIGHT
    scale: Sequence[Mark] = _scale(subject, right, x + 20, style)
    if _left(scale) < x - 12:
        scale = translate(_scale(subject, right, MARGIN, style), 0, _SECOND)
        height += _SECOND
    return Scene(width, height, (*marks, *scale), title="Key to both sides")


def _left(scale: Sequence[Mark]) -> float:
    return min(text_box(mark)[0] for mark in scale if isinstance(mark, Text))


def _keys(subject: Subject, style: Style) -> tuple[list[Mark], float]:
    outputs = "output" if subject.lesson == "projection" else "scores"
    names = [("x", "x", "input and sums"), ("h", "h", "hidden"), ("y", "o", outputs)]
    if subject.lesson == "projection":
        names = [("x", "x", "input"), ("h", "h", "hidden"), ("c", "c", "cell"), ("y", "y", outputs)]
    elif subject.pr.pipeline.head is None:
        names = names[:2]
    marks: list[Mark] = []
    x = MARGIN
    for role, letter, words in names:
        hue = style.role(role)
        marks += [
            Rect(x, _BASE - 10, 20, 12, hue.fill, hue.line, 1.25, radius=2),
            Text(x + 27, _BASE, (Run(letter, italic=True),), hue.text, 14, font="math"),
            label(words, x + 39, _BASE, style.ui.text_secondary, 11.5),
        ]
        x += 39 + text_width(words, 11.5) + 18
    return marks, x


def _scale(subject: Subject, right: float, left: float, style: Style) -> list[Mark]:
    """The bar, and where its colours end for each kind of value."""
    shown = shown_words(subject.view)
    limits = subject.limits
    kinds = [("h", "h", "h"), ("x", "x", "x"), ("o", "y", "o"), ("weight", "x", "weights")]
    if subject.lesson == "projection":
        kinds[2:2] = [("c", "c", "c")]
        kinds = [(kind, role, "output" if kind == "o" else name) for kind, role, name in kinds]
    elif subject.pr.pipeline.head is None:
        kinds = [kind for kind in kinds if kind[0] != "o"]
    if float(subject.differences.max(initial=0.0)) > subject.tolerance:
        kinds.append(("gap", "x", "Δ"))
    runs: list[Run] = []
    for kind, role, name in kinds:
        runs += [Run("   " if runs else "")]
        runs += [Run(name, style.role(role).text, bold=True), Run(f" ±{plain(limits[kind])}")]
    text = Text(right, _BASE, tuple(runs), style.ui.text_secondary, 11, anchor="end")
    start = right - runs_width(text) - 12 - _BAR
    marks: list[Mark] = [text]
    if start >= left:
        marks += [
            bar(start, _BASE - 8, _BAR, 8, style.signed),
            Rect(
                start,
                _BASE - 8,
                _BAR,
                8,
                stroke=style.ui.border_strong,
                stroke_width=0.75,
                opacity=0.6,
            ),
        ]
    if shown and start - 12 - text_width(shown, 11) >= left:
        marks.append(label(shown, start - 10, _BASE, style.ui.text, 11, weight=600, anchor="end"))
    return marks
