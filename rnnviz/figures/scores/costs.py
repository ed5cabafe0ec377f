"""What a row should be, and what it costs that it is not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnviz.element import Element
from rnnviz.figures.numerals import difference_digits, signed
from rnnviz.figures.scores.stage import Stage
from rnnviz.figures.scores.subject import FEW, Compared
from rnnviz.figures.scores.vectors import FAINT, signed_row
from rnnviz.figures.strips import empty_strip, padding_box
from rnnviz.figures.token_cards import token_card
from rnnviz.scene.axes import MINUS, format_value
from rnnviz.scene.marks import Mark, Rect, Run, Text
from rnnviz.scene.text import label, text_width

Box = tuple[float, float, float, float]
_BAR = 56.0


def draw_targets(stage: Stage, row: int, box: Box) -> Iterator[Mark]:
    """The target of a row: a class by its name, or C numbers; hatched where it does not count."""
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


def draw_losses(stage: Stage, row: int, box: Box) -> Iterator[Mark]:
    """What a row adds to the loss."""
    subject, style = stage.subject, stage.style
    compared, key = subject.compared, stage.element("losses", row)
    if compared is None:
        return
    if not compared.counts[row]:
        base = box[1] + box[3] / 2 + 4
        yield label("does not count", box[0], base, style.ui.muted, 11)
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
    yield from _bar(stage, compared, row, box)


def _bar(stage: Stage, compared: Compared, row: int, box: Box) -> Iterator[Mark]:
    (x, y, _, height), style = box, stage.style
    key = stage.element("losses", row)
    value = float(compared.losses[row])
    share = min(abs(value) / compared.limit, 1.0) if np.isfinite(value) else 1.0
    bar = max(_BAR * share, 1.5)
    text = format_value(value, 3)
    color = style.role("y").line
    if stage.subject.is_difference:
        color = style.signed.hex(value, compared.limit)
        text = signed(value, max(difference_digits(compared.limit), 3))
    yield Rect(x, y + 5, bar, height - 10, fill=color, radius=2, key=key)
    base = y + height / 2 + 4
    yield Text(x + bar + 6, base, (Run(text),), style.ui.text, 11.5, weight=500, key=key)
