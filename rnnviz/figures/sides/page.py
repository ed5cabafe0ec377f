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
from rnnviz.scene.marks import Mark, Rect, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, runs_width, text_width

MARGIN = 24.0
_WIDTHS = (600.0, 1400.0)
_STACKED = 920.0  # px below which both sides stand one above the other
_BETWEEN = 76.0
_NEAR = 24.0  # between columns of which nothing is said between
_TOP = 12.0
_CARD, _LINE, _CODE = 14.0, 17.0, 11.5
_SMALL_CODE = 10.5
_HEAD = 66.0  # px of a card's headings
_HEADS = 0.51  # of a card that has its code beside its headings
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
        self.stacked = self.width < _STACKED
        self.inner = self.width - 2 * MARGIN
        between = _NEAR if self.stacked else _BETWEEN
        self.column = (self.inner - between) / 2
        self.left = (MARGIN, MARGIN + self.column + between)
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
        most = max(len(lines) for lines in listings)
        if self.stacked:
            width, height = self.inner, max(_HEAD, _LINE * most + 20)
            places = [(MARGIN, self.y), (MARGIN, self.y + height + 10)]
            code, inset = width * (1 - _HEADS), (width * _HEADS, 12.0)
        else:
            width, height = self.column, _HEAD + _LINE * most + 6
            places = [(x, self.y) for x in self.left]
            code, inset = width, (0.0, _HEAD)
        for (x, y), heading, lines in zip(places, headings(self.subject), listings, strict=True):
            ui = self.style.ui
            self.marks += [
                Rect(x, y, width, height, ui.card, ui.border_strong, radius=8),
                label(heading.title, x + _CARD, y + 22, ui.text, 13, weight=600),
                self._formula(heading.formula, x + _CARD, y + 45),
            ]
            self._code(lines, x + inset[0], y + inset[1], code)
            self.y = y + height

    def _formula(self, formula: str, x: float, y: float) -> Text:
        """A formula, smaller where its card has its code beside it."""
        room = self.inner * _HEADS - _CARD if self.stacked else self.column
        found = [
            math_text(formula, x, y, self.style, size, hued=hued_letters(self.subject))
            for size in (15, 13, 12)
        ]
        return next((text for text in found if runs_width(text) <= room), found[-1])

    def _code(self, lines: tuple[Line, ...], x: float, y: float, width: float) -> None:
        ui, room = self.style.ui, width - 2 * _CARD
        longest = max(text_width(line.text, _CODE, "mono") for line in lines)
        size = _CODE if longest <= room else _SMALL_CODE
        for number, line in enumerate(lines):
            top = y + _LINE * number
            if line.told:
                self.marks.append(Rect(x + 6, top - 1, width - 12, _LINE, ui.accent_soft, radius=3))
            text = elide(line.text, room, size, "mono")
            ink = ui.text if line.told else ui.text_secondary
            self.marks.append(label(text, x + _CARD, top + 11.5, ink, size, font="mono"))

    def _verdict(self) -> None:
        kind, text = verdict_of(self.subject)
        self.y += 26
        first, *rest = wrapped(text, self.inner - 20, 12)
        self.marks += verdict(MARGIN, self.y, kind, first, self.style)
        for line in rest:
            self.y += 17
            self.marks.append(label(line, MARGIN + 20, self.y, self.style.ui.text, 12))

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
        width = self.inner if self.stacked else self.column
        units = step_note(self.subject, width, self.style)
        notes = (note for note in (place(self.subject), units) if note)
        self._title(step_title(self.subject), "; ".join(notes))
        left = (MARGIN, MARGIN) if self.stacked else self.left
        self.marks += draw_step(self.subject, left, self.y, width, self.style)
        self.y += step_height(self.subject, stacked=self.stacked) - 6

    def _timeline(self) -> None:
        width = self.inner
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
