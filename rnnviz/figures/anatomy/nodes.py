"""Sums and products as circles; linear operations, activations and projection as boxes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from rnnviz.figures.anatomy.plan import Block, Node
from rnnviz.figures.anatomy.stage import Stage
from rnnviz.scene.marks import Circle, Mark, Path, Rect, Run, Segment, Text
from rnnviz.scene.text import label, symbol

_FORMULA_SIZE = 14.0
_SAMPLES = 24
_CURVES: dict[str, Callable[[float], float]] = {
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "tanh": lambda a: (math.tanh(a) + 1) / 2,
    "relu": lambda a: max(a, 0.0) / 4,
}
_BASES = {"sigmoid": 0.0, "tanh": 0.5, "relu": 0.0}  # where 0 lies in the curve's picture
_SIGNS = {"sigmoid": "σ", "tanh": "tanh", "relu": "ReLU"}


def draw_node(stage: Stage, node: Node) -> Iterator[Mark]:
    """A circle with its sign, filled where it was computed last."""
    ui = stage.style.ui
    done, last = stage.is_done(node.operation), stage.is_last(node.operation)
    x, y, r = node.x, node.y, node.radius
    if last:
        yield Circle(x, y, r + 2.5, fill=ui.card, stroke=ui.accent, stroke_width=1.75)
        yield Circle(x, y, r, fill=ui.accent)
    elif done:
        yield Circle(x, y, r, fill=ui.card, stroke=ui.text, stroke_width=1.4)
    else:
        yield Circle(x, y, r, fill=ui.card)
        box = (x - r, y - r, 2 * r, 2 * r)
        yield Rect(*box, stroke=ui.border_strong, radius=r, dash=stage.dash)
    ink = ui.on_accent if last else ui.text if done else ui.border_strong
    yield from _sign(node, ink)


def _sign(node: Node, ink: str) -> Iterator[Mark]:
    x, y, r = node.x, node.y, node.radius * 0.42
    if node.sign == "times":
        yield Circle(x, y, 1.9, fill=ink)
    elif node.sign == "plus":
        cross: tuple[Segment, ...] = (
            ("M", x - r, y),
            ("L", x + r, y),
            ("M", x, y - r),
            ("L", x, y + r),
        )
        yield Path(cross, stroke=ink, stroke_width=1.5)
    else:
        yield label("1−", x, y + 3.6, ink, 10, anchor="middle", weight=600)


def draw_block(stage: Stage, block: Block) -> Iterator[Mark]:
    """A box; a linear one holds its strips, which are drawn upon it."""
    ui = stage.style.ui
    done, last = stage.is_done(block.operation), stage.is_last(block.operation)
    if block.kind == "linear":
        done = stage.subject.done > 0
        yield Rect(
            *block.box,
            fill=ui.surface_sunken,
            stroke=ui.border_strong,
            radius=6,
            dash=() if done else stage.dash,
        )
        return
    role = stage.role(block.gate) if block.gate else stage.neutral
    stroke = ui.accent if last else role.line if done else ui.border_strong
    fill = role.fill if done else ui.surface_sunken
    pen = 2.0 if last else 1.4 if done else 1.0
    yield Rect(*block.box, fill, stroke, pen, 6, () if done else stage.dash)
    ink = (role.text if done else ui.disabled, role.text if done else ui.border_strong)
    yield from _curve(block, *ink) if block.kind == "curve" else _projection(block, ink[0])


def _curve(block: Block, ink: str, line: str) -> Iterator[Mark]:
    x, y, width, height = block.box
    verb = block.operation.verb
    left, right = x + 9, x + 31
    top, low = y + height * 0.25, y + height * 0.75
    base = low - _BASES[verb] * (low - top)
    yield Path((("M", left, base), ("L", right, base)), stroke=line, opacity=0.4)
    places = [place / _SAMPLES for place in range(_SAMPLES + 1)]
    segments: list[Segment] = []
    for place in places:
        level = _CURVES[verb]((place - 0.5) * 8)
        point = (left + place * (right - left), low - level * (low - top))
        segments.append(("M" if not segments else "L", *point))
    yield Path(tuple(segments), stroke=line, stroke_width=1.4)
    at = (right + x + width - 4) / 2
    runs = (Run(_SIGNS[verb], italic=verb == "sigmoid"),)
    yield Text(at, y + height / 2 + 4.5, runs, ink, _FORMULA_SIZE, "math", anchor="middle")


def _projection(block: Block, ink: str) -> Iterator[Mark]:
    x, y, width, height = block.box
    middle = (x + width / 2, y + height / 2 + 4)
    yield Text(*middle, symbol("W", sub="hr"), ink, _FORMULA_SIZE, "math", anchor="middle")
