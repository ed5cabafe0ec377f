"""How the pane is divided, and what each panel's edges stand for."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.figures.plots import Box
from rnnviz.figures.trajectories.options import Range, TrajectoriesOptions
from rnnviz.figures.trajectories.series import Series
from rnnviz.figures.view import Frame
from rnnviz.scene.axes import format_value
from rnnviz.scene.text import text_width

MARGIN = 20.0
LEAST = (520.0, 400.0)
VALUES = 44.0  # the column of values at the cursor
GAP = 40.0  # the plane's values stand in it
ROW = 22.0  # a row of its own needs as much
FUTURE = 0.38  # opacity of what is not computed yet


@dataclass(frozen=True)
class PanelGeometry:
    """A panel that can be panned and zoomed.

    Attributes:
        rect: x, y, width, height in content px.
        x_range, y_range: what its left and right, bottom and top edges stand for.
        x_option, y_option: the options that hold the ranges, "" where fixed;
            "path_range" holds both.
        x_limits, y_limits: what there is to see.
    """

    rect: tuple[float, float, float, float]
    x_range: Range
    y_range: Range
    x_limits: Range
    y_limits: Range
    x_option: str = ""
    y_option: str = ""


@dataclass(frozen=True)
class Layout:
    """Places in content px, for a pane of `width` × `height`."""

    width: float
    height: float
    left: float
    lines: Box
    heatmap: Box
    path: Box
    values: float  # right edge of the column of values
    closest: Box


def arrange(series: Series, options: TrajectoriesOptions, frame: Frame) -> Layout:
    """Divide a pane: lines over heatmap at the left, the path at the right."""
    width, height = max(frame.width, LEAST[0]), max(frame.height, LEAST[1])
    margin = MARGIN if width >= 800 else 16.0
    side = min(max(0.285 * width, 172.0), 320.0)
    right = width - margin
    labels = _label_room(series, options)
    left = margin + labels
    values = right - side - GAP
    units = text_width(str(max(series.units - 1, 0)), 10.5) + 8  # named beside the values
    across = values - VALUES - (units if options.arrangement == "overlaid" else 0) - left
    top, foot = 64.0, 60.0
    between = 52.0
    room = height - top - foot - between
    upper = room * (0.63 if series.units > 1 else 0.75)
    lines = Box(left, top, across, upper)
    heatmap = Box(left, top + upper + between, across, room - upper)
    square = min(side, height - top - 100)
    path = Box(right - side, top, side, square)
    closest = Box(path.x, path.low + 92, side, max(height - path.low - 92 - 12, 0.0))
    return Layout(width, height, margin, lines, heatmap, path, values, closest)


def _label_room(series: Series, options: TrajectoriesOptions) -> float:
    room = text_width(str(max(series.units - 1, 0)), 12) + 18
    if options.arrangement == "overlaid":
        ends = (format_value(value, 1) for value in (series.low, series.high))
        room = max(room, *(text_width(end, 11) + 14 for end in ends))
    return max(40.0, room)


def t_limits(series: Series) -> Range:
    """All timesteps, counted from 1, half a step around each."""
    return 0.5, max(series.steps, 1) + 0.5


def t_range(series: Series, options: TrajectoriesOptions) -> Range:
    """The visible timesteps: those asked for, within what there is."""
    return within(options.t_range, t_limits(series), least=1.0)


def value_range(series: Series, options: TrajectoriesOptions) -> Range:
    """The visible values of the lines."""
    return within(options.value_range, (series.low, series.high), least=1e-9)


def within(wished: Range | None, limits: Range, least: float) -> Range:
    """A wished range, kept within limits and no shorter than `least`; the limits for None."""
    if wished is None:
        return limits
    low, high = max(min(wished), limits[0]), min(max(wished), limits[1])
    if not high - low >= min(least, limits[1] - limits[0]):
        return limits
    return low, high
