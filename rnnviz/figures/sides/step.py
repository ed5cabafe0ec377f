"""One timestep written out, row by row, each number beside its twin."""

from __future__ import annotations

import numpy as np

from rnnviz.figures.colorbar import plain
from rnnviz.figures.sides.formula import math_text
from rnnviz.figures.sides.subject import SIDES, Floats, Subject, Which
from rnnviz.figures.sides.vectors import draw_vector, units_note
from rnnviz.figures.sides.wording import Row, Term, hued_letters, rows
from rnnviz.scene.marks import Mark, Run, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import runs_width

PITCH = 34.0
_STRIP = 21.0
_WIDEST = 58.0  # px of a number's cell
_GAP = 12.0
_BELOW = 24.0  # from the one side to the other where they stand one above the other
_BESIDE = 60.0  # px for how far apart they are, then


def step_height(subject: Subject, *, stacked: bool = False) -> float:
    """How tall all rows are together."""
    return (PITCH + stacked * _BELOW) * len(rows(subject))


def step_note(subject: Subject, width: float, style: Style) -> str:
    """How many units share a cell, where they do."""
    return units_note(subject, width - _label_width(subject, rows(subject), style))


def draw_step(
    subject: Subject, columns: tuple[float, float], y: float, width: float, style: Style
) -> list[Mark]:
    """The rows from y on.

    Args:
        columns: where the two columns begin; where both are one, the sides of a row stand one
            above the other.
        width: of each.
    """
    marks: list[Mark] = []
    found, stacked = rows(subject), columns[0] == columns[1]
    inset = _label_width(subject, found, style)
    room = width - inset - (_BESIDE if stacked else 0.0)
    middle = (columns[0] + width + columns[1]) / 2 if not stacked else columns[0] + width - 26
    below = _BELOW if stacked else 0.0
    for place, row in enumerate(found):
        top = y + (PITCH + below) * place
        values = (_values(subject, row.left, "left"), _values(subject, row.right, "right"))
        for which, x, lower in zip(SIDES, columns, (0.0, below), strict=True):
            marks += _term(subject, row, which, (x + inset, top + lower, room, _STRIP), style)
        if row.compared:
            marks += _between(subject, values, middle, top + below / 2, style)
    return marks


def _label_width(subject: Subject, found: tuple[Row, ...], style: Style) -> float:
    terms = (term for row in found for term in row[:2])
    texts = (math_text(term.formula, 0, 0, style, hued=hued_letters(subject)) for term in terms)
    return max(runs_width(text) for text in texts) + _GAP


def _values(subject: Subject, term: Term, which: Which) -> Floats | None:
    if not subject.is_known(term.name, subject.t):
        return None
    return subject.values(which, term.name, subject.t)


def _widths(subject: Subject, row: Row) -> tuple[int, int]:
    """How many numbers a row has on either side."""
    both = (subject.values(which, row.of(which).name, 0) for which in SIDES)
    left, right = (1 if values is None else len(values) for values in both)
    return left, right


def _term(
    subject: Subject,
    row: Row,
    which: Which,
    box: tuple[float, float, float, float],
    style: Style,
) -> list[Mark]:
    x, y, room, height = box
    term = row.of(which)
    sizes = _widths(subject, row)
    count = sizes[0] if which == "left" else sizes[1]
    width = count * min(_WIDEST, room / max(sizes))
    values = _values(subject, term, which)
    done = subject.is_known(term.name, subject.t)
    name = math_text(
        term.formula,
        x - _GAP,
        y + height / 2 + 4.5,
        style,
        hued=hued_letters(subject),
        muted=None if done else style.ui.disabled,
        anchor="end",
    )
    look, key = (term.role, term.limit), subject.key(which, term.name, subject.t)
    marks = draw_vector(subject, values, (x, y, width, height), look, key, style, known=done)
    return [name, *marks]


def _between(
    subject: Subject,
    values: tuple[Floats | None, Floats | None],
    middle: float,
    top: float,
    style: Style,
) -> list[Mark]:
    """Whether the numbers of a row are the same, and by how much they are not."""
    left, right = values
    if left is None or right is None:
        return []
    with np.errstate(invalid="ignore"):  # of two infinities: not a number, and so not the same
        gap = float(abs(right - left).max())
    same = gap <= subject.tolerance
    sign, color = ("=", style.ui.ok) if same else ("≠", style.ui.error)
    number = plain(gap) if gap else ""
    runs = (Run(sign, color, bold=True), Run(f" {number}" if number else ""))
    base = top + _STRIP / 2 + 4
    return [Text(middle, base, runs, style.ui.text_secondary, 10.5, anchor="middle")]
