"""Where everything stands: the grids at the left, the rows and their columns at the right."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rnnviz.figures.scores.columns import Column, columns_of, mark_width
from rnnviz.figures.scores.kept import Kept, kept_of
from rnnviz.figures.scores.options import ScoresOptions
from rnnviz.figures.scores.subject import Subject
from rnnviz.figures.token_cards import card_width
from rnnviz.scene.marks import Text
from rnnviz.scene.text import math_runs, runs_width

MARGIN = 24.0
HEADER = 84.0  # titles, shapes, and what a column is
ROW = 30.0
ELLIPSIS = 20.0
STRIP = 24.0
_GUTTER = 46.0  # at least, for what the lines of a grid are
BETWEEN = 104.0  # the grid and the rows, where wires run
FOOT = 104.0
OVERVIEW = 66.0
_GRID = 400.0  # px at most, of the places of a line
_WHOLE = 8  # places that a line has room for if their strips are short
GAP = 8.0
PITCH = 26.0  # from a strip of a row to the next below it
UNDER_TITLE = 17.0
TITLED = 232.0  # px of a grid's title


@dataclass(frozen=True)
class Grid:
    """The scores or targets as the grid they are.

    Attributes:
        x, y: of the first cell.
        cell: width and height of one, with its gap.
        lines, places: those that are drawn.
        left: where its title begins.
        named: whether its lines are told apart by what stands left of them.
    """

    x: float
    y: float
    cell: tuple[float, float]
    lines: tuple[int, ...]
    places: tuple[int, ...]
    left: float = MARGIN
    named: bool = True

    @property
    def right(self) -> float:
        """Where its last place ends."""
        return self.x + _shifted(self.places, len(self.places)) * self.cell[0]

    @property
    def bottom(self) -> float:
        """Where its last line ends."""
        return self.y + _shifted(self.lines, len(self.lines)) * self.cell[1]

    def box(self, line: int, place: int) -> tuple[float, float, float, float]:
        """Of a place by its position among those that are kept."""
        width, height = self.cell
        x = self.x + _shifted(self.places, place) * width
        y = self.y + _shifted(self.lines, line) * height
        return x, y, width - GAP, height - GAP


def _shifted(kept: tuple[int, ...], position: int) -> float:
    """How many cells before a position, an ellipsis counting as half of one."""
    gaps = sum(kept[k] > kept[k - 1] + 1 for k in range(1, min(position + 1, len(kept))))
    return position + 0.5 * gaps


@dataclass(frozen=True, eq=False)
class Layout:
    """All places, px at 100 %.

    Attributes:
        kept: rows, lines and places that are drawn.
        scores, targets: the two grids; None where there are no targets.
        columns: of the rows, left to right.
        head: where the first row begins; `row` how tall each is.
        below: whether the rows stand below the grids.
        tops: of each kept row.
        rows_end: below the last row, an ellipsis behind it included.
        foot: where the reduction stands; None without a loss.
        overview: where all rows are drawn as colours; None where none are left out.
    """

    kept: Kept
    scores: Grid
    targets: Grid | None
    columns: tuple[Column, ...]
    head: float
    row: float
    below: bool = False
    tops: tuple[float, ...] = ()
    rows_end: float = 0.0
    foot: float | None = None
    overview: float | None = None
    width: float = 0.0
    height: float = 0.0

    @property
    def rows_x(self) -> float:
        """Where the rows begin."""
        return self.columns[0].x


def beside(subject: Subject, options: ScoresOptions) -> Layout:
    """The grids at the left, the rows at the right."""
    cell = (strip_width(subject) + GAP, STRIP + 2 * GAP)
    kept = kept_of(subject, options, max(3, int(_GRID / cell[0] + 1e-9)))
    scores = Grid(MARGIN + gutter(subject), HEADER, cell, kept.lines, kept.places)
    targets = None
    if subject.compared is not None:
        width = cell[0] if not subject.takes_classes else target_width(subject) + GAP
        targets = Grid(scores.x, scores.bottom + HEADER, (width, cell[1]), kept.lines, kept.places)
    right = max(scores.right, 0.0 if targets is None else targets.right, scores.x + 170)
    columns = columns_of(subject, options, right + BETWEEN, kept)
    return ended(subject, Layout(kept, scores, targets, columns, HEADER, ROW))


def ended(subject: Subject, layout: Layout) -> Layout:
    """With the rows, and what stands below them."""
    tops, end = _tops(layout)
    foot = end + 14 if subject.compared is not None else None
    low = end if foot is None else foot + FOOT
    grids = [grid for grid in (layout.scores, layout.targets) if grid is not None]
    low = max(low, *(grid.bottom for grid in grids))
    overview = low + 10 if any(layout.kept.left_out) else None
    low = low if overview is None else overview + OVERVIEW
    width = layout.columns[-1].right
    if layout.below:
        width = max(width, *(max(grid.right, grid.x + TITLED - GAP) for grid in grids))
    return replace(
        layout,
        tops=tops,
        rows_end=end,
        foot=foot,
        overview=overview,
        width=width + MARGIN,
        height=low + MARGIN,
    )


def gutter(subject: Subject) -> float:
    """Left of a grid: the widest timestep, or a sequence's number in its ring."""
    if subject.axes[:1] != ("L",):
        return max(_GUTTER, mark_width(subject.pr.form.N) + 16)
    runs = math_runs(f"t = {subject.pr.form.L}")
    return max(_GUTTER, runs_width(Text(0, 0, runs, "", 13.5, font="math")) + 16)


def strip_width(subject: Subject) -> float:
    """Of a row of C numbers in the grid."""
    room = _GRID / subject.grid[1] - GAP if subject.grid[1] <= _WHOLE else 84.0
    return min(max(10.0 * subject.C, 40.0), max(room, 40.0), 84.0)


def target_width(subject: Subject) -> float:
    names = (subject.around.class_name(c) for c in (*range(min(subject.C, 200)), subject.C - 1))
    return max(36.0, max(card_width(name) for name in names))


def _tops(layout: Layout) -> tuple[tuple[float, ...], float]:
    y, tops, left_out = layout.head, [], layout.kept.left_out
    for before in left_out[:-1]:
        y += ELLIPSIS if before else 0.0
        tops.append(y)
        y += layout.row
    return tuple(tops), y + (ELLIPSIS if left_out[-1] else 0.0)
