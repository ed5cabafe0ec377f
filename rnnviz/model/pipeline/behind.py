"""From the outputs to the loss, as one function: of a run, and of its gradients."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from rnnviz.model.pipeline.form import Form
from rnnviz.model.pipeline.head import Head, score
from rnnviz.model.pipeline.loss import Loss
from rnnviz.model.pipeline.named import Named


def behind(
    head: Head | None,
    loss: Loss | None,
    output: Tensor,
    h_n: Tensor | None,
    weights: dict[str, Tensor],
    form: Form,
    targets: Tensor | None,
    directions: int,
) -> dict[str, Named]:
    """Every tensor behind the recurrent layers.

    Args:
        output: (leading axes, features), as the recurrent module or what is in front gives it.
        h_n: as the module returns it.
        weights: of the head, with or without gradients.
        form: the batch's leading axes.
        targets: as the caller gave them; None for no loss.
        directions: D.

    Returns:
        What `score` gives; and with targets `targets` as given, `flat_scores` (or
        `flat_probabilities`, or `flat_output`) and `flat_targets`, `losses` of each row, and
        `loss`.
    """
    found: dict[str, Named] = {}
    if head is not None:
        found |= score(head, output, h_n, weights, form, directions)
    compared, name = Named(output, (*form.axes, "C")), "flat_output"
    if head is not None:
        compared, name = found["scores"], "flat_scores"
    if loss is None:
        return found
    if "probabilities" not in found and (implied := _implied(loss, compared.tensor)) is not None:
        found["probabilities"] = Named(implied, compared.axes)
    if targets is None:
        return found
    activated = head is not None and loss.takes_probabilities(head.activation)
    if activated:
        compared, name = found["probabilities"], "flat_probabilities"
    return found | _lose(loss, compared, name, targets, form, activated)


def _implied(loss: Loss, scores: Tensor) -> Tensor | None:
    """The probabilities that the loss itself makes of scores."""
    if loss.kind == "mse":
        return None
    return functional.softmax(scores, dim=-1) if loss.takes_classes else scores.sigmoid()


def _lose(
    loss: Loss, compared: Named, name: str, targets: Tensor, form: Form, activated: bool
) -> dict[str, Named]:
    values = compared.tensor
    every = compared.axes[:-1] == form.axes
    rows = form.flat_axis if every else (" * ".join(compared.axes[:-1]) or "1")
    flat = values.reshape(-1, values.shape[-1])
    kept = form.flat(form.as_given(form.valid)) if every else flat.new_ones(len(flat)).bool()
    wanted = loss.flat_targets(targets, values, kept)
    tail = () if loss.takes_classes else ("C",)
    given = (rows,) if targets.dim() == 1 + len(tail) else compared.axes[:-1]
    return {
        "targets": Named(targets, (*given, *tail)),
        name: Named(flat, (rows, "C")),
        "flat_targets": Named(wanted, (rows, *tail)),
        "counts": Named(loss.counts(wanted, kept), (rows,)),
        "losses": Named(loss.each(flat, wanted, kept, activated), (rows, *tail)),
        "loss": Named(loss.reduce(flat, wanted, kept, activated), ()),
    }
