"""The nodes of a scene: what Tab goes through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rnnviz.element import Element
from rnnviz.render.bounds import Bounds, clip_bounds, mark_bounds
from rnnviz.scene.marks import Clip, Mark, Scene


def nodes_on_show(scene: Scene) -> list[Element]:
    """Every vector of which something is to be seen, once, in the order of painting."""
    pane = (scene.x, scene.y, scene.x + scene.width, scene.y + scene.height)
    return list(dict.fromkeys(_seen(scene.marks, pane)))


def _seen(marks: Iterable[Mark], pane: Bounds) -> Iterator[Element]:
    for mark in marks:
        if isinstance(mark, Clip):
            left, top, right, low = _common(pane, clip_bounds(mark))
            yield from _seen(mark.marks, (left - mark.shift, top, right - mark.shift, low))
        elif mark.key is not None and _reaches(pane, mark_bounds(mark)):
            yield mark.key.vector()


def _common(first: Bounds, second: Bounds) -> Bounds:
    left, top = max(first[0], second[0]), max(first[1], second[1])
    return left, top, min(first[2], second[2]), min(first[3], second[3])


def _reaches(pane: Bounds, box: Bounds) -> bool:
    left, top, right, low = _common(pane, box)
    return left < right and top < low
