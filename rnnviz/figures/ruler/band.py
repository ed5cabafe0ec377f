"""Where the ruler's rows and timesteps stand."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.figures.view import Frame

LEFT = 66.0
RIGHT = 17.0
_TOP, _BOTTOM = 23.0, 66.0
_ROW_MOST = 20.0
_LONE_ROW = 26.0


@dataclass(frozen=True)
class Band:
    """The rows of cells of a ruler.

    Attributes:
        x, y: top left corner of the first row.
        step: px of a timestep.
        pitch: px from one row to the next.
        L, rows: how many timesteps and rows there are.
    """

    x: float
    y: float
    step: float
    pitch: float
    L: int
    rows: int

    @property
    def right(self) -> float:
        """Where the last timestep ends."""
        return self.x + self.step * self.L

    @property
    def bottom(self) -> float:
        """Where the last row ends, its gap included."""
        return self.y + self.pitch * self.rows

    @property
    def gap(self) -> float:
        """Px between rows; none where they are thin."""
        return 2.0 if self.pitch >= 7 else 0.0

    def row_y(self, row: int) -> float:
        """Where a row begins."""
        return self.y + row * self.pitch

    def left_of(self, t: int) -> float:
        """Where a timestep begins."""
        return self.x + t * self.step

    def middle(self, t: int) -> float:
        """The middle of a timestep."""
        return self.x + (t + 0.5) * self.step

    def t_at(self, x: float) -> int:
        """The timestep under a point, the first or last one beside the band; −1 left of it."""
        if x < self.x - 8 or self.L == 0:
            return -1
        return min(max(int((x - self.x) / self.step), 0), self.L - 1)


def lay_out(frame: Frame, rows: int, L: int) -> Band:  # noqa: N803 (PyTorch's letter)
    """The band of a ruler in a pane; its rows share the height there is."""
    width = max(frame.width - LEFT - RIGHT, 40.0)
    room = max(frame.height - 96.0, 0.0) + _BOTTOM - _TOP
    pitch = min(room / max(rows, 1), _LONE_ROW if rows == 1 else _ROW_MOST)
    top = _TOP + max(0.0, (room - pitch * rows) / 2)
    return Band(LEFT, top, width / max(L, 1), pitch, L, rows)
