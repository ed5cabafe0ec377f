"""Bands: one row of vectors over all steps, where a step is too narrow for a card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.strips import merge_units, units_per_cell
from rnnviz.figures.unrolled.sheet import NORM_SHARE, RETURN_SHARE, Lane
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.values import Floats, input_values, state_values, top_values
from rnnviz.scene.colormap import Colormap
from rnnviz.scene.marks import ElementField

FAINT = 0.45


@dataclass(frozen=True, eq=False)
class Band:
    """A row of vectors, unit 0 on top.

    Attributes:
        role: whose colour its frame has.
        key: the tensor; t is filled in by who draws it.
        top, height: px.
        units: length of the vectors; `first_unit` of the first one (the reverse half of
            `output` begins in the middle).
        known: the steps [t0, t1) that have values.
        used: those of them that are not faint.
        fetch: the values `(steps, units)` of a range of steps.
        lone: it has one number a step, which is no unit of a vector.
        limit: the end of its colours; None for that of the view's ranges.
        map: its colours; None for those of signed values.
        owner: what its values follow from; None for the run.
    """

    role: str
    key: Element
    top: float
    height: float
    units: int
    known: tuple[int, int]
    used: tuple[int, int]
    fetch: Callable[[int, int], Floats]
    first_unit: int = 0
    lone: bool = False
    limit: float | None = None
    map: Colormap | None = None
    owner: object = None

    @property
    def stride(self) -> int:
        """Units per cell."""
        return units_per_cell(self.units, self.height)

    @property
    def row_axis(self) -> ElementField:
        """What the rows of its cells are told apart by."""
        return "" if self.lone else "unit"

    def end(self, stage: Stage) -> float:
        """The end of its colours."""
        return stage.ranges.limit(self.key.tensor) if self.limit is None else self.limit

    def colors(self, stage: Stage, values: Floats) -> NDArray[np.uint8]:
        """The colours `(cells, steps, 3)` of values `(steps, units)`."""
        merged = merge_units(values, self.stride)
        colors = (self.map or stage.style.signed).colors(merged, self.end(stage))
        return np.ascontiguousarray(colors.transpose(1, 0, 2))


def bands(stage: Stage) -> Iterator[Band]:
    """The bands of a block that are within the frame: output, every lane's h, input."""
    for band in (*_outputs(stage), *(_lane(stage, lane) for lane in stage.sheet.lanes)):
        if stage.sees(band.top, band.top + band.height):
            yield band
    band = _input(stage)
    if stage.sees(band.top, band.top + band.height):
        yield band


def strip_height(stage: Stage, lane: Lane) -> float:
    """The height of a column's h, px; the rest of a lane is for the size of c."""
    share = 1 - NORM_SHARE if stage.run.cell.has_c else 1.0
    share -= RETURN_SHARE if stage.rooms.returning else 0.0
    return lane.height * stage.scale * share


def states_bottom(stage: Stage, lane: Lane) -> float:
    """Where the columns of h, and of its gradients below them, end, px."""
    returned = RETURN_SHARE * lane.height * stage.scale if stage.rooms.returning else 0.0
    return stage.y(lane.top) + strip_height(stage, lane) + returned


def _lane(stage: Stage, lane: Lane) -> Band:
    layer, direction = lane.layer, lane.direction
    done = stage.computed(layer, direction)
    return Band(
        "h",
        Element("h", layer, direction, None, stage.sequence),
        stage.y(lane.top),
        strip_height(stage, lane),
        stage.run.output_size,
        done,
        done,
        lambda t0, t1: state_values(stage, layer, direction, "h", t0, t1),
    )


def _input(stage: Stage) -> Band:
    spans = [stage.computed(0, direction) for direction in range(stage.run.num_directions)]
    t0, t1 = spans[0]
    whole = (0, stage.length)
    used = whole if len(spans) == 2 and spans[0][1] >= spans[1][0] else (t0, t1)
    return Band(
        "x",
        Element("x", layer=0, sequence=stage.sequence),
        stage.y(stage.sheet.input),
        stage.sheet.row_height * stage.scale,
        stage.run.input_size,
        whole,
        used,
        lambda first, last: input_values(stage, first, last),
    )


def _outputs(stage: Stage) -> Iterator[Band]:
    run, k = stage.run, stage.scale
    height = stage.sheet.row_height * k / run.num_directions
    for direction in range(run.num_directions):
        done = stage.computed(run.num_layers - 1, direction)
        yield Band(
            "y",
            Element("output", sequence=stage.sequence),
            stage.y(stage.sheet.output) + direction * height,
            height,
            run.output_size,
            done,
            done,
            _top_fetch(stage, direction),
            direction * run.output_size,
        )


def _top_fetch(stage: Stage, direction: int) -> Callable[[int, int], Floats]:
    return lambda t0, t1: top_values(stage, direction, t0, t1)


def overlap(first: tuple[int, int], second: tuple[int, int]) -> tuple[int, int]:
    """What two ranges share; empty ranges have an end at their beginning."""
    begin, end = max(first[0], second[0]), min(first[1], second[1])
    return begin, max(begin, end)


def rest_of(band: Band, stage: Stage, stretch: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """What of a stretch is still to come, before and after what is known."""
    inside = overlap(stretch, (0, stage.length))
    for part in (
        (inside[0], min(inside[1], band.known[0])),
        (max(inside[0], band.known[1]), inside[1]),
    ):
        if part[1] > part[0]:
            yield part
