"""How a loss is made, and what it says first on the way back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch

from rnnviz.element import Element
from rnnviz.model.provenance.around.forward import (
    compared_name,
    is_softmax,
    log_softmax,
    received,
    scores_at,
)
from rnnviz.model.provenance.around.pieces import Made, Outer, group_of, outer, summed
from rnnviz.model.provenance.around.spots import GRADIENT, row_at
from rnnviz.model.provenance.around.whole import Whole
from rnnviz.model.provenance.expressions import (
    Called,
    Complement,
    Count,
    Negated,
    Node,
    Number,
    Product,
    Quantity,
    Quotient,
    Squared,
    Sum,
    Token,
    Total,
)
from rnnviz.model.provenance.terms import Group

if TYPE_CHECKING:
    from rnnviz.model.pipeline.loss import Loss

_LEAST = float(np.float32(1e-12))  # what nn.BCELoss divides by at least, on the way back


def loss_of(whole: Whole) -> Loss:
    """The loss that a run has."""
    found = whole.pr.pipeline.loss
    assert found is not None
    return found


def counts(whole: Whole, element: Element) -> bool:
    """Whether a place counts in the loss."""
    row = element.row
    if row is None:
        row = row_at(whole.pr, element.sequence or 0, element.t or 0)
    return bool(whole.pr.tensors["counts"].tensor[row])


def made_losses(whole: Whole, element: Element) -> Made | None:
    """The loss of one position, or of one of its numbers; None where it does not count."""
    if not counts(whole, element):
        return None
    loss = loss_of(whole)
    if loss.takes_classes:
        return _cross_entropy(whole, element)
    if element.unit is None and element.column is None:
        return None
    if loss.kind == "mse":
        return Made(
            Squared(Sum((compared(whole, element).quantity, Negated(_target(whole, element)))))
        )
    return _binary(whole, element)


def made_loss(whole: Whole) -> Made:
    """The mean, or the sum, of what counts."""
    pr, loss = whole.pr, loss_of(whole)
    rows = pr.tensors["counts"].tensor.nonzero()[:, 0].numpy()
    losses = pr.tensors["losses"].tensor[torch.from_numpy(rows)]
    width = 1 if losses.dim() == 1 else losses.shape[1]

    def term_at(place: int) -> tuple[tuple[Token, ...], Element]:
        row, column = divmod(place, width)
        at = int(rows[row])
        n, t = pr.flat_rows[at]
        unit = column if losses.dim() == 2 else None
        behind = f"[{at}]" if unit is None else f"[{at}, {unit}]"
        element = Element("losses", t=t, sequence=n, unit=unit)
        return (Token("symbol", "losses", "", behind, "y"),), element

    values = losses.double().flatten().numpy()
    total = Total(
        (Token("operator", "Σ "), Token("symbol", "losses", "", "", "y")), values, term_at
    )
    if loss.reduction == "sum":
        return summed(total)
    return Made(Quotient(total, _divisor(whole)), (Group((total,)),), total)


def _divisor(whole: Whole) -> Node:
    """What a mean is divided by: how many numbers, or the weights of their classes."""
    pr, loss = whole.pr, loss_of(whole)
    if loss.weight is not None:
        target = pr.tensors["flat_targets"].tensor[pr.tensors["counts"].tensor]
        value = math.fsum(loss.weight.double()[target].tolist())
        return Quantity((Token("symbol", "weight"),), "", value, Element(""))
    return Count(_count(whole))


def _count(whole: Whole) -> int:
    pr = whole.pr
    rows = int(pr.tensors["counts"].tensor.sum())
    losses = pr.tensors["losses"].tensor
    return rows if losses.dim() == 1 else rows * losses.shape[1]


def compared(whole: Whole, element: Element) -> Outer:
    """What the loss compares with the target, at the place of an element."""
    return outer(whole, element, compared_base(whole))


def compared_base(whole: Whole) -> str:
    """The name of what the loss compares with the target."""
    flat = next(name for name in whole.pr.tensors if name.startswith("flat_"))
    return received(whole) if flat == "flat_output" else flat.removeprefix("flat_")


def made_compared_gradient(whole: Whole, element: Element) -> Made | None:
    """∂loss/∂ what the loss compares: of scores under cross-entropy (p − y) / count."""
    loss = loss_of(whole)
    if not counts(whole, element):
        return None
    if loss.takes_classes:
        return _class_gradient(whole, element)
    y = _target(whole, element)
    ours = compared(whole, element).quantity
    if loss.kind == "bce" and not _takes_probabilities(whole):
        ours = outer(whole, element, "probabilities").quantity
    gap: Node = Sum((ours, Negated(y)))
    if loss.kind == "mse":
        gap = Product(Count(2), gap)
    elif _takes_probabilities(whole):
        slope = Product(ours, Complement(ours))
        gap = Quotient(gap, slope if slope.value > _LEAST else Number(_LEAST))
    return Made(_shared(whole, gap))


def made_score_gradient(whole: Whole, element: Element) -> Made | None:
    """∂loss/∂ a score by way of the head's activation."""
    if not _takes_probabilities(whole) or element.unit is None:
        return made_compared_gradient(whole, element)
    p = outer(whole, element, "probabilities")
    back = outer(whole, element, f"{GRADIENT}probabilities")
    if not is_softmax(whole):
        slope = Product(p.quantity, Complement(p.quantity))
        return summed(Product(slope, back.quantity))
    values = p.strip * back.strip
    mean = Total(
        (
            Token("operator", "Σ "),
            *p.quantity.whole,
            Token("operator", " · "),
            *back.quantity.whole,
        ),
        values,
        lambda place: (p.one(place).tokens, back.at(place)),
    )
    return Made(Product(p.quantity, Sum((back.quantity, Negated(mean)))))


def _takes_probabilities(whole: Whole) -> bool:
    head = whole.pr.pipeline.head
    return head is not None and loss_of(whole).takes_probabilities(head.activation)


def _shared(whole: Whole, gap: Node) -> Node:
    if loss_of(whole).reduction == "sum":
        return gap
    return Quotient(gap, _divisor(whole))


def _target(whole: Whole, element: Element) -> Quantity:
    """A target that is a number."""
    row = element.row
    if row is None:
        row = row_at(whole.pr, element.sequence or 0, element.t or 0)
    unit = element.unit if element.row is None else element.column
    n, t = whole.pr.flat_rows[row]
    value = float(whole.pr.tensors["flat_targets"].tensor[row, unit or 0])
    symbol = (Token("symbol", "target", str(t + 1), "", "x"),)
    where = Element("targets", t=t, sequence=n, unit=unit)
    return Quantity(symbol, f"[{unit}]", value, where)


def target_class(whole: Whole, element: Element) -> int:
    """The class that a counting position should have."""
    row = element.row
    if row is None:
        row = row_at(whole.pr, element.sequence or 0, element.t or 0)
    return int(whole.pr.tensors["flat_targets"].tensor[row])


def _cross_entropy(whole: Whole, element: Element) -> Made:
    wanted, loss = target_class(whole, element), loss_of(whole)
    scores = scores_at(whole, element._replace(unit=None))
    aims = _aims(loss, wanted, len(scores.strip))
    if loss.weight is None and not loss.label_smoothing:
        return Made(Negated(_log_probability(whole, element, scores, wanted)))
    values = np.array([-log_softmax(scores.strip, c) for c in range(len(aims))]) * aims

    def term_at(place: int) -> tuple[tuple[Token, ...], Element]:
        return (Token("symbol", "loss", "", f"[{place}]", "y"),), scores.at(place)

    return summed(Total((Token("operator", "Σ "), Token("symbol", "loss")), values, term_at))


def _log_probability(whole: Whole, element: Element, scores: Outer, wanted: int) -> Called:
    at = element._replace(row=None, column=None) if element.row is None else element
    inner = outer(whole, at._replace(unit=wanted), "probabilities").quantity
    return Called("log", inner, log_softmax(scores.strip, wanted))


def _aims(
    loss: Loss, wanted: int, classes: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """How much of each class's −log p counts: 1 of the target alone, unless weighted or smooth."""
    aims = np.full(classes, loss.label_smoothing / classes)
    aims[wanted] += 1 - loss.label_smoothing
    if loss.weight is None:
        return aims
    weights = loss.weight.double().numpy()
    aims = loss.label_smoothing / classes * weights
    aims[wanted] += (1 - loss.label_smoothing) * weights[wanted]
    return aims


def _class_gradient(whole: Whole, element: Element) -> Made | None:
    if element.unit is None:
        return None
    p, loss = outer(whole, element, "probabilities"), loss_of(whole)
    wanted = target_class(whole, element)
    aims = _aims(loss, wanted, len(p.strip))
    share = math.fsum(aims.tolist())
    aim = float(aims[element.unit])
    exact = aim in (0.0, 1.0)
    row = element._replace(tensor="targets", unit=None)
    y: Node = Count(int(aim)) if exact else Quantity((Token("symbol", "y"),), "", aim, row)
    ours: Node = p.quantity
    if abs(share - 1) > 1e-15:
        ours = Product(Quantity((Token("symbol", "y"),), "", share, row), ours)
    return Made(_shared(whole, Sum((ours, Negated(y)))))


def _binary(whole: Whole, element: Element) -> Made:
    """−(y log p + (1 − y) log(1 − p)), each log as exact as the scores allow."""
    p, y = outer(whole, element, "probabilities").quantity, _target(whole, element)
    if _takes_probabilities(whole):
        logs = max(_log(p.value), -100.0), max(_log(1 - p.value), -100.0)  # as nn.BCELoss
    else:
        s = outer(whole, element, compared_name(whole)).value
        logs = -_softplus(-s), -_softplus(s)
    first = Product(y, Called("log", p, logs[0]))
    second = Product(Complement(y), Called("log", Complement(p), logs[1]))
    parts = (Negated(first), Negated(second))
    return Made(Sum(parts), group_of(*parts))


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def _softplus(value: float) -> float:
    return max(value, 0.0) + math.log1p(math.exp(-abs(value)))
