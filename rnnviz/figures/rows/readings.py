"""What the module reads as each sequence, written out."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.element import Element
from rnnviz.figures.remarks import wrapped
from rnnviz.figures.rows.cells import Stage, draw_cell
from rnnviz.figures.rows.layout import CELL_HEIGHT, GAP, GUTTER, READING, Grid, shifted
from rnnviz.figures.rows.subject import Laid, letter
from rnnviz.figures.tints import sequence_mark
from rnnviz.scene.marks import Mark
from rnnviz.scene.text import label


def draw_readings(stage: Stage) -> Iterator[Mark]:
    """Below each layout a line for every sequence."""
    subject, layout = stage.subject, stage.layout
    if layout.readings is None:
        return
    ways = (layout.transpose, subject.transpose), (layout.view, subject.view)
    for (grid, laid), top in zip(ways, layout.readings, strict=True):
        yield label(
            "What is read as each sequence",
            grid.x - GUTTER,
            top,
            stage.style.ui.text,
            weight=600,
        )
        for number, sequence in enumerate(layout.sequences):
            y = top + 14 + shifted(layout.sequences, number) * READING
            yield from _line(stage, grid, laid, sequence, y)
    yield from _explained(stage)


def _explained(stage: Stage) -> Iterator[Mark]:
    """What a line is."""
    ui = stage.style.ui
    if stage.layout.explained is None:
        return
    x, y, room = stage.layout.explained
    way = "down a column" if stage.subject.time_major else "along a line"
    what = "column" if stage.subject.time_major else "line"
    for text in (
        "The module takes no notice of letters:",
        f"{way} is a sequence, whatever stands there.",
        f"The first {what} is sequence 0, letter A.",
    ):
        for line in wrapped(text, room):
            yield label(line, x, y, ui.muted, 11)
            y += 16


def _line(stage: Stage, grid: Grid, laid: Laid, sequence: int, y: float) -> Iterator[Mark]:
    layout, style = stage.layout, stage.style
    x = grid.x - GUTTER
    middle = y + (READING - 6) / 2
    key, count = Element("x", layer=0, sequence=sequence), stage.subject.N
    mark = letter(sequence)
    yield from sequence_mark(x + 11, middle, sequence, count, style, 9.5, name=mark, key=key)
    width, height = grid.cell[0] - GAP, CELL_HEIGHT - 4
    for place, t in enumerate(layout.timesteps):
        left = x + 34 + shifted(layout.timesteps, place) * (width + 4)
        at = (t, sequence) if stage.subject.time_major else (sequence, t)
        n, from_t = int(laid.sequences[at]), int(laid.timesteps[at])
        right = bool(laid.right[at])
        yield from draw_cell(stage, (left, y, width, height), n, from_t, right)
        if place and t > layout.timesteps[place - 1] + 1:
            gap = left - (width + 4) / 4 - 2
            yield label("…", gap, middle + 3, style.ui.muted, anchor="middle")
