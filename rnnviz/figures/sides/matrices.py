"""Each weight of one side beside its twin of the other, by name and shape."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from rnnviz.element import Element
from rnnviz.figures.numerals import difference_digits, numerals
from rnnviz.figures.pools import stride, window
from rnnviz.figures.sides.options import LAYERS
from rnnviz.figures.sides.subject import Floats, Subject, Which
from rnnviz.model.trace import as_numpy
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

_PYTORCH = {
    "U": "weight_ih_l0",
    "b": "bias_ih_l0",
    "W": "weight_hh_l0",
    "b_hh": "bias_hh_l0",
    "V": "head.weight",
    "c": "head.bias",
    "linear.weight": "weight_hr_l0",
}
_LAYER_NAMES = {
    "U": "wi.weight",
    "b": "wi.bias",
    "W": "wh.weight",
    "b_hh": "wh.bias",
    "V": "wo.weight",
    "c": "wo.bias",
}
_NEVER = "made, never applied"
_CELL_GROUPS = (("U", "b"), ("W", "b_hh"), ("V", "c"))
_MODULE_GROUPS = (
    ("weight_ih_l0", "bias_ih_l0"),
    ("weight_hh_l0", "bias_hh_l0"),
    ("head.weight", "head.bias"),
)
_FOLLOWED_GROUPS = (*_MODULE_GROUPS[:2], ("linear.weight", ""))
_PROJECTED_GROUPS = (*_MODULE_GROUPS[:2], ("weight_hr_l0", ""))


@dataclass(frozen=True, eq=False)
class Matrix:
    """A parameter; a bias has one column.

    Attributes:
        title: what it is called on its side.
        owner: the tensor itself.
        key: its element; None of what is no parameter of the run.
    """

    title: str
    owner: Tensor
    key: Element | None

    @cached_property
    def values(self) -> Floats:
        values = as_numpy(self.owner)
        return values[:, None] if values.ndim == 1 else values

    @property
    def shape(self) -> str:
        shape = tuple(self.owner.shape)
        return f"({shape[0]},)" if len(shape) == 1 else f"({shape[0]}, {shape[1]})"


@dataclass(frozen=True, eq=False)
class Group:
    """A matrix, its bias, and a word on it.

    Attributes:
        faint: it is made, but nothing is computed with it.
        note: what is said of it where it has no bias.
    """

    matrix: Matrix
    bias: Matrix | None = None
    faint: bool = False
    note: str = ""

    @property
    def columns(self) -> int:
        return int(self.matrix.values.shape[1])

    @property
    def lines(self) -> tuple[str, str]:
        """The name and shape of both."""
        bias = self.note if self.bias is None else f"{self.bias.title} {self.bias.shape}"
        return f"{self.matrix.title} {self.matrix.shape}", bias


def groups(subject: Subject, which: Which) -> tuple[Group, ...]:
    """The parameters of a side, in the order in which they are applied."""
    weights = subject.sides.left_weights if which == "left" else subject.sides.right_weights
    named = {
        "vanilla": _CELL_GROUPS if which == "left" else _MODULE_GROUPS,
        "identity": _CELL_GROUPS,
        "projection": _PROJECTED_GROUPS if which == "left" else _FOLLOWED_GROUPS,
    }[subject.lesson]
    found = []
    for weight, bias in named:
        if weight in weights:
            faint = subject.lesson == "identity" and which == "left" and weight == "W"
            second = None
            if bias in weights and not faint:
                second = _matrix(subject, which, bias, weights[bias])
            first, note = _matrix(subject, which, weight, weights[weight]), _NEVER if faint else ""
            found.append(Group(first, second, faint, note))
    if subject.lesson == "identity" and which == "left" and not subject.run.is_difference:
        found.append(_identity(subject))
    return tuple(found)


def _matrix(subject: Subject, which: Which, name: str, values: Tensor) -> Matrix:
    title = name
    if subject.options.names == LAYERS and name in _LAYER_NAMES:
        title = _LAYER_NAMES[name]
    known = _PYTORCH.get(name, name)
    return Matrix(title, values, _key(known) if _is_of_run(subject, which, name) else None)


def _is_of_run(subject: Subject, which: Which, name: str) -> bool:
    """Whether a side's parameter has the numbers of one of the run."""
    if subject.lesson == "identity" and name == "W":
        return subject.is_own("right")
    return not (subject.lesson == "projection" and which == "right" and name == "weight_hh_l0")


def _key(name: str) -> Element:
    return Element(name) if name.startswith("head.") else Element(name, layer=0, direction=0)


def _identity(subject: Subject) -> Group:
    """What a state that is handed on as it is amounts to."""
    H = subject.run.hidden_size  # noqa: N806
    own = subject.is_own("left")
    values = subject.run.weights["weight_hh_l0"] if own else torch.eye(H)
    key = _key("weight_hh_l0") if own else None
    return Group(Matrix("weight_hh_l0", values, key), note="an identity in its place")


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
