"""Ink rings around a selected element, wherever marks of it are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rnnviz.element import Element
from rnnviz.figures.strips import ring
from rnnviz.scene.hit import Box, hit_rect
from rnnviz.scene.marks import Mark, Scene
from rnnviz.scene.style import Style

_LEAST = 6.0  # px of a ring's inside


def selection_rings(element: Element | None, marks: Iterable[Mark], style: Style) -> Iterator[Mark]:
    """A ring around each place of an element; none within another."""
    if element is None:
        return
    found = (hit_rect(Scene(0, 0, (mark,)), element) for mark in marks)
    ringed: list[Box] = []
    for box in found:
        if box is not None and not any(_within(box, outer) for outer in ringed):
            ringed.append(box)
            yield ring(_grown(box), style, margin=1.5, radius=5.0)


def _within(box: Box, outer: Box) -> bool:
    return (
        box[0] >= outer[0]
        and box[1] >= outer[1]
        and box[0] + box[2] <= outer[0] + outer[2]
        and box[1] + box[3] <= outer[1] + outer[3]
    )


def _grown(box: Box) -> Box:
    """A box that can be seen, around the middle of one that is too small."""
    x, y, width, height = box
    wide, high = max(width, _LEAST), max(height, _LEAST)
    return x + (width - wide) / 2, y + (height - high) / 2, wide, high
