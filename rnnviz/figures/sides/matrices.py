"""Each weight of one side beside its twin of the other, by name and shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnviz.figures.numerals import difference_digits, numerals
from rnnviz.figures.pools import stride, window
from rnnviz.figures.sides.groups import Group, Matrix
from rnnviz.figures.sides.subject import Floats, Subject
from rnnviz.scene.marks import Cells, Mark, Rect, Text
from rnnviz.scene.style import Style
from rnnviz.scene.text import label, text_width

_TALL, _WIDE = 150.0, 186.0  # px of a matrix whose numbers have no room
_CELL = (34.0, 17.0)
_LEAST = (24.0, 13.0)  # px of a cell with a number in it
_COARSE = 12.0  # px that a cell without a number takes at most
_BESIDE = 6.0  # between a matrix and its bias
_GAP, _LINE, _SIZE = 22.0, 16.0, 11.5
_TITLE = 2 * _LINE + 6.0
_FAINT = 0.4


@dataclass(frozen=True)
class Slot:
    """Where a group stands in its column, and the twin in the other one.

    Attributes:
        x, y: of its titles, from the column's corner.
        width: of the wider of both.
        cell: width and height of a number.
    """

    x: float
    y: float
    width: float
    height: float
    cell: tuple[float, float]

    @property
    def is_merged(self) -> bool:
        """Whether a cell stands for several numbers."""
        return max(stride(size) for size in self.cell) > 1


def arrange(
    left: tuple[Group, ...], right: tuple[Group, ...], room: float
) -> tuple[tuple[Slot, ...], float]:
    """The places of all groups in columns of a width, and how tall they are together."""
    slots: list[Slot] = []
    x = y = low = 0.0
    for place in range(max(len(left), len(right))):
        pair = [side[place] for side in (left, right) if place < len(side)]
        cell = _cell_size(pair, room)
        width = max(_group_width(group, cell) for group in pair)
        height = _TITLE + max(len(group.matrix.values) for group in pair) * cell[1]
        if x and x + width > room:
            x, y = 0.0, low + _GAP
        slots.append(Slot(x, y, width, height, cell))
        x, low = x + width + _GAP, max(low, y + height)
    return tuple(slots), low


def _cell_size(pair: list[Group], room: float) -> tuple[float, float]:
    rows = max(len(group.matrix.values) for group in pair)
    columns = max(group.columns + (group.bias is not None) for group in pair)
    wide, tall = min((room - _BESIDE) / columns, _CELL[0]), min(_TALL / rows, _CELL[1])
    if wide < _LEAST[0] or tall < _LEAST[1]:
        wide = min(_WIDE / columns, _COARSE)
        tall = min(tall, _COARSE)
    return wide, tall


def _bias_width(cell: tuple[float, float]) -> float:
    return max(cell[0], 7.0)


def _group_width(group: Group, cell: tuple[float, float]) -> float:
    bias = 0.0 if group.bias is None else _BESIDE + _bias_width(cell)
    words = (text_width(line, _SIZE, "mono") for line in group.lines)
    return max(group.columns * cell[0] + bias, *words)


def draw_group(
    subject: Subject, group: Group, slot: Slot, corner: tuple[float, float], style: Style
) -> list[Mark]:
    """A group in its slot; `corner` is that of its column."""
    x, y = corner[0] + slot.x, corner[1] + slot.y
    marks: list[Mark] = [*_titles(group, x, y, style)]
    top = y + _TITLE
    rows, wide = len(group.matrix.values), group.columns * slot.cell[0]
    box = (x, top, wide, rows * slot.cell[1])
    marks += _cells(subject, group.matrix, box, group.faint, style)
    if group.bias is not None:
        width = _bias_width(slot.cell)
        beside = (x + wide + _BESIDE, top, width, rows * slot.cell[1])
        marks += _cells(subject, group.bias, beside, group.faint, style)
    return marks


def _titles(group: Group, x: float, y: float, style: Style) -> list[Text]:
    ui = style.ui
    name, ink = group.matrix.title, ui.disabled if group.faint else ui.text
    after = x + text_width(f"{name} ", _SIZE, "mono")
    found = [
        label(name, x, y + 11, ink, _SIZE, font="mono", weight=600),
        label(group.matrix.shape, after, y + 11, ui.muted, _SIZE, font="mono"),
    ]
    if group.note:
        found.append(label(group.note, x, y + 11 + _LINE, ui.muted, 11))
    if group.bias is not None:
        bias = group.bias.title
        after = x + text_width(f"{bias} ", _SIZE, "mono")
        found += [
            label(bias, x, y + 11 + _LINE, ink, _SIZE, font="mono", weight=600),
            label(group.bias.shape, after, y + 11 + _LINE, ui.muted, _SIZE, font="mono"),
        ]
    return found


def _cells(
    subject: Subject,
    matrix: Matrix,
    box: tuple[float, float, float, float],
    faint: bool,
    style: Style,
) -> list[Mark]:
    x, y, width, height = box
    rows, columns = matrix.values.shape
    cell = width / columns, height / rows
    strides = (stride(cell[1]), stride(cell[0]))
    found = window(matrix, (0, rows), (0, rows), (0, columns), strides)
    limit, opacity = subject.limits["weight"], _FAINT if faint else 1.0
    colors = style.signed.colors(found.values, limit)
    marks: list[Mark] = [
        Cells(
            x,
            y,
            width,
            height,
            colors,
            gap=1.0 if min(cell) >= _LEAST[1] else 0.0,
            crossed=found.crossed,
            opacity=opacity,
            key=matrix.key,
            axes=("row", "column") if matrix.owner.dim() == 2 else ("row", ""),
            stride=strides,
        ),
        Rect(x, y, width, height, stroke=style.ui.border_strong, radius=1, opacity=opacity),
    ]
    if cell[0] >= _LEAST[0] and cell[1] >= _LEAST[1]:
        texts = _numbers(subject, found.values, colors, (x, y), cell)
        marks += [text for text in texts if not faint]
    return marks


def _numbers(
    subject: Subject,
    values: Floats,
    colors: np.ndarray,
    corner: tuple[float, float],
    cell: tuple[float, float],
) -> list[Text]:
    if not subject.run.is_difference:
        return numerals(values, colors, *corner, cell)
    digits = difference_digits(subject.limits["weight"])
    return numerals(values, colors, *corner, cell, digits=digits, difference=True)
