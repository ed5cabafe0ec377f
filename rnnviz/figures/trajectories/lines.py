"""What stands around the lines: paper, rows, values, words."""

from __future__ import annotations

import numpy as np

from rnnviz.figures.colorbar import plain
from rnnviz.figures.numerals import fitted
from rnnviz.figures.plots import Box
from rnnviz.figures.trajectories import layout as places
from rnnviz.figures.trajectories.density import is_dense
from rnnviz.figures.trajectories.layout import Layout
from rnnviz.figures.trajectories.rows import Row
from rnnviz.figures.trajectories.series import Series
from rnnviz.figures.trajectories.time_axis import TimeAxis
from rnnviz.scene.axes import nice_ticks, tick_labels
from rnnviz.scene.marks import Circle, Clip, Mark, Rect
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width


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


def dots_at_cursor(
    series: Series,
    layout: Layout,
    shown: tuple[Row, ...],
    x_range: tuple[float, float],
    style: Style,
) -> list[Mark]:
    """A dot on every line at the cursor."""
    values, box = series.at_cursor(), layout.lines
    if values is None or series.cursor is None:
        return []
    x = TimeAxis(box, x_range).place(series.cursor + 1.0)
    if not box.x <= x <= box.right:
        return []
    places = [float(row.y(values[row.unit])) for row in shown]
    ink, paper = style.role(series.tensor).line, style.ui.card
    return [
        Circle(x, y, 3.75, fill=paper, stroke=ink, stroke_width=2)
        for y in places
        if box.y <= y <= box.low
    ]


def values_at_cursor(
    series: Series, layout: Layout, shown: tuple[Row, ...], overlaid: bool, style: Style
) -> list[Mark]:
    """The value of every line at the cursor, at the right."""
    values = series.at_cursor()
    if values is None:
        return []
    texts = []
    for row in shown:
        value = float(values[row.unit])
        place = float(row.y(values[row.unit])) if overlaid else row.top + row.height / 2
        texts.append((place if np.isfinite(place) else layout.lines.low, row.unit, value))
    return _value_texts(series, layout, texts, overlaid, style)


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
