"""A line for every unit that has room for one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.colorbar import plain
from rnnviz.figures.numerals import fitted
from rnnviz.figures.plots import Box
from rnnviz.figures.reduce import reduced
from rnnviz.figures.trajectories import layout as places
from rnnviz.figures.trajectories.density import is_dense
from rnnviz.figures.trajectories.layout import FUTURE, Layout
from rnnviz.figures.trajectories.series import Series
from rnnviz.scene.axes import nice_ticks, tick_labels
from rnnviz.scene.marks import Circle, Clip, Mark, Path, Polyline, Rect, Segment
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

MOST_OVERLAID = 24
GHOST = 0.6
_DENSE = 400
_FILLED = 160  # points up to which the area to the baseline is tinted


@dataclass(frozen=True)
class Row:
    """One unit's place: `middle` is where its 0 (or a gate's 0) stands, `scale` px per 1."""

    unit: int
    top: float
    height: float
    zero: float
    scale: float

    def y(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        result: NDArray[np.float64] = self.zero - np.asarray(values, np.float64) * self.scale
        return result


def shown_units(series: Series, most: int) -> tuple[int, ...]:
    """All units where they fit, else the selected one and those that vary most, in order."""
    if series.units <= most:
        return tuple(range(series.units))
    order = series.kept("variance", partial(_by_variance, series.values)).tolist()
    chosen = [int(unit) for unit in order[:most]]
    if series.selected is not None and series.selected not in chosen:
        chosen[-1] = series.selected
    return tuple(sorted(chosen))


def _by_variance(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Units by falling variance; what is not finite counts nothing."""
    clean = np.where(np.isfinite(values), values, 0.0).astype(np.float64)
    order: NDArray[np.floating] = np.argsort(-clean.var(axis=0), kind="stable").astype(float)
    return order


def rows(
    series: Series, layout: Layout, overlaid: bool, value_range: tuple[float, float]
) -> tuple[Row, ...]:
    """The units on show and where each one's values stand."""
    box, (low, high) = layout.lines, value_range
    if overlaid:
        scale = (box.height - 16) / (high - low)
        zero = box.low - 8 + low * scale
        units = shown_units(series, 1 if is_dense(series, overlaid) else MOST_OVERLAID)
        return tuple(Row(unit, box.y, box.height, zero, scale) for unit in units)
    units = shown_units(series, max(1, int(box.height / places.ROW)))
    height = box.height / max(len(units), 1)
    scale = height * 0.8 / (high - low)
    return tuple(
        Row(
            unit,
            box.y + index * height,
            height,
            box.y + (index + 0.9) * height + low * scale,
            scale,
        )
        for index, unit in enumerate(units)
    )


def caption(series: Series, count: int, overlaid: bool, value_range: tuple[float, float]) -> str:
    """What a row shows, and which units have one."""
    low, high = (plain(value) for value in value_range)
    span = f"{'all' if overlaid else 'each row'} from {low} to {high}"
    if count == series.units:
        return span
    if is_dense(series, overlaid):
        one = "the selected unit" if series.selected is not None else "that of largest variance"
        return f"{span} · density of {series.units} units, the line is {one}"
    which = "selected, " if series.selected is not None else ""
    return f"{span} · {count} of {series.units} units: {which}largest variance"


def lines(
    series: Series,
    layout: Layout,
    shown: tuple[Row, ...],
    x_range: tuple[float, float],
    overlaid: bool,
    style: Style,
) -> list[Mark]:
    """The lines of all rows: up to now in full, what is to come faint."""
    box = layout.lines
    start = max(0, int(x_range[0] - 1))
    stop = min(series.length, int(x_range[1]) + 1)
    if stop <= start:
        return []
    wanted = series.columns(tuple(row.unit for row in shown))
    tints: list[Mark] = []
    inner: list[Mark] = _ghosts(series, box, shown, (start, stop), x_range, style)
    for first, last, past in _pieces(series, start, stop):
        columns = max(8, int(box.width * (last - first) / max(x_range[1] - x_range[0], 1)))
        t, values = reduced(wanted, first, last, columns)
        x = box.x + (t + 1 - x_range[0]) / (x_range[1] - x_range[0]) * box.width
        for index, row in enumerate(shown):
            y = _finite(row.y(values[:, index]))
            if past and not overlaid and len(x) <= _FILLED:
                tints += _areas(x, y, row.zero, style.role(series.tensor).fill)
            inner += _line(series, row, x, y, past, overlaid, style)
    return [Clip(box.x, box.y, box.width, box.height, (*tints, *inner))]


def _ghosts(
    series: Series,
    box: Box,
    shown: tuple[Row, ...],
    span: tuple[int, int],
    x_range: tuple[float, float],
    style: Style,
) -> list[Mark]:
    """The lines of the run before it was edited, behind the others."""
    if series.ghost is None:
        return []
    values = series.ghost[:, [row.unit for row in shown]]
    per_step = box.width / max(x_range[1] - x_range[0], 1e-9)
    columns = max(8, int(per_step * (span[1] - span[0])))
    t, values = reduced(values, *span, columns)
    x = box.x + (t + 1 - x_range[0]) * per_step
    color = style.ui.muted
    return [
        Polyline(np.column_stack([x, _finite(row.y(values[:, index]))]), color, 1.5, opacity=GHOST)
        for index, row in enumerate(shown)
    ]


def _finite(y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights, NaN where there is none, so that a line breaks there."""
    result: NDArray[np.float64] = np.where(np.isfinite(y), y, np.nan)
    return result


def _pieces(series: Series, start: int, stop: int) -> list[tuple[int, int, bool]]:
    """The visible timesteps cut into what is to come and what has been, in painting order."""
    first, last = max(series.first, start), min(series.stop, stop)
    if last <= first:
        return [(start, stop, False)]
    pieces = [(first, last, True)]
    if start < first:
        pieces.insert(0, (start, first + 1, False))
    if last < stop:
        pieces.insert(0, (last - 1, stop, False))
    return pieces


def _line(
    series: Series,
    row: Row,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    past: bool,
    overlaid: bool,
    style: Style,
) -> list[Mark]:
    role, chosen = style.role(series.tensor), row.unit == series.selected
    marks: list[Mark] = []
    plain = 1.5 if len(x) <= _DENSE else 1.0  # many points in a column read as one stroke
    width = 2.25 if chosen else plain
    opacity = 1.0 if past else FUTURE
    if overlaid and series.selected is not None and not chosen:
        opacity *= 0.6
    if len(x) == 1 and np.isfinite(y[0]):
        marks.append(Circle(float(x[0]), float(y[0]), 3, fill=role.line, opacity=opacity))
    points = np.column_stack([x, y])
    key = series.key._replace(unit=row.unit)
    marks.append(
        Polyline(points, role.line, width if past else min(plain, 1.25), opacity=opacity, key=key)
    )
    return marks


def _areas(x: NDArray[np.float64], y: NDArray[np.float64], zero: float, fill: str) -> list[Mark]:
    """The tint between a line and its 0, one piece for every unbroken part."""
    marks: list[Mark] = []
    broken = np.flatnonzero(np.isnan(y))
    for part in np.split(np.arange(len(x)), broken):
        part = part[np.isfinite(y[part])]
        if len(part) < 2:
            continue
        segments: list[Segment] = [("M", float(x[part[0]]), zero)]
        segments += [("L", float(x[k]), float(y[k])) for k in part]
        segments += [("L", float(x[part[-1]]), zero), ("Z",)]
        marks.append(Path(tuple(segments), fill=fill))
    return marks


def paper(layout: Layout, bands: list[tuple[float, float]], style: Style) -> list[Mark]:
    """The panel that the lines lie on, with bands that count the timesteps."""
    box = layout.lines
    stripes = tuple(
        Rect(x, box.y, width, box.height, fill=style.ui.surface_sunken) for x, width in bands
    )
    return [
        Rect(box.x, box.y, box.width, box.height, fill=style.ui.card, radius=8),
        Clip(box.x, box.y + 1, box.width, box.height - 2, stripes),
    ]


def grid(
    series: Series,
    layout: Layout,
    shown: tuple[Row, ...],
    overlaid: bool,
    value_range: tuple[float, float],
    style: Style,
) -> list[Mark]:
    """Row lines or value lines, and their labels at the left."""
    box = layout.lines
    marks: list[Mark] = []
    if overlaid:
        ticks = nice_ticks(*value_range, max(3, int(box.height / 50)))
        for tick, text in zip(ticks, tick_labels(ticks), strict=True):
            y = float(shown[0].y(np.asarray(tick))) if shown else box.low
            marks.append(Rect(box.x, y - 0.5, box.width, 1, fill=style.ui.grid))
            marks.append(label(text, box.x - 8, y + 4, style.ui.muted, 11, anchor="end"))
        return marks
    for index, row in enumerate(shown):
        if index:
            marks.append(Rect(box.x, row.top - 0.5, box.width, 1, fill=style.ui.grid))
        if row.height >= 30:
            marks.append(Rect(box.x, row.zero - 0.5, box.width, 1, fill=style.ui.grid))
        marks.append(_row_label(series, row, box, style))
    return marks


def _row_label(series: Series, row: Row, box: Box, style: Style) -> Mark:
    chosen = row.unit == series.selected
    return label(
        str(row.unit),
        box.x - 12,
        row.top + row.height / 2 + 4,
        style.ui.text if chosen else style.ui.text_secondary,
        12,
        weight=600 if chosen else 400,
        anchor="end",
    )


def border(
    series: Series, layout: Layout, shown: tuple[Row, ...], overlaid: bool, style: Style
) -> list[Mark]:
    """The panel's edge, and the ring of the selected unit's row."""
    box = layout.lines
    marks: list[Mark] = [
        Rect(box.x, box.y, box.width, box.height, stroke=style.ui.border, radius=8)
    ]
    ink = style.ui.text
    marks += [
        Rect(box.x, row.top, box.width, row.height, stroke=ink, stroke_width=1.75, radius=5)
        for row in shown
        if row.unit == series.selected and not overlaid
    ]
    return marks


def mark(
    series: Series,
    layout: Layout,
    shown: tuple[Row, ...],
    x_range: tuple[float, float],
    style: Style,
) -> list[Mark]:
    """A ring around the selected unit at the selected timestep, on its line."""
    if series.marked is None:
        return []
    box = layout.lines
    x = box.x + (series.marked + 1 - x_range[0]) / (x_range[1] - x_range[0]) * box.width
    value = series.values[series.marked, series.selected]
    row = next((row for row in shown if row.unit == series.selected), None)
    if row is None or not np.isfinite(value) or not box.x <= x <= box.right:
        return []
    ink = style.ui.focus_ring
    return [Circle(x, float(row.y(value)), 7.0, stroke=ink, stroke_width=2)]


def values_at_cursor(
    series: Series, layout: Layout, shown: tuple[Row, ...], x: float, overlaid: bool, style: Style
) -> list[Mark]:
    """A dot on every line at the cursor, and its value at the right."""
    values = series.at_cursor()
    if values is None:
        return []
    role, dots, texts = style.role(series.tensor), [], []
    box = layout.lines
    for row in shown:
        value = float(values[row.unit])
        y = float(row.y(values[row.unit]))
        if np.isfinite(value) and box.x <= x <= box.right and box.y <= y <= box.low:
            dots.append(Circle(x, y, 3.75, fill=style.ui.card, stroke=role.line, stroke_width=2))
        place = y if overlaid else row.top + row.height / 2
        texts.append((place if np.isfinite(place) else box.low, row.unit, value))
    return [*dots, *_value_texts(series, layout, texts, overlaid, style)]


def _value_texts(
    series: Series,
    layout: Layout,
    texts: list[tuple[float, int, float]],
    overlaid: bool,
    style: Style,
) -> list[Mark]:
    if overlaid:
        texts = _spread(series, texts, layout.lines)
    marks: list[Mark] = []
    for y, unit, value in texts:
        chosen = unit == series.selected
        ink = style.ui.text if chosen or not overlaid else style.ui.text_secondary
        size, weight = 11.0 if overlaid else 12.0, 600 if chosen else 400
        text = series.written(value)
        if series.digits is not None:
            text = fitted(value, places.VALUES - 3, size, series.digits, difference=True)
        marks.append(label(text, layout.values, y + 4, ink, size, weight=weight, anchor="end"))
        room = layout.values - text_width(text, size, weight=weight) - 4 - layout.lines.right
        if overlaid and text_width(str(unit), 10.5) <= room - 4:
            marks.append(label(str(unit), layout.lines.right + 4, y + 4, style.ui.muted, 10.5))
    return marks


def _spread(
    series: Series, texts: list[tuple[float, int, float]], box: Box
) -> list[tuple[float, int, float]]:
    """Texts moved apart by a line's height; only some where not all have room."""
    room = max(1, int(box.height / 14))
    ordered = sorted(texts)
    if len(ordered) > room:
        ordered = [text for text in ordered if text[1] == series.selected]
    placed: list[tuple[float, int, float]] = []
    least = box.y + 7
    for y, unit, value in ordered:
        least = max(y, least)
        placed.append((least, unit, value))
        least += 14
    low = box.low - 7
    for index in range(len(placed) - 1, -1, -1):
        y, unit, value = placed[index]
        placed[index] = (min(y, low), unit, value)
        low = placed[index][0] - 14
    return placed
