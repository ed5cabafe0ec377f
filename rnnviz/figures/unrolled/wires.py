"""Wires: states along the lanes, data upwards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rnnviz.figures.strips import future_dash
from rnnviz.figures.unrolled.stage import Stage
from rnnviz.scene.geometry import Point, rounded
from rnnviz.scene.marks import Path, Segment
from rnnviz.scene.style import Style

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


def gradient_ink(stage: Stage) -> Ink:
    """The ink of what comes back: dashed, in the gradients' hue."""
    width = 1.75 * min(max(stage.scale, 0.75), 2)
    return Ink(stage.style.role("gradient").line, width, gradient_dash(stage.style))


def gradient_dash(style: Style) -> tuple[float, ...]:
    """The dashes of gradients."""
    first, second = style.tokens["stroke"]["gradient_dash"]
    return float(first), float(second)


def straight(start: Point, end: Point, pen: Ink, *, arrow: bool = True) -> Path:
    """A line from one point to another."""
    segments: tuple[Segment, ...] = (("M", *start), ("L", *end))
    return Path(segments, pen.color, pen.width, None, pen.dash, arrow)


def wire(points: list[Point], pen: Ink, *, arrow: bool = True, scale: float = 1.0) -> Path:
    """A line through points with right-angled, rounded corners."""
    segments = rounded(points, _ROUND * scale)
    return Path(segments, pen.color, pen.width, None, pen.dash, arrow)
