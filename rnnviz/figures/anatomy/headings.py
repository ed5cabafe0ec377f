"""What stands above a strip: its name, its shape and the selected unit's number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from rnnviz.figures.anatomy.plan import Strip
from rnnviz.figures.anatomy.stage import Stage
from rnnviz.figures.anatomy.subject import CARRIED
from rnnviz.scene.marks import Mark, Rect, Text
from rnnviz.scene.text import label, runs_width, text_width

_NAME, _ROW_NAME = 14.0, 12.0
_NUMBER, _ROW_NUMBER = 11.0, 10.0
_SHAPE = 9.5
_GAP = 5.0
_WIDE_FORMULA = 104.0  # px from which a whole formula and a number stand on one line
_LEAST_HEADING = 64.0  # px that name and number of a short strip may take


def draw_heading(stage: Stage, strip: Strip, known: bool, number: str) -> Iterator[Mark]:
    """Name, shape and number above a strip; the shape where there is room for it."""
    x, y, width, _ = strip.box
    row, ui = strip.side == "row", stage.style.ui
    names = stage.names if known else stage.pending_names
    ink = ui.text if known else ui.disabled
    size, base = (_ROW_NAME, y - 6.5) if row else (_NAME, y - 9.0)
    runs = names.of(strip.name)
    if strip.side == "beside":
        yield from _beside(stage, strip, Text(x, 0, runs, ink, _NAME, "math"), known)
        return
    figures = text_width(number, _NUMBER, weight=600) + _GAP if number else 0.0
    room = max(width, _LEAST_HEADING)
    name = Text(x, base, runs, ink, size, "math")
    tight = row and bool(number) and width < _WIDE_FORMULA
    if tight or runs_width(name) + figures > room + (2.0 if row else 0.0):
        name = Text(x, base, names.brief(strip.name), ink, size, "math")
        share = (room - figures) / max(runs_width(name), 1.0)
        name = replace(name, size=size * min(max(share, 0.6), 1.0))
    middle = width / 2 if _is_crossed(stage, strip) else None
    if middle is not None and width < min(2 * (runs_width(name) + 3), _LEAST_HEADING):
        x += middle + 4  # all of it stands after the wire
        name, middle = replace(name, x=x), None
    if middle is not None and runs_width(name) > middle - 3:
        ground = ui.accent_soft if strip.name in stage.results else ui.card
        yield Rect(x - 1, base - 10, runs_width(name) + 3, 13, fill=ground)
    yield name
    if number:
        small = _ROW_NUMBER if row else _NUMBER
        yield label(number, x + room, base, ui.text, small, weight=600, anchor="end")
    at = _shape_place(runs_width(name), room - figures, middle, _shape(stage, strip))
    if at is not None and stage.options.shapes:
        color = ui.muted if known else ui.disabled
        yield label(_shape(stage, strip), x + at, base, color, _SHAPE, font="mono")


def _is_crossed(stage: Stage, strip: Strip) -> bool:
    """Whether a wire leaves a strip upwards, through what stands above it."""
    along = {stage.graph.carried, *(name for op in stage.graph.highway for name in op.gives)}
    return strip.side == "above" and strip.name not in (*along, *CARRIED)


def _shape(stage: Stage, strip: Strip) -> str:
    return f"({np.size(stage.subject.values[strip.name])},)"


def _shape_place(name: float, room: float, middle: float | None, shape: str) -> float | None:
    """Where a shape stands after a name: before the wire in the middle, or after it."""
    wide, start = text_width(shape, _SHAPE, "mono"), name + _GAP
    if middle is not None and start + wide > middle - 3 and start < middle + 4:
        start = middle + 4
    return start if start + wide <= room else None


def _beside(stage: Stage, strip: Strip, name: Text, known: bool) -> Iterator[Text]:
    """The name of what enters from below: before its strip, where no wire is."""
    x, y, _, height = strip.box
    ui, base = stage.style.ui, y + height / 2 + 4
    end = x - 8
    if stage.options.shapes:
        color = ui.muted if known else ui.disabled
        yield label(_shape(stage, strip), end, base, color, _SHAPE, font="mono", anchor="end")
        end -= text_width(_shape(stage, strip), _SHAPE, "mono") + _GAP
    yield Text(end, base, name.runs, name.color, name.size, "math", anchor="end")
