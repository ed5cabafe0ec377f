"""Where the marks of one pane leave ink, for as long as they stand there.

Each is asked once. A step changes a few marks of hundreds: to look through all of them for each
of the few places where something has changed would cost more than to paint those places.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnviz.render.bounds import NOWHERE, Bounds, clip_bounds, mark_bounds, outermost
from rnnviz.render.sheets import Sheets
from rnnviz.scene.marks import Clip, Mark, Scene

_GRAIN = 16.0  # px that the boxes of changed marks are rounded to
_MARGIN = 4.0  # px around what is seen, for soft edges

Marks = Mapping[int, Mark]
_Marks = tuple[Mark, ...]
_Boxes = NDArray[np.float64]  # (n, 4)


class Standing:
    """The boxes of one pane's marks, and of what its clips hold."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Mark, Bounds]] = {}
        self._laid: dict[int, tuple[_Marks, _Boxes]] = {}
        self._sheets = Sheets()
        self._whole = Scene(0, 0, ())  # of which a part is painted at a time
        self._ratio = 1.0

    def forget(self) -> None:
        """None of the marks is there any longer."""
        self._known.clear()
        self._laid.clear()
        self._sheets.forget()

    def keep(self, before: Marks, now: Marks, scene: Scene, ratio: float) -> None:
        """Forgets all marks but those of a scene and those before it.

        What a clip held before as well is painted on a sheet, if the scene is seen from where
        the last one was.

        Args:
            before, now: the marks by identity.
            scene: of those that are there now.
            ratio: device px of a px.
        """
        there = {**before, **now}
        held = {id(mark.marks) for mark in there.values() if type(mark) is Clip}
        if not (ratio == self._ratio and _is_seen_alike(scene, self._whole)):
            self._sheets.forget()
        else:
            staying = (before[number] for number in before.keys() & now.keys())
            clips = (mark for mark in staying if type(mark) is Clip and not mark.shift)
            self._sheets.keep([clip.marks for clip in clips])
        self._whole, self._ratio = scene, ratio
        self._known = {number: known for number, known in self._known.items() if number in there}
        self._laid = {number: laid for number, laid in self._laid.items() if number in held}

    def around(self, changed: Iterable[Mark]) -> list[Bounds]:
        """Boxes around some marks, rounded up so that many that lie close become one."""
        boxes = {_rough(box) for box in map(self._box, changed) if box != NOWHERE}
        return outermost(boxes)

    def touched(self, scene: Scene) -> _Marks:
        """The marks that reach into what is seen of a scene; of a clip those of its own."""
        left, top = scene.x - _MARGIN, scene.y - _MARGIN
        right, low = scene.x + scene.width + _MARGIN, scene.y + scene.height + _MARGIN
        return tuple(self._reaching(scene.marks, (left, top, right, low)))

    def _reaching(self, marks: _Marks, seen: Bounds) -> Iterator[Mark]:
        left, top, right, low = seen
        box = self._boxes(marks).T
        there = (box[0] <= right) & (box[2] >= left) & (box[1] <= low) & (box[3] >= top)
        for number in np.flatnonzero(there).tolist():
            mark = marks[number]
            if type(mark) is Clip and self._sheets.has(mark.marks):
                sheet: Any = self._sheets.sheet(mark.marks, self._whole, self._ratio)
                yield replace(mark, marks=(sheet,))  # no mark, but it can be painted as one
            elif type(mark) is Clip and not mark.shift:
                yield replace(mark, marks=tuple(self._reaching(mark.marks, seen)))
            else:
                yield mark

    def _boxes(self, marks: _Marks) -> _Boxes:
        laid = self._laid.get(id(marks))
        if laid is None:
            boxes = np.reshape(np.asarray(list(map(self._box, marks)), dtype=np.float64), (-1, 4))
            laid = self._laid[id(marks)] = marks, boxes
        return laid[1]

    def _box(self, mark: Mark) -> Bounds:
        known = self._known.get(id(mark))
        if known is None:
            box = clip_bounds(mark) if type(mark) is Clip else mark_bounds(mark)
            known = self._known[id(mark)] = mark, box
        return known[1]


def _is_seen_alike(one: Scene, other: Scene) -> bool:
    """Whether two scenes show the same part of the content."""
    return (one.x, one.y, one.width, one.height) == (other.x, other.y, other.width, other.height)


def _rough(box: Bounds) -> Bounds:
    """A box that holds another one."""
    left, top, right, low = (edge / _GRAIN for edge in box)
    return (
        math.floor(left) * _GRAIN,
        math.floor(top) * _GRAIN,
        math.ceil(right) * _GRAIN,
        math.ceil(low) * _GRAIN,
    )
