"""Shapes that every way of drawing a scene must agree on: arrowheads, corners, cells, hatching."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnnviz.scene.marks import Apertures, Cells, Path, Segment

HATCH_EVERY = 6.0
HATCH_WIDTH = 1.0
SMALLEST_CELL = 3.0  # px; narrower cells are drawn as one picture, without gaps
_LARGEST_PICTURE = 1 << 22
CROSS_FROM = 5.0  # px; cells narrower than this are filled instead of crossed
BEND = 0.5523  # how far a cubic's controls reach, to come near a quarter circle

Point = tuple[float, float]


class Arrow(NamedTuple):
    """A path's line, ended where its head begins, and the head's three corners."""

    line: tuple[Segment, ...]
    head: tuple[Point, Point, Point]


@lru_cache(maxsize=4096)
def arrow(path: Path) -> Arrow | None:
    """The head of a path with an arrow, its tip on the last point; None where it has no end."""
    if len(path.segments) < 2 or path.segments[-1][0] not in {"L", "C"}:
        return None
    last = path.segments[-1]
    tip = (float(last[-2]), float(last[-1]))
    dx, dy, room = _direction(path.segments, tip)
    if not room:
        return None
    length = min(5.0 + path.stroke_width, max(room, 2.0)) if last[0] == "L" else _length(path)
    half = (5.5 + 0.9 * path.stroke_width) / 2 * min(1.0, length / _length(path))
    back = (tip[0] - dx * length, tip[1] - dy * length)
    head = (
        tip,
        (back[0] - dy * half, back[1] + dx * half),
        (back[0] + dy * half, back[1] - dx * half),
    )
    return Arrow((*path.segments[:-1], _ended(last, back)), head)


@lru_cache(maxsize=4096)
def path_bounds(path: Path) -> tuple[float, float, float, float]:
    """Left, top, right and low of a path's points, those that bend its curves included."""
    values = [float(value) for segment in path.segments for value in segment[1:]] or [0.0, 0.0]
    xs, ys = values[::2], values[1::2]
    return min(xs), min(ys), max(xs), max(ys)


def _length(path: Path) -> float:
    return 5.0 + path.stroke_width


def _direction(segments: tuple[Segment, ...], tip: Point) -> tuple[float, float, float]:
    """The unit vector at the path's end, and the length that it is straight for."""
    last = segments[-1]
    before = [last[3:5], last[1:3]] if last[0] == "C" else []
    previous = segments[-2]
    if previous[0] != "Z":
        before.append(previous[-2:])
    for x, y in before:
        dx, dy = tip[0] - float(x), tip[1] - float(y)
        room = math.hypot(dx, dy)
        if room > 1e-6:
            return dx / room, dy / room, room
    return 0.0, 0.0, 0.0


def _ended(segment: Segment, end: Point) -> Segment:
    if segment[0] == "C":
        return (*segment[:5], *end)
    return ("L", *end)


def rounded(points: Sequence[Point], radius: float) -> tuple[Segment, ...]:
    """Straight lines through points, with round corners.

    Args:
        points: at least two; at the corners, lines meet at right angles.
        radius: of the corners, less where two of them share a short line.
    """
    segments: list[Segment] = [("M", *points[0])]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        start, end = _towards(corner, before, radius), _towards(corner, after, radius)
        segments += [("L", *start), ("C", *_control(start, corner), *_control(end, corner), *end)]
    return (*segments, ("L", *points[-1]))


def _towards(start: Point, end: Point, length: float) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    whole = max(abs(dx) + abs(dy), 1e-9)
    share = min(length, whole / 2) / whole
    return start[0] + dx * share, start[1] + dy * share


def _control(point: Point, corner: Point) -> Point:
    return (
        point[0] + (corner[0] - point[0]) * BEND,
        point[1] + (corner[1] - point[1]) * BEND,
    )


def cell_pitch(size: float, count: int, gap: float) -> float:
    """The distance from one cell's beginning to the next one's, for `count` cells in `size`."""
    return (size + gap) / max(count, 1)


def cell_span(size: float, count: int, gap: float, index: int) -> tuple[float, float]:
    """Where a cell begins, counted from the first one's beginning, and how long it is."""
    pitch = cell_pitch(size, count, gap)
    return index * pitch, pitch - gap


def cell_index(offset: float, size: float, count: int, gap: float) -> int:
    """The cell at a distance from the first one's beginning; the gap belongs to the one before."""
    return max(0, min(int(offset / cell_pitch(size, count, gap)), count - 1))


def cell_counts(cells: Cells | Apertures) -> tuple[int, int]:
    """Rows and columns of a mark's cells."""
    if isinstance(cells, Apertures):
        return 1, len(cells.levels)
    return cells.colors.shape[0], cells.colors.shape[1]


def effective_gap(cells: Cells | Apertures, scale: float = 1.0) -> float:
    """The gap that is left between the cells at a scale: none where they are too small for it."""
    rows, columns = cell_counts(cells)
    if not cells.gap or not rows * columns:
        return 0.0
    width = cell_pitch(cells.width, columns, cells.gap) * scale
    height = cell_pitch(cells.height, rows, cells.gap) * scale
    narrow = (columns > 1 and width < SMALLEST_CELL) or (rows > 1 and height < SMALLEST_CELL)
    return 0.0 if narrow else cells.gap


def enlarged(colors: NDArray[np.uint8], width: float, height: float) -> NDArray[np.uint8]:
    """Cells repeated until each is at least twice as large as shown, as far as memory is sane.

    For pictures inside files: viewers smooth what they enlarge, so it is enlarged before.

    Args:
        colors: `(rows, columns, 3)`.
        width, height: of one cell, in px.
    """
    rows, columns = colors.shape[:2]
    room = max(int(math.sqrt(_LARGEST_PICTURE / max(rows * columns, 1))), 1)
    down = max(1, min(math.ceil(height * 2), room))
    across = max(1, min(math.ceil(width * 2), room))
    return colors.repeat(down, axis=0).repeat(across, axis=1)


def hatch_lines(x: float, y: float, width: float, height: float) -> Iterator[tuple[Point, Point]]:
    """The 45° lines of a hatched rectangle, one every 6 px, aligned across the whole scene."""
    every = HATCH_EVERY * math.sqrt(2)
    start = HATCH_WIDTH / 2 * math.sqrt(2)
    right, low = x + width, y + height
    for number in range(
        math.ceil((x + y - start) / every), math.floor((right + low - start) / every) + 1
    ):
        total = start + number * every
        left_end, right_end = max(x, total - low), min(right, total - y)
        if right_end > left_end:
            yield (left_end, total - left_end), (right_end, total - right_end)
