"""How the numbers in front of the loss are made."""

from __future__ import annotations

import math

import numpy as np
from torch import nn

from rnnviz.element import Element
from rnnviz.model.pipeline.embedding import OneHot
from rnnviz.model.provenance.activations import Activation
from rnnviz.model.provenance.around.letters import symbols
from rnnviz.model.provenance.around.pieces import Made, Outer, linear, outer
from rnnviz.model.provenance.around.whole import Whole
from rnnviz.model.provenance.expressions import (
    Applied,
    Called,
    Quantity,
    Quotient,
    Sum,
    Token,
    Tokens,
    Total,
    number,
    operator,
)
from rnnviz.model.provenance.terms import Group

_LARGE = 500.0  # a score whose exponential is better not taken as it is


def made_forward(whole: Whole, element: Element) -> Made | None:
    """How a number is made; None where it comes from outside.

    Args:
        element: settled, of the batch, the embedding, the head or its activation, with its unit.
    """
    if element.tensor in ("scores", "probabilities", "embedded") and element.unit is None:
        return None
    if element.tensor == "embedded":
        return made_embedded(whole, element)
    if element.tensor == "scores":
        assert element.unit is not None
        vector = outer(whole, element._replace(unit=None), received(whole))
        return linear(whole, "head", element.unit, vector)
    if element.tensor == "probabilities":
        return _probability(whole, element)
    if element.tensor in ("last", "final"):
        return _gathered(whole, element)
    return _flattened(whole, element) if element.tensor.startswith("flat_") else None


def received(whole: Whole) -> str:
    """The name of what the head is given."""
    tensors, head = whole.pr.tensors, whole.pr.pipeline.head
    if head is not None and head.on != "every":
        return "last" if head.on == "last" else "final"
    names = ("output", "embedded", "one_hot", "input")
    return next(name for name in names if name in tensors)


def embedded_name(whole: Whole) -> str:
    """The name of what comes out in front."""
    return next(name for name in ("embedded", "one_hot", "input") if name in whole.pr.tensors)


def is_last(whole: Whole, element: Element) -> bool:
    """Whether it lies at its sequence's last timestep, which a head on the last one reads."""
    return element.t == int(whole.pr.form.ends[element.sequence or 0])


def made_embedded(whole: Whole, element: Element) -> Made | None:
    """A number of an embedded vector: looked up, or a row of weights times what comes in."""
    embedding, unit = whole.pr.pipeline.embedding, element.unit
    if unit is None or "embedded" not in whole.pr.tensors:
        return None
    if isinstance(embedding, nn.Embedding):
        id_ = int(outer(whole, element._replace(unit=None), "ids").value)
        row = Element("embedding.weight", row=id_, column=unit)
        value = float(whole.pr.weights["embedding.weight"][id_, unit])
        table = (Token("symbol", "W", "emb"),)
        return Made(Quantity(table, f"[{id_}, {unit}]", value, row))
    name = "one_hot" if isinstance(embedding, OneHot) else "input"
    return linear(whole, "embedding", unit, outer(whole, element._replace(unit=None), name))


def compared_name(whole: Whole) -> str:
    """The name of what the loss, or the head's activation, turns into probabilities."""
    return "scores" if "scores" in whole.pr.tensors else received(whole)


def scores_at(whole: Whole, element: Element) -> Outer:
    """The scores at the place of an element."""
    return outer(whole, element._replace(column=None), compared_name(whole))


def _probability(whole: Whole, element: Element) -> Made:
    scores = scores_at(whole, element)
    if is_softmax(whole):
        return _softmax(scores)
    inner = scores.quantity
    return Made(Applied("sigmoid", inner), activation=Activation("sigmoid", inner.value))


def is_softmax(whole: Whole) -> bool:
    """Whether the probabilities are of one class among all."""
    head, loss = whole.pr.pipeline.head, whole.pr.pipeline.loss
    if head is not None and head.activation is not None:
        return head.activation == "softmax"
    return loss is not None and loss.takes_classes


def _softmax(scores: Outer) -> Made:
    """exp(s) of the class over the sum of all; of large scores, all less the largest."""
    values, unit = scores.strip, scores.unit or 0
    shift = float(values.max()) if np.abs(values).max() > _LARGE else 0.0
    inner = scores.one(unit)
    exponents = np.exp(values - shift)
    denominator = Total(
        (Token("operator", "Σ "), *_exp(symbols(scores.whole, scores.element), shift)),
        exponents,
        lambda place: (_exp(scores.one(place).tokens, shift), scores.at(place)),
    )
    top = Called("exp", inner if not shift else Sum((inner, _less(shift))))
    return Made(Quotient(top, denominator), (Group((denominator,)),), denominator)


def _exp(tokens: Tokens, shift: float) -> Tokens:
    less = () if not shift else (*operator(" − "), number(shift))
    return (Token("function", "exp"), *operator("("), *tokens, *less, *operator(")"))


def _less(shift: float) -> Quantity:
    return Quantity((number(-shift),), "", -shift, Element(""))


def log_softmax(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], unit: int) -> float:
    """log of a probability, from the scores: with digits left where it is near 0."""
    largest = float(values.max())
    total = math.fsum(np.exp(values - largest).tolist())
    return float(values[unit]) - largest - math.log(total)


def _gathered(whole: Whole, element: Element) -> Made | None:
    """The output at the last timestep, or a number of h_n."""
    unit, n = element.unit, element.sequence or 0
    if unit is None:
        return None
    if element.tensor == "last":
        names = ("output", "embedded", "one_hot", "input")
        source = next(name for name in names if name in whole.pr.tensors)
        at = element._replace(t=int(whole.pr.form.ends[n]))
        return Made(outer(whole, at, source).quantity)
    run = whole.pr.run
    assert run is not None
    direction, place = divmod(unit, run.output_size)
    h_n = Element("h_n", run.num_layers - 1, direction, None, n, place)
    row = (run.num_layers - 1) * run.num_directions + direction
    value = float(
        run.h_n.reshape(run.num_layers * run.num_directions, -1, run.output_size)[row, n, place]
    )
    return Made(Quantity((Token("symbol", "h", "n", "", "h"),), f"[{place}]", value, h_n))


def _flattened(whole: Whole, element: Element) -> Made | None:
    """A row of what is compared: the same number at its place in the grid."""
    if element.row is None:
        return None
    n, t = whole.pr.flat_rows[element.row]
    base = element.tensor.removeprefix("flat_")
    name = received(whole) if base == "output" else base
    at = Element(name, t=t, sequence=n, unit=element.column)
    found = outer(whole, at)
    if name == "targets" and not bool(whole.pr.tensors["counts"].tensor[element.row]):
        return None
    if found.unit is None and found.spot.axis:
        return None
    return Made(found.quantity)
