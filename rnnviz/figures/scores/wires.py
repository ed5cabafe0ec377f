"""Which row each place of the grid becomes: a wire for each, or a ribbon for each line."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.figures.scores.layout import ROW
from rnnviz.figures.scores.stage import Stage
from rnnviz.scene.marks import Mark, Path, Segment

_MOST = 30  # wires that can be told apart
_MOST_PLACES = 6  # of a line, behind which a wire passes
_END = 7.0  # px that a wire ends before its row


def draw_wires(stage: Stage) -> Iterator[Mark]:
    """From the grid to the rows."""
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
    middle, to = (start + end) / 2, top + ROW / 2
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
        first, last = tops[0] + 3, tops[-1] + ROW - 3
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
