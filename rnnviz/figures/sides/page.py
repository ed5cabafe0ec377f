"""The whole page: code, verdict, the step that is written out, timesteps, weights."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.figures.remarks import caption, verdict, wrapped
from rnnviz.figures.sides.formula import math_text
from rnnviz.figures.sides.groups import groups
from rnnviz.figures.sides.listings import Line, listing
from rnnviz.figures.sides.matrices import arrange, draw_group
from rnnviz.figures.sides.step import draw_step, step_height, step_note
from rnnviz.figures.sides.subject import SIDES, Subject
from rnnviz.figures.sides.timeline import draw_timeline, timeline_height, timeline_note
from rnnviz.figures.sides.wording import (
    headings,
    hued_letters,
    place,
    remark,
    step_title,
    verdict_of,
)
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label

MARGIN = 24.0
_WIDTHS = (920.0, 1400.0)
_BETWEEN = 76.0
_TOP = 12.0
_CARD, _LINE, _CODE = 14.0, 17.0, 11.5
_HEAD = 66.0  # px of a card's headings
_TITLE = 36.0  # px of a section's title
_APART = 22.0  # px between sections


@dataclass(frozen=True)
class Page:
    """Everything, at 100 %."""

    marks: tuple[Mark, ...]
    width: float
    height: float


def page(subject: Subject, pane: float, style: Style) -> Page:
    """The page in a pane of a width."""
    return _Draft(subject, pane, style).page()


class _Draft:
    """A page as it is put together from the top."""

    def __init__(self, subject: Subject, pane: float, style: Style) -> None:
        self.subject, self.style = subject, style
        self.width = min(max(pane, _WIDTHS[0]), _WIDTHS[1])
        self.column = (self.width - 2 * MARGIN - _BETWEEN) / 2
        self.left = (MARGIN, MARGIN + self.column + _BETWEEN)
        self.marks: list[Mark] = []
        self.y = _TOP

    def page(self) -> Page:
        self._cards()
        self._verdict()
        self._step()
        self._timeline()
        self._weights()
        return Page(tuple(self.marks), self.width, self.y)

    def _cards(self) -> None:
        """What either side is, in words, as a formula and in code."""
        listings = [listing(self.subject, which) for which in SIDES]
        height = _HEAD + _LINE * max(len(lines) for lines in listings) + 6
        for x, heading, lines in zip(self.left, headings(self.subject), listings, strict=True):
            ui = self.style.ui
            box = (x, self.y, self.column, height)
            self.marks += [
                Rect(*box, ui.card, ui.border_strong, radius=8),
                label(heading.title, x + _CARD, self.y + 22, ui.text, 13, weight=600),
                math_text(
                    heading.formula,
                    x + _CARD,
                    self.y + 45,
                    self.style,
                    15,
                    hued=hued_letters(self.subject),
                ),
            ]
            self._code(lines, x, self.y + _HEAD)
        self.y += height

    def _code(self, lines: tuple[Line, ...], x: float, y: float) -> None:
        ui = self.style.ui
        for number, line in enumerate(lines):
            top = y + _LINE * number
            if line.told:
                self.marks.append(
                    Rect(x + 6, top - 1, self.column - 12, _LINE, ui.accent_soft, radius=3)
                )
            text = elide(line.text, self.column - 2 * _CARD, _CODE, "mono")
            ink = ui.text if line.told else ui.text_secondary
            self.marks.append(label(text, x + _CARD, top + 11.5, ink, _CODE, font="mono"))

    def _verdict(self) -> None:
        kind, text = verdict_of(self.subject)
        self.y += 26
        self.marks += verdict(MARGIN, self.y, kind, text, self.style)

    def _title(self, text: str, note: str = "") -> None:
        """A section's title, and at the right what is to be known of it."""
        self.y += _APART
        ui, right = self.style.ui, self.width - MARGIN
        self.marks += [
            Rect(MARGIN, self.y, right - MARGIN, 1, fill=ui.border),
            label(text, MARGIN, self.y + 20, ui.text, 12, weight=600),
        ]
        if note:
            self.marks.append(label(note, right, self.y + 20, ui.muted, 11, anchor="end"))
        self.y += _TITLE

    def _step(self) -> None:
        units = step_note(self.subject, self.column, self.style)
        notes = (note for note in (place(self.subject), units) if note)
        self._title(step_title(self.subject), "; ".join(notes))
        self.marks += draw_step(self.subject, self.left, self.y, self.column, self.style)
        self.y += step_height(self.subject) - 6

    def _timeline(self) -> None:
        width = self.width - 2 * MARGIN
        self._title("Timesteps", timeline_note(self.subject, width))
        self.marks += draw_timeline(self.subject, MARGIN, self.y - 8, width, self.style)
        self.y += timeline_height(self.subject, width) - 8

    def _weights(self) -> None:
        sides = [groups(self.subject, which) for which in SIDES]
        slots, height = arrange(sides[0], sides[1], self.column)
        merged = any(slot.is_merged for slot in slots)
        note = "a cell of a large matrix stands for the largest of several numbers"
        self._title("Weights, each beside its twin", note if merged else "")
        for x, side in zip(self.left, sides, strict=True):
            for group, slot in zip(side, slots, strict=False):
                self.marks += draw_group(self.subject, group, slot, (x, self.y), self.style)
        self.y += height + 20
        self._remarks()

    def _remarks(self) -> None:
        lines = 0
        for x, which in zip(self.left, SIDES, strict=True):
            said = remark(self.subject, which)
            self.marks += caption(said, x, self.y, self.column, self.style)
            lines = max(lines, len(wrapped(said, self.column)))
        self.y += 15 * lines + 8
