"""Wires, and the dots where they branch."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from rnnviz.figures.anatomy.plan import Wire
from rnnviz.figures.anatomy.stage import Stage
from rnnviz.scene.geometry import rounded
from rnnviz.scene.marks import Circle, Mark, Path

_ROUND = 6.0
_GAP = 3.5  # px left beside a wire that passes over another


def draw_wires(stage: Stage) -> Iterator[Mark]:
    """Those still to come first: where both lie on one another, what is computed is seen."""
    wires = sorted(stage.plan.wires, key=lambda wire: (wire.bridged, stage.is_done(wire.operation)))
    for wire in wires:
        if wire.bridged:
            yield from _bridges(stage, wire)
        yield _wire(stage, wire)
    for dot in sorted(stage.plan.dots, key=lambda dot: stage.is_done(dot.operation)):
        color = _color(stage, dot.name, stage.is_done(dot.operation))
        yield Circle(dot.x, dot.y, 3.0, fill=color)


def _color(stage: Stage, name: str, done: bool) -> str:
    if not done:
        return stage.style.ui.border_strong
    role = stage.role(name)
    return stage.style.ui.text_secondary if role is stage.neutral else role.line


def _wire(stage: Stage, wire: Wire) -> Path:
    done = stage.is_done(wire.operation)
    pens = stage.style.tokens["stroke"]
    active = wire.operation is not None and stage.is_last(wire.operation)
    width = float(pens["carry"] if wire.carry else pens["wire"])
    if active:
        width += 0.75
    points = [wire.points[0]]
    points += [after for before, after in pairwise(wire.points) if after != before]
    return Path(
        rounded(points, _ROUND),
        stroke=_color(stage, wire.name, done),
        stroke_width=width,
        dash=() if done else stage.dash,
        arrow=wire.arrow,
    )


def _bridges(stage: Stage, wire: Wire) -> Iterator[Path]:
    """What hides the other wires that an upright one passes over."""
    (x, start), (_, end) = wire.points[0], wire.points[-1]
    low, high = min(start, end) + 1.0, max(start, end) - 1.0
    x0, _, width, _ = stage.plan.frame
    inside = x0 < x < x0 + width
    ground = stage.style.ui.card if inside else stage.style.ui.canvas
    for other in stage.plan.wires:
        for (ax, ay), (bx, by) in pairwise(other.points):
            crosses = ay == by and low < ay < high and min(ax, bx) < x < max(ax, bx)
            if crosses and (other.name, other.operation) != (wire.name, wire.operation):
                yield Path((("M", x - _GAP, ay), ("L", x + _GAP, ay)), ground, 6.0)
