"""The parameters of either side, by its own names and in the order in which they are applied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from rnnviz.element import Element
from rnnviz.figures.sides.options import LAYERS
from rnnviz.figures.sides.subject import Floats, Subject, Which
from rnnviz.model.trace import as_numpy

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
