"""A few timesteps as columns, both ways one above the other, and how far apart they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.colorbar import plain
from rnnviz.figures.elision import elided, kept_steps
from rnnviz.figures.plots import tab
from rnnviz.figures.sides.formula import math_text
from rnnviz.figures.sides.subject import Floats, Subject, Which
from rnnviz.figures.sides.vectors import draw_vector, units_note
from rnnviz.figures.sides.wording import hued_letters
from rnnviz.figures.strips import future_dash
from rnnviz.figures.token_cards import token_card
from rnnviz.scene.marks import Mark, Rect, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

_PITCH = (92.0, 132.0)  # px of a column, at least and at most
_NAMES = 148.0  # px for the rows' names
_ELLIPSIS = 20.0
_INSET = 8.0  # px of a column left and right of its strips
_TOP, _ROW, _STRIP, _PART = 34.0, 25.0, 18.0, 9.0
_BAR, _NO_BAR = 34.0, 18.0  # px above the line on which the bars stand
_WHOLE = 58.0  # px of the bars of every timestep, their title included


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


@dataclass(frozen=True)
class Columns:
    """Where the timesteps stand.

    Attributes:
        kept: those that are shown.
        left: where each of them begins.
        pitch: from one to the next.
    """

    kept: tuple[int, ...]
    left: tuple[float, ...]
    pitch: float

    @property
    def right(self) -> float:
        return self.left[-1] + self.pitch


def columns_of(subject: Subject, x: float, width: float) -> Columns:
    """The timesteps that a width has room for."""
    room = width - _NAMES
    most = max(3, int((room - 2 * _ELLIPSIS) / _PITCH[0]))
    kept = kept_steps(subject.length, {subject.t}, most)
    breaks = elided(kept)
    pitch = min((room - _ELLIPSIS * sum(breaks)) / len(kept), _PITCH[1])
    left = [x + _NAMES]
    for is_elided in breaks:
        left.append(left[-1] + pitch + (_ELLIPSIS if is_elided else 0.0))
    return Columns(kept, tuple(left), pitch)


def timeline_note(subject: Subject, width: float) -> str:
    """How many units share a cell, where they do."""
    strip = columns_of(subject, 0.0, width).pitch - 2 * _INSET
    return units_note(subject, strip)


def timeline_height(subject: Subject, width: float) -> float:
    """How tall the columns are with what is below them."""
    columns = columns_of(subject, 0.0, width)
    whole = _WHOLE if _has_more(subject, columns) else 0.0
    return _lanes_height(subject) + _tokens_height(subject) + _bars_height(subject) + 26.0 + whole


def _has_more(subject: Subject, columns: Columns) -> bool:
    """Whether differences other than rounding may lie at timesteps that are not shown."""
    return len(columns.kept) < subject.length and _most(subject) > subject.tolerance


def _lanes_height(subject: Subject) -> float:
    found = lanes(subject)
    return _TOP + _ROW * len(found) + _PART * sum(lane.begins for lane in found)


def _bars_height(subject: Subject) -> float:
    return _BAR if _most(subject) > subject.tolerance else _NO_BAR


def _tokens_height(subject: Subject) -> float:
    return 0.0 if subject.pr.ids is None else 26.0


def draw_timeline(subject: Subject, x: float, y: float, width: float, style: Style) -> list[Mark]:
    """The columns from (x, y) on."""
    columns = columns_of(subject, x, width)
    height = _lanes_height(subject) + _tokens_height(subject) + _bars_height(subject) + 16.0
    marks = _slab(subject, columns, y, height, style)
    top = y + _TOP
    for lane in lanes(subject):
        top += _PART if lane.begins else 0.0
        marks += _lane(subject, lane, columns, (x, top), style)
        top += _ROW
    if subject.pr.ids is not None:
        marks += _tokens(subject, columns, (x, top + 2), style)
        top += _tokens_height(subject)
    marks += _bars(subject, columns, (x, top + 4), style)
    marks += _ellipses(columns, y, style)
    if _has_more(subject, columns):
        marks += _all_bars(subject, (x, y + height + 10), columns.right, style)
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
        end = x + _NAMES - 12
        marks.append(label(lane.words, end, base - 0.5, style.ui.muted, 11, anchor="end"))
    for t, left in zip(columns.kept, columns.left, strict=True):
        box = (left + _INSET, y, columns.pitch - 2 * _INSET, _STRIP)
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
        width = min(columns.pitch - 2 * _INSET, 48.0)
        box = (left + (columns.pitch - width) / 2, y, width, 20.0)
        token = around.token(int(ids[t, subject.sequence]))
        key = Element("ids", t=t, sequence=subject.sequence)
        marks += token_card(box, token, style, key, faint=t > subject.t)
    return marks


def _bars(
    subject: Subject, columns: Columns, corner: tuple[float, float], style: Style
) -> list[Mark]:
    """The largest difference of every column, as a bar where it is more than rounding."""
    x, y = corner
    low = y + _bars_height(subject)
    marks: list[Mark] = [
        label("max |Δ|", x, low - 2, style.ui.text_secondary, 11),
        Rect(columns.left[0], low, columns.right - columns.left[0], 1, fill=style.ui.border),
    ]
    most = _most(subject)
    for t, left in zip(columns.kept, columns.left, strict=True):
        if t >= subject.compared:
            continue
        found, middle = float(subject.differences[t]), left + columns.pitch / 2
        tall = (_BAR - 16) * found / most if found > subject.tolerance else 0.0
        if tall:
            marks.append(Rect(middle - 9, low - tall, 18, tall, fill=style.ui.text_secondary))
        ink = style.ui.text if tall else style.ui.muted
        marks.append(label(plain(found), middle, low - tall - 4, ink, 10.5, anchor="middle"))
    return marks


def _most(subject: Subject) -> float:
    """The largest difference of the whole run, so that bars stand still."""
    found = subject.differences[np.isfinite(subject.differences)]
    return max(float(found.max(initial=0.0)), subject.tolerance)


def _ellipses(columns: Columns, y: float, style: Style) -> list[Text]:
    return [
        label(
            "…", left + columns.pitch + _ELLIPSIS / 2, y + 19, style.ui.muted, 12, anchor="middle"
        )
        for left, is_elided in zip(columns.left, elided(columns.kept), strict=False)
        if is_elided
    ]


def _all_bars(
    subject: Subject, corner: tuple[float, float], right: float, style: Style
) -> list[Mark]:
    """The largest difference at every timestep of a sequence that has more than are shown."""
    x, y = corner
    left, low = x + _NAMES, y + _WHOLE - 20
    marks: list[Mark] = [
        label("max |Δ|", x, low - 12, style.ui.text_secondary, 11),
        label("every timestep", x, low + 2, style.ui.muted, 11),
        Rect(left, low, right - left, 1, fill=style.ui.border_strong),
        label("1", left, low + 14, style.ui.muted, 10.5),
        label(str(subject.length), right, low + 14, style.ui.muted, 10.5, anchor="end"),
    ]
    pitch = (right - left) / subject.length
    stride = max(1, int(np.ceil(2.0 / pitch)))
    known = subject.differences[: subject.compared]
    heights = np.nan_to_num(known) / _most(subject) * (_WHOLE - 24)
    tops = (heights[start : start + stride].max() for start in range(0, len(heights), stride))
    wide = stride * pitch
    for place, tall in enumerate(map(float, tops)):
        if tall >= 0.5:
            bar = (left + place * wide, low - tall, max(wide - (wide > 4), 1.0), tall)
            marks.append(Rect(*bar, fill=style.ui.text_secondary))
    if subject.compared < subject.length:
        start = left + subject.compared * pitch
        ahead = (start, low - (_WHOLE - 24), right - start, _WHOLE - 24)
        marks.append(Rect(*ahead, stroke=style.ui.border, radius=2, dash=future_dash(style)))
    if subject.is_started:
        middle = left + (subject.t + 0.5) * pitch
        name = f"t = {subject.t + 1}"
        half = text_width(name, 10.5) / 2
        at = min(max(middle, left + half + 14), right - half - 40)
        marks.append(Rect(middle - 0.75, low - (_WHOLE - 24), 1.5, _WHOLE - 20, fill=style.ui.text))
        marks.append(label(name, at, low + 14, style.ui.text, 10.5, weight=600, anchor="middle"))
    return marks
