"""Where the timesteps of one half lie from left to right."""

from __future__ import annotations

from dataclasses import dataclass

STEP = 134.0  # px from one step to the next at 100 %


@dataclass(frozen=True)
class Track:
    """Steps at an even pitch, but for one that may stay open as a card.

    Attributes:
        start: left edge of the first step, px.
        pitch: px from one step to the next.
        count: how many there are.
        opened: the step that is a card where the others are narrow; None for none.
        wide: px that it takes.
    """

    start: float
    pitch: float
    count: int
    opened: int | None = None
    wide: float = 0.0

    @property
    def end(self) -> float:
        """Right edge of the last step."""
        return self.left(self.count)

    def left(self, t: int) -> float:
        """Left edge of a step."""
        x = self.start + t * self.pitch
        return x + self.wide - self.pitch if self.opened is not None and t > self.opened else x

    def width(self, t: int) -> float:
        """Px that a step takes."""
        return self.wide if t == self.opened else self.pitch

    def center(self, t: int) -> float:
        """Middle of a step."""
        return self.left(t) + self.width(t) / 2

    def span(self, x0: float, x1: float) -> tuple[int, int]:
        """The steps [t0, t1) that reach into a range of px."""
        extra = self.wide - self.pitch if self.opened is not None else 0.0
        first = int((x0 - self.start - max(extra, 0.0)) // self.pitch)
        last = int((x1 - self.start) // self.pitch) + 1
        first, last = max(first, 0), min(last, self.count)
        return min(first, self.count), max(last, min(first, self.count))

    def stretches(self, span: tuple[int, int]) -> list[tuple[int, int]]:
        """A range of steps without the opened one, in one part or two."""
        if self.opened is None or not span[0] <= self.opened < span[1]:
            parts = [span]
        else:
            parts = [(span[0], self.opened), (self.opened + 1, span[1])]
        return [(begin, end) for begin, end in parts if end > begin]
