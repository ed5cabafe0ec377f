"""Which row each place of the grid becomes: a wire for each, or a ribbon for each line."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.scores.layout import MARGIN
from rnnviz.figures.scores.stage import Stage
from rnnviz.scene.marks import Mark, Path, Segment

_MOST = 30  # wires that can be told apart
_MOST_PLACES = 6  # of a line, behind which a wire passes
_MOST_LANES = 2  # of those that lead down to rows below the grid
_ROUND = 6.0  # px of a corner
_END = 7.0  # px that a wire ends before its row


def draw_wires(stage: Stage) -> Iterator[Mark]:
    """From the grid to the rows."""
    if stage.layout.below:
        yield from _down(stage)
        return
    kept, grid = stage.layout.kept, stage.layout.scores
    few = len(kept.rows) <= _MOST and len(grid.places) <= _MOST_PLACES
    if not few and stage.options.order == "flat":
        yield from _ribbons(stage)
    _, inner = stage.subject.grid
    for row, top in zip(kept.rows, stage.layout.tops, strict=True):
        line, place = divmod(row, inner)
        if line in grid.lines and place in grid.places and (few or stage.subject.now[row]):
            yield _wire(stage, row, top)


def _wire(stage: Stage, row: int, top: float) -> Path:
    grid, (line, place) = stage.layout.scores, divmod(row, stage.subject.grid[1])
    x, y, width, height = grid.box(grid.lines.index(line), grid.places.index(place))
    low = y + height + 3
    lane = low + 2.0 + 1.6 * (len(grid.places) - 1 - grid.places.index(place))
    start, end = grid.right + 6, stage.layout.rows_x - _END
    middle, to = (start + end) / 2, top + stage.layout.row / 2
    now = bool(stage.subject.now[row])
    colors = stage.tint(stage.place(row)[0])
    begin: tuple[Segment, ...] = (("M", x + width / 2, low), ("L", x + width / 2, lane))
    if place == grid.places[-1]:
        begin, lane = (("M", x + width + 3, y + height / 2),), y + height / 2
    return Path(
        (*begin, ("L", start, lane), ("C", middle, lane, middle, to, end, to)),
        stroke=stage.style.current.line if now else colors.line,
        stroke_width=2.0 if now else 1.25,
        arrow=True,
    )


def _ribbons(stage: Stage) -> Iterator[Path]:
    """A line of the grid and the rows that it becomes, as far as they are kept."""
    layout, inner = stage.layout, stage.subject.grid[1]
    start, end = layout.scores.right, layout.rows_x - _END
    middle = (start + end) / 2
    for number, line in enumerate(layout.scores.lines):
        tops = [
            top
            for row, top in zip(layout.kept.rows, layout.tops, strict=True)
            if row // inner == line
        ]
        if not tops:
            continue
        _, y, _, height = layout.scores.box(number, 0)
        first, last = tops[0] + 3, tops[-1] + layout.row - 3
        yield Path(
            (
                ("M", start, y),
                ("C", middle, y, middle, first, end, first),
                ("L", end, last),
                ("C", middle, last, middle, y + height, start, y + height),
                ("Z",),
            ),
            stroke=stage.style.ui.border_strong,
            fill=stage.style.ui.border,
            opacity=0.8,
        )


def _down(stage: Stage) -> Iterator[Path]:
    """Each line of the grid to the block of its rows, and what is read now to its own row."""
    layout, inner = stage.layout, stage.subject.grid[1]
    tops = dict(zip(layout.kept.rows, layout.tops, strict=True))
    if stage.options.order == "flat" and inner > 1:
        for number, line in enumerate(layout.scores.lines):
            own = [top for row, top in tops.items() if row // inner == line]
            if own:
                yield from _bracket(stage, number, own[0], own[-1])
    for lane, row in enumerate(_led(stage, [row for row in tops if stage.subject.now[row]])):
        line, place = divmod(row, inner)
        if line in layout.scores.lines and place in layout.scores.places:
            yield _lane(stage, row, tops[row], lane)


def _led(stage: Stage, now: list[int]) -> list[int]:
    """The rows that wires lead to: all that are read now, or that of the sequence on show."""
    if len(now) <= _MOST_LANES:
        return now
    shown = stage.subject.view.sequence or 0
    return [row for row in now if stage.place(row)[0] == shown]


def _bracket(stage: Stage, number: int, first: float, last: float) -> Iterator[Path]:
    """From the name of a line down to a bracket beside its rows."""
    layout = stage.layout
    _, y, _, height = layout.scores.box(number, 0)
    x, begin, low = MARGIN - 12 + 4.0 * number, y + height / 2, last + layout.row - 5
    end = layout.rows_x - 26
    line = layout.scores.lines[number] * stage.subject.grid[1]
    axes = stage.subject.axes
    color = (
        stage.tint(stage.place(line)[0]).line if axes[0] == "N" else stage.style.ui.border_strong
    )
    middle = (first + 5 + low) / 2
    yield Path(
        (
            ("M", MARGIN + (8 if axes[0] == "N" else 1), begin),
            ("L", x + _ROUND, begin),
            ("C", x, begin, x, begin, x, begin + _ROUND),
            ("L", x, middle - _ROUND),
            ("C", x, middle, x, middle, x + _ROUND, middle),
            ("L", end, middle),
        ),
        stroke=color,
        stroke_width=1.25,
    )
    yield Path(
        (("M", end + 4, first + 5), ("L", end, first + 5), ("L", end, low), ("L", end + 4, low)),
        stroke=color,
        stroke_width=1.25,
    )


def _lane(stage: Stage, row: int, top: float, lane: int) -> Path:
    """From a place of the grid, below its line and down at the left, to its row."""
    layout, (line, place) = stage.layout, divmod(row, stage.subject.grid[1])
    grid = layout.scores
    box = grid.box(grid.lines.index(line), grid.places.index(place))
    x, low = box[0] + box[2] / 2, box[1] + box[3] + 3
    run, to = low + 2.5, top + layout.row / 2
    at = layout.rows_x - 12 - 4.0 * lane
    return Path(
        (
            ("M", x, low),
            ("L", x, run),
            ("L", at + _ROUND, run),
            ("C", at, run, at, run, at, run + _ROUND),
            ("L", at, to - _ROUND),
            ("C", at, to, at, to, at + _ROUND, to),
            ("L", layout.rows_x - _END, to),
        ),
        stroke=stage.style.current.line,
        stroke_width=2.0,
        arrow=True,
    )
