"""Wires: states along the lanes, data upwards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rnnviz.figures.strips import future_dash
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.scene.marks import Path, Segment
from rnnviz.scene.style import Style

Point = tuple[float, float]
_ROUND = 6.0


@dataclass(frozen=True, slots=True)
class Ink:
    """How a wire is drawn.

    Attributes:
        color, width: of the line.
        dash: of what is not computed yet.
    """

    color: str
    width: float
    dash: tuple[float, ...] = ()


def ink(stage: Stage, role: str, *, computed: bool, active: bool = False) -> Ink:
    """The ink of a tensor's wire: its hue where it is computed, dashed grey where it isn't."""
    return _ink(stage.style, stage.scale, role, computed, active)


@lru_cache(maxsize=256)
def _ink(style: Style, scale: float, role: str, computed: bool, active: bool) -> Ink:
    stroke = style.tokens["stroke"]
    kind = "carry" if role == "c" else "wire"
    width = float(stroke[f"{kind}_active" if active else kind]) * min(max(scale, 0.75), 2)
    if not computed:
        return Ink(style.ui.border_strong, width, future_dash(style))
    return Ink(style.role(role).line, width)


def straight(start: Point, end: Point, pen: Ink, *, arrow: bool = True) -> Path:
    """A line from one point to another."""
    segments: tuple[Segment, ...] = (("M", *start), ("L", *end))
    return Path(segments, pen.color, pen.width, None, pen.dash, arrow)


def wire(points: list[Point], pen: Ink, *, arrow: bool = True, scale: float = 1.0) -> Path:
    """A line through points with right-angled, rounded corners."""
    segments = _rounded(points, _ROUND * scale)
    return Path(segments, pen.color, pen.width, None, pen.dash, arrow)


def _rounded(points: list[Point], radius: float) -> tuple[Segment, ...]:
    segments: list[Segment] = [("M", *points[0])]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        start, end = _towards(corner, before, radius), _towards(corner, after, radius)
        segments += [("L", *start), ("C", *_bend(start, corner), *_bend(end, corner), *end)]
    segments.append(("L", *points[-1]))
    return tuple(segments)


def _towards(start: Point, end: Point, length: float) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    whole = max(abs(dx) + abs(dy), 1e-9)
    share = min(length, whole / 2) / whole
    return start[0] + dx * share, start[1] + dy * share


def _bend(point: Point, corner: Point) -> Point:
    """The control point of a quarter circle, as near as a cubic comes to it."""
    share = 0.5523
    return (
        point[0] + (corner[0] - point[0]) * share,
        point[1] + (corner[1] - point[1]) * share,
    )
