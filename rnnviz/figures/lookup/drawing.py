"""One way to look up as marks: ids or one-hot rows, the table, the vectors that come out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rnnviz.element import Element
from rnnviz.figures.lookup.cards import draw_cards
from rnnviz.figures.lookup.grid import MARGIN
from rnnviz.figures.lookup.layout import TITLE, Part
from rnnviz.figures.lookup.subject import WEIGHT, Subject
from rnnviz.figures.lookup.wires import draw_wires
from rnnviz.figures.matrix import Look, draw_table, framed
from rnnviz.figures.remarks import caption
from rnnviz.figures.stacked import draw_rows, lit_bands
from rnnviz.figures.stacked_names import row_labels
from rnnviz.figures.strips import Axes
from rnnviz.figures.table_names import column_labels, grouped, label_step, titled
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.text import elide, label, text_width


def draw_part(subject: Subject, part: Part, look: Look) -> Iterator[Mark]:
    """All of one way, wires above the tables and below the cards."""
    if part.grid is None:
        yield from _codes(subject, part, look)
    else:
        x = part.grid.x - part.grid.gutter
        yield from titled(*subject.ids_title, (x, part.top + TITLE), look.style)
    yield from _result(subject, part, look)
    yield from _table(subject, part, look)
    yield from draw_wires(subject, part, look)
    if part.grid is not None:
        yield from draw_cards(subject, part, look)


def _codes(subject: Subject, part: Part, look: Look) -> Iterator[Mark]:
    """The one-hot rows, with their names at the left."""
    codes, style = part.codes, look.style
    assert codes is not None
    left = MARGIN
    if part.rows.has_steps:
        yield from lit_bands(part.rows, left, part.y, part.codes_x + codes.length - left, look)
    yield from titled(*subject.codes_title, (left, part.top + TITLE), style)
    yield label("V →", part.codes_x, part.y - 8 - 17, style.ui.muted, 11, font="mono")
    yield from column_labels(codes, (part.codes_x, part.y - 8), look.style, look.frame)
    yield from row_labels(part.rows, (left, part.y), look)
    key = Element("one_hot")
    yield from draw_rows(
        part.rows,
        subject.one_hot,
        (part.codes_x, part.y),
        codes,
        lambda sequence, t: key._replace(t=t, sequence=sequence),
        style.role("x"),
        replace(look, dim_zeros=True, is_difference=False),
        known=True,
        source=lambda row: int(subject.ids[tuple(reversed(part.rows.place(row)))]),
    )


def _table(subject: Subject, part: Part, look: Look) -> Iterator[Mark]:
    style, x = look.style, part.table_x
    axes, letters = _axes(subject, part.way)
    yield from titled(*subject.titles(part.way), (x - part.names, part.top + TITLE), style)
    above = part.top + TITLE + 31
    yield label(f"{letters[1]} →", x, above, style.ui.muted, 11, font="mono")
    at = (x - part.names, part.y - 8)
    yield label(f"{letters[0]} ↓", *at, style.ui.muted, 11, font="mono")
    yield from column_labels(part.across, (x, part.y - 8), look.style, look.frame)
    numbers = subject.turned if part.way == "column" else subject.table
    key = None if subject.is_identity else Element(WEIGHT)
    inner = replace(look, dim_zeros=subject.is_identity)
    nouns = ("unit", "id") if part.way == "column" else ("row", "unit")
    yield from draw_table(numbers, (x, part.y), part.down, part.across, key, axes, inner, nouns)
    if part.way == "column":
        yield from _units(part, look)
    else:
        yield from _ids(subject, part, look)
    yield from _picked(subject, part, look)


def _axes(subject: Subject, way: str) -> tuple[Axes, tuple[str, str]]:
    """What rows and columns of the table are of the weight, and their letters."""
    if subject.is_identity:
        return ("", ""), ("V", "V")
    is_weight = subject.by_rows != (way == "column")
    axes: Axes = ("row", "column") if is_weight else ("column", "row")
    return axes, ("E", "V") if way == "column" else ("V", "E")


def _ids(subject: Subject, part: Part, look: Look) -> Iterator[Mark]:
    """The names of the table's rows: id and token; the row of padding_idx has a dashed frame."""
    style, picked = look.style, _picked_ids(subject, part)
    for id_ in part.down.shown:
        y = part.y + (part.down.place(id_) or 0.0) + part.down.cell / 2 + 4
        color = style.ui.text if id_ in picked else style.ui.muted
        weight = 600 if id_ in picked else 400
        x = part.table_x - 8
        yield label(str(id_), x, y, color, 12, weight=weight, anchor="end")
        if token := subject.token(id_):
            before = x - text_width(str(max(part.down.shown)), 12, "mono") - 8
            text = elide(token, part.names - 14 - (x - before), 12, "mono")
            yield label(text, before, y, color, 12, font="mono", anchor="end")
    place = None if subject.padding_idx is None else part.down.place(subject.padding_idx)
    if place is not None:
        role, width = style.role("padding"), part.across.length
        y = part.y + place
        yield Rect(
            part.table_x - 3,
            y + 1,
            width + 6,
            part.down.cell - 2,
            stroke=role.line,
            stroke_width=1.5,
            dash=(4, 3),
            radius=3,
        )
        low = part.y + part.down.length + 17
        left, right = part.table_x - part.names, part.table_x + width
        yield from caption(subject.padding_words, left, low, right - left + 8, style)


def _units(part: Part, look: Look) -> Iterator[Mark]:
    step = label_step(part.down.size - 1, part.down.cell, 13.0)
    for index in range(0, part.down.size, step):
        y = part.y + (index + 0.5) * part.down.cell + 4
        yield label(grouped(index), part.table_x - 7, y, look.style.ui.muted, 11, anchor="end")


def _picked_ids(subject: Subject, part: Part) -> set[int]:
    places = (part.rows.place(row) for row in part.rows.lit)
    return {int(subject.ids[t, n]) for n, t in places}


def _picked(subject: Subject, part: Part, look: Look) -> Iterator[Mark]:
    """Frames of ink around what is picked from the table."""
    ink = look.style.current.line
    for id_ in sorted(_picked_ids(subject, part)):
        axis = part.across if part.way == "column" else part.down
        at = axis.place(id_)
        if at is None:
            continue
        if part.way == "column":
            box = (part.table_x + at, part.y, part.across.cell, part.down.length)
        else:
            box = (part.table_x, part.y + at, part.across.length, part.down.cell)
        yield framed(box, ink, 2.0)


def _result(subject: Subject, part: Part, look: Look) -> Iterator[Mark]:
    """The vectors, a row for each id."""
    style, left = look.style, part.result_x - part.labels
    inner = replace(look, dim_zeros=subject.is_identity)
    if subject.is_identity:
        inner = replace(inner, is_difference=False)
    yield from titled(*subject.result_title, (left, part.top + TITLE), style)
    width = part.result_x + part.result.length - left
    if part.rows.has_steps:
        yield from lit_bands(part.rows, left, part.y, width, look)
    at = part.y - 8
    axis = subject.named.axes[-1]
    yield label(f"{axis} →", part.result_x, at - 17, style.ui.muted, 11, font="mono")
    yield from column_labels(part.result, (part.result_x, at), look.style, look.frame)
    if part.labels:
        if subject.form.axes:
            rows = " · ".join(subject.form.axes)
            yield label(f"{rows} ↓", left, at, style.ui.muted, 11, font="mono")
        yield from row_labels(part.rows, (left, part.y), look)
    role, corner = style.role("x"), (part.result_x, part.y)
    yield from draw_rows(part.rows, subject.result, corner, part.result, subject.key, role, inner)
