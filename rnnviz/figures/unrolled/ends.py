"""Where the states enter and leave: h_0 and c_0, h_n and c_n, with the slices they are."""

from __future__ import annotations

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.strips import empty_strip, numerals_fit, signed_strip
from rnnviz.figures.unrolled.places import end_box, ends_left
from rnnviz.figures.unrolled.rows import Row
from rnnviz.figures.unrolled.sheet import Lane
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.figures.unrolled.values import signed_values, state_values
from rnnviz.model.trace import as_numpy
from rnnviz.scene.marks import Mark, Text
from rnnviz.scene.text import label, symbol

_LABEL_GAP = 7.0
CAPTION = 14.0
_CAPTION_FROM = 0.75
SUFFIXES = ("_0", "_n")


def end(stage: Stage, lane: Lane, suffix: str) -> list[Mark]:
    """The strips at one end of a lane, where the states enter (`_0`) or leave (`_n`)."""
    marks: list[Mark] = []
    for row in stage.card.states:
        marks += _end(stage, lane, row, row.tensor + suffix)
    return marks + _caption(stage, lane, suffix)


def end_visible(stage: Stage, lane: Lane, suffix: str) -> bool:
    """Whether anything of a lane's end is within the frame."""
    x, _, width, _ = end_box(stage, lane, "h" + suffix)
    room = 60 * stage.scale
    return x - room <= stage.frame.x + stage.frame.width and x + width + room >= stage.frame.x


def _end(stage: Stage, lane: Lane, row: Row, tensor: str) -> list[Mark]:
    box = end_box(stage, lane, tensor)
    key = Element(tensor, lane.layer, lane.direction, None, stage.sequence)
    if tensor.endswith("_n") and not _is_final(stage, lane):
        return [empty_strip(box, stage.style, dashed=True, key=key), _name(stage, lane, tensor)]
    values = signed_values(stage, tensor, _vector(stage, lane, tensor), box[2])
    assert values.colors is not None
    marks = list(
        signed_strip(
            box,
            values.colors[0],
            stage.style.role(row.tensor),
            key,
            stride=values.stride,
            crossed=values.crosses_of(0),
        )
    )
    if numerals_fit(box[2], box[3], values.values.shape[1]):
        marks += values.numbers(0, box)
    return [*marks, _name(stage, lane, tensor)]


def _is_final(stage: Stage, lane: Lane) -> bool:
    last = 0 if lane.direction else stage.length - 1
    return stage.is_computed(lane.layer, lane.direction, last)


def _vector(stage: Stage, lane: Lane, tensor: str) -> np.ndarray:
    """The state that enters or leaves, `(1, units)`."""
    if tensor.endswith("_n"):
        t = 0 if lane.direction else stage.length - 1
        return state_values(stage, lane.layer, lane.direction, tensor[0], t, t + 1)
    given = stage.run.h_0 if tensor == "h_0" else stage.run.c_0
    assert given is not None
    slice_ = lane.layer * stage.run.num_directions + lane.direction
    return as_numpy(given[slice_, stage.sequence])[np.newaxis]


def _name(stage: Stage, lane: Lane, tensor: str) -> Text:
    x, y, width, height = end_box(stage, lane, tensor)
    left, size, gap = ends_left(lane, tensor), stage.size(13), _LABEL_GAP * stage.scale
    faint = tensor.endswith("_n") and not _is_final(stage, lane)
    color = stage.style.ui.disabled if faint else stage.style.role(tensor).text
    return Text(
        x - gap if left else x + width + gap,
        y + height / 2 + 0.26 * size,
        symbol(tensor[0], sub=tensor[2]),
        color,
        size,
        "math",
        anchor="end" if left else "start",
    )


def _caption(stage: Stage, lane: Lane, suffix: str) -> list[Mark]:
    if stage.compact and lane.layer and stage.scale < _CAPTION_FROM:
        return []  # the name of the layer below stands there
    lowest = stage.card.states[-1].tensor
    x, y, _, height = end_box(stage, lane, lowest + suffix)
    width = end_box(stage, lane, lowest + suffix)[2]
    size = stage.size(11)
    arrow = "←" if lane.direction else "→"
    words = f"L{lane.layer}{arrow}"
    if suffix == "_0":
        words += " given" if stage.run.initial_given else " zeros"
    base = y + height + CAPTION * max(stage.scale, 0.85)
    return [label(words, x + width / 2, base, stage.style.ui.muted, size, anchor="middle")]
