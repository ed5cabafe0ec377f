"""Where the grids, the readings and the pairs of scores and labels stand."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.figures.elision import kept_steps
from rnnviz.figures.rows.options import RowsOptions
from rnnviz.figures.rows.subject import Subject, letter
from rnnviz.figures.token_cards import card_width
from rnnviz.scene.text import text_width

MARGIN = 24.0
HEADER = 88.0
GUTTER = 52.0  # for what the lines of a grid are
GAP = 8.0
BETWEEN = 60.0
CELL_HEIGHT = 30.0
READING = 34.0
PAIR = 96.0  # a strip of scores over a strip of labels, with their title
PAIR_HEAD = 64.0
_SEQUENCES = (6, 4)  # that are all kept, and how many are where there are more
_TIMESTEPS = (8, 6)
_ROWS = (18, 12)  # of the pairs
_VERDICT = 34.0


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
        readings: where what is read begins; None where it is not shown.
        labels: where the pairs begin; None where they are not shown.
        rows: of the flattened scores, those that are kept.
        pair_cell: width of one of them.
    """

    given: Grid
    transpose: Grid
    view: Grid
    sequences: tuple[int, ...]
    timesteps: tuple[int, ...]
    readings: float | None
    labels: float | None
    rows: tuple[int, ...]
    pair_cell: float
    width: float
    height: float


def layout_of(subject: Subject, options: RowsOptions) -> Layout:
    """Lays out a subject."""
    chosen = subject.seen.selection
    here = set() if chosen is None or chosen.sequence is None else {chosen.sequence}
    sequences = _kept(subject.N, here, _SEQUENCES)
    now = set() if subject.now is None else {subject.now}
    timesteps = _kept(subject.L, now, _TIMESTEPS)
    kept = {"N": sequences, "L": timesteps}
    cell = (cell_width(subject, sequences, timesteps) + GAP, CELL_HEIGHT + GAP)

    def grid(x: float, axes: tuple[str, str]) -> Grid:
        return Grid(x + GUTTER, HEADER, cell, axes, kept[axes[0]], kept[axes[1]])

    given = grid(MARGIN, subject.given)
    transpose = grid(max(given.right, MARGIN + 230) + BETWEEN, subject.axes)
    reading = reading_width(timesteps, cell[0]) if options.readings else 0.0
    wide = max(transpose.right - transpose.x, 250.0, reading - GUTTER)
    view = grid(transpose.x + wide + BETWEEN - 24, subject.axes)
    low = max(given.bottom, transpose.bottom) + _VERDICT
    readings = labels = None
    if options.readings:
        readings = low + 18
        low = readings + 20 + shifted(sequences, len(sequences)) * READING
    pair_cell = max(48.0, cell[0] - GAP + 6)
    rows: tuple[int, ...] = ()
    if options.labels and subject.has_labels:
        labels = low + 26
        rows = _kept(subject.L * subject.N, _rows_now(subject), _ROWS)
        low = labels + PAIR_HEAD + 2 * PAIR - 36
    pairs = MARGIN + 96 + shifted(rows, len(rows)) * pair_cell
    width = max(view.x + max(view.right - view.x, wide), pairs if rows else 0.0)
    return Layout(
        given,
        transpose,
        view,
        sequences,
        timesteps,
        readings,
        labels,
        rows,
        pair_cell,
        width + MARGIN,
        low + MARGIN,
    )


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


def _kept(length: int, current: set[int], most: tuple[int, int]) -> tuple[int, ...]:
    return kept_steps(length, current, most[0] if length <= most[0] else most[1])


def _rows_now(subject: Subject) -> set[int]:
    if subject.now is None:
        return set()
    t, first = subject.now, range(min(subject.N, 4))
    return {t * subject.N + n if subject.time_major else n * subject.L + t for n in first}
