"""The tables of a Linear layer as marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rnnviz.element import Element
from rnnviz.figures.axis import Axis
from rnnviz.figures.linear.layout import HEADER, TITLE, Layout, Panel
from rnnviz.figures.linear.subject import Subject
from rnnviz.figures.matrix import Look, cells, draw_table, framed
from rnnviz.figures.stacked import PITCH, STRIP, draw_rows, lit_bands
from rnnviz.figures.stacked_names import row_labels
from rnnviz.figures.table_names import column_labels, grouped, label_step
from rnnviz.scene.marks import Mark, Rect, Run, Text
from rnnviz.scene.text import label

_FAINT = 0.38


def draw(subject: Subject, layout: Layout, look: Look) -> Iterator[Mark]:
    """All tables, with their names, and the row and column whose sum is written out."""
    yield from _bands(layout, look)
    yield from row_labels(layout.rows, (layout.panels[0].x - layout.labels, HEADER), look)
    for panel in layout.panels:
        yield from _titles(subject, layout, panel, look)
        yield from _table(subject, layout, panel, look)
    yield from _chosen(subject, layout, look)


def _bands(layout: Layout, look: Look) -> Iterator[Mark]:
    """The light of the current step, behind the rows at either side of W."""
    if not layout.rows.has_steps:
        return
    x, after = layout.panels[0], layout.panels[2:]
    left = x.x - layout.labels
    yield from lit_bands(layout.rows, left, HEADER, x.x + x.columns.length - left, look)
    end = after[-1].x + after[-1].columns.length
    yield from lit_bands(layout.rows, after[0].x, HEADER, end - after[0].x, look)


def _titles(subject: Subject, layout: Layout, panel: Panel, look: Look) -> Iterator[Mark]:
    style, (name, axes, sizes) = look.style, panel.title
    yield label(name, panel.x, TITLE, style.ui.text, 12, font="mono", weight=600)
    yield label(axes, panel.x, TITLE + 16, style.ui.muted, 11, font="mono")
    yield label(sizes, panel.x, TITLE + 31, style.ui.muted, 11, font="mono")
    if panel.sign:
        gutter = layout.gutter if panel.kind == "W" else 0.0
        x = panel.x - gutter - panel.apart / 2
        y = HEADER + (layout.rows.axis.place(layout.row) or 0.0) + PITCH / 2 + 6
        sign = (Run(panel.sign),)
        yield Text(x, y, sign, style.ui.text, 20, font="math", anchor="middle")
    at = (panel.x, HEADER - 7)
    if panel.kind in ("X", "b"):
        yield from column_labels(panel.columns, at, look.style, look.frame)
    else:
        yield from column_labels(panel.columns, at, look.style, look.frame, subject.feature_name)


def _table(subject: Subject, layout: Layout, panel: Panel, look: Look) -> Iterator[Mark]:
    corner, rows, style = (panel.x, HEADER), layout.rows, look.style
    if panel.kind == "X":
        inner = replace(look, dim_zeros=subject.is_one_hot)
        if subject.is_one_hot:
            inner = replace(inner, is_difference=False)
        factor, role = subject.received, style.role(_role(subject.received.name))
        known = factor.name in ("input", "one_hot", "embedded")
        yield from draw_rows(
            rows, factor.numbers, corner, panel.columns, factor.key, role, inner, known=known
        )
    elif panel.kind == "W":
        yield from _weight(subject, layout, panel, look)
    elif panel.kind == "b":
        yield from _bias(subject, layout, panel, look)
    else:
        factor = subject.activated if panel.kind == "P" and subject.activated else subject.given
        role = style.role(_role(factor.name))
        if panel.kind == "P" and not subject.is_difference:
            look = replace(look, colormap=style.magnitude)
        yield from draw_rows(rows, factor.numbers, corner, panel.columns, factor.key, role, look)


def _role(name: str) -> str:
    if name in ("scores", "probabilities"):
        return "y"
    return "h" if name in ("output", "last", "final") else "x"


def _weight(subject: Subject, layout: Layout, panel: Panel, look: Look) -> Iterator[Mark]:
    key, corner = Element(f"{subject.part}.weight"), (panel.x, HEADER)
    yield from draw_table(
        subject.weight,
        corner,
        layout.features,
        panel.columns,
        key,
        ("column", "row"),
        look,
        ("input", "output"),
    )
    yield from _feature_labels(layout.features, (panel.x - 7, HEADER), look)


def _feature_labels(features: Axis, corner: tuple[float, float], look: Look) -> Iterator[Mark]:
    """The index of every row of W that has room for it."""
    x, y = corner
    step = label_step(features.size - 1, features.cell, 13.0)
    for span in features.spans:
        for index in range(span.first, span.first + span.many):
            if index % step == 0:
                at = y + span.at + (index - span.first + 0.5) * features.cell + 4
                yield label(grouped(index), x, at, look.style.ui.muted, 11, anchor="end")


def _bias(subject: Subject, layout: Layout, panel: Panel, look: Look) -> Iterator[Mark]:
    """The one row that is added to every row: full where the sum is written out, else faint."""
    assert subject.bias is not None
    key, ink = Element(f"{subject.part}.bias"), look.style.role("x").line
    faint = replace(look, numbers=False)
    for row in layout.rows.axis.shown:
        y = HEADER + (layout.rows.axis.place(row) or 0.0) + (PITCH - STRIP) / 2
        size, columns = (panel.columns.cell, STRIP), (0, panel.columns.size)
        here = row == layout.row
        yield from cells(
            subject.bias,
            (panel.x, y),
            size,
            (0, 1),
            columns,
            key,
            ("", "row"),
            look if here else faint,
            opacity=1.0 if here else _FAINT,
        )
        if here:
            yield framed((panel.x, y, panel.columns.length, STRIP), ink)


def _chosen(subject: Subject, layout: Layout, look: Look) -> Iterator[Mark]:
    """Thin frames around the row of X, the column of W, and what they give."""
    y = HEADER + (layout.rows.axis.place(layout.row) or 0.0)
    if subject.is_difference or layout.rows.is_padding(layout.row):
        return
    for panel in layout.panels:
        at = panel.columns.place(layout.feature)
        if panel.kind == "X":
            box = (panel.x - 3, y, panel.columns.length + 6, PITCH)
        elif at is None:
            continue
        elif panel.kind == "W":
            box = (panel.x + at, HEADER - 3, panel.columns.cell, layout.features.length + 6)
        else:
            box = (panel.x + at, y, panel.columns.cell, PITCH)
        yield Rect(*box, stroke=look.style.ui.text, stroke_width=1.25, radius=3)
