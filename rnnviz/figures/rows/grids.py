"""The batch as it is given, and the two ways in which it is laid out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from rnnviz.element import Element
from rnnviz.figures.remarks import verdict
from rnnviz.figures.rows.cells import Stage, draw_cell, spaced
from rnnviz.figures.rows.layout import GUTTER, Grid
from rnnviz.figures.rows.subject import Laid, letter
from rnnviz.figures.tints import sequence_mark
from rnnviz.scene.marks import Mark, Path, Rect, Text
from rnnviz.scene.text import label, math_runs, text_width

_LIT = 5.0


def draw_grids(stage: Stage) -> Iterator[Mark]:
    """All three, with an arrow to each of the two."""
    subject, layout = stage.subject, stage.layout
    yield from _given(stage)
    yield from _laid(stage, layout.transpose, subject.transpose)
    yield from _laid(stage, layout.view, subject.view)


def _shape(stage: Stage, axes: tuple[str, str]) -> str:
    sizes = ", ".join(str(stage.subject.size(axis)) for axis in axes)
    return f"({', '.join(axes)}) = ({sizes})"


def _given(stage: Stage) -> Iterator[Mark]:
    subject, grid = stage.subject, stage.layout.given
    one = "sequence" if subject.time_major else "timestep"
    yield from _title(stage, grid, "batch", _shape(stage, grid.axes), f"one {one} a line")
    yield from _slab(stage, grid)
    yield from _heads(stage, grid)
    for line, first in enumerate(grid.lines):
        for place, second in enumerate(grid.places):
            n, t = (first, second) if grid.axes[0] == "N" else (second, first)
            yield from draw_cell(stage, grid.box(line, place), n, t)


def _laid(stage: Stage, grid: Grid, laid: Laid) -> Iterator[Mark]:
    sizes = ", ".join(str(stage.subject.size(axis)) for axis in grid.axes)
    called = "batch.transpose(0, 1)" if laid.name == "transpose" else f"batch.view({sizes})"
    turned = laid.name == "transpose"
    note = "lines become columns" if turned else "the same order in memory, cut into new lines"
    yield from _title(stage, grid, called, _shape(stage, grid.axes), note)
    yield from _slab(stage, grid)
    yield from _heads(stage, grid)
    for line, first in enumerate(grid.lines):
        for place, second in enumerate(grid.places):
            n, t = int(laid.sequences[first, second]), int(laid.timesteps[first, second])
            right = bool(laid.right[first, second])
            yield from draw_cell(stage, grid.box(line, place), n, t, right)
    kind, text = said(laid)
    yield from verdict(grid.x - GUTTER, grid.bottom + 28, kind, text, stage.style)


def said(laid: Laid) -> tuple[Literal["good", "bad"], str]:
    """How many places hold what belongs there."""
    wrong, places = int((~laid.right).sum()), laid.right.size
    if not wrong:
        return "good", f"Every place holds its own: {spaced(places)} of {spaced(places)}."
    return "bad", f"{spaced(wrong)} of {spaced(places)} places hold what belongs elsewhere."


def _title(stage: Stage, grid: Grid, name: str, shape: str, note: str) -> Iterator[Mark]:
    ui, x, y = stage.style.ui, grid.x - GUTTER, grid.y - 62
    yield label(name, x, y, ui.text, font="mono", weight=600)
    after = x + text_width(name, 12, "mono") + 10
    yield label(shape, after, y, ui.muted, 11, font="mono")
    yield label(note, x, y + 17, ui.muted, 11)


def _slab(stage: Stage, grid: Grid) -> Iterator[Mark]:
    """The lit slab of what is read now: a line, or a column."""
    now, kept = stage.subject.now, stage.layout.timesteps
    if now is None or now not in kept:
        return
    place, current = kept.index(now), stage.style.current
    x, y, width, height = grid.box(place, 0) if grid.axes[0] == "L" else grid.box(0, place)
    if grid.axes[0] == "L":
        width = grid.right - x
    else:
        height = grid.bottom - y
    yield Rect(
        x - _LIT,
        y - _LIT + 1,
        width + 2 * _LIT,
        height + 2 * _LIT - 2,
        current.fill,
        current.line,
        stroke_width=2.0,
        radius=8,
    )


def _heads(stage: Stage, grid: Grid) -> Iterator[Mark]:
    """What lines and places are to be: timesteps or sequences."""
    _, _, width, height = grid.box(0, 0)
    for line, index in enumerate(grid.lines):
        _, y, _, _ = grid.box(line, 0)
        yield from _head(stage, grid.axes[0], index, grid.x - 28, y + height / 2)
        if line and index > grid.lines[line - 1] + 1:
            yield label("…", grid.x + width / 2, y - 9, stage.style.ui.muted, anchor="middle")
    for place, index in enumerate(grid.places):
        x, y, _, _ = grid.box(0, place)
        yield from _head(stage, grid.axes[1], index, x + width / 2, grid.y - 18)
        if place and index > grid.places[place - 1] + 1:
            middle = y + height / 2 + 3
            left = x - grid.cell[0] / 4 - 4
            yield label("…", left, middle, stage.style.ui.muted, anchor="middle")


def _head(stage: Stage, axis: str, index: int, x: float, y: float) -> Iterator[Mark]:
    style = stage.style
    if axis == "N":
        key, count = Element("x", layer=0, sequence=index), stage.subject.N
        yield from sequence_mark(x, y, index, count, style, 9.5, name=letter(index), key=key)
        return
    now = index == stage.subject.now
    ink = style.ui.text if now else style.ui.text_secondary
    runs = math_runs(f"t = {index + 1}")
    yield Text(x, y + 4.5, runs, ink, 13.5, font="math", anchor="middle")


def draw_arrows(stage: Stage) -> Iterator[Mark]:
    """From the batch to both ways of laying it out."""
    layout = stage.layout
    y, given = layout.given.y - 66, layout.given
    start = given.x - GUTTER + 196
    end = layout.transpose.x - GUTTER - 8
    if end > start + 12:
        yield Path(
            (("M", start, y), ("L", end, y)),
            stroke=stage.style.ui.border_strong,
            stroke_width=1.5,
            arrow=True,
        )
