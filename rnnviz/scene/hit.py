"""Which tensor element lies under a point, and where on the picture an element lies."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.scene.geometry import cell_counts, cell_index, cell_span
from rnnviz.scene.marks import (
    Apertures,
    Cells,
    Circle,
    Clip,
    Mark,
    Path,
    Polyline,
    Rect,
    Scene,
    Text,
)
from rnnviz.scene.text import text_box

Box = tuple[float, float, float, float]
_REACH = 4.0  # px beside a line that still count as on it
_CURVE_STEPS = 12


def hit(scene: Scene, x: float, y: float) -> Element | None:
    """The element at a point of the scene's own px: the topmost mark that bears a key.

    In a strip or matrix it is the very cell; where cells stand for several indices (stride),
    the first of them.
    """
    found = _topmost(scene.marks, x, y)
    return None if found is None else found[1]


def is_merged(scene: Scene, x: float, y: float) -> bool:
    """Whether what lies at a point of the scene stands for several elements together."""
    found = _topmost(scene.marks, x, y)
    mark = None if found is None else found[0]
    return isinstance(mark, Cells | Apertures) and max(mark.stride) > 1


def _topmost(marks: tuple[Mark, ...], x: float, y: float) -> tuple[Mark, Element] | None:
    for mark in reversed(marks):
        if isinstance(mark, Clip):
            within = _topmost(mark.marks, x - mark.shift, y) if _inside(mark, x, y) else None
            if within is not None:
                return within
        elif mark.key is not None:
            found = _hit_mark(mark, x, y)
            if found is not None:
                return mark, found
    return None


def _inside(mark: Rect | Cells | Apertures | Clip, x: float, y: float) -> bool:
    return mark.x <= x < mark.x + mark.width and mark.y <= y < mark.y + mark.height


def _hit_mark(mark: Mark, x: float, y: float) -> Element | None:
    if isinstance(mark, Cells | Apertures):
        return _cell_at(mark, x, y) if _inside(mark, x, y) else None
    if isinstance(mark, Clip):
        return None
    return mark.key if _covers(mark, x, y) else None


def _covers(mark: Rect | Circle | Path | Polyline | Text, x: float, y: float) -> bool:
    if isinstance(mark, Rect):
        return _inside(mark, x, y)
    if isinstance(mark, Circle):
        return math.hypot(x - mark.x, y - mark.y) <= mark.radius + mark.stroke_width / 2
    if isinstance(mark, Text):
        return _in_text(mark, x, y)
    points = mark.points if isinstance(mark, Polyline) else flatten(mark)
    if _distance(points, x, y) <= max(_REACH, mark.stroke_width / 2):
        return True
    return isinstance(mark, Path) and mark.fill is not None and _encloses(points, x, y)


def _in_text(mark: Text, x: float, y: float) -> bool:
    left, top, width, height = text_box(mark)
    if mark.rotation:
        angle = -math.radians(mark.rotation)
        dx, dy = x - mark.x, y - mark.y
        x = mark.x + dx * math.cos(angle) - dy * math.sin(angle)
        y = mark.y + dx * math.sin(angle) + dy * math.cos(angle)
    return left <= x <= left + width and top <= y <= top + height


def _cell_at(mark: Cells | Apertures, x: float, y: float) -> Element | None:
    rows, columns = cell_counts(mark)
    if mark.key is None or not rows or not columns:
        return mark.key
    row = cell_index(y - mark.y, mark.height, rows, mark.gap)
    column = cell_index(x - mark.x, mark.width, columns, mark.gap)
    indices: dict[str, Any] = {}
    for axis, place, first, step in zip(
        mark.axes, (row, column), mark.origin, mark.stride, strict=True
    ):
        if axis:
            indices[axis] = first + place * step
    return mark.key._replace(**indices)


def flatten(path: Path) -> NDArray[np.float64]:
    """The path as points `(n, 2)`, curves cut into short lines, NaN between its parts."""
    points: list[tuple[float, float]] = []
    start = (0.0, 0.0)
    for segment in path.segments:
        if segment[0] == "M":
            if points:
                points.append((math.nan, math.nan))
            start = (segment[1], segment[2])
            points.append(start)
        elif segment[0] == "L":
            points.append((segment[1], segment[2]))
        elif segment[0] == "C":
            points += _curve(points[-1], segment[1:])
        else:
            points.append(start)
    return np.asarray(points, dtype=np.float64).reshape(-1, 2)


def _curve(
    start: tuple[float, float], controls: tuple[float, float, float, float, float, float]
) -> list[tuple[float, float]]:
    p0, p1, p2, p3 = np.asarray((*start, *controls), dtype=np.float64).reshape(4, 1, 2)
    t = np.linspace(0, 1, _CURVE_STEPS + 1)[1:, None]
    curve = (1 - t) ** 3 * p0 + 3 * t * (1 - t) ** 2 * p1 + 3 * t**2 * (1 - t) * p2 + t**3 * p3
    return [(float(px), float(py)) for px, py in curve]


def _distance(points: NDArray[np.float64], x: float, y: float) -> float:
    if len(points) < 2:
        return math.inf
    start, step = points[:-1], np.diff(points, axis=0)
    reach = np.asarray((x, y)) - start
    length = np.maximum((step**2).sum(axis=1), 1e-12)
    along = np.clip((reach * step).sum(axis=1) / length, 0, 1)
    gaps = np.hypot(*(reach - along[:, None] * step).T)
    gaps = gaps[np.isfinite(gaps)]
    return float(gaps.min()) if len(gaps) else math.inf


def _encloses(points: NDArray[np.float64], x: float, y: float) -> bool:
    """Even-odd rule over the closed outline."""
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) < 3:
        return False
    (x1, y1), (x2, y2) = points.T, np.roll(points, -1, axis=0).T
    crossing = (y1 > y) != (y2 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = x1 + (y - y1) * (x2 - x1) / (y2 - y1)
    return bool(np.count_nonzero(crossing & (at > x)) % 2)


def hit_rect(scene: Scene, element: Element) -> Box | None:
    """x, y, width and height of where an element is drawn, topmost first; None if nowhere.

    An element without `unit` (or `t`, `row`, …) is the whole strip, row or matrix.
    """
    return next(_boxes(scene.marks, element), None)


def _boxes(marks: tuple[Mark, ...], element: Element) -> Iterator[Box]:
    for mark in reversed(marks):
        if isinstance(mark, Clip):
            for x, y, width, height in _boxes(mark.marks, element):
                yield x + mark.shift, y, width, height
        elif mark.key is None or mark.key.tensor != element.tensor:
            continue
        elif isinstance(mark, Cells | Apertures):
            box = _cell_box(mark, element)
            if box is not None:
                yield box
        elif mark.key == element:
            yield _bounds(mark)


def _cell_box(mark: Cells | Apertures, element: Element) -> Box | None:
    own: dict[str, Any] = {axis: None for axis in mark.axes if axis}
    assert mark.key is not None
    if mark.key._replace(**own) != element._replace(**own):
        return None
    (top, height), (left, width) = (
        _span(mark, element, number, size) for number, size in ((0, mark.height), (1, mark.width))
    )
    if height < 0 or width < 0:
        return None
    return mark.x + left, mark.y + top, width, height


def _span(
    mark: Cells | Apertures, element: Element, number: int, size: float
) -> tuple[float, float]:
    """Offset and length along one axis; the length is −1 where the index lies outside."""
    axis, count = mark.axes[number], cell_counts(mark)[number]
    index = getattr(element, axis) if axis else None
    if index is None:
        return 0.0, size
    place = (index - mark.origin[number]) // mark.stride[number]
    if not 0 <= place < count:
        return 0.0, -1.0
    return cell_span(size, count, mark.gap, place)


def _bounds(mark: Rect | Circle | Path | Polyline | Text) -> Box:
    if isinstance(mark, Rect):
        return mark.x, mark.y, mark.width, mark.height
    if isinstance(mark, Circle):
        size = 2 * mark.radius
        return mark.x - mark.radius, mark.y - mark.radius, size, size
    if isinstance(mark, Text):
        return text_box(mark)
    points = mark.points if isinstance(mark, Polyline) else flatten(mark)
    (left, top), (right, low) = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    return float(left), float(top), float(right - left), float(low - top)
