"""A scene in parts, painted one after another over several turns of the event loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rnnviz.scene.marks import Clip, Mark, Scene

_MARKS = 120  # of one part: a few ms


def in_parts(scene: Scene) -> Iterator[Scene]:
    """Scenes that make up a scene when each is painted over the ones before it."""
    background = scene.background
    for marks in _parts(scene.marks):
        yield replace(scene, marks=marks, background=background)
        background = None


def _parts(marks: tuple[Mark, ...]) -> Iterator[tuple[Mark, ...]]:
    """At least one part, if only of nothing."""
    part: list[Mark] = []
    for mark in marks:
        if type(mark) is Clip and len(mark.marks) > _MARKS:
            yield tuple(part)
            part = []
            for inner in _parts(mark.marks):
                yield (replace(mark, marks=inner),)
        else:
            part.append(mark)
        if len(part) == _MARKS:
            yield tuple(part)
            part = []
    yield tuple(part)
