"""A scene in parts, painted one after another over several turns of the event loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rnnviz.scene.marks import Clip, Mark, Scene

MARKS = 120  # of one part: a few ms


def in_parts(scene: Scene, most: int = MARKS) -> Iterator[Scene]:
    """Scenes that make up a scene when each is painted over the ones before it.

    Args:
        most: marks of one part.
    """
    background = scene.background
    for marks in _parts(scene.marks, most):
        yield replace(scene, marks=marks, background=background)
        background = None


def _parts(marks: tuple[Mark, ...], most: int) -> Iterator[tuple[Mark, ...]]:
    """At least one part, if only of nothing."""
    part: list[Mark] = []
    for mark in marks:
        if type(mark) is Clip and len(mark.marks) > most:
            yield tuple(part)
            part = []
            for inner in _parts(mark.marks, most):
                yield (replace(mark, marks=inner),)
        else:
            part.append(mark)
        if len(part) == most:
            yield tuple(part)
            part = []
    yield tuple(part)
