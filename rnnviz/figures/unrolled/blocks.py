"""Where the scores of a timestep stand, and how the classes share their block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnviz.figures.unrolled.places import Box, end_box, output_box
from rnnviz.figures.unrolled.sheet import GRADIENT_HEIGHT, ROW_HEIGHT, Scored
from rnnviz.figures.unrolled.slices import Floats
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.scene.text import text_width

WIDTH = 104.0
_MOST = 12  # classes that all have a bar; of more the likeliest are listed
_FEW = 4
_BAR = 15.0  # px at scale 1 that a bar wants
_CELL, _NUMBER_CELL = 18.0, 35.0
_NAME = 11.5


@dataclass(frozen=True, slots=True)
class Axis:
    """How classes share the width of a block.

    Attributes:
        count: of bars.
        pitch: px from one to the next.
        all: whether every class has its bar, side by side; else the likeliest are listed, one
            below the other.
        size: of their names.
    """

    count: int
    pitch: float
    all: bool
    size: float


def axis_of(stage: Stage) -> Axis:
    """The bars of every block of a stage."""
    assert stage.around is not None
    k, count, size = stage.scale, stage.rooms.classes, stage.size(_NAME)
    if count > _MOST:
        size, height = stage.size(11.0), (scored_of(stage).low - scored_of(stage).top) * k
        few = min(_FEW, max(2, int(height / (size * 1.2))))
        return Axis(few, height / few, False, size)
    names = (stage.around.class_name(index) for index in range(count))
    longest = max((text_width(name, size, "mono") for name in names), default=0.0)
    pitch = min(max(_BAR * k, longest + 4), WIDTH * k / max(count, 1))
    return Axis(count, pitch, True, size)


def chosen_classes(axis: Axis, probabilities: Floats, target: int) -> Sequence[int]:
    """The classes that have a bar: all, or the likeliest and the target."""
    if axis.all:
        return range(axis.count)
    sizes = np.nan_to_num(np.abs(probabilities), nan=-1.0)
    likeliest = np.argpartition(sizes, -axis.count)[-axis.count :]
    found = [int(index) for index in likeliest[np.argsort(-sizes[likeliest], kind="stable")]]
    if target >= 0 and target not in found:
        found[-1] = target
    return found


def scored_steps(stage: Stage, steps: Sequence[int]) -> list[int]:
    """Those of some timesteps at which scores are made."""
    if stage.rooms.on == "every":
        return [t for t in steps if t < stage.length]
    return [t for t in steps if t == stage.length - 1]


def center_of(stage: Stage, t: int) -> float:
    """The middle of the block of a timestep, px; of h_n it is where that leaves."""
    if stage.rooms.on != "h_n":
        return stage.timeline.center(t)
    lane = stage.sheet.lane(stage.run.num_layers - 1, 0)
    x, _, width, _ = end_box(stage, lane, "h_n")
    return x + width / 2


def scored_of(stage: Stage) -> Scored:
    """The heights of what stands behind the output."""
    assert stage.sheet.scored is not None
    return stage.sheet.scored


def bars_box(stage: Stage, t: int) -> Box:
    """The bars of a timestep, without names; or its list, with them."""
    scored, axis = scored_of(stage), axis_of(stage)
    width, height = WIDTH * stage.scale, scored.low - scored.top
    if axis.all:
        width, height = axis.count * axis.pitch, scored.height
    return center_of(stage, t) - width / 2, stage.y(scored.top), width, height * stage.scale


def strip_box(stage: Stage, t: int, top: float) -> Box:
    """A strip of C cells at a height of the sheet."""
    k, count = stage.scale, stage.rooms.classes
    cell = _NUMBER_CELL if count * _NUMBER_CELL <= WIDTH + 2 else _CELL
    width = min(cell * count, WIDTH) * k
    return center_of(stage, t) - width / 2, stage.y(top), width, ROW_HEIGHT * k


def gradient_box(stage: Stage, t: int) -> Box:
    """The strip of ∂L/∂scores."""
    scored = scored_of(stage)
    assert scored.gradient is not None
    width = strip_box(stage, t, 0.0)[2]
    if stage.rooms.bars:
        axis = axis_of(stage)
        width = axis.count * axis.pitch if axis.all else WIDTH * stage.scale
    return (
        center_of(stage, t) - width / 2,
        stage.y(scored.gradient),
        width,
        GRADIENT_HEIGHT * stage.scale,
    )


def block_box(stage: Stage, t: int) -> Box:
    """All of a timestep's block that is bars or strips."""
    scored = scored_of(stage)
    if stage.rooms.bars:
        x, y, width, _ = bars_box(stage, t)
        return x, y, width, stage.y(scored.low) - y
    return strip_box(stage, t, scored.top)


def output_top(stage: Stage, t: int) -> float:
    """Where the wire from output[t] sets off, px."""
    return output_box(stage, t)[1] - 4.5 * min(stage.scale, 1.0)
