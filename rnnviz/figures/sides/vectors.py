"""A vector of one side as a strip: its numbers where they fit, dashed where it is yet to come."""

from __future__ import annotations

from rnnviz.element import Element
from rnnviz.figures.numerals import SIZE, difference_digits, numerals
from rnnviz.figures.sides.subject import Floats, Subject
from rnnviz.figures.strips import (
    crosses,
    empty_strip,
    merge_units,
    numerals_fit,
    signed_strip,
    units_caption,
    units_per_cell,
)
from rnnviz.scene.axes import format_value
from rnnviz.scene.marks import Mark
from rnnviz.scene.style import Style
from rnnviz.scene.text import text_width

Box = tuple[float, float, float, float]
_DIGITS = (3, 2, 1)


def units_note(subject: Subject, width: float) -> str:
    """How many units of h share a cell of a strip of a width; "" where none do."""
    count = subject.run.hidden_size
    return units_caption(count, units_per_cell(count, width))


def draw_vector(
    subject: Subject,
    values: Floats | None,
    box: Box,
    look: tuple[str, str],
    key: Element | None,
    style: Style,
    *,
    known: bool = False,
    opacity: float = 1.0,
    signed: bool = False,
) -> list[Mark]:
    """A vector in a box.

    Args:
        values: (n,); None for what is not there.
        look: the role whose frame it has, and the name of its colour range.
        key: the element that it is.
        known: it is computed, though perhaps not on this side; what is yet to come is dashed.
        opacity: less than 1 of what is faint; it has no numbers then.
        signed: it is a difference, and its numbers have a sign.
    """
    if values is None:
        return [empty_strip(box, style, dashed=not known, key=key)]
    x, y, width, height = box
    role, limit = style.role(look[0]), subject.limits[look[1]]
    stride = units_per_cell(len(values), width)
    merged = merge_units(values, stride)
    colors = style.signed.colors(merged, limit)
    crossed = crosses(values, stride)
    marks: list[Mark] = [
        *signed_strip(box, colors, role, key, stride=stride, crossed=crossed, opacity=opacity)
    ]
    if opacity == 1.0 and numerals_fit(width, height, len(merged)):
        cell = (width / len(merged), height)
        pair = merged[None], colors[None]
        if signed or subject.run.is_difference:
            digits = difference_digits(limit)
            marks += numerals(*pair, x, y, cell, digits=digits, difference=True)
        else:
            marks += numerals(*pair, x, y, cell, digits=_digits_that_fit(merged, cell[0]))
    return marks


def _digits_that_fit(values: Floats, width: float) -> int:
    """The decimals that every number of a strip has room for."""
    texts = ((n, [format_value(value, n) for value in values.tolist()]) for n in _DIGITS)
    return next(
        (n for n, all_ in texts if all(text_width(text, SIZE) <= width - 3 for text in all_)), 0
    )
