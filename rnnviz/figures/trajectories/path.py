"""The path drawn: coloured by time, arrowheads along it, the current state ringed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.colorbar import bar
from rnnviz.figures.memo import Memo
from rnnviz.figures.plots import Box, tab
from rnnviz.figures.trajectories.cloud import cloud, is_cloud
from rnnviz.figures.trajectories.layout import FUTURE, GAP, Layout
from rnnviz.figures.trajectories.plane import Plane
from rnnviz.figures.trajectories.series import Series
from rnnviz.figures.trajectories.strokes import GHOST
from rnnviz.scene.axes import nice_ticks, tick_labels
from rnnviz.scene.marks import Cells, Circle, Clip, Mark, Path, Polyline, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

BINS = 64
_DOTTED = 80  # timesteps up to which each state is a dot
_LONG = 1000  # timesteps up to which the path is a broad line
_ARROWS = 8
_BIT = 4  # timesteps
_memo = Memo(4)
_pieces = Memo(4 * BINS)
_groups = Memo(8)


def pixels(shown: Plane, box: Box) -> NDArray[np.float64]:
    """The points in px; `(T, 2)`."""
    return _placed(shown.points, shown, box)


def _placed(points: NDArray[np.float64], shown: Plane, box: Box) -> NDArray[np.float64]:
    (x0, x1), (y0, y1) = shown.x_range, shown.y_range
    x = box.x + (points[:, 0] - x0) / (x1 - x0) * box.width
    y = box.low - (points[:, 1] - y0) / (y1 - y0) * box.height
    return np.column_stack([x, y])


def _kept_pixels(series: Series, shown: Plane, box: Box) -> NDArray[np.float64]:
    """The points in px; of a long run the same ones as long as the plane is not moved."""
    if not series.stable:
        return pixels(shown, box)
    place = (box.x, box.y, box.width, box.height)
    key = (*series.identity, shown.x_label, shown.y_label, shown.x_range, shown.y_range, place)
    return _memo.get(series.source, key, partial(pixels, shown, box))


def colors(series: Series, style: Style) -> list[str]:
    """The colour of each bin of time: that of its middle."""
    middles = tuple((a + b) / 2 for a, b in bins(series))
    return list(_palette(style, middles, max(series.length, 1)))


@lru_cache(maxsize=128)
def _palette(style: Style, times: tuple[float, ...], length: int) -> tuple[str, ...]:
    return tuple(_time_color(style, t, length) for t in times)


@lru_cache(maxsize=1024)
def _time_color(style: Style, t: float, length: int) -> str:
    """The colour at a timestep: what the bar of time has where the cursor's pin would stand."""
    return style.time.hex((t + 0.5) / length, 1.0)


def bins(series: Series) -> list[tuple[int, int]]:
    """First and last timestep of each bin; neighbours share one."""
    count = min(BINS, max(series.length - 1, 1))
    edges = [k * (series.length - 1) // count for k in range(count + 1)]
    return list(pairwise(edges))


def paper(series: Series, shown: Plane, layout: Layout, style: Style) -> list[Mark]:
    """The panel that the path lies on; of a very long one all states at once."""
    box = layout.path
    sheet = Rect(*box.sides, fill=style.ui.card, radius=8)
    if not shows_cloud(series, shown, layout):
        return [sheet]
    ghost = None if shown.ghost is None else _placed(shown.ghost, shown, box)
    return [sheet, cloud(series, _kept_pixels(series, shown, box), ghost, box, style)]


def shows_cloud(series: Series, shown: Plane, layout: Layout) -> bool:
    """Whether there are so many states that each is but a dot."""
    return is_cloud(series, _kept_pixels(series, shown, layout.path), layout.path)


def path(series: Series, shown: Plane, layout: Layout, style: Style) -> list[Mark]:
    """The path within its panel."""
    box = layout.path
    points = _kept_pixels(series, shown, box)
    if shows_cloud(series, shown, layout):
        return _current(series, points, box, style)
    palette, spans = colors(series, style), bins(series)
    marks: list[Mark] = []
    if shown.ghost is not None:
        ghost = _placed(shown.ghost, shown, box)
        marks.append(Polyline(ghost, style.ui.muted, 1.5, opacity=GHOST))
    marks += _lines(series, points, spans, palette, box)
    if series.length <= _DOTTED:
        marks += _dots(series, points, style)
    marks += _arrows(series, points, spans, palette)
    clip: list[Mark] = [Clip(*box.sides, tuple(marks))]
    return clip + _current(series, points, box, style)


def _lines(
    series: Series,
    points: NDArray[np.float64],
    spans: list[tuple[int, int]],
    palette: list[str],
    box: Box,
) -> list[Mark]:
    first, last = series.first, series.stop - 1
    width = 1.75 if series.length <= _LONG else 1.0
    come: list[Mark] = []
    been: list[Mark] = []
    faint: list[Mark] = []  # of bins that are partly computed
    full: list[Mark] = []
    for (a, b), color in zip(spans, palette, strict=True):
        past = max(a, first), min(b, last)
        if past[1] <= past[0]:
            come.append(_polyline(points, a, b, color, 1.0, FUTURE))
        elif past == (a, b):
            been.append(_polyline(points, a, b, color, width, 1.0))
        else:
            full += [_polyline(points, *bit, color, width, 1.0) for bit in _bits(*past)]
            rest = chain(_bits(a, past[0]), _bits(past[1], b))
            faint += [_polyline(points, *bit, color, 1.0, FUTURE) for bit in rest]
    if series.stable:
        come, been = _together(points, come, box), _together(points, been, box)
    return [*come, *faint, *been, *full]


def _together(points: NDArray[np.float64], marks: list[Mark], box: Box) -> list[Mark]:
    """Marks in one clip, which holds the same tuple where they are the same."""
    held = _groups.get(points, tuple(map(id, marks)), partial(tuple, marks))
    return [Clip(*box.sides, held)]


def _bits(start: int, stop: int) -> Iterator[tuple[int, int]]:
    """A stretch cut at round timesteps, so that another step changes but one short bit of it."""
    if stop > start:
        yield from pairwise((start, *range(-(-(start + 1) // _BIT) * _BIT, stop, _BIT), stop))


def _polyline(
    points: NDArray[np.float64], start: int, stop: int, color: str, width: float, opacity: float
) -> Polyline:
    # The same points give the same mark, so that what is painted of it can stay.
    make = partial(Polyline, points[start : stop + 1], color, width, opacity=opacity)
    return _pieces.get(points, (start, stop, color, width, opacity), make)


def _dots(series: Series, points: NDArray[np.float64], style: Style) -> list[Mark]:
    marks: list[Mark] = []
    for t, (x, y) in enumerate(points.tolist()):
        if not math.isfinite(x):
            continue
        past = series.first <= t < series.stop
        edge = style.ui.card if past else None
        marks.append(
            Circle(
                x,
                y,
                3.5 if past else 2.0,
                fill=_time_color(style, t, series.length),
                stroke=edge,
                opacity=1.0 if past else FUTURE,
                key=series.key._replace(t=t),
            )
        )
    return marks


def _arrows(
    series: Series,
    points: NDArray[np.float64],
    spans: list[tuple[int, int]],
    palette: list[str],
) -> list[Mark]:
    """Heads along the part walked so far, at even lengths, the way the state went."""
    walked = points[series.first : series.stop]
    steps = np.diff(walked, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    along = np.cumsum(np.where(np.isfinite(lengths), lengths, 0.0))
    if not len(along) or along[-1] < 60:
        return []
    count = min(_ARROWS, int(along[-1] / 90) + 1)
    marks: list[Mark] = []
    for share in range(count):
        k = int(np.searchsorted(along, along[-1] * (share + 0.5) / count))
        if lengths[k] >= 14 or len(lengths) > 4 * _DOTTED:
            middle = walked[k] + steps[k] * 0.55
            sign = -1.0 if series.direction else 1.0
            color = palette[_bin_of(series.first + k, spans)]
            marks += _head(middle, steps[k] * sign, color)
    return marks


def _bin_of(t: int, spans: list[tuple[int, int]]) -> int:
    return next((index for index, (_, b) in enumerate(spans) if t < b), len(spans) - 1)


def _head(at: NDArray[np.float64], step: NDArray[np.float64], color: str) -> list[Mark]:
    length = float(np.hypot(*step))
    if not length > 0:
        return []
    ux, uy = float(step[0]) / length, float(step[1]) / length
    x, y = float(at[0]), float(at[1])
    tip = ("M", x + 5 * ux, y + 5 * uy)
    left = ("L", x - 4 * ux - 4 * uy, y - 4 * uy + 4 * ux)
    right = ("L", x - 4 * ux + 4 * uy, y - 4 * uy - 4 * ux)
    return [Path((tip, left, right, ("Z",)), fill=color)]  # type: ignore[arg-type]


def _current(
    series: Series,
    points: NDArray[np.float64],
    box: Box,
    style: Style,
) -> list[Mark]:
    if series.cursor is None or not 0 <= series.cursor < len(points):
        return []
    x, y = points[series.cursor].tolist()
    if not (box.x <= x <= box.right and box.y <= y <= box.low):
        return []
    ink = style.current.line
    color = _time_color(style, series.cursor, series.length)
    ring: list[Mark] = [
        Circle(x, y, 8, fill=style.ui.card, stroke=ink, stroke_width=2.5),
        Circle(x, y, 4, fill=color, key=series.key._replace(t=series.cursor)),
    ]
    text = f"t = {series.cursor + 1}"
    half = (text_width(text, 11, weight=600) + 18) / 2
    at = min(max(x, box.x + half + 3), box.right - half - 3)
    middle = y + 24 if y + 36 <= box.low else y - 24
    return ring + tab(text, at, middle, style)


def axes(shown: Plane, layout: Layout, style: Style) -> list[Mark]:
    """Grid lines with their values, and the panel's edge."""
    box, ink = layout.path, style.ui.muted
    marks: list[Mark] = []
    across = nice_ticks(*shown.x_range, max(2, int(box.width / 70)))
    for tick, text in zip(across, tick_labels(across), strict=True):
        x = box.x + (tick - shown.x_range[0]) / (shown.x_range[1] - shown.x_range[0]) * box.width
        marks.append(Rect(x - 0.5, box.y, 1, box.height, fill=style.ui.grid))
        marks.append(label(text, x, box.low + 15, ink, 11, anchor="middle"))
    up = nice_ticks(*shown.y_range, max(2, int(box.height / 70)))
    names = tick_labels(up)
    outside = all(text_width(text, 11) <= GAP - 6 for text in names)
    for tick, text in zip(up, names, strict=True):
        y = box.low - (tick - shown.y_range[0]) / (shown.y_range[1] - shown.y_range[0]) * box.height
        marks.append(Rect(box.x, y - 0.5, box.width, 1, fill=style.ui.grid))
        if outside:
            marks.append(label(text, box.x - 6, y + 4, ink, 11, anchor="end"))
        else:
            marks.append(label(text, box.x + 5, y - 3, ink, 11))
    return marks


def time_bar(series: Series, layout: Layout, style: Style) -> list[Mark]:
    """The key to the path's colours: time, with a pin at the cursor."""
    box, ink = layout.path, style.ui.muted
    y = box.low + 50
    ends = "t = 1", str(series.length)
    left = box.x + text_width(ends[0], 11) + 8
    width = box.right - text_width(ends[1], 11) - 8 - left
    count = max(series.length, 1)
    done = (series.first / count, series.stop / count)
    marks: list[Mark] = [
        label(ends[0], box.x, y + 9, ink, 11),
        label(ends[1], box.right, y + 9, ink, 11, anchor="end"),
        bar(left, y, width, 10, style.time, opacity=FUTURE),
    ]
    if done[1] > done[0]:
        start = left + done[0] * width
        whole: Cells = bar(left, y, width, 10, style.time)
        marks.append(Clip(start, y, (done[1] - done[0]) * width, 10, (whole,)))
    if series.cursor is not None and series.cursor < count:
        x = left + (series.cursor + 0.5) / count * width
        head = (("M", x - 5, y - 9), ("L", x + 5, y - 9), ("L", x, y - 2), ("Z",))
        marks.append(Path(head, fill=style.ui.text))  # type: ignore[arg-type]
    return marks
