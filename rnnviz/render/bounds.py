"""Where on the scene a mark can leave any ink."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from rnnviz.scene.geometry import path_bounds
from rnnviz.scene.marks import Circle, Clip, Mark, Path, Polyline, Rect, Text
from rnnviz.scene.text import text_box

Bounds = tuple[float, float, float, float]  # left, top, right, low
NOWHERE: Bounds = (math.inf, math.inf, -math.inf, -math.inf)
_HEAD = 8.0  # px that an arrowhead reaches beside its line


def mark_bounds(mark: Mark) -> Bounds:
    """A box that holds all of a mark: left, top, right and low, a little generous."""
    if isinstance(mark, Text):
        return _text_bounds(mark)
    if isinstance(mark, Path):
        return _grown(path_bounds(mark), mark.stroke_width + _HEAD)
    if isinstance(mark, Circle):
        return _grown((mark.x, mark.y, mark.x, mark.y), mark.radius + mark.stroke_width)
    if isinstance(mark, Polyline):
        return _polyline_bounds(mark)
    reach = mark.stroke_width if isinstance(mark, Rect) else 0.0
    return _grown((mark.x, mark.y, mark.x + mark.width, mark.y + mark.height), reach)


def meet(one: Bounds, other: Bounds) -> bool:
    """Whether two boxes overlap or touch."""
    return one[0] <= other[2] and one[2] >= other[0] and one[1] <= other[3] and one[3] >= other[1]


def around(boxes: Iterable[Bounds]) -> Bounds:
    """The box around some boxes."""
    lefts, tops, rights, lows = zip(*(NOWHERE, *boxes), strict=True)
    return min(lefts), min(tops), max(rights), max(lows)


def outermost(boxes: Iterable[Bounds]) -> list[Bounds]:
    """Some boxes without those that lie within another of them."""
    found: list[Bounds] = []
    for box in sorted(boxes, key=_area, reverse=True):
        left, top, right, low = box
        for outer in found:
            if outer[0] <= left and outer[1] <= top and outer[2] >= right and outer[3] >= low:
                break
        else:
            found.append(box)
    return found


def _area(box: Bounds) -> float:
    return (box[2] - box[0]) * (box[3] - box[1]) if box[2] > box[0] else 0.0


def clip_bounds(clip: Clip) -> Bounds:
    """A clip's rectangle."""
    return clip.x, clip.y, clip.x + clip.width, clip.y + clip.height


def _grown(box: Bounds, reach: float) -> Bounds:
    left, top, right, low = box
    return left - reach, top - reach, right + reach, low + reach


def _text_bounds(mark: Text) -> Bounds:
    x, y, width, height = text_box(mark)
    if mark.rotation:
        reach = math.hypot(width + mark.size, height)
        return _grown((mark.x, mark.y, mark.x, mark.y), reach)
    return _grown((x, y, x + width, y + height), 0.25 * mark.size + 0.03 * width)


def _polyline_bounds(mark: Polyline) -> Bounds:
    points = mark.points
    if not len(points):
        return NOWHERE
    ends = points.min(axis=0), points.max(axis=0)
    if not np.isfinite(ends).all():  # some are NaN or infinite: only then they are looked for
        points = points[np.isfinite(points).all(axis=1)]
        if not len(points):
            return NOWHERE
        ends = points.min(axis=0), points.max(axis=0)
    (left, top), (right, low) = ends[0].tolist(), ends[1].tolist()
    return _grown((left, top, right, low), mark.stroke_width)
