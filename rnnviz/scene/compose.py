"""Scenes put together: moved, stacked, given a margin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from rnnviz.scene.marks import (
    Circle,
    Clip,
    Color,
    Mark,
    Path,
    Polyline,
    Rect,
    Scene,
    Segment,
    Text,
)


def _moved_segment(segment: Segment, dx: float, dy: float) -> Segment:
    if segment[0] == "Z":
        return segment
    if segment[0] == "C":
        _, x1, y1, x2, y2, x, y = segment
        return ("C", x1 + dx, y1 + dy, x2 + dx, y2 + dy, x + dx, y + dy)
    command, x, y = segment
    return (command, x + dx, y + dy)


def _moved(mark: Mark, dx: float, dy: float) -> Mark:
    if isinstance(mark, Path):
        segments = tuple(_moved_segment(segment, dx, dy) for segment in mark.segments)
        return replace(mark, segments=segments)
    if isinstance(mark, Polyline):
        return replace(mark, points=mark.points + np.asarray((dx, dy)))
    if isinstance(mark, Clip):
        inner = translate(mark.marks, dx, dy)
        return Clip(mark.x + dx, mark.y + dy, mark.width, mark.height, inner, mark.shift)
    return replace(mark, x=mark.x + dx, y=mark.y + dy)


def translate(marks: Iterable[Mark], dx: float, dy: float) -> tuple[Mark, ...]:
    """The same marks, moved."""
    if not dx and not dy:
        return tuple(marks)
    return tuple(_moved(mark, dx, dy) for mark in marks)


def scaled(marks: Iterable[Mark], factor: float) -> tuple[Mark, ...]:
    """The same marks, all of them larger or smaller, lines and letters too."""
    if factor == 1.0:
        return tuple(marks)
    return tuple(_scaled(mark, factor) for mark in marks)


def _scaled(mark: Mark, k: float) -> Mark:
    if isinstance(mark, Rect):
        return _scaled_rect(mark, k)
    if isinstance(mark, Text):
        return _scaled_text(mark, k)
    if isinstance(mark, Path):
        return _scaled_path(mark, k)
    if isinstance(mark, Circle):
        radius, pen = mark.radius * k, mark.stroke_width * k
        return replace(mark, x=mark.x * k, y=mark.y * k, radius=radius, stroke_width=pen)
    if isinstance(mark, Polyline):
        return replace(mark, points=mark.points * k, stroke_width=mark.stroke_width * k)
    box = {name: getattr(mark, name) * k for name in ("x", "y", "width", "height")}
    if isinstance(mark, Clip):
        return Clip(**box, marks=scaled(mark.marks, k), shift=mark.shift * k)
    return replace(mark, **box)


# Most marks of a frame are of three kinds. They are written out, as `replace` costs thrice as much.


def _scaled_rect(mark: Rect, k: float) -> Rect:
    pen, dash, radius = mark.stroke_width * k, _scaled_dash(mark.dash, k), mark.radius * k
    look = (mark.fill, mark.stroke, pen, radius, dash, mark.hatch, mark.opacity, mark.key)
    return Rect(mark.x * k, mark.y * k, mark.width * k, mark.height * k, *look)


def _scaled_text(mark: Text, k: float) -> Text:
    look = (mark.font, mark.weight, mark.italic, mark.anchor, mark.rotation)
    x, y, size = mark.x * k, mark.y * k, mark.size * k
    return Text(x, y, mark.runs, mark.color, size, *look, mark.opacity, mark.key)


def _scaled_path(mark: Path, k: float) -> Path:
    segments = tuple([_scaled_segment(segment, k) for segment in mark.segments])
    pen, dash = mark.stroke_width * k, _scaled_dash(mark.dash, k)
    look = (mark.fill, dash, mark.arrow, mark.opacity, mark.key)
    return Path(segments, mark.stroke, pen, *look)


def _scaled_dash(dash: tuple[float, ...], k: float) -> tuple[float, ...]:
    return tuple([length * k for length in dash]) if dash else dash


def _scaled_segment(segment: Segment, k: float) -> Segment:
    if segment[0] == "Z":
        return segment
    if segment[0] == "C":
        _, x1, y1, x2, y2, x, y = segment
        return ("C", x1 * k, y1 * k, x2 * k, y2 * k, x * k, y * k)
    command, x, y = segment
    return (command, x * k, y * k)


def stack(*scenes: Scene, gap: float = 0.0) -> Scene:
    """Scenes one below the other, left edges aligned, each cut to its visible part.

    Background and title are the last scene's that has one.
    """
    marks: list[Mark] = []
    top = 0.0
    for scene in scenes:
        moved = translate(scene.marks, -scene.x, top - scene.y)
        marks.append(Clip(0.0, top, scene.width, scene.height, moved))
        top += scene.height + gap
    return Scene(
        width=max((scene.width for scene in scenes), default=0.0),
        height=max(top - gap, 0.0),
        marks=tuple(marks),
        background=next((s.background for s in reversed(scenes) if s.background), None),
        title=next((s.title for s in reversed(scenes) if s.title), ""),
    )


def padded(scene: Scene, margin: float, background: Color | None = None) -> Scene:
    """A scene with an empty margin around it; `background` replaces the scene's if given."""
    inner = Clip(scene.x, scene.y, scene.width, scene.height, scene.marks)
    return replace(
        scene,
        x=scene.x - margin,
        y=scene.y - margin,
        width=scene.width + 2 * margin,
        height=scene.height + 2 * margin,
        marks=(inner,),
        background=background or scene.background,
    )
