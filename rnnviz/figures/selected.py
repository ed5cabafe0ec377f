"""Ink rings around what is selected, wherever a scene draws it."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.figures.strips import ring
from rnnviz.scene.hit import hit_rect
from rnnviz.scene.marks import Mark, Rect, Scene
from rnnviz.scene.style import Style

_LEAST = 6.0  # px of a ring's inside


def rings(marks: tuple[Mark, ...], selection: Element | None, style: Style) -> tuple[Rect, ...]:
    """A ring around every place of the selected element; none without one."""
    if selection is None:
        return ()
    found = (hit_rect(Scene(0, 0, (mark,)), selection) for mark in marks)
    boxes = dict.fromkeys(box for box in found if box is not None)
    return tuple(ring(_grown(box), style, margin=1.0, radius=3.0) for box in boxes)


def _grown(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """A box that can be seen, around the middle of one that is too small."""
    x, y, width, height = box
    wide, high = max(width, _LEAST), max(height, _LEAST)
    return x + (width - wide) / 2, y + (height - high) / 2, wide, high
