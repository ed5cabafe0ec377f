"""Where the grids, the readings and the pairs of scores and labels stand."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.figures.rows.subject import Subject, letter
from rnnviz.figures.token_cards import card_width
from rnnviz.scene.text import text_width

MARGIN = 24.0
HEADER = 88.0
GUTTER = 52.0  # for what the lines of a grid are
GAP = 8.0
CELL_HEIGHT = 30.0
READING = 34.0
PAIR = 96.0  # a strip of scores over a strip of labels, with their title
PAIR_HEAD = 64.0


@dataclass(frozen=True)
class Grid:
    """A layout of the batch as a grid: its first axis goes down.

    Attributes:
        x, y: of the first cell.
        cell: width and height, with the gap.
        axes: what goes down, and what goes across.
        lines, places: those that are kept.
    """

    x: float
    y: float
    cell: tuple[float, float]
    axes: tuple[str, str]
    lines: tuple[int, ...]
    places: tuple[int, ...]

    @property
    def right(self) -> float:
        """Where its last place ends."""
        return self.x + shifted(self.places, len(self.places)) * self.cell[0] - GAP

    @property
    def bottom(self) -> float:
        """Where its last line ends."""
        return self.y + shifted(self.lines, len(self.lines)) * self.cell[1] - GAP

    def box(self, line: int, place: int) -> tuple[float, float, float, float]:
        """Of a cell by its position among those that are kept."""
        width, height = self.cell
        x = self.x + shifted(self.places, place) * width
        return x, self.y + shifted(self.lines, line) * height, width - GAP, height - GAP


def shifted(kept: tuple[int, ...], position: int) -> float:
    """How many cells before a position, an ellipsis counting as half of one."""
    gaps = sum(kept[k] > kept[k - 1] + 1 for k in range(1, min(position + 1, len(kept))))
    return position + 0.5 * gaps


@dataclass(frozen=True, eq=False)
class Layout:
    """All places, px at 100 %.

    Attributes:
        given, transpose, view: the three grids.
        sequences, timesteps: that are kept.
        readings: where what is read begins, below either way; None where it is not shown.
        explained: where it is said what a line is, and the room for it; None where nothing is read.
        labels: where the pairs begin; None where they are not shown.
        rows: of the flattened scores, those that are kept.
        pair_cell: width of one of them.
    """

    given: Grid
    transpose: Grid
    view: Grid
    sequences: tuple[int, ...]
    timesteps: tuple[int, ...]
    readings: tuple[float, float] | None
    explained: tuple[float, float, float] | None
    labels: float | None
    rows: tuple[int, ...]
    pair_cell: float
    width: float
    height: float


def reading_width(timesteps: tuple[int, ...], cell: float) -> float:
    """Of a line of what is read as one sequence."""
    return 40 + shifted(timesteps, len(timesteps)) * (cell - GAP + 4)


def cell_width(subject: Subject, sequences: tuple[int, ...], timesteps: tuple[int, ...]) -> float:
    """Of a cell: which sequence and timestep, and what stands there."""
    place = place_width(subject)
    if subject.pr.ids is None:
        features = subject.pr.tensors["input"].tensor.shape[-1]
        return place + min(max(40.0, 12.0 * features), 96.0) + 8
    tokens = {subject.token(n, t) for n in sequences for t in timesteps}
    return place + max(card_width(token, most=80.0) for token in tokens) + 8


def place_width(subject: Subject) -> float:
    """Of a letter and a timestep."""
    widest = f"{letter(subject.N - 1)}{subject.L}"
    return text_width(widest, 11.5, weight=600) + 10
