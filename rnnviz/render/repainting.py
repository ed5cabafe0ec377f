"""Frame after frame of one pane: what stays is moved, only what has changed is painted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QSize
from PySide6.QtGui import QImage, QPainter, QRegion

from rnnviz.render.bounds import Bounds, clip_bounds, mark_bounds, meet
from rnnviz.render.changes import WORTH_IT, changes, paint_on, sized
from rnnviz.render.painter import paint
from rnnviz.render.parts import MARKS, in_parts
from rnnviz.render.patches import Patch, area, patches
from rnnviz.render.sheets import Sheets
from rnnviz.scene.marks import Clip, Mark, Scene

_MARGIN = 2  # device px around a mark for its soft edges
_GRAIN = 16  # device px that changed boxes are rounded to, so that they join
_FEW = 4  # patches, which cost no more than painting all at once


_Content = tuple[tuple[Mark, ...], float]


class _Frame(NamedTuple):
    """A scene with what comparing it with another needs.

    Attributes:
        marks: by identity; a clip's own are among them, unless they are seen moved.
        bounds: of those marks whose place was asked for; at another zoom none is.
        clips: the clips' rectangles from the pane's corner, in their order.
        contents: what each of the clips holds, and by how much that is seen moved.
    """

    scene: Scene
    ratio: float
    size: tuple[int, int]
    marks: dict[int, Mark]
    bounds: dict[int, Bounds]
    clips: tuple[Bounds, ...]
    contents: tuple[_Content, ...]

    def box(self, mark: Mark) -> Bounds:
        """Where a mark can leave ink."""
        box = self.bounds.get(id(mark))
        if box is None:
            box = self.bounds[id(mark)] = mark_bounds(mark)
        return box


class _Foreseen(NamedTuple):
    """A frame that may come, painted over the one before it."""

    before: _Frame
    frame: _Frame
    picture: QImage


class Repainter:
    """Paints the scenes of one pane, each over the one before it.

    Marks that are the same as before are taken from the picture of the last scene, moved by as
    much as the pane was panned. A scene at another zoom is painted from scratch.
    """

    def __init__(self) -> None:
        self._last: _Frame | None = None
        self._picture = QImage()
        self._spare = QImage()
        self._coming = QImage()
        self._sheets = Sheets()
        self._foreseen: _Foreseen | None = None

    @property
    def picture(self) -> QImage:
        """The last frame; null before the first."""
        return self._picture if self._last is not None else QImage()

    def paint(self, scene: Scene, painter: QPainter, device_pixel_ratio: float = 1.0) -> None:
        """Paint a scene on a screen, its top left corner at the painter's origin."""
        if scene.background is None:
            paint(scene, painter, device_pixel_ratio)
            return
        last = self._last
        there = last is not None and last.scene is scene and last.ratio == device_pixel_ratio
        if not there and not self._take_foreseen(scene, device_pixel_ratio):
            self._renew(scene, device_pixel_ratio)
        painter.drawImage(QPointF(0, 0), self._picture)

    def _renew(self, scene: Scene, ratio: float) -> None:
        last, self._last = self._last, None  # until all of it is painted
        frame = _frame(scene, ratio, last)
        stale = _stale(last, frame) if last else None
        if stale is None or last is None:
            self._sheets.forget()
            self._paint_all(frame)
        else:
            self._move(last, frame)
            self._sheets.keep(_staying(last, frame))
            self._paint_stale(self._picture, frame, stale)
        self._last = frame

    def prepare(
        self, scene: Scene, device_pixel_ratio: float = 1.0, most: int = MARKS
    ) -> Iterator[None]:
        """Paints a scene in parts, so that painting it on the screen costs next to nothing then.

        Until the last part is painted, the last frame stays as it is.

        Args:
            most: marks of one part.
        """
        if scene.background is None:
            return
        frame = _frame(scene, device_pixel_ratio, None)
        self._coming = sized(self._coming, QSize(*frame.size))
        yield
        for part in in_parts(scene, most):
            paint_on(self._coming, part, frame.ratio)
            yield
        self._sheets.forget()
        self._picture, self._coming = self._coming, self._picture
        self._spare = sized(self._spare, QSize(*frame.size))
        self._last = frame

    def foresee(self, scene: Scene) -> None:
        """Paints what may come next beside what is there; nothing where all of it is other."""
        last, self._foreseen = self._last, None
        if last is None or scene.background is None:
            return
        frame = _frame(scene, last.ratio, last)
        stale = None if any(_shift(last, frame)) else _stale(last, frame)
        if stale is None:
            return
        self._sheets.keep(_staying(last, frame))
        picture = self._picture.copy()
        self._paint_stale(picture, frame, stale)
        self._foreseen = _Foreseen(last, frame, picture)

    def _take_foreseen(self, scene: Scene, ratio: float) -> bool:
        """Whether a scene is the one that was foreseen, and its picture is there now."""
        found = self._foreseen
        if found is None or found.frame.scene is not scene:
            return False
        self._foreseen = None
        if found.before is not self._last or found.frame.ratio != ratio:
            return False
        self._last, self._picture, self._spare = found.frame, found.picture, self._picture
        return True

    def _paint_all(self, frame: _Frame) -> None:
        self._picture = sized(self._picture, QSize(*frame.size))
        self._spare = sized(self._spare, QSize(*frame.size))
        paint_on(self._picture, frame.scene, frame.ratio)

    def _move(self, last: _Frame, frame: _Frame) -> None:
        dx, dy = _shift(last, frame)
        if dx or dy:
            self._spare.setDevicePixelRatio(1.0)
            self._picture.setDevicePixelRatio(1.0)
            painter = QPainter(self._spare)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            painter.drawImage(QPointF(dx, dy), self._picture)
            painter.end()
            self._picture, self._spare = self._spare, self._picture

    def _paint_stale(self, picture: QImage, frame: _Frame, stale: list[Patch]) -> None:
        for left, top, right, low in stale:
            rect = QRect(left, top, right - left, low - top)
            marks = tuple(_touched(frame.scene.marks, frame, rect, self._sheets))
            paint_on(picture, replace(frame.scene, marks=marks), frame.ratio, QRegion(rect))
        picture.setDevicePixelRatio(frame.ratio)


def _frame(scene: Scene, ratio: float, last: _Frame | None) -> _Frame:
    size = (math.ceil(scene.width * ratio), math.ceil(scene.height * ratio))
    clips: list[Clip] = []
    leaves: list[Mark] = []
    _gather(scene.marks, leaves, clips)
    marks = dict(zip(map(id, leaves), leaves, strict=True))
    known = last.bounds if last else {}
    bounds = {number: known[number] for number in marks.keys() & known.keys()}
    places = tuple(_seen_from(scene, clip_bounds(clip)) for clip in clips)
    contents = tuple((clip.marks, clip.shift) for clip in clips)
    return _Frame(scene, ratio, size, marks, bounds, places, contents)


def _gather(marks: Iterable[Mark], leaves: list[Mark], clips: list[Clip]) -> None:
    """All marks but clips, and the clips; what is seen moved is compared as a whole alone."""
    for mark in marks:
        if type(mark) is Clip:
            clips.append(mark)
            if not mark.shift:
                _gather(mark.marks, leaves, clips)
        else:
            leaves.append(mark)


def _seen_from(scene: Scene, box: Bounds) -> Bounds:
    """A box from the pane's corner."""
    left, top, right, low = box
    return left - scene.x, top - scene.y, right - scene.x, low - scene.y


def _shift(last: _Frame, frame: _Frame) -> tuple[int, int]:
    """How far what was painted has moved, in device px."""
    ratio = frame.ratio
    dx, dy = last.scene.x - frame.scene.x, last.scene.y - frame.scene.y
    return round(dx * ratio), round(dy * ratio)


def _comparable(last: _Frame, frame: _Frame) -> bool:
    """Whether what was painted can be used again, moved by whole px.

    Where the pane was not panned, there may be other clips.
    """
    old, new = last.scene, frame.scene
    dx, dy = (old.x - new.x) * frame.ratio, (old.y - new.y) * frame.ratio
    whole = abs(dx - round(dx)) < 1e-6 and abs(dy - round(dy)) < 1e-6
    near = abs(dx) < frame.size[0] and abs(dy) < frame.size[1]
    same = (last.ratio, last.size, old.background) == (frame.ratio, frame.size, new.background)
    if not (same and whole and near):
        return False
    if not (dx or dy):
        return True
    alike = len(last.clips) == len(frame.clips)
    scrolled = any(shift for _, shift in (*last.contents, *frame.contents))
    return alike and not scrolled and bool((_stays(last, frame) | _goes(last, frame)).all())


def _stays(last: _Frame, frame: _Frame) -> NDArray[np.bool_]:
    """Which clips are where they were in the pane: what is seen through them has moved."""
    return _alike(last.clips, frame.clips, 0.0, 0.0)


def _goes(last: _Frame, frame: _Frame) -> NDArray[np.bool_]:
    """Which clips have moved along with what is seen through them."""
    old, new = last.scene, frame.scene
    return _alike(last.clips, frame.clips, old.x - new.x, old.y - new.y)


def _alike(
    last: Sequence[Bounds], clips: Sequence[Bounds], dx: float, dy: float
) -> NDArray[np.bool_]:
    moved = np.reshape(last, (-1, 4)) + np.asarray((dx, dy, dx, dy))
    close = np.isclose(moved, np.reshape(clips, (-1, 4)), rtol=0, atol=1e-6)
    alike: NDArray[np.bool_] = np.all(close, axis=1)
    return alike


def _stale(last: _Frame, frame: _Frame) -> list[Patch] | None:
    """What must be painted anew; None: everything."""
    if not _comparable(last, frame):
        return None
    gone, new, same = changes(last.marks, frame.marks)
    if len(new) > WORTH_IT * len(frame.marks):
        return None
    for old, mark in same:
        if id(old) in last.bounds:
            frame.bounds[id(mark)] = last.bounds[id(old)]
    region = _uncovered(last, frame).united(_reshaped(last, frame))
    region = region.intersected(QRect(0, 0, *frame.size))
    boxes = {_pixels(last.box(mark), last.scene, frame) for mark in gone}
    boxes |= {_pixels(frame.box(mark), frame.scene, frame) for mark in new}
    boxes |= {
        (piece.x(), piece.y(), piece.x() + piece.width(), piece.y() + piece.height())
        for piece in rectangles(region)
    }
    stale = patches(box for box in boxes if area(box))
    whole = sum(map(area, stale))
    much = whole > WORTH_IT * frame.size[0] * frame.size[1]
    return None if much and len(stale) > _FEW else stale


def _uncovered(last: _Frame, frame: _Frame) -> QRegion:
    """What has come into the pane, or into a clip or out of it, by moving."""
    dx, dy = _shift(last, frame)
    region = QRegion()
    if not dx and not dy:
        return region
    pane = (0.0, 0.0, frame.scene.width, frame.scene.height)
    windows = [box for box, goes in zip(frame.clips, _goes(last, frame), strict=True) if not goes]
    for box in (pane, *windows):
        whole = _outline(box, frame)
        for piece in rectangles(whole.xored(whole.translated(dx, dy))):
            region = region.united(piece.adjusted(-1, -1, 1, 1))
    return region


def _reshaped(last: _Frame, frame: _Frame) -> QRegion:
    """What clips of another size let through where they did not, or no longer let through.

    A clip that holds something else too is painted anew, and where it was: what it holds may
    have stood in another.
    """
    region = QRegion()
    if any(_shift(last, frame)):
        return region  # all of them stay, or go along
    for changed in _changed_clips(last, frame):
        for piece in rectangles(changed):
            region = region.united(piece.adjusted(-1, -1, 1, 1))
    return region


def _changed_clips(last: _Frame, frame: _Frame) -> Iterator[QRegion]:
    """What parts the clips of two frames of one pane."""
    before: dict[tuple[int, float], list[Bounds]] = {}
    for (marks, shift), box in zip(last.contents, last.clips, strict=True):
        before.setdefault((id(marks), shift), []).append(box)
    others: list[Bounds] = []
    moved: list[Bounds] = []
    for (marks, shift), box in zip(frame.contents, frame.clips, strict=True):
        twins = before.get((id(marks), shift))
        if twins:
            yield _outline(twins.pop(0), frame).xored(_outline(box, frame))
        else:
            (moved if shift else others).append(box)
    for (_, shift), boxes in before.items():
        for box in boxes:
            if not shift and box in others:
                others.remove(box)  # it holds other marks, which are compared by themselves
            else:
                moved.append(box)
    yield from (_outline(box, frame) for box in (*others, *moved))


def _outline(box: Bounds, frame: _Frame) -> QRegion:
    """A box of the pane in whole device px."""
    left, top = (math.floor(edge * frame.ratio) for edge in box[:2])
    right, low = (math.ceil(edge * frame.ratio) for edge in box[2:])
    return QRegion(QRect(left, top, right - left, low - top))


def rectangles(region: QRegion) -> Iterator[QRect]:
    """What a region is made up of."""
    return iter(region)  # type: ignore[call-overload, no-any-return]  # not in Qt's stubs


def _pixels(box: Bounds, scene: Scene, frame: _Frame) -> Patch:
    """The box in device px, from what is seen of it in the pane."""
    ratio, (width, height) = frame.ratio / _GRAIN, frame.size
    margin = _MARGIN / _GRAIN
    left = max((box[0] - scene.x) * ratio - margin, 0.0)
    top = max((box[1] - scene.y) * ratio - margin, 0.0)
    right = min((box[2] - scene.x) * ratio + margin, width / _GRAIN)
    low = min((box[3] - scene.y) * ratio + margin, height / _GRAIN)
    if left >= right or top >= low:
        return 0, 0, 0, 0
    grains = math.floor(left), math.floor(top), math.ceil(right), math.ceil(low)
    return tuple(grain * _GRAIN for grain in grains)  # type: ignore[return-value]


def _touched(
    marks: Sequence[Mark], frame: _Frame, rect: QRect, sheets: Sheets, moved: float = 0.0
) -> Iterator[Mark]:
    """The marks that reach into a rectangle; of a clip those that do so within it.

    Args:
        moved: px to the right by which they are seen moved.
    """
    reached = _reached(rect, frame, moved)
    bounds, box_of = frame.bounds, frame.box
    for mark in marks:
        if type(mark) is Clip:
            within = rect.intersected(_cut(mark, frame, moved))
            if within.isEmpty():
                continue
            if sheets.has(mark.marks):
                # A sheet is no mark of a scene, but it can be painted as one.
                inner: tuple[Any, ...] = (sheets.sheet(mark.marks, frame.scene, frame.ratio),)
            else:
                inner = tuple(_touched(mark.marks, frame, within, sheets, moved + mark.shift))
            yield _narrowed(mark, inner, _reached(within, frame, moved))
        elif meet(bounds.get(id(mark)) or box_of(mark), reached):
            yield mark


def _staying(last: _Frame, frame: _Frame) -> list[tuple[Mark, ...]]:
    """What clips hold that they held in the last frame, where that was seen from here too."""
    if any(_shift(last, frame)):
        return []
    before = {id(marks) for marks, _ in last.contents}
    stayed = [marks for marks, _ in frame.contents if id(marks) in before]
    return [marks for marks in stayed if not any(type(mark) is Clip for mark in marks)]


def _narrowed(clip: Clip, marks: tuple[Mark, ...], seen: Bounds) -> Clip:
    """What of a clip lies in a box, so that its marks know how little of them is seen."""
    left, top, right, low = clip_bounds(clip)
    x, y = max(left, seen[0]), max(top, seen[1])
    return Clip(x, y, min(right, seen[2]) - x, min(low, seen[3]) - y, marks, clip.shift)


def _reached(piece: QRect, frame: _Frame, moved: float) -> Bounds:
    """Where a mark leaves ink in a rectangle of device px, in the scene's px."""
    ratio, scene, margin = frame.ratio, frame.scene, (_MARGIN + 1) / frame.ratio
    left = piece.left() / ratio + scene.x - moved - margin
    top = piece.top() / ratio + scene.y - margin
    right, low = left + piece.width() / ratio, top + piece.height() / ratio
    return left, top, right + 2 * margin, low + 2 * margin


def _cut(clip: Clip, frame: _Frame, moved: float) -> QRect:
    """The device px that a clip lets through, those at its edge included."""
    ratio, scene = frame.ratio, frame.scene
    left, top, right, low = clip_bounds(clip)
    left, right = left + moved, right + moved
    x, y = math.floor((left - scene.x) * ratio), math.floor((top - scene.y) * ratio)
    width = math.ceil((right - scene.x) * ratio) - x
    return QRect(x, y, width, math.ceil((low - scene.y) * ratio) - y)
