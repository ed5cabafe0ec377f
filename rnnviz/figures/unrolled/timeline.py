"""Where each step lies: even columns, a few of them opened to the width of a card."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Timeline:
    """The time axis.

    Attributes:
        start: where the first column begins, px.
        pitch: width of a column.
        wide: width of an opened one.
        steps: how many there are (L).
        opened: those opened, ascending.
    """

    start: float
    pitch: float
    wide: float
    steps: int
    opened: tuple[int, ...] = ()

    @property
    def end(self) -> float:
        """Where the last column ends."""
        return self.left(self.steps)

    def left(self, t: int) -> float:
        """Where column t begins; t = steps is the end."""
        if not self.opened:
            return self.start + t * self.pitch
        before = bisect_left(self.opened, t)
        return self.start + t * self.pitch + before * (self.wide - self.pitch)

    def width(self, t: int) -> float:
        """The width of column t."""
        return self.wide if t in self.opened else self.pitch

    def center(self, t: int) -> float:
        """The middle of column t."""
        if not self.opened:
            return self.start + (t + 0.5) * self.pitch
        return self.left(t) + self.width(t) / 2

    def at(self, x: float) -> int:
        """The step whose column holds x, between 0 and steps − 1."""
        t, extra = 0, 0.0
        for opened in self.opened:
            left = self.start + opened * self.pitch + extra
            if x < left:
                break
            if x < left + self.wide:
                return opened
            extra += self.wide - self.pitch
        t = int((x - self.start - extra) // self.pitch)
        return min(max(t, 0), max(self.steps - 1, 0))

    def span(self, x0: float, x1: float) -> tuple[int, int]:
        """The steps [t0, t1) whose columns touch what lies between two places."""
        if not self.steps or x1 < self.start or x0 > self.end:
            return 0, 0
        return self.at(x0), self.at(x1) + 1

    def runs(self, t0: int, t1: int) -> list[tuple[int, int]]:
        """[t0, t1) without the opened steps, as stretches of even columns."""
        edges = [t0 - 1, *(t for t in self.opened if t0 <= t < t1), t1]
        return [(before + 1, after) for before, after in pairwise(edges) if after > before + 1]
