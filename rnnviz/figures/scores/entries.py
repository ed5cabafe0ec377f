"""What a row says of its place: scores, probabilities, gradients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rnnviz.element import Element
from rnnviz.figures.numerals import numerals
from rnnviz.figures.scores.columns import TOP
from rnnviz.figures.scores.stage import Stage
from rnnviz.figures.scores.subject import FEW
from rnnviz.figures.scores.vectors import probability_row, signed_row, target_marks
from rnnviz.figures.strips import FRAME, RADIUS, empty_strip, padding_box
from rnnviz.scene.axes import format_exponent, format_value
from rnnviz.scene.marks import Mark, Rect
from rnnviz.scene.text import elide, label, text_width

Box = tuple[float, float, float, float]


def _empty(stage: Stage, row: int, box: Box, key: Element) -> Iterator[Mark]:
    """The place of what is padding, or not there yet."""
    if not stage.subject.rows.valid[row]:
        yield padding_box(box, stage.style, key=key)
    else:
        yield empty_strip(box, stage.style, dashed=True, key=key)


def draw_scores(stage: Stage, row: int, box: Box) -> Iterator[Mark]:
    """A row of scores, the target's marked."""
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
        yield from target_marks(
            box, int(compared.targets[row]), stage.subject.C, stage.style, stage.zoom
        )


def draw_probabilities(stage: Stage, row: int, box: Box) -> Iterator[Mark]:
    """What softmax or sigmoid makes of a row, and what it sums to."""
    subject, style = stage.subject, stage.style
    values, key = subject.rows.probabilities, stage.element("probabilities", row)
    if values is None or not subject.reached[row]:
        yield from _empty(stage, row, box, key)
        return
    limit = subject.rows.probability_limit
    if subject.is_difference:
        role = style.role("y")
        yield from signed_row(
            box, values[row], limit, role, key, style, zoom=stage.zoom, difference=True
        )
    else:
        yield from probability_row(box, values[row], limit, key, style, zoom=stage.zoom)
    yield from _ringed(stage, row, box)
    if subject.softmax:
        total = float(values[row].sum(dtype=np.float64))
        text, base = format_value(total, 3), box[1] + box[3] / 2 + 4
        yield label(text, box[0] + box[2] + 10, base, style.ui.text_secondary, 11)


def draw_top(stage: Stage, row: int, box: Box) -> Iterator[Mark]:
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


def draw_gradients(stage: Stage, row: int, box: Box) -> Iterator[Mark]:
    """∂loss/∂scores of a row, in a dashed frame."""
    subject, style = stage.subject, stage.style
    role, key = style.role("gradient"), stage.element(f"grad_{subject.name}", row)
    values, limit = subject.gradients, subject.gradient_limit
    if values is None or not subject.rows.valid[row]:
        yield padding_box(box, style, key=key)
        return
    cells, _ = signed_row(box, values[row], limit, role, key, style, zoom=stage.zoom, numbers=False)
    dash = tuple(float(part) for part in style.tokens["stroke"]["gradient_dash"])
    yield cells
    yield Rect(*box, stroke=role.line, stroke_width=FRAME, radius=RADIUS, dash=dash)
    if subject.C <= FEW:
        colors = style.signed.colors(values[row], limit)[np.newaxis]
        cell, digits = (box[2] / subject.C, box[3]), 3 if limit >= 0.01 else 4
        yield from numerals(values[row][np.newaxis], colors, box[0], box[1], cell, digits=digits)
