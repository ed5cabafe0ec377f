"""The rows: what each place's scores are, what they should be, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator

from rnnviz.element import Element
from rnnviz.figures.scores.columns import (
    TITLE_GAP,
    Column,
    below_note,
    mark_width,
    token_of,
    token_width,
)
from rnnviz.figures.scores.costs import draw_losses, draw_targets
from rnnviz.figures.scores.entries import draw_gradients, draw_probabilities, draw_scores, draw_top
from rnnviz.figures.scores.layout import ELLIPSIS, PITCH, ROW, STRIP, UNDER_TITLE
from rnnviz.figures.scores.stage import Stage
from rnnviz.figures.scores.subject import FEW
from rnnviz.figures.tints import sequence_mark
from rnnviz.figures.token_cards import token_card
from rnnviz.scene.marks import Mark, Rect, Text
from rnnviz.scene.text import elide, label, math_runs, runs_width, text_width

Box = tuple[float, float, float, float]


def draw_table(stage: Stage, top: float, low: float) -> Iterator[Mark]:
    """Titles, and the rows that lie between two heights."""
    for column in stage.layout.columns:
        yield from _head(stage, column)
    kept = stage.layout.kept
    for row, y, before in zip(kept.rows, stage.layout.tops, kept.left_out, strict=False):
        if before:
            yield from _ellipsis(stage, y - ELLIPSIS, before)
        if y + stage.layout.row >= top and y <= low:
            yield from _row(stage, row, y)
    if kept.left_out[-1]:
        yield from _ellipsis(stage, stage.layout.rows_end - ELLIPSIS, kept.left_out[-1])


def _head(stage: Stage, column: Column) -> Iterator[Mark]:
    x, ui, head = column.x, stage.style.ui, stage.layout.head
    if column.kind == "place":
        yield label(column.title, x, head - 8, ui.muted, 11)
        yield label("from", x + text_width("row", 11) + 8, head - 8, ui.muted, 11)
        return
    top = head - 62 - UNDER_TITLE * max(len(one.under) for one in stage.layout.columns)
    yield _title(stage, column, x, top)
    yield label(column.shape, x, top + 16, ui.muted, 11, font="mono")
    yield label(column.note, x, top + (32 if column.shape else 16), ui.muted, 11)
    for number, below in enumerate(column.under, 1):
        base = top + 32 + UNDER_TITLE * number
        title = _title(stage, below, x, base)
        yield title
        after = x + runs_width(title) + TITLE_GAP
        yield label(below_note(below), after, base, ui.muted, 11)
    if column.kind in ("scores", "probabilities", "gradients") or (
        column.kind in ("targets", "losses") and not stage.subject.takes_classes
    ):
        yield from _classes(stage, column)
    summed = any(one.kind == "probabilities" for one in (column, *column.under))
    if summed and stage.subject.softmax:
        yield label("sum", x + column.inner + 10, head - 8, ui.muted, 11)


def _title(stage: Stage, column: Column, x: float, y: float) -> Text:
    difference = stage.subject.is_difference and column.kind != "targets"
    ui = stage.style.ui
    ink = stage.style.role("gradient").text if column.kind == "gradients" else ui.text
    title = f"Δ {column.title}" if difference else column.title
    return label(title, x, y, ink, font="mono", weight=600)


def _classes(stage: Stage, column: Column) -> Iterator[Mark]:
    """The classes' names, where each has a cell of its own."""
    count, color = stage.subject.C, stage.style.role("y").text
    base = stage.layout.head - 8
    if count > FEW:
        text = f"classes 0 to {count - 1}"
        yield label(text, column.x, base, stage.style.ui.muted, 11)
        return
    cell = column.inner / count
    for index in range(count):
        name = elide(stage.subject.around.class_name(index), cell - 4, 11, "mono")
        middle = column.x + (index + 0.5) * cell
        yield label(name, middle, base, color, 11, font="mono", anchor="middle")


def _ellipsis(stage: Stage, y: float, count: int) -> Iterator[Mark]:
    text = f"… {_spaced(count)} more"
    yield label(text, stage.layout.rows_x, y + 14, stage.style.ui.muted, 11)


def _spaced(count: int) -> str:
    return f"{count:,}".replace(",", "\u2009")


def _row(stage: Stage, row: int, y: float) -> Iterator[Mark]:
    subject, columns = stage.subject, stage.layout.columns
    if subject.now[row]:
        left, right = columns[0].x - 6, columns[-1].right + 6
        current = stage.style.current
        box = (left, y, right - left, stage.layout.row)
        yield Rect(*box, current.fill, current.line, stroke_width=2, radius=6)
    middle = (stage.layout.row - STRIP) / 2
    for column in columns:
        top = (ROW - STRIP) / 2 if column.under else middle
        for below, one in enumerate((column, *column.under)):
            at = (column.x, y + top + PITCH * below, column.inner, STRIP)
            yield from _DRAWN[one.kind](stage, row, at)


def _place(stage: Stage, row: int, box: Box) -> Iterator[Mark]:
    """The row's number, its sequence, timestep and token."""
    x, y, width, height = box
    style, (sequence, t) = stage.style, stage.place(row)
    now = bool(stage.subject.now[row])
    colors = stage.tint(sequence)
    numbers = text_width(str(stage.subject.R - 1), 11)
    base = y + height / 2 + 4
    yield label(
        str(row),
        x + numbers,
        base,
        style.ui.text if now else style.ui.muted,
        11,
        weight=600 if now else 400,
        anchor="end",
    )
    left = x + numbers + 8
    yield Rect(left, y, x + width - left, height, fill=colors.fill, radius=STRIP / 2)
    count, key = stage.subject.pr.form.N, Element("x", layer=0, t=t, sequence=sequence)
    yield from sequence_mark(
        left + mark_width(count) / 2 + 1, y + height / 2, sequence, count, style, 9.5, key=key
    )
    ink = style.ui.text if now else style.ui.text_secondary
    after = left + mark_width(count) + 5
    yield Text(after, base, math_runs(f"t = {t + 1}"), ink, 13, font="math")
    wide = token_width(stage.subject, stage.layout.kept)
    if wide:
        card = (x + width - wide, y + 2, wide - 4, height - 4)
        ids = stage.element("ids", row)
        yield from token_card(card, token_of(stage.subject, row), style, ids)


_DRAWN = {
    "place": _place,
    "scores": draw_scores,
    "targets": draw_targets,
    "probabilities": draw_probabilities,
    "top": draw_top,
    "losses": draw_losses,
    "gradients": draw_gradients,
}
