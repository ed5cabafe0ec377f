"""A few timesteps as columns, both ways one above the other, and how far apart they are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.elision import elided
from rnnviz.figures.plots import tab
from rnnviz.figures.sides.bars import WHOLE, bars_height, draw_all_bars, draw_bars, has_more
from rnnviz.figures.sides.columns import ELLIPSIS, INSET, NAMES, Columns, columns_of
from rnnviz.figures.sides.formula import math_text
from rnnviz.figures.sides.subject import Floats, Subject, Which
from rnnviz.figures.sides.vectors import draw_vector, units_note
from rnnviz.figures.sides.wording import hued_letters
from rnnviz.figures.token_cards import token_card
from rnnviz.scene.marks import Mark, Rect, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label

_TOP, _ROW, _STRIP, _PART = 34.0, 25.0, 18.0, 9.0


class Lane(NamedTuple):
    """A row of the columns.

    Attributes:
        formula, words: its name.
        which: side, or "gap" for the difference of both.
        name: of the vector.
        look: the role whose frame it has, and its colour range.
        begins: whether it stands a little apart from the one above it.
    """

    formula: str
    words: str
    which: str
    name: str
    look: tuple[str, str]
    begins: bool = False


def lanes(subject: Subject) -> tuple[Lane, ...]:
    """The rows from the top: outputs, states, what enters."""
    if subject.lesson == "projection":
        found = [
            Lane("h_t", "projected", "left", "h", ("h", "o")),
            Lane("Linear(h_t)", "", "right", "o", ("y", "o")),
            Lane("Δ", "right − left", "gap", "h", ("x", "gap"), begins=True),
        ]
    else:
        found = _cell_lanes(subject)
    return (*found, Lane("x_t", "", "left", "x", ("x", "x"), begins=True))


def _cell_lanes(subject: Subject) -> list[Lane]:
    words = ("by the loop", "by the module")
    if subject.lesson == "identity":
        words = ("not applied", "applied")
    names = [("h", "h_t", ("h", "h"))]
    if "V" in subject.sides.left_weights:
        names = [("o", "o_t", ("y", "o")), *names]
    found = []
    for place, (name, symbol, look) in enumerate(names):
        found.append(Lane(symbol, words[0], "left", name, look, begins=place > 0))
        found.append(Lane(symbol, words[1], "right", name, look))
    if subject.lesson == "identity":
        found.append(Lane("Δ h_t", "right − left", "gap", "h", ("x", "gap")))
    return found


def timeline_note(subject: Subject, width: float) -> str:
    """How many units share a cell, where they do."""
    strip = columns_of(subject, 0.0, width).pitch - 2 * INSET
    return units_note(subject, strip)


def timeline_height(subject: Subject, width: float) -> float:
    """How tall the columns are with what is below them."""
    columns = columns_of(subject, 0.0, width)
    whole = WHOLE if has_more(subject, columns) else 0.0
    return _lanes_height(subject) + _tokens_height(subject) + bars_height(subject) + 26.0 + whole


def _lanes_height(subject: Subject) -> float:
    found = lanes(subject)
    return _TOP + _ROW * len(found) + _PART * sum(lane.begins for lane in found)


def _tokens_height(subject: Subject) -> float:
    return 0.0 if subject.pr.ids is None else 26.0


def draw_timeline(subject: Subject, x: float, y: float, width: float, style: Style) -> list[Mark]:
    """The columns from (x, y) on."""
    columns = columns_of(subject, x, width)
    height = _lanes_height(subject) + _tokens_height(subject) + bars_height(subject) + 16.0
    marks = _slab(subject, columns, y, height, style)
    top = y + _TOP
    for lane in lanes(subject):
        top += _PART if lane.begins else 0.0
        marks += _lane(subject, lane, columns, (x, top), style)
        top += _ROW
    if subject.pr.ids is not None:
        marks += _tokens(subject, columns, (x, top + 2), style)
        top += _tokens_height(subject)
    marks += draw_bars(subject, columns, (x, top + 4), style)
    marks += _ellipses(columns, y, style)
    if has_more(subject, columns):
        marks += draw_all_bars(subject, (x, y + height + 10), columns.right, style)
    return marks


def _slab(subject: Subject, columns: Columns, y: float, height: float, style: Style) -> list[Mark]:
    """The names of the timesteps, the current one lit."""
    marks: list[Mark] = []
    for t, left in zip(columns.kept, columns.left, strict=True):
        middle = left + columns.pitch / 2
        if subject.is_started and t == subject.t:
            box = (left + 1, y, columns.pitch - 2, height)
            current = style.current
            marks.append(Rect(*box, current.fill, current.line, 1.5, radius=8))
            marks += tab(f"t = {t + 1}", middle, y + 15, style)
            continue
        ink = style.ui.text_secondary if t < subject.done else style.ui.disabled
        marks.append(label(f"t = {t + 1}", middle, y + 19, ink, 11, anchor="middle"))
    return marks


def _lane(
    subject: Subject, lane: Lane, columns: Columns, corner: tuple[float, float], style: Style
) -> list[Mark]:
    x, y = corner
    base = y + _STRIP / 2 + 4.5
    name = math_text(lane.formula, x, base, style, hued=hued_letters(subject))
    marks: list[Mark] = [name]
    if lane.words:
        end = x + NAMES - 12
        marks.append(label(lane.words, end, base - 0.5, style.ui.muted, 11, anchor="end"))
    for t, left in zip(columns.kept, columns.left, strict=True):
        box = (left + INSET, y, columns.pitch - 2 * INSET, _STRIP)
        marks += _strip(subject, lane, t, box, style)
    return marks


def _strip(
    subject: Subject, lane: Lane, t: int, box: tuple[float, float, float, float], style: Style
) -> list[Mark]:
    if lane.name == "o" and not subject.has_output(t):
        return []
    is_gap = lane.which == "gap"
    known = subject.is_known(lane.name, t)
    values, key = None, None
    if is_gap:
        values = _gap(subject, lane.name, t) if known else None
    else:
        which: Which = "left" if lane.which == "left" else "right"
        key = subject.key(which, lane.name, t)
        values = subject.values(which, lane.name, t) if known else None
    faint = float(style.tokens["opacity"]["future"]) if _is_ahead(subject, lane, t) else 1.0
    return draw_vector(
        subject, values, box, lane.look, key, style, known=known, opacity=faint, signed=is_gap
    )


def _gap(subject: Subject, name: str, t: int) -> Floats | None:
    """The difference of both; what is rounding counts as none."""
    found = subject.gap(name, t)
    if found is None:
        return None
    return np.where(np.abs(found) <= subject.tolerance, 0.0, found)


def _is_ahead(subject: Subject, lane: Lane, t: int) -> bool:
    """Whether an input is known but not yet read."""
    return lane.name == "x" and t > subject.t - (not subject.is_started)


def _tokens(
    subject: Subject, columns: Columns, corner: tuple[float, float], style: Style
) -> list[Mark]:
    x, y = corner
    ids, around = subject.pr.grid("ids"), subject.view.around
    assert around is not None
    marks: list[Mark] = [label("token", x, y + 14, style.ui.muted, 11)]
    for t, left in zip(columns.kept, columns.left, strict=True):
        width = min(columns.pitch - 2 * INSET, 48.0)
        box = (left + (columns.pitch - width) / 2, y, width, 20.0)
        token = around.token(int(ids[t, subject.sequence]))
        key = Element("ids", t=t, sequence=subject.sequence)
        marks += token_card(box, token, style, key, faint=t > subject.t)
    return marks


def _ellipses(columns: Columns, y: float, style: Style) -> list[Text]:
    return [
        label("…", left + columns.pitch + ELLIPSIS / 2, y + 19, style.ui.muted, 12, anchor="middle")
        for left, is_elided in zip(columns.left, elided(columns.kept), strict=False)
        if is_elided
    ]
