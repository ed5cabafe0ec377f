"""What the figure shows: one Linear layer of a model, and the batch that went through it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import Tensor

from rnnviz.element import Element
from rnnviz.figures.arrived import Arrived, gone_in, scored
from rnnviz.figures.linear.options import LinearOptions, places
from rnnviz.figures.matrix import Numbers, numbers_of
from rnnviz.figures.memo import Memo
from rnnviz.figures.scale_key import is_difference
from rnnviz.figures.view import View
from rnnviz.model.pipeline.linear import LinearProduct
from rnnviz.model.pipeline.named import Named, shape_text
from rnnviz.model.trace import as_numpy

_memo = Memo(4)

Key = Callable[[int, int], Element]


@dataclass(frozen=True, eq=False)
class Factor:
    """The vectors that enter or leave: a table with a row for each.

    Attributes:
        name: PyTorch's, or the pipeline's: "input", "scores".
        named: the tensor, with its axes.
        numbers: the same as a table.
        key: the vector of a sequence and timestep.
    """

    name: str
    named: Named
    numbers: Numbers
    key: Key

    @property
    def axes(self) -> tuple[str, str]:
        """Of the table: rows and features."""
        return " · ".join(self.named.axes[:-1]) or "1", self.named.axes[-1]

    @property
    def stacked(self) -> str:
        """The table's shape."""
        return shape_text(self.numbers.values.shape)


@dataclass(frozen=True, eq=False)
class Subject:
    """A Linear layer on a batch.

    Attributes:
        which: "front" or "head"; `part`: what its parameters' names begin with.
        product: the numbers of all of it.
        received, given: X and H; `activated`: what is made of H, None for nothing.
        weight: turned, (in_features, out_features); `bias`: one row, None without.
        activation: "sigmoid" or "softmax"; "" for none. `implied`: it is the loss that applies it.
        arrived: which rows of H are there.
    """

    view: View
    which: str
    part: str
    product: LinearProduct
    received: Factor
    given: Factor
    weight: Numbers
    bias: Numbers | None
    activated: Factor | None
    activation: str
    implied: bool
    arrived: Arrived

    @property
    def is_difference(self) -> bool:
        return is_difference(self.view)

    @property
    def is_one_hot(self) -> bool:
        """Whether every row of X has a single 1."""
        return self.received.name == "one_hot"

    def feature_name(self, feature: int) -> str:
        """What a feature of H is called: its class, where it has a name."""
        around = self.view.around
        if self.which == "head" and around is not None and around.classes:
            return around.class_name(feature)
        return str(feature)


def subject_of(view: View, options: LinearOptions) -> Subject:
    """The layer that the options ask for, or the one that there is."""
    assert view.around is not None
    there = places(view)
    which = options.which if options.which in there else there[0]
    return _front(view) if which == "front" else _head(view)


def _front(view: View) -> Subject:
    assert view.around is not None
    pr = view.around.pr
    name = "one_hot" if "one_hot" in pr.tensors else "input"
    given = Element("x", layer=0) if view.trace is not None else Element("embedded")
    return _subject(view, "embedding", name, ("embedded", given), "", gone_in(view))


def _head(view: View) -> Subject:
    assert view.around is not None
    pr = view.around.pr
    names = ("last", "final", "output", "embedded", "one_hot", "input")
    name = next(name for name in names if name in pr.tensors)
    head, loss = pr.pipeline.head, pr.pipeline.loss
    activation = "" if head is None else head.activation or ""
    if not activation and "probabilities" in pr.tensors and loss is not None:
        activation = "softmax" if loss.takes_classes else "sigmoid"
    return _subject(view, "head", name, ("scores", Element("scores")), activation, scored(view))


def _subject(
    view: View,
    part: str,
    received: str,
    given: tuple[str, Element],
    activation: str,
    arrived: Arrived,
) -> Subject:
    assert view.around is not None
    pr, compared = view.around.pr, is_difference(view)
    before, after = pr.tensors[received].tensor, pr.tensors[given[0]].tensor
    weight, bias = pr.weights[f"{part}.weight"], pr.weights.get(f"{part}.bias")
    head = pr.pipeline.head
    return Subject(
        view,
        "front" if part == "embedding" else "head",
        part,
        _memo.get(pr, part, partial(_product, before, weight, bias, after)),
        _factor(view, received, Element(received)),
        _factor(view, *given),
        numbers_of(weight, turned=True, is_difference=compared),
        None if bias is None else numbers_of(bias, is_difference=compared),
        _factor(view, "probabilities", Element("probabilities")) if activation else None,
        activation,
        bool(activation) and (head is None or head.activation is None),
        arrived,
    )


def _product(before: Tensor, weight: Tensor, bias: Tensor | None, after: Tensor) -> LinearProduct:
    stacked = [values.reshape(-1, values.shape[-1]) for values in (before, after)]
    return LinearProduct(tuple(before.shape[:-1]), stacked[0], weight, bias, stacked[1])


def _factor(view: View, name: str, key: Element) -> Factor:
    assert view.around is not None
    named, compared = view.around.pr.tensors[name], is_difference(view)
    stacked = partial(_stacked, named.tensor, name, compared)
    numbers = _memo.get(named.tensor, (name, compared), stacked)
    return Factor(name, named, numbers, partial(_at, key))


def _stacked(tensor: Tensor, name: str, compared: bool) -> Numbers:
    """A tensor as a table: always the same one, since its pools are kept by it."""
    if name == "one_hot":
        values = as_numpy(tensor)
        return Numbers(values.reshape(-1, values.shape[-1]), 1.0, 0)
    numbers = numbers_of(tensor, is_difference=compared)
    if name == "probabilities" and not compared:
        return Numbers(numbers.values, 1.0, 2)
    return numbers


def _at(key: Element, sequence: int, t: int) -> Element:
    return key._replace(t=t, sequence=sequence)


def feature_of(subject: Subject) -> int:
    """The feature of H whose sum is written out: that of what is selected, else the first."""
    selection, feature = subject.view.selection, 0
    if selection is not None:
        if selection.tensor in (f"{subject.part}.weight", f"{subject.part}.bias"):
            feature = selection.row or 0
        elif selection.tensor in _given(subject):
            feature = selection.unit or 0
    last = int(subject.given.numbers.values.shape[1]) - 1
    return min(max(feature, 0), last)


def place_selected(subject: Subject) -> tuple[int, int] | None:
    """The sequence and timestep of the row that is selected, of X or of H."""
    selection = subject.view.selection
    if selection is None or selection.tensor not in (subject.received.name, *_given(subject)):
        return None
    if selection.t is None:
        return None
    return selection.sequence or 0, selection.t


def _given(subject: Subject) -> tuple[str, ...]:
    """The tensors whose unit is a feature of H."""
    own = subject.given.key(0, 0).tensor
    return (own, "probabilities") if subject.activated is not None else (own,)
