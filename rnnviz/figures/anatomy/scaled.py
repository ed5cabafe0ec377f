"""Marks enlarged as a whole: a diagram is described at 100 % and zoomed at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rnnviz.scene.marks import Apertures, Cells, Circle, Mark, Path, Rect, Segment, Text


def scaled(marks: Iterable[Mark], k: float) -> Iterator[Mark]:
    """The marks, k times as large."""
    for mark in marks:
        yield mark if k == 1.0 else _scaled(mark, k)


def _scaled(mark: Mark, k: float) -> Mark:
    if isinstance(mark, Path):
        dash = tuple(part * k for part in mark.dash)
        segments = tuple(_segment(segment, k) for segment in mark.segments)
        return replace(mark, segments=segments, stroke_width=mark.stroke_width * k, dash=dash)
    if isinstance(mark, Text):
        return replace(mark, x=mark.x * k, y=mark.y * k, size=mark.size * k)
    if isinstance(mark, Circle):
        pen = mark.stroke_width * k
        return replace(mark, x=mark.x * k, y=mark.y * k, radius=mark.radius * k, stroke_width=pen)
    if not isinstance(mark, Rect | Cells | Apertures):
        raise TypeError(f"a {type(mark).__name__} has no place in this figure")
    box = {name: getattr(mark, name) * k for name in ("x", "y", "width", "height")}
    if isinstance(mark, Rect):
        dash = tuple(part * k for part in mark.dash)
        pen = mark.stroke_width * k
        return replace(mark, **box, stroke_width=pen, radius=mark.radius * k, dash=dash)
    return replace(mark, **box)


def _segment(segment: Segment, k: float) -> Segment:
    return (segment[0], *(value * k for value in segment[1:]))  # type: ignore[return-value]
