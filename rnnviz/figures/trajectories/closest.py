"""The states of earlier timesteps that the current one comes closest to."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.memo import Memo
from rnnviz.figures.strips import GAP_FROM, merge_units
from rnnviz.figures.trajectories.heatmap import colormap
from rnnviz.figures.trajectories.layout import Layout
from rnnviz.figures.trajectories.series import Series
from rnnviz.scene.axes import format_value
from rnnviz.scene.marks import Cells, Mark, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import elide, label, text_width

MOST = 5
_ROW = 28.0
_memo = Memo(16)
_HEAD = 26.0


def _squares(values: NDArray[np.floating]) -> NDArray[np.floating]:
    clean = values.astype(np.float64)
    result: NDArray[np.floating] = np.einsum("th,th->t", clean, clean)
    return result


def nearest(series: Series, count: int) -> list[tuple[int, float]]:
    """Timesteps before the cursor's (in the order of work) and their distances, closest first."""
    now = series.at_cursor()
    if now is None or series.cursor is None or not np.isfinite(now).all():
        return []
    earlier = (
        np.arange(series.first, series.cursor)
        if series.direction == 0
        else np.arange(series.cursor + 1, series.stop)
    )
    if not len(earlier):
        return []
    if not series.complete:
        return _nearest(series, now, earlier, count)
    # Of the same cursor it is the same list, wherever the panels are panned to.
    key = (*series.identity, series.first, series.stop, series.cursor, count)
    return _memo.get(series.source, key, partial(_nearest, series, now, earlier, count))


def _nearest(
    series: Series, now: NDArray[np.floating], earlier: NDArray[np.intp], count: int
) -> list[tuple[int, float]]:
    past = series.values[earlier[0] : earlier[-1] + 1]
    squares = series.kept("squares", partial(_squares, series.values))
    with np.errstate(over="ignore", invalid="ignore"):  # of states at the end of their range
        rough = squares[earlier] - 2 * (past @ now)
    rough = np.where(np.isfinite(rough), rough, np.inf)
    likely = _least(rough, 4 * count)
    exact = np.linalg.norm((past[likely] - now).astype(np.float64), axis=1)
    order = np.argsort(exact, kind="stable")[:count]
    return [(int(earlier[likely[k]]), float(exact[k])) for k in order if np.isfinite(exact[k])]


def _least(values: NDArray[np.floating], count: int) -> NDArray[np.intp]:
    """The places of the least values, in order; of equal ones the first."""
    if len(values) <= count:
        return np.argsort(values, kind="stable")
    edge = np.partition(values, count - 1)[count - 1]
    among = np.flatnonzero(values <= edge)
    return among[np.argsort(values[among], kind="stable")[:count]]


def farthest(series: Series, count: int) -> list[tuple[int, float]]:
    """Timesteps that are computed and differ most, by more than rounding, most first."""
    if series.stop <= series.first:
        return []
    sizes = np.sqrt(series.kept("squares", partial(_squares, series.values)))
    sizes, least = sizes[series.first : series.stop], series.source.tolerance
    order = np.argsort(np.where(np.isfinite(sizes), -sizes, np.inf), kind="stable")[:count]
    return [(series.first + int(k), float(sizes[k])) for k in order if sizes[k] > least]


def closest(series: Series, layout: Layout, style: Style) -> list[Mark]:
    """A row for each: timestep, state, distance; the current state last. Nothing without room.

    Of a difference of two runs, the timesteps at which they are farthest apart.
    """
    box = layout.closest
    room = int((box.height - _HEAD) / _ROW) - 1
    if room < 2 or series.units < 2:
        return []
    apart = series.is_difference
    found = (farthest if apart else nearest)(series, min(MOST, room))
    title = "Where the runs are farthest apart" if apart else "States closest to this one"
    marks: list[Mark] = [
        Rect(box.x, box.y - 12, box.width, 1, fill=style.ui.border),
        label(title, box.x, box.y + 12, style.ui.text, 12, weight=600),
    ]
    if not found:
        words = elide(_nothing(series), box.width, 11)
        return [*marks, label(words, box.x, box.y + _HEAD + 12, style.ui.muted, 11)]
    if box.width >= 260:
        note = label(
            f"|{series.letter}|" if apart else "distance",
            box.right,
            box.y + 12,
            style.ui.muted,
            11,
            anchor="end",
        )
        marks.append(note)
    y = box.y + _HEAD
    for t, distance in found:
        text = format_value(distance, series.digits or 2)
        marks += _row(series, t, text, (box.x, y, box.width), False, style)
        y += _ROW
    if apart:
        return marks
    assert series.cursor is not None
    return marks + _row(series, series.cursor, "now", (box.x, y, box.width), True, style)


def _nothing(series: Series) -> str:
    """Why no state is listed."""
    if series.is_difference:
        done = series.stop > series.first
        return "Nothing differs yet." if done else "No timestep is computed yet."
    if series.cursor is not None and series.cursor >= series.length:
        return "This sequence has ended: padding has no state."
    now = series.at_cursor()
    if now is not None and not np.isfinite(now).all():
        return "The current state is not finite."
    return "No earlier timestep is computed yet."


def _row(
    series: Series,
    t: int,
    text: str,
    place: tuple[float, float, float],
    heavy: bool,
    style: Style,
) -> list[Mark]:
    x, y, width = place
    left = x + max(58.0, text_width(f"t = {series.length}", 12) + 12)
    across = x + width - 46 - left
    stride = max(1, -(-series.units // max(1, int(across / 3))))
    values = merge_units(series.values[t], stride)[None, :]
    cells = Cells(
        left,
        y + 6,
        across,
        16,
        colormap(series, style).colors(values, series.limit),
        gap=1.0 if across / values.shape[1] >= GAP_FROM else 0.0,
        key=series.key._replace(t=t),
        stride=(1, stride),
    )
    role, weight = style.role(series.tensor), 600 if heavy else 400
    ink = style.ui.text
    return [
        label(f"t = {t + 1}", x, y + 18, ink, 12, weight=weight),
        cells,
        Rect(left, y + 6, across, 16, stroke=role.line, stroke_width=1.25, radius=2),
        label(text, x + width, y + 18, style.ui.text_secondary if heavy else ink, 12, anchor="end"),
        *([] if heavy else [Rect(x, y + _ROW, width, 1, fill=style.ui.border)]),
    ]
