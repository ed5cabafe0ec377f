"""The ids of a batch as the grid that they are: a card for each, those being read are lit."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.element import Element
from rnnviz.figures.lookup.grid import CARD_APART, Grid
from rnnviz.figures.lookup.layout import Part
from rnnviz.figures.lookup.subject import Subject
from rnnviz.figures.matrix import Look
from rnnviz.figures.strips import padding_box
from rnnviz.figures.table_names import grouped
from rnnviz.figures.tints import sequence_mark
from rnnviz.scene.marks import Mark, Rect, Text
from rnnviz.scene.text import elide, label, math_runs

Box = tuple[float, float, float, float]


def card_box(subject: Subject, part: Part, sequence: int, t: int) -> Box | None:
    """Where the card of a timestep of a sequence is; None where it is left out."""
    grid = part.grid
    if grid is None:
        return None
    line, column = _indices(subject, sequence, t)
    x, y = grid.columns.place(column), grid.lines.place(line)
    return None if x is None or y is None else (grid.x + x, part.y + y, *grid.card)


def _indices(subject: Subject, sequence: int, t: int) -> tuple[int, int]:
    """Row and column of the tensor of ids; a lone axis is across."""
    axes = subject.form.axes
    if len(axes) < 2:
        return 0, t if axes == ("L",) else sequence
    return (sequence, t) if subject.form.batch_first else (t, sequence)


def _place(subject: Subject, line: int, column: int) -> tuple[int, int]:
    """The sequence and timestep at a row and column of the tensor of ids."""
    axes = subject.form.axes
    if len(axes) < 2:
        return (0, column) if axes == ("L",) else (column, 0)
    return (line, column) if subject.form.batch_first else (column, line)


def draw_cards(subject: Subject, part: Part, look: Look) -> Iterator[Mark]:
    """All cards on show, the names of rows and columns, and what is left out."""
    grid, style = part.grid, look.style
    assert grid is not None
    for line in grid.lines.shown:
        for column in grid.columns.shown:
            yield from _card(subject, part, _place(subject, line, column), look)
    yield from _names(subject, part, grid, look)
    for gap in grid.columns.gaps:
        x = grid.x + gap.at + (gap.length - CARD_APART) / 2
        for line in grid.lines.shown:
            y = part.y + (grid.lines.place(line) or 0.0) + grid.card[1] / 2 + 4
            yield label("…", x, y, style.ui.muted, 12, anchor="middle")
    for gap in grid.lines.gaps:
        y = part.y + gap.at + 8
        yield label(f"… {grouped(gap.many)} more", grid.x, y, style.ui.muted, 11)


def _card(subject: Subject, part: Part, place: tuple[int, int], look: Look) -> Iterator[Mark]:
    sequence, t = place
    box = card_box(subject, part, sequence, t)
    assert box is not None
    style, key = look.style, Element("ids", t=t, sequence=sequence)
    x, y, width, height = box
    id_ = int(subject.ids[t, sequence])
    token, middle = subject.token(id_), x + width / 2
    lit, done = subject.arrived.lit[t, sequence], subject.arrived.done[t, sequence]
    color = style.ui.text if done else style.ui.muted
    if not subject.form.valid[t, sequence]:
        yield padding_box(box, style, radius=5, key=key)
        color = style.ui.muted
    else:
        fill = style.current.fill if lit else style.ui.card
        stroke = style.current.line if lit else style.ui.border_strong
        pen, faint = (1.75, 1.0) if lit else (1.0, 1.0 if done else 0.6)
        yield Rect(
            x,
            y,
            width,
            height,
            fill=fill,
            stroke=stroke,
            stroke_width=pen,
            radius=5,
            opacity=faint,
            key=key,
        )
    if token:
        text = elide(token, width - 8, 12.5, "mono")
        yield label(text, middle, y + 16, color, 12.5, font="mono", anchor="middle")
        yield label(str(id_), middle, y + 30, style.ui.muted, 10.5, anchor="middle")
    else:
        yield label(str(id_), middle, y + height / 2 + 4.5, color, 12.5, anchor="middle")


def _names(subject: Subject, part: Part, grid: Grid, look: Look) -> Iterator[Mark]:
    """What every row and column is, and which axes they are."""
    axes, muted, top = subject.form.axes, look.style.ui.muted, part.y - 8
    if axes:
        yield label(f"{axes[-1]} →", grid.x, top - 17, muted, 11, font="mono")
    if len(axes) == 2:
        yield label(f"{axes[0]} ↓", grid.x - grid.gutter, top, muted, 11, font="mono")
        for line in grid.lines.shown:
            y = part.y + (grid.lines.place(line) or 0.0) + grid.card[1] / 2
            yield from _name(subject, axes[0], line, (grid.x - grid.gutter + 11, y), look)
    for column in grid.columns.shown:
        x = grid.x + (grid.columns.place(column) or 0.0) + grid.card[0] / 2
        yield from _name(subject, axes[-1] if axes else "", column, (x, top - 4), look)


def _name(
    subject: Subject, axis: str, index: int, at: tuple[float, float], look: Look
) -> Iterator[Mark]:
    (x, y), style = at, look.style
    if axis == "N":
        key = Element("ids", sequence=index)
        yield from sequence_mark(x, y, index, subject.form.N, style, 8.5, key=key)
    elif axis == "L":
        lit = bool(subject.arrived.lit[index].any())
        color = style.ui.text if lit else style.ui.muted
        runs = math_runs(f"t = {index + 1}")
        yield Text(x, y + 4, runs, color, 13, font="math", anchor="middle")
