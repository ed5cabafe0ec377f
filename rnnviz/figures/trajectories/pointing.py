"""What lies under a pointer: which element, its value, and the step that computes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.plots import Box
from rnnviz.figures.trajectories.density import is_dense
from rnnviz.figures.trajectories.layout import Layout, arrange, t_range, value_range
from rnnviz.figures.trajectories.options import Range, TrajectoriesOptions
from rnnviz.figures.trajectories.path import pixels
from rnnviz.figures.trajectories.plane import plane
from rnnviz.figures.trajectories.rows import rows_of
from rnnviz.figures.trajectories.series import Series, series
from rnnviz.figures.view import Frame, View

_REACH = 14.0  # px around a point of the path


@dataclass(frozen=True)
class Pointed:
    """An element under the pointer.

    Attributes:
        element: without `unit` on the path; `t` is Python's, from 0.
        position: of the Stepper once the element is computed.
        text: the element and its value, in words.
    """

    element: Element
    position: int
    text: str


def point(
    view: View, options: TrajectoriesOptions, frame: Frame, x: float, y: float
) -> Pointed | None:
    """What lies at (x, y), in content px; None where no timestep does."""
    shown = series(view, options)
    if not shown.length:
        return None
    layout = arrange(shown, options, frame)
    span = t_range(shown, options)
    if _inside(layout.lines, x, y):
        unit = _line_at(shown, options, layout, x, y)
        return _pointed(view, shown, _t_at(shown, layout.lines, span, x), unit)
    if _inside(layout.heatmap, x, y):
        unit = int((y - layout.heatmap.y) / layout.heatmap.height * shown.units)
        return _pointed(view, shown, _t_at(shown, layout.heatmap, span, x), unit)
    if _inside(layout.path, x, y):
        t = _state_at(shown, options, layout, x, y)
        return None if t is None else _pointed(view, shown, t, None)
    return _label_at(view, shown, options, layout, x, y)


def timestep(view: View, options: TrajectoriesOptions, frame: Frame, x: float) -> Pointed | None:
    """The timestep at x of the lines and the raster, wherever y is: for a drag of the cursor."""
    shown = series(view, options)
    if not shown.length:
        return None
    layout = arrange(shown, options, frame)
    t = _t_at(shown, layout.lines, t_range(shown, options), x)
    return _pointed(view, shown, t, shown.selected)


def _inside(box: Box, x: float, y: float) -> bool:
    return box.x <= x < box.right and box.y <= y < box.low


def _t_at(shown: Series, box: Box, span: Range, x: float) -> int:
    t = span[0] + (x - box.x) / box.width * (span[1] - span[0])
    return min(max(round(t) - 1, 0), shown.length - 1)


def _line_at(
    shown: Series, options: TrajectoriesOptions, layout: Layout, x: float, y: float
) -> int | None:
    """The unit whose row this is, or whose line comes closest where all share one axis."""
    overlaid = options.arrangement == "overlaid"
    rows = rows_of(shown, layout, overlaid, value_range(shown, options))
    if not overlaid:
        return rows[min(int((y - layout.lines.y) / rows[0].height), len(rows) - 1)].unit
    values = shown.values[_t_at(shown, layout.lines, t_range(shown, options), x)]
    if is_dense(shown, overlaid):
        away = np.abs(rows[0].y(values) - y)
        return int(np.nanargmin(away)) if np.isfinite(away).any() else None
    places = np.asarray([float(row.y(values[row.unit])) for row in rows])
    away = np.where(np.isfinite(places), np.abs(places - y), np.inf)
    best = int(away.argmin())
    return rows[best].unit if np.isfinite(away[best]) else None


def _state_at(
    shown: Series, options: TrajectoriesOptions, layout: Layout, x: float, y: float
) -> int | None:
    """The timestep whose state lies closest to the pointer, within reach."""
    state = plane(shown, options, layout)
    if state.message:
        return None
    away = np.hypot(*(pixels(state, layout.path) - (x, y)).T)
    away = np.where(np.isfinite(away), away, np.inf)
    best = int(away.argmin())
    return best if away[best] <= _REACH else None


def _label_at(
    view: View, shown: Series, options: TrajectoriesOptions, layout: Layout, x: float, y: float
) -> Pointed | None:
    """The row beside a panel: its label at the left, its value at the right."""
    if not layout.left <= x <= layout.values or shown.cursor is None:
        return None
    for box in (layout.lines, layout.heatmap):
        if box.y <= y < box.low:
            middle = box.x + box.width / 2
            unit = (
                int((y - box.y) / box.height * shown.units)
                if box is layout.heatmap
                else _line_at(shown, options, layout, middle, y)
            )
            return _pointed(view, shown, min(shown.cursor, shown.length - 1), unit)
    return None


def _pointed(view: View, shown: Series, t: int, unit: int | None) -> Pointed:
    element = shown.key._replace(t=t, unit=unit)
    step = view.run.schedule.step_of(shown.layer, shown.direction, t, shown.sequence)
    parts = [f"t = {t + 1}"]
    if unit is not None:
        value = shown.written(float(shown.values[t, unit]), 4)
        parts = [f"{shown.letter}[{unit}]", *parts, value]
        if shown.ghost is not None:
            parts.append(f"original {shown.written(float(shown.ghost[t, unit]), 4)}")
    return Pointed(element, step + 1, " · ".join(parts))
