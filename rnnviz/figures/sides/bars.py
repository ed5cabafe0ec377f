"""How far apart both sides are, timestep by timestep: the largest difference as a bar."""

from __future__ import annotations

import numpy as np

from rnnviz.figures.colorbar import plain
from rnnviz.figures.sides.columns import NAMES, Columns
from rnnviz.figures.sides.subject import Subject
from rnnviz.figures.strips import future_dash
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

_BAR, _NO_BAR = 34.0, 18.0  # px above the line on which the bars stand
WHOLE = 58.0  # px of the bars of every timestep, their title included


def has_more(subject: Subject, columns: Columns) -> bool:
    """Whether differences other than rounding may lie at timesteps that are not shown."""
    return len(columns.kept) < subject.length and _most(subject) > subject.tolerance


def bars_height(subject: Subject) -> float:
    """How tall the bars of the columns are with their numbers, px."""
    return _BAR if _most(subject) > subject.tolerance else _NO_BAR


def draw_bars(
    subject: Subject, columns: Columns, corner: tuple[float, float], style: Style
) -> list[Mark]:
    """The largest difference of every column, as a bar where it is more than rounding."""
    x, y = corner
    low = y + bars_height(subject)
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


def draw_all_bars(
    subject: Subject, corner: tuple[float, float], right: float, style: Style
) -> list[Mark]:
    """The largest difference at every timestep of a sequence that has more than are shown."""
    x, y = corner
    left, low = x + NAMES, y + WHOLE - 20
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
    heights = np.nan_to_num(known) / _most(subject) * (WHOLE - 24)
    tops = (heights[start : start + stride].max() for start in range(0, len(heights), stride))
    wide = stride * pitch
    for place, tall in enumerate(map(float, tops)):
        if tall >= 0.5:
            bar = (left + place * wide, low - tall, max(wide - (wide > 4), 1.0), tall)
            marks.append(Rect(*bar, fill=style.ui.text_secondary))
    if subject.compared < subject.length:
        start = left + subject.compared * pitch
        ahead = (start, low - (WHOLE - 24), right - start, WHOLE - 24)
        marks.append(Rect(*ahead, stroke=style.ui.border, radius=2, dash=future_dash(style)))
    if subject.is_started:
        middle = left + (subject.t + 0.5) * pitch
        name = f"t = {subject.t + 1}"
        half = text_width(name, 10.5) / 2
        at = min(max(middle, left + half + 14), right - half - 40)
        marks.append(Rect(middle - 0.75, low - (WHOLE - 24), 1.5, WHOLE - 20, fill=style.ui.text))
        marks.append(label(name, at, low + 14, style.ui.text, 10.5, weight=600, anchor="middle"))
    return marks
