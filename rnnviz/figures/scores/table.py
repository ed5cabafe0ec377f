"""The rows: what each place's scores are, what they should be, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.numerals import difference_digits, numerals, signed
from rnnviz.figures.scores.columns import TOP, Column, mark_width, token_of, token_width
from rnnviz.figures.scores.layout import ELLIPSIS, HEADER, ROW, STRIP
from rnnviz.figures.scores.stage import Stage
from rnnviz.figures.scores.subject import FEW
from rnnviz.figures.scores.vectors import FAINT, probability_row, signed_row, target_ring
from rnnviz.figures.strips import empty_strip, padding_box
from rnnviz.figures.tints import sequence_mark
from rnnviz.figures.token_cards import token_card
from rnnviz.scene.axes import MINUS, format_exponent, format_value
from rnnviz.scene.marks import Mark, Rect, Run, Text
from rnnviz.scene.text import elide, label, math_runs, text_width

Box = tuple[float, float, float, float]
_BAR = 56.0


def draw_table(stage: Stage, top: float, low: float) -> Iterator[Mark]:
    """Titles, and the rows that lie between two heights."""
    for column in stage.layout.columns:
        yield from _head(stage, column)
    kept = stage.layout.kept
    for row, y, before in zip(kept.rows, stage.layout.tops, kept.left_out, strict=False):
        if before:
            yield from _ellipsis(stage, y - ELLIPSIS, before)
        if y + ROW >= top and y <= low:
            yield from _row(stage, row, y)
    if kept.left_out[-1]:
        yield from _ellipsis(stage, stage.layout.rows_end - ELLIPSIS, kept.left_out[-1])


def _head(stage: Stage, column: Column) -> Iterator[Mark]:
    x, ui = column.x, stage.style.ui
    difference = stage.subject.is_difference and column.kind not in ("place", "targets")
    if column.kind == "place":
        yield label(column.title, x, HEADER - 8, ui.muted, 11)
        yield label("from", x + text_width("row", 11) + 8, HEADER - 8, ui.muted, 11)
        return
    ink = stage.style.role("gradient").text if column.kind == "gradients" else ui.text
    title = f"Δ {column.title}" if difference else column.title
    yield label(title, x, HEADER - 62, ink, font="mono", weight=600)
    yield label(column.shape, x, HEADER - 46, ui.muted, 11, font="mono")
    yield label(column.note, x, HEADER - (30 if column.shape else 46), ui.muted, 11)
    if column.kind in ("scores", "probabilities", "gradients") or (
        column.kind in ("targets", "losses") and not stage.subject.takes_classes
    ):
        yield from _classes(stage, column)
    if column.kind == "probabilities" and stage.subject.softmax:
        yield label("sum", x + column.inner + 10, HEADER - 8, ui.muted, 11)


def _classes(stage: Stage, column: Column) -> Iterator[Mark]:
    """The classes' names, where each has a cell of its own."""
    count, color = stage.subject.C, stage.style.role("y").text
    if count > FEW:
        text = f"classes 0 to {count - 1}"
        yield label(text, column.x, HEADER - 8, stage.style.ui.muted, 11)
        return
    cell = column.inner / count
    for index in range(count):
        name = elide(stage.subject.around.class_name(index), cell - 4, 11, "mono")
        middle = column.x + (index + 0.5) * cell
        yield label(name, middle, HEADER - 8, color, 11, font="mono", anchor="middle")


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
        yield Rect(left, y, right - left, ROW, current.fill, current.line, stroke_width=2, radius=6)
    for column in columns:
        box = (column.x, y + (ROW - STRIP) / 2, column.inner, STRIP)
        yield from _DRAWN[column.kind](stage, row, box)


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


def _empty(stage: Stage, row: int, box: Box, key: Element) -> Iterator[Mark]:
    """The place of what is padding, or not there yet."""
    if not stage.subject.rows.valid[row]:
        yield padding_box(box, stage.style, key=key)
    else:
        yield empty_strip(box, stage.style, dashed=True, key=key)


def _scores(stage: Stage, row: int, box: Box) -> Iterator[Mark]:
    subject, style = stage.subject, stage.style
    key = stage.flat_element(row)
    if not subject.reached[row]:
        yield from _empty(stage, row, box, key)
        return
    yield from signed_row(
        box,
        subject.rows.scores[row],
        subject.rows.limit,
        style.role("y"),
        key,
        style,
        zoom=stage.zoom,
        numbers=subject.C <= FEW,
        difference=subject.is_difference,
        axis="column" if key.row is not None else "unit",
    )
    yield from _ringed(stage, row, box)


def _ringed(stage: Stage, row: int, box: Box) -> Iterator[Mark]:
    compared = stage.subject.compared
    if compared is not None and compared.loss.takes_classes and compared.counts[row]:
        yield target_ring(box, int(compared.targets[row]), stage.subject.C, stage.style, stage.zoom)


def _probabilities(stage: Stage, row: int, box: Box) -> Iterator[Mark]:
    subject, style = stage.subject, stage.style
    values, key = subject.rows.probabilities, stage.element("probabilities", row)
    if values is None or not subject.reached[row]:
        yield from _empty(stage, row, box, key)
        return
    if subject.is_difference:
        role = style.role("y")
        yield from signed_row(
            box, values[row], 1.0, role, key, style, zoom=stage.zoom, difference=True
        )
    else:
        limit = subject.rows.probability_limit
        yield from probability_row(box, values[row], limit, key, style, zoom=stage.zoom)
    yield from _ringed(stage, row, box)
    if subject.softmax:
        total = float(values[row].sum(dtype=np.float64))
        text, base = format_value(total, 3), box[1] + box[3] / 2 + 4
        yield label(text, box[0] + box[2] + 10, base, style.ui.text_secondary, 11)


def _top(stage: Stage, row: int, box: Box) -> Iterator[Mark]:
    """The likeliest classes of a row, by name."""
    subject, style = stage.subject, stage.style
    values = subject.rows.probabilities
    if values is None or not subject.reached[row]:
        return
    best = _likeliest(values[row])
    x, base = box[0], box[1] + box[3] / 2 + 4
    for index in best.tolist():
        name = elide(subject.around.class_name(index), 40, 11, "mono")
        yield label(name, x, base, style.role("y").text, 11, font="mono")
        x += text_width(name, 11, "mono") + 5
        number = _short(float(values[row, index]))
        yield label(number, x, base, style.ui.text_secondary, 11)
        x += text_width(number, 11) + 10


def _likeliest(values: NDArray[np.floating]) -> NDArray[np.intp]:
    """The classes of largest probability, the likeliest first."""
    found = np.argpartition(-values, TOP)[:TOP]
    best: NDArray[np.intp] = found[np.argsort(-values[found], kind="stable")]
    return best


def _short(probability: float) -> str:
    """A probability, with an exponent where it is small."""
    if 0 < probability < 0.005:
        return format_exponent(probability, 0)
    return format_value(probability)


def _targets(stage: Stage, row: int, box: Box) -> Iterator[Mark]:
    subject, style = stage.subject, stage.style
    compared, key = subject.compared, Element("flat_targets", row=row)
    if compared is None:
        return
    targets = compared.targets
    if not compared.counts[row]:
        yield padding_box(box, style, key=key)
        if subject.takes_classes:
            yield from _ignored(stage, box, compared.loss.ignore_index)
    elif subject.takes_classes:
        name = subject.around.class_name(int(targets[row]))
        width = max(24.0, text_width(name, 11.5, "mono") + 10)
        card = (box[0], box[1] + 1, min(width, box[2]), box[3] - 2)
        yield from token_card(card, name, style, key, faint=not subject.reached[row])
    else:
        yield from signed_row(
            box,
            targets[row],
            subject.rows.limit,
            style.role("x"),
            key,
            style,
            zoom=stage.zoom,
            numbers=subject.C <= FEW,
            axis="column",
            opacity=1.0 if subject.reached[row] else FAINT,
        )


def _ignored(stage: Stage, box: Box, index: int) -> Iterator[Mark]:
    text = f"{index} ignored".replace("-", MINUS)
    x, y, _, height = box
    width = text_width(text, 11) + 8
    yield Rect(x + 3, y + 3, width, height - 6, fill=stage.style.ui.card, radius=3)
    yield label(text, x + 7, y + height / 2 + 4, stage.style.ui.text_secondary, 11)


def _losses(stage: Stage, row: int, box: Box) -> Iterator[Mark]:
    subject, style = stage.subject, stage.style
    compared, key = subject.compared, stage.element("losses", row)
    if compared is None:
        return
    x, y, _, height = box
    base = y + height / 2 + 4
    if not compared.counts[row]:
        yield label("does not count", x, base, style.ui.muted, 11)
        return
    if not subject.reached[row]:
        yield empty_strip(box, style, dashed=True, key=key)
        return
    if not subject.takes_classes:
        yield from signed_row(
            box,
            compared.losses[row],
            compared.limit,
            style.role("y"),
            key,
            style,
            zoom=stage.zoom,
            numbers=subject.C <= FEW,
            difference=subject.is_difference,
        )
        return
    value = float(compared.losses[row])
    share = min(abs(value) / compared.limit, 1.0) if np.isfinite(value) else 1.0
    bar = max(_BAR * share, 1.5)
    text = format_value(value, 3)
    if subject.is_difference:
        text = signed(value, max(difference_digits(compared.limit), 3))
    yield Rect(x, y + 5, bar, height - 10, fill=style.role("y").line, radius=2, key=key)
    yield Text(x + bar + 6, base, (Run(text),), style.ui.text, 11.5, weight=500, key=key)


def _gradients(stage: Stage, row: int, box: Box) -> Iterator[Mark]:
    subject, style = stage.subject, stage.style
    role, key = style.role("gradient"), stage.element(f"grad_{subject.name}", row)
    values, limit = subject.gradients, subject.gradient_limit
    if values is None or not subject.rows.valid[row]:
        yield padding_box(box, style, key=key)
        return
    *cells, frame = signed_row(
        box,
        values[row],
        limit,
        role,
        key,
        style,
        zoom=stage.zoom,
        numbers=False,
    )
    yield from cells
    if isinstance(frame, Rect):
        dash = tuple(float(part) for part in style.tokens["stroke"]["gradient_dash"])
        yield Rect(*box, stroke=role.line, stroke_width=1.25, radius=2, dash=dash)
    if subject.C <= FEW:
        colors = style.signed.colors(values[row], limit)[np.newaxis]
        cell, digits = (box[2] / subject.C, box[3]), 3 if limit >= 0.01 else 4
        yield from numerals(values[row][np.newaxis], colors, box[0], box[1], cell, digits=digits)


_DRAWN = {
    "place": _place,
    "scores": _scores,
    "targets": _targets,
    "probabilities": _probabilities,
    "top": _top,
    "losses": _losses,
    "gradients": _gradients,
}
