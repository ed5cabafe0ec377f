"""The graph of a long run on one page: some steps as cards, and an ellipsis for the others."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from rnnviz.figures.elision import elided, kept_steps
from rnnviz.figures.unrolled.timeline import Timeline
from rnnviz.scene.marks import Circle, Mark

if TYPE_CHECKING:
    from rnnviz.figures.unrolled.stage import Stage
    from rnnviz.model.trace import Trace

GAP = 64.0  # px at scale 1, what stands for the steps between two cards
_MOST = 9  # steps that stay
_ALL = 11  # a run of so few steps is shown as it is
_APART = 9.0
_RADIUS = 1.9


@dataclass(frozen=True, slots=True)
class ElidedTimeline(Timeline):
    """A time axis of cards alone; the steps between two of them share one narrow gap.

    Attributes:
        gap: its width, px.
    """

    gap: float = GAP

    def left(self, t: int) -> float:
        """Where the card of step t begins, or the gap that it is left out in."""
        place = bisect_left(self.opened, min(t, self.steps))
        kept = self.opened[:place]
        gaps = sum(elided(kept))
        if place < len(self.opened) and self.opened[place] == t and kept:
            gaps += t > kept[-1] + 1
        return self.start + place * self.wide + gaps * self.gap

    def width(self, t: int) -> float:
        """The width of a card's column, or of a gap."""
        return self.wide if t in self.opened else self.gap

    def center(self, t: int) -> float:
        """The middle of a card's column, or of a gap."""
        return self.left(t) + self.width(t) / 2

    def at(self, x: float) -> int:
        """The step whose card holds x; of a gap, its first one."""
        found = 0
        for t in self.opened:
            if x < self.left(t):
                return min(found + 1, t)
            found = t
            if x < self.left(t) + self.wide:
                break
        return found


def elided_steps(run: Trace, sequences: range, current: set[int]) -> tuple[int, ...]:
    """The steps that stay cards; none where all of them can."""
    length = max((run.lengths[n] for n in sequences), default=0)
    if length <= _ALL:
        return ()
    ends = {run.lengths[n] - 1 for n in sequences}
    slots = {run.lengths[n] for n in sequences if run.lengths[n] < run.L}  # where states leave
    length += bool(slots) and max(slots) == length
    return kept_steps(length, current | ends | slots, _MOST)


@dataclass(frozen=True, slots=True)
class Passing:
    """What goes on through a gap.

    Attributes:
        y: its height, px.
        role: its hue.
        lanes: the layers and directions that must be computed for it to be known.
    """

    y: float
    role: str
    lanes: tuple[tuple[int, int], ...] = ()


def gap_dots(stage: Stage, passing: list[Passing]) -> Iterator[Mark]:
    """Three dots in every visible gap, grey where the steps that they stand for are to come."""
    timeline, k, ui = stage.timeline, stage.scale, stage.style.ui
    for before, after in pairwise(timeline.opened):
        seen = stage.span[0] <= before + 1 < stage.span[1]
        if after == before + 1 or not seen or before + 1 >= stage.length:
            continue
        middle = timeline.center(before + 1)
        for way in passing:
            known = all(
                stage.is_computed(*lane, t) for lane in way.lanes for t in (before + 1, after - 1)
            )
            color = stage.style.role(way.role).line if known else ui.border_strong
            for shift in (-_APART, 0.0, _APART):
                yield Circle(middle + shift * k, way.y, _RADIUS * k, color)
