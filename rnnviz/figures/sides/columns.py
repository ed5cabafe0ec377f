"""Which timesteps are shown as columns, and where each stands."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.figures.elision import elided, kept_steps
from rnnviz.figures.sides.subject import Subject

NAMES = 148.0  # px for the rows' names
ELLIPSIS = 20.0
INSET = 8.0  # px of a column left and right of its strips
_PITCH = (92.0, 132.0)  # px of a column, at least and at most


@dataclass(frozen=True)
class Columns:
    """Where the timesteps stand.

    Attributes:
        kept: those that are shown.
        left: where each of them begins.
        pitch: from one to the next.
    """

    kept: tuple[int, ...]
    left: tuple[float, ...]
    pitch: float

    @property
    def right(self) -> float:
        return self.left[-1] + self.pitch


def columns_of(subject: Subject, x: float, width: float) -> Columns:
    """The timesteps that a width has room for."""
    room = width - NAMES
    most = max(3, int((room - 2 * ELLIPSIS) / _PITCH[0]))
    kept = kept_steps(subject.length, {subject.t}, most)
    breaks = elided(kept)
    pitch = min((room - ELLIPSIS * sum(breaks)) / len(kept), _PITCH[1])
    left = [x + NAMES]
    for is_elided in breaks:
        left.append(left[-1] + pitch + (ELLIPSIS if is_elided else 0.0))
    return Columns(kept, tuple(left), pitch)
