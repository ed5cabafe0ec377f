"""Scores and targets as the grids they are, before anything is flattened."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.element import Element
from rnnviz.figures.scores.layout import MARGIN, Grid
from rnnviz.figures.scores.stage import Stage
from rnnviz.figures.scores.vectors import FAINT, signed_row
from rnnviz.figures.strips import empty_strip, padding_box
from rnnviz.figures.tints import sequence_mark
from rnnviz.figures.token_cards import token_card
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.marks import Text as TextMark
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, math_runs, text_width

Box = tuple[float, float, float, float]
_EDGE = 3.0


def draw_grids(stage: Stage) -> Iterator[Mark]:
    """The scores, and below them the targets."""
    subject, layout = stage.subject, stage.layout
    shape = ", ".join((*subject.axes, "C"))
    sizes = ", ".join(map(str, (*subject.sizes, subject.C)))
    note = _reading(stage)
    name = f"Δ {subject.name}" if subject.is_difference else subject.name
    yield from _title(name, f"({shape}) = ({sizes})", note, layout.scores, stage.style)
    yield from _heads(stage, layout.scores)
    for line, place, row in _places(stage, layout.scores):
        yield from _score(stage, layout.scores.box(line, place), row)
    if layout.targets is not None:
        tail = () if subject.takes_classes else ("C",)
        shape = ", ".join((*subject.axes, *tail))
        sizes = ", ".join(map(str, (*subject.sizes, subject.C)[: len(subject.axes) + len(tail)]))
        words = f"({shape}) = ({sizes})"
        yield from _title("targets", words, _alike(stage), layout.targets, stage.style)
        yield from _heads(stage, layout.targets)
        for line, place, row in _places(stage, layout.targets):
            yield from _target(stage, layout.targets.box(line, place), row)


def _reading(stage: Stage) -> str:
    """How the grid becomes rows."""
    axes = stage.subject.axes
    if len(axes) < 2:
        return "one row already" if not axes else "rows already: nothing to flatten"
    return f"flattened line by line: {axes[0]}, then {axes[1]}"


def _alike(stage: Stage) -> str:
    return "flattened alike" if len(stage.subject.axes) == 2 else "one for each row"


def _places(stage: Stage, grid: Grid) -> Iterator[tuple[int, int, int]]:
    """The kept places of a grid, and the row that each becomes."""
    _, inner = stage.subject.grid
    for line, first in enumerate(grid.lines):
        for place, second in enumerate(grid.places):
            yield line, place, first * inner + second


def _title(name: str, shape: str, note: str, grid: Grid, style: Style) -> Iterator[Mark]:
    x, y = grid.left, grid.y - 62
    yield label(name, x, y, style.ui.text, font="mono", weight=600)
    after = x + text_width(name, 12, "mono") + 10
    yield label(shape, after, y, style.ui.muted, 11, font="mono")
    yield label(note, x, y + 18, style.ui.muted, 11)


def _heads(stage: Stage, grid: Grid) -> Iterator[Mark]:
    """What lines and places are: timesteps or sequences."""
    axes = stage.subject.axes
    _, _, width, height = grid.box(0, 0)
    for line, index in enumerate(grid.lines if axes and grid.named else ()):
        _, y, _, _ = grid.box(line, 0)
        yield from _head(stage, axes[0], index, (MARGIN + grid.x - 8) / 2, y + height / 2)
        yield from _dots(grid.lines, line, (grid.x + width / 2, y - 9), stage.style)
    for place, index in enumerate(grid.places if len(axes) > 1 else ()):
        x, _, _, _ = grid.box(0, place)
        yield from _head(stage, axes[1], index, x + width / 2, grid.y - 18)
        yield from _dots(grid.places, place, (x - width / 4 - 4, grid.y + height / 2), stage.style)


def _head(stage: Stage, axis: str, index: int, x: float, y: float) -> Iterator[Mark]:
    style = stage.style
    if axis == "N":
        key = Element("x", layer=0, sequence=index)
        count = stage.subject.pr.form.N
        yield from sequence_mark(x, y, index, count, style, 9.5, key=key)
        return
    runs, ink = math_runs(f"t = {index + 1}"), style.ui.text_secondary
    yield TextMark(x, y + 4.5, runs, ink, 13.5, font="math", anchor="middle")


def _dots(
    kept: tuple[int, ...], position: int, at: tuple[float, float], style: Style
) -> Iterator[Mark]:
    """An ellipsis where some are left out before a position."""
    if position and kept[position] > kept[position - 1] + 1:
        yield label("…", at[0], at[1] + 3, style.ui.muted, anchor="middle")


def _edge(stage: Stage, box: Box, row: int) -> Iterator[Mark]:
    """The sequence's tint behind a cell, in ink where it is read now."""
    x, y, width, height = box
    colors = stage.tint(stage.place(row)[0])
    now = bool(stage.subject.now[row])
    yield Rect(
        x - _EDGE,
        y - _EDGE,
        width + 2 * _EDGE,
        height + 2 * _EDGE,
        fill=colors.fill,
        stroke=stage.style.current.line if now else colors.mark,
        stroke_width=2.0 if now else 1.0,
        radius=4,
    )


def _score(stage: Stage, box: Box, row: int) -> Iterator[Mark]:
    subject, style = stage.subject, stage.style
    key = stage.element(subject.name, row)
    yield from _edge(stage, box, row)
    if not subject.rows.valid[row]:
        yield padding_box(box, style, key=key)
    elif not subject.reached[row]:
        yield empty_strip(box, style, dashed=True, key=key)
    else:
        rows, role = subject.rows, style.role("y")
        yield from signed_row(
            box,
            rows.scores[row],
            rows.limit,
            role,
            key,
            style,
            zoom=stage.zoom,
            numbers=False,
        )


def _target(stage: Stage, box: Box, row: int) -> Iterator[Mark]:
    subject, style = stage.subject, stage.style
    compared, key = subject.compared, stage.element("targets", row)
    if compared is None:
        return
    yield from _edge(stage, box, row)
    if not stage.counts(row):
        yield padding_box(box, style, key=key)
    elif subject.takes_classes:
        name = subject.around.class_name(int(compared.targets[row]))
        yield from token_card(box, name, style, key, faint=not subject.reached[row])
    else:
        opacity = 1.0 if subject.reached[row] else FAINT
        role, limit = style.role("x"), subject.rows.limit
        yield from signed_row(
            box,
            compared.targets[row],
            limit,
            role,
            key,
            style,
            zoom=stage.zoom,
            numbers=False,
            opacity=opacity,
        )
