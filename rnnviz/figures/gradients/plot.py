"""The sizes of gradients as lines over time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.gradients.axis import Axis, grid
from rnnviz.figures.gradients.curves import Curve, Dash
from rnnviz.figures.gradients.subject import Subject
from rnnviz.figures.plots import Box, tab
from rnnviz.figures.reduce import reduced
from rnnviz.scene.marks import Circle, Clip, Mark, Polyline, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

AWAITED = 0.38  # opacity of what has not arrived
_AWAITED_DASH = (1.0, 3.0)
_DENSE = 400  # points, from which a line is thin
_DASHED = 3.0  # points of a dense line's dash, at least

Points = NDArray[np.float64]


def place(t: float, box: Box, steps: int) -> float:
    """Where timestep t, counted from 0, stands among all."""
    return box.x + (t + 0.5) / max(steps, 1) * box.width


def paper(axis: Axis, style: Style) -> list[Mark]:
    """The card that the lines lie on."""
    box = axis.box
    return [
        Rect(box.x, box.y, box.width, box.height, fill=style.ui.card, radius=8),
        *grid(axis, style),
    ]


def border(box: Box, style: Style) -> Mark:
    """The card's edge."""
    return Rect(box.x, box.y, box.width, box.height, stroke=style.ui.border, radius=8)


def nothing(shown: Subject, curves: list[Curve], box: Box, style: Style) -> list[Mark]:
    """What a plot without a line says."""
    finite = any(np.isfinite(curve.values[: shown.length]).any() for curve in curves)
    words = "Not a finite number at any timestep: there is no line to draw."
    if not curves:
        words = "At this size it takes too long to compute what each step adds."
    elif finite:
        words = "0 at every timestep: among powers of ten it has no place."
    x, y = box.x + box.width / 2, box.y + box.height / 2 + 4
    return [label(words, x, y, style.ui.muted, 12, anchor="middle")]


def padding(shown: Subject, box: Box, style: Style, named: bool = True) -> list[Mark]:
    """What lies behind the end of the sequence, hatched."""
    if shown.length >= shown.run.L:
        return []
    role, start = style.role("padding"), place(shown.length - 0.5, box, shown.run.L)
    width, middle = box.right - start, box.y + box.height / 2
    marks: list[Mark] = [Rect(start, box.y, width, box.height, fill=role.fill, hatch=role.line)]
    wide = text_width("padding", 11) + 12
    if named and width > wide + 12:
        x = start + width / 2
        marks.append(Rect(x - wide / 2, middle - 10, wide, 20, fill=role.fill, radius=4))
        marks.append(label("padding", x, middle + 4, role.text, 11, anchor="middle"))
    return marks


def traced(values: NDArray[np.floating], axis: Axis, steps: int) -> Points:
    """A line as points, no more than can be told apart."""
    t, heights = reduced(values[:, None], 0, len(values), max(8, int(axis.box.width)))
    x = axis.box.x + (t + 0.5) / max(steps, 1) * axis.box.width
    return np.column_stack([x, axis.y(heights[:, 0])])


def lines(shown: Subject, curves: list[Curve], axis: Axis, style: Style) -> list[Mark]:
    """All lines: where the way back has been in full, elsewhere faint and dotted."""
    box, marks = axis.box, list[Mark]()
    for curve in curves:
        if curve.unclipped is not None:
            points = traced(curve.unclipped[: shown.length], axis, shown.run.L)
            marks.append(Polyline(points, curve.color(style), 1.0, opacity=AWAITED))
        marks += _line(shown, curve, axis, style)
    return [Clip(box.x, box.y + 1, box.width, box.height - 2, tuple(marks))]


def _line(shown: Subject, curve: Curve, axis: Axis, style: Style) -> list[Mark]:
    points = traced(curve.values[: shown.length], axis, shown.run.L)
    width, is_dense = 2.75 if curve.main else 1.75, len(points) > _DENSE
    if is_dense:
        width = min(width, 1.25)
    opacity = 0.45 if curve.faint else 1.0
    color, marks = curve.color(style), list[Mark]()
    for start, stop, arrived in _pieces(shown, curve, len(points)):
        part = points[start:stop]
        look = (width, curve.dash, opacity) if arrived else (1.25, _AWAITED_DASH, AWAITED)
        if len(part) == 1 and np.isfinite(part[0, 1]):
            x, y = part[0]
            marks.append(Circle(float(x), float(y), 3, fill=color, opacity=look[2], key=curve.key))
        if is_dense and look[1]:
            part, look = _dashed(part, look[1]), (look[0], (), look[2])
        marks.append(Polyline(part, color, *look, key=curve.key))
    return marks


def _dashed(points: Points, dash: Dash) -> Points:
    """A dense line broken by columns: along its zigzag it would be tens of thousands of dashes."""
    x = points[:, 0] - points[0, 0]
    least = _DASHED * float(x[-1]) / max(len(points) - 1, 1)
    edges = np.cumsum(dash) * max(1.0, least / min(dash))
    drawn = np.searchsorted(edges, x % edges[-1], side="right") % 2 == 0
    return np.where(drawn[:, None], points, np.nan)


def _pieces(shown: Subject, curve: Curve, count: int) -> Iterator[tuple[int, int, bool]]:
    """A line's points cut where the way back has come to; what is to come first."""
    mask = curve.reached[: shown.length]
    if count != len(mask):  # several timesteps share a column
        mask = mask[np.minimum(np.arange(count) * len(mask) // count, len(mask) - 1)]
    edges = np.flatnonzero(np.diff(mask)) + 1
    bounds = [0, *edges.tolist(), count]
    spans = list(pairwise(bounds))
    for start, stop in spans:
        if not mask[start]:
            yield max(start - 1, 0), min(stop + 1, count), False
    yield from ((start, stop, True) for start, stop in spans if mask[start])


def cursor(
    shown: Subject,
    boxes: tuple[Box, ...],
    blocked: tuple[tuple[tuple[float, float], ...], ...],
    style: Style,
) -> list[Mark]:
    """A line through boxes that lie below one another, with a tab above.

    Args:
        boxes: the plot first.
        blocked: between each box and the next, from which x to which words stand.
    """
    if shown.cursor is None:
        return []
    box, ink = boxes[0], style.current.line
    x = place(shown.cursor, box, shown.run.L)
    marks: list[Mark] = []
    top = box.y - 8
    for upper, lower, spans in zip(boxes[:-1], boxes[1:], blocked, strict=True):
        if any(start - 4 <= x <= stop + 4 for start, stop in spans):
            marks.append(Rect(x - 1, top, 2, upper.low + 2 - top, fill=ink))
            top = lower.y - 2
    marks.append(Rect(x - 1, top, 2, boxes[-1].low - top, fill=ink))
    text = f"t = {shown.cursor + 1}"
    return [
        *marks,
        *tab(text, min(x, box.right - text_width(text, 11, weight=600) / 2), box.y - 15, style),
    ]


def dots(shown: Subject, curves: list[Curve], axis: Axis, style: Style) -> list[Mark]:
    """Where the lines meet the cursor."""
    if shown.cursor is None:
        return []
    t, box, marks = shown.cursor, axis.box, list[Mark]()
    for curve in curves:
        y = float(axis.y(curve.values[t]))
        if curve.reached[t] and box.y <= y <= box.low and not curve.faint:
            x = place(t, box, shown.run.L)
            color, key = curve.color(style), curve.key
            if key is not None:
                key = key._replace(t=t)
            marks.append(
                Circle(x, y, 3.75, fill=style.ui.card, stroke=color, stroke_width=2, key=key)
            )
    return marks
