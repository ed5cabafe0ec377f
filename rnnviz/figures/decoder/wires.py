"""Wires: states to the right, data upwards, gradients dashed and to the left."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.figures.decoder.layout import Stage
from rnnviz.figures.strips import future_dash
from rnnviz.scene.geometry import Point, rounded
from rnnviz.scene.marks import Path

_ROUND = 6.0


def wire(
    stage: Stage,
    points: list[Point],
    role: str,
    *,
    known: bool = True,
    arrow: bool = True,
    opacity: float = 1.0,
    key: Element | None = None,
) -> Path:
    """A line through points in the hue of what it carries; dashed grey while that is to come."""
    style = stage.style
    kind = "carry" if role == "c" else "wire"
    width = float(style.tokens["stroke"][kind]) * min(max(stage.scale, 0.75), 2.0)
    dash: tuple[float, ...] = ()
    color = style.role(role).line
    if role == "gradient":
        first, second = style.tokens["stroke"]["gradient_dash"]
        dash = (float(first), float(second))
    if not known:
        color, dash = style.ui.border_strong, future_dash(style)
    segments = rounded(points, _ROUND * stage.scale)
    return Path(segments, color, width, None, dash, arrow, opacity, key)
