"""The key: whose letter is whose, and what is marked."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.figures.colorbar import bar, end_labels
from rnnviz.figures.compared import DIFFERENCE, ORIGINAL
from rnnviz.figures.rows.cells import badge
from rnnviz.figures.rows.subject import Subject, letter
from rnnviz.figures.tints import sequence_mark
from rnnviz.scene.compose import translate
from rnnviz.scene.marks import Clip, Mark, Rect, Scene
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

_MARGIN = 24.0
_LINE = 26.0
_GAP = 22.0
_LETTERS = 6
_BAR = 96.0
_Entry = tuple[float, list[Mark]]  # its width, and its marks from x = 0 about y = 0


def draw_legend(subject: Subject, width: float, style: Style) -> Scene:
    """The entries one after another, in as many lines as they need."""
    x, y = _MARGIN, 20.0
    marks: list[Mark] = []
    for wide, entry in _entries(subject, style):
        if x > _MARGIN and x + wide > width - _MARGIN:
            x, y = _MARGIN, y + _LINE
        marks += translate(entry, x, y)
        x += wide + _GAP
    clip = Clip(0, 0, width, y + 16, tuple(marks))
    return Scene(width, y + 16, (clip,), style.background, "Key to view and transpose")


def _entries(subject: Subject, style: Style) -> list[_Entry]:
    ui = style.ui
    words = {"old": ORIGINAL, "difference": DIFFERENCE}.get(subject.seen.showing, "")
    entries: list[_Entry] = [_words(words, style, 600)] if words else []
    for n in range(min(subject.N, _LETTERS)):
        key = Element("x", layer=0, sequence=n)
        mark = sequence_mark(9, 0, n, subject.N, style, 9, name=letter(n), key=key)
        entries.append(_beside(f"sequence {n}", 19, list(mark), style))
    if subject.N > _LETTERS:
        last = subject.N - 1
        entries.append(_words(f"… to {letter(last)}, sequence {last}", style))
    entries.append(_words("A2: its timestep 2", style))
    frame = Rect(0, -7, 22, 14, stroke=ui.error, stroke_width=1.75, radius=4)
    entries.append(
        _beside("not what belongs here", 28, [frame, *badge(22, -6, False, style)], style)
    )
    if any(length < subject.L for length in subject.lengths):
        role = style.role("padding")
        box = Rect(0, -7, 22, 14, fill=role.fill, stroke=role.line, hatch=role.line, radius=3)
        entries.append(_beside("padding", 22, [box], style))
    if subject.pr.ids is None:
        entries.append(_scale(subject, style))
    return entries


def _scale(subject: Subject, style: Style) -> _Entry:
    low, high = end_labels(subject.limit, signed=True)
    left = text_width(low, 10.5) + 6
    muted = style.ui.muted
    marks: list[Mark] = [
        label(low, left - 6, 4, muted, 10.5, anchor="end"),
        bar(left, -4, _BAR, 8, style.signed),
        label(high, left + _BAR + 6, 4, muted, 10.5),
    ]
    return left + _BAR + 6 + text_width(high, 10.5), marks


def _words(text: str, style: Style, weight: int = 400) -> _Entry:
    return text_width(text, 11.5, weight=weight), [
        label(text, 0, 4, style.ui.text_secondary, 11.5, weight=weight)
    ]


def _beside(text: str, wide: float, marks: list[Mark], style: Style) -> _Entry:
    said = label(text, wide + 8, 4, style.ui.text_secondary, 11.5)
    return wide + 8 + text_width(text, 11.5), [*marks, said]
