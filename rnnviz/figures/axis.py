"""Where the indices of one axis of a table stand: one after another, or some of them, with gaps."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

GAP = 18.0  # px of what is left out between two kept indices
_BETWEEN = 10.0  # px before the first of a group
_EDGE = 18.0  # px of what is left out before the first or after the last


class Span(NamedTuple):
    """Neighbouring indices: the first, how many, and where they begin."""

    first: int
    many: int
    at: float


class Gap(NamedTuple):
    """The place of indices that are left out: where, how long, and how many there are."""

    at: float
    length: float
    many: int


@dataclass(frozen=True)
class Axis:
    """The places of an axis's indices, in px from its beginning.

    Attributes:
        size: how many indices there are.
        cell: from one index to the next.
        spans: those on show; `gaps`: those that are not.
        length: of the whole.
    """

    size: int
    cell: float
    spans: tuple[Span, ...]
    gaps: tuple[Gap, ...]
    length: float

    def place(self, index: int) -> float | None:
        """Where an index begins; None where it is left out."""
        for span in self.spans:
            if span.first <= index < span.first + span.many:
                return span.at + (index - span.first) * self.cell
        return None

    @property
    def shown(self) -> tuple[int, ...]:
        """The indices on show, ascending."""
        return tuple(i for span in self.spans for i in range(span.first, span.first + span.many))


def even(size: int, cell: float) -> Axis:
    """All indices, one after another."""
    return Axis(size, cell, (Span(0, size, 0.0),), (), size * cell)


def spread(
    size: int,
    cell: float,
    kept: Iterable[int],
    gap: float = GAP,
    breaks: Collection[int] = (),
) -> Axis:
    """Some of the indices.

    Args:
        kept: those on show, ascending.
        gap: px of what is left out.
        breaks: indices that begin a group of their own, a little after the one before.
    """
    spans: list[Span] = []
    gaps: list[Gap] = []
    at, after = 0.0, 0
    for index in kept:
        if index > after:
            length = gap if spans else _EDGE
            gaps.append(Gap(at, length, index - after))
            at += length
        elif spans and index in breaks:
            at += _BETWEEN
        if spans and index == after and index not in breaks:
            spans[-1] = spans[-1]._replace(many=spans[-1].many + 1)
        else:
            spans.append(Span(index, 1, at))
        at, after = at + cell, index + 1
    if after < size:
        gaps.append(Gap(at, _EDGE, size - after))
        at += _EDGE
    return Axis(size, cell, tuple(spans), tuple(gaps), at)


def shares(wanted: Iterable[float], room: float) -> list[float]:
    """The room dealt out evenly, none getting more than it wants."""
    wishes = list(wanted)
    found, left = [0.0] * len(wishes), room
    order = sorted(range(len(wishes)), key=lambda k: wishes[k])
    for done, k in enumerate(order):
        found[k] = min(wishes[k], left / (len(wishes) - done))
        left -= found[k]
    return found


def kept_indices(
    size: int, must: Iterable[int], wished: Iterable[int], most: int
) -> tuple[int, ...]:
    """Which of many indices a page keeps: all of them where they are few enough.

    Args:
        must: those that are kept whatever their number.
        wished: those to add as long as there is room; after them the first ones.
        most: how many to keep.
    """
    if size <= most:
        return tuple(range(size))
    kept = {index for index in must if 0 <= index < size}
    for index in (*wished, size - 1, *range(most)):
        if len(kept) >= most:
            break
        if 0 <= index < size:
            kept.add(index)
    return tuple(sorted(kept))


def visible(start: float, cell: float, many: int, limits: tuple[float, float]) -> tuple[int, int]:
    """The first and last + 1 of some cells that lie within limits, counted from their own first.

    Args:
        start: where they begin.
        cell: from one to the next.
        limits: px from and to.
    """
    first = max(0, math.floor((limits[0] - start) / cell))
    return first, max(first, min(many, math.ceil((limits[1] - start) / cell)))
