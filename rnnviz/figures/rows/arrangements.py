"""In which order the grids of a batch stand: in one line, or below one another as a pane allows."""

from __future__ import annotations

from rnnviz.figures.elision import kept_steps
from rnnviz.figures.rows.layout import (
    CELL_HEIGHT,
    GAP,
    GUTTER,
    HEADER,
    MARGIN,
    PAIR,
    PAIR_HEAD,
    READING,
    Grid,
    Layout,
    cell_width,
    reading_width,
    shifted,
)
from rnnviz.figures.rows.options import RowsOptions
from rnnviz.figures.rows.subject import Subject

_SEQUENCES = (6, 4)  # that are all kept, and how many are where there are more
_TIMESTEPS = (8, 6)
_ROWS = (18, 12)  # of the pairs
_VERDICT = 34.0
_APART = 28.0  # between parts in a narrow pane
_TITLED = 236.0
_EXPLAINED = 165.0  # px of the words at the left, at least
BETWEEN = 60.0


def layout_of(subject: Subject, options: RowsOptions, pane: float) -> Layout:
    """Lays out a subject: in one line if a pane is wide enough, else one below the other."""
    wide = _in_line(_Draft(subject, options, pane))
    if wide.width <= pane:
        return wide
    below = _below(_Draft(subject, options, pane))
    if below.width <= pane:
        return below
    for most in range(_TIMESTEPS[0], 2, -1):
        found = _beside(_Draft(subject, options, pane, most))
        if found.width <= pane:
            break
    return found


class _Draft:
    """What a layout is made of, before anything has its place."""

    def __init__(
        self, subject: Subject, options: RowsOptions, pane: float, most: int = _TIMESTEPS[0]
    ) -> None:
        self.subject, self.options, self.pane = subject, options, pane
        chosen = subject.seen.selection
        here = set() if chosen is None or chosen.sequence is None else {chosen.sequence}
        self.sequences = _kept(subject.N, here, _SEQUENCES)
        now = set() if subject.now is None else {subject.now}
        self.timesteps = _kept(subject.L, now, (most, min(most, _TIMESTEPS[1])))
        width = cell_width(subject, self.sequences, self.timesteps)
        self.cell = (width + GAP, CELL_HEIGHT + GAP)
        self.titled = 250.0  # px that a title and a verdict take, beside the gutter

    def grid(self, x: float, y: float, axes: tuple[str, str]) -> Grid:
        """A grid whose names begin at x, and whose cells begin at y."""
        kept = {"N": self.sequences, "L": self.timesteps}
        return Grid(x + GUTTER, y, self.cell, axes, kept[axes[0]], kept[axes[1]])

    @property
    def laid_width(self) -> float:
        """Of a way to lay the batch out, its names and what is read from it."""
        grid = self.grid(0.0, 0.0, self.subject.axes)
        reading = reading_width(self.timesteps, self.cell[0]) if self.options.readings else 0.0
        return max(grid.right, GUTTER + self.titled, reading)

    @property
    def reading_height(self) -> float:
        """Of all that is read from a grid."""
        lines = shifted(self.sequences, len(self.sequences)) * READING
        return 38 + lines if self.options.readings else 0.0

    def ended(
        self,
        grids: tuple[Grid, Grid, Grid],
        readings: tuple[float, float],
        explained: tuple[float, float, float],
        size: tuple[float, float],
        most: int = 0,
    ) -> Layout:
        """With the pairs of scores and labels below all grids."""
        subject, (right, low) = self.subject, size
        pair_cell = max(48.0, self.cell[0] - GAP + 6)
        labels: float | None = None
        rows: tuple[int, ...] = ()
        if self.options.labels and subject.has_labels:
            labels = low + 26
            few = (most, most) if most else _ROWS
            rows = _kept(subject.L * subject.N, _rows_now(subject, few[1]), few)
            low = labels + PAIR_HEAD + 2 * PAIR - 36
            right = max(right, MARGIN + 96 + shifted(rows, len(rows)) * pair_cell)
        shown = self.options.readings
        return Layout(
            *grids,
            self.sequences,
            self.timesteps,
            readings if shown else None,
            explained if shown else None,
            labels,
            rows,
            pair_cell,
            right + MARGIN,
            low + MARGIN,
        )

    @property
    def most_rows(self) -> int:
        """How many rows of the pairs a pane has room for."""
        pair_cell = max(48.0, self.cell[0] - GAP + 6)
        room = int((self.pane - 2 * MARGIN - 96) / pair_cell)
        count = self.subject.L * self.subject.N
        return max(room if room >= count else room - 1, 5)


def _in_line(draft: _Draft) -> Layout:
    """All three grids side by side."""
    subject = draft.subject
    given = draft.grid(MARGIN, HEADER, subject.given)
    x = max(given.right, MARGIN + 230) + BETWEEN
    transpose = draft.grid(x, HEADER, subject.axes)
    wide = draft.laid_width - GUTTER
    view = draft.grid(transpose.x + wide + BETWEEN - 24, HEADER, subject.axes)
    low = max(given.bottom, transpose.bottom) + _VERDICT
    reading = low + 18
    low += draft.reading_height
    right = view.x + max(view.right - view.x, wide)
    grids = given, transpose, view
    return draft.ended(grids, (reading, reading), (MARGIN, reading, 300.0), (right, low))


def _below(draft: _Draft) -> Layout:
    """The batch above, both ways to lay it out below it, side by side."""
    draft.titled = _TITLED
    given = draft.grid(MARGIN, HEADER, draft.subject.given)
    y = given.bottom + HEADER + 10
    transpose = draft.grid(MARGIN, y, draft.subject.axes)
    view = draft.grid(MARGIN + draft.laid_width + _APART, y, draft.subject.axes)
    low = transpose.bottom + _VERDICT
    reading, x = low + 18, max(given.right, MARGIN + 230) + _APART
    explained = x, given.y + 16, max(draft.pane - MARGIN - x, _EXPLAINED)
    low += draft.reading_height
    right = view.x - GUTTER + draft.laid_width
    grids = given, transpose, view
    return draft.ended(grids, (reading, reading), explained, (right, low), draft.most_rows)


def _beside(draft: _Draft) -> Layout:
    """The batch at the left, both ways to lay it out at the right, one below the other."""
    draft.titled = _TITLED
    given = draft.grid(MARGIN, HEADER, draft.subject.given)
    x = max(given.right, MARGIN + _EXPLAINED) + _APART
    grids, readings, low = [given], [], 0.0
    for _ in range(2):
        grid = draft.grid(x, low + HEADER, draft.subject.axes)
        low = grid.bottom + _VERDICT
        grids.append(grid)
        readings.append(low + 18)
        low += draft.reading_height
    explained = MARGIN, given.bottom + 28, x - _APART - MARGIN
    right, low = x + draft.laid_width, max(low, given.bottom + 100)
    pair = readings[0], readings[1]
    return draft.ended(
        (grids[0], grids[1], grids[2]), pair, explained, (right, low), draft.most_rows
    )


def _kept(length: int, current: set[int], most: tuple[int, int]) -> tuple[int, ...]:
    return kept_steps(length, current, most[0] if length <= most[0] else most[1])


def _rows_now(subject: Subject, most: int) -> set[int]:
    if subject.now is None:
        return set()
    t, first = subject.now, range(min(subject.N, 4, most // 3))
    return {t * subject.N + n if subject.time_major else n * subject.L + t for n in first}
