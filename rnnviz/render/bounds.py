"""Where on the scene a mark can leave any ink."""

from __future__ import annotations

import math

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
    points = mark.points[np.isfinite(mark.points).all(axis=1)]
    if not len(points):
        return NOWHERE
    (left, top), (right, low) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return _grown((left, top, right, low), mark.stroke_width)
