"""A plot between two sharp frames: what goes along with the timesteps, and what lies over it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

from rnnviz.figures.plots import Box
from rnnviz.figures.trajectories.layout import Layout
from rnnviz.figures.trajectories.time_axis import TimeAxis
from rnnviz.scene.marks import Color, Mark, Scene


class Plate(NamedTuple):
    """Both panels' content, of more timesteps than are seen.

    Attributes:
        scene: of the panels alone, its corner on whole px.
        axis: where its timesteps lie in the pane.
    """

    scene: Scene
    axis: TimeAxis


class Over(NamedTuple):
    """What does not go along with the timesteps where a pane is panned or zoomed.

    Attributes:
        axis: where the timesteps lie now.
        lines, cells: the panels in which a plate is seen.
        erased: covers what stood outside of them and has moved.
        marks: what lies over them.
    """

    axis: TimeAxis
    lines: Box
    cells: Box
    erased: Scene
    marks: Scene


def widened(layout: Layout, axis: TimeAxis) -> tuple[Layout, TimeAxis]:
    """The panels, wider by half on either side, and the time across them."""
    beyond = math.ceil(axis.box.width / 2)
    steps = beyond / axis.per_step
    lines, heatmap = (_grown(box, beyond) for box in (layout.lines, layout.heatmap))
    wide = TimeAxis(lines, (axis.x_range[0] - steps, axis.x_range[1] + steps))
    return replace(layout, lines=lines, heatmap=heatmap), wide


def plate(
    layout: Layout, axis: TimeAxis, marks: tuple[Mark, ...], background: Color | None
) -> Plate:
    """What is drawn in widened panels."""
    left, top = math.floor(layout.lines.x), math.floor(layout.lines.y)
    width = math.ceil(layout.lines.right) - left
    height = math.ceil(layout.heatmap.low) - top
    return Plate(Scene(width, height, marks, background=background, x=left, y=top), axis)


def _grown(box: Box, beyond: float) -> Box:
    return replace(box, x=box.x - beyond, width=box.width + 2 * beyond)
