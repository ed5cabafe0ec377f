"""Wires, and the boxes of weights upon them."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.figures.folded.names import superscript, symbol_runs, with_superscript
from rnnviz.figures.folded.page import BOX_HEIGHT, BOX_SIZE, Lane
from rnnviz.figures.folded.stage import Stage
from rnnviz.figures.strips import future_dash
from rnnviz.scene.geometry import Point, rounded
from rnnviz.scene.marks import Circle, Mark, Path, Rect, Segment, Text

_WIDTH = {"c": 2.0}
_ROUND = 6.0


def line(
    stage: Stage,
    points: list[Point],
    role: str,
    *,
    known: bool = True,
    arrow: bool = True,
    opacity: float = 1.0,
) -> Path:
    """A line through points, its corners rounded; dashed where it carries nothing yet."""
    return curve(stage, rounded(points, _ROUND), role, known=known, arrow=arrow, opacity=opacity)


def curve(
    stage: Stage,
    segments: tuple[Segment, ...],
    role: str,
    *,
    known: bool = True,
    arrow: bool = True,
    opacity: float = 1.0,
) -> Path:
    """A path in the ink of a role."""
    color = stage.style.role(role).line if known else stage.style.ui.border_strong
    dash = () if known else future_dash(stage.style)
    return Path(segments, color, _WIDTH.get(role, 1.5), None, dash, arrow, opacity)


def dot(stage: Stage, x: float, y: float, role: str, *, known: bool = True) -> Circle:
    """Where wires part or meet."""
    color = stage.style.role(role).line if known else stage.style.ui.border_strong
    return Circle(x, y, 2.25, color)


def weight(
    stage: Stage,
    kind: str,
    lane: Lane,
    middle: float,
    y: float,
    *,
    width: float = 0.0,
    opacity: float = 1.0,
) -> list[Mark]:
    """The box of a matrix on its wire; all boxes of one matrix bear its name, and light together.

    Args:
        kind: "ih", "hh" or "hr".
        middle, y: of the box.
        width: of another box than those of `ih` and `hh`.
    """
    ui, key = stage.style.ui, weight_key(kind, lane)
    chosen = stage.view.selection is not None and stage.view.selection.tensor == key.tensor
    width = width or stage.page.box
    fill, ink = (ui.accent, ui.on_accent) if chosen else (ui.card, ui.text)
    box = Rect(
        middle - width / 2,
        y - BOX_HEIGHT / 2,
        width,
        BOX_HEIGHT,
        fill,
        ui.accent,
        1.25,
        5.0,
        opacity=opacity,
        key=key,
    )
    names = stage.symbols
    letter = {"ih": names.input, "hh": names.hidden, "hr": names.projection}[kind]
    index = superscript(stage.run, lane.layer, lane.direction)
    runs = symbol_runs(with_superscript(letter, index))
    place = (middle, y + 0.26 * BOX_SIZE)
    name = Text(*place, runs, ink, BOX_SIZE, "math", anchor="middle", opacity=opacity, key=key)
    return [box, name]


def weight_key(kind: str, lane: Lane) -> Element:
    """The name of a matrix."""
    reverse = "_reverse" if lane.direction else ""
    name = f"weight_{kind}_l{lane.layer}{reverse}"
    return Element(name, layer=lane.layer, direction=lane.direction)


def dots(
    stage: Stage, x: float, y: float, role: str, opacity: float, *, known: bool = True
) -> list[Mark]:
    """Three dots for what is left out."""
    color = stage.style.role(role).line if known else stage.style.ui.border_strong
    return [Circle(x + shift, y, 1.9, color, opacity=opacity) for shift in (-9.0, 0.0, 9.0)]
