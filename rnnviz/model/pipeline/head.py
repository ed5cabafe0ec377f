"""What stands behind the recurrent layers: a Linear layer, and what turns scores to numbers."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

from rnnviz.errors import SpecError
from rnnviz.model.pipeline.form import Form
from rnnviz.model.pipeline.named import Named

PLACES = ("every", "last", "h_n")
ACTIVATIONS = (None, "sigmoid", "softmax")


@dataclass(frozen=True, eq=False)
class Head:
    """A Linear layer over the outputs.

    Args:
        linear: `nn.Linear(D * H_out, C)`.
        on: "every" timestep; the "last" valid one of each sequence, where of a bidirectional
            module the reverse direction has only begun; or "h_n", the final states of the top
            layer, both directions side by side.
        activation: None, "sigmoid" or "softmax" (over the last axis).

    Raises:
        SpecError: for another choice.
    """

    linear: nn.Linear
    on: str = "every"
    activation: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.linear, nn.Linear):
            raise SpecError("linear", expected="an nn.Linear", got=type(self.linear).__name__)
        if self.on not in PLACES:
            raise SpecError("on", expected="'every', 'last' or 'h_n'", got=repr(self.on))
        if self.activation not in ACTIVATIONS:
            raise SpecError(
                "activation", expected="None, 'sigmoid' or 'softmax'", got=repr(self.activation)
            )


def activate(scores: Tensor, activation: str | None) -> Tensor:
    """Scores as probabilities, or as they are."""
    if activation == "softmax":
        return functional.softmax(scores, dim=-1)
    return scores.sigmoid() if activation == "sigmoid" else scores


def score(
    head: Head,
    output: Tensor,
    h_n: Tensor | None,
    weights: dict[str, Tensor],
    form: Form,
    directions: int,
) -> dict[str, Named]:
    """From the outputs to the scores and probabilities, every tensor on the way.

    Args:
        output: (leading axes, features).
        h_n: as the module returns it; None where there is no recurrent module.
        weights: "head.weight", perhaps "head.bias", with or without gradients.
        form: the batch's leading axes.
        directions: D.

    Returns:
        `last` or `final` where the head reads one of them, `scores` and, with an activation,
        `probabilities`.
    """
    axes = tuple(axis for axis in form.axes if axis != "L" or head.on == "every")
    found: dict[str, Named] = {}
    received = output
    if head.on == "last":
        received = form.last(output)
        found["last"] = Named(received, (*axes, "D * H_out"))
    elif head.on == "h_n":
        assert h_n is not None
        top = h_n[-directions:]
        received = top.transpose(0, 1).flatten(1) if "N" in form.axes else top.flatten()
        found["final"] = Named(received, (*axes, "D * H_out"))
    scores = functional.linear(received, weights["head.weight"], weights.get("head.bias"))
    found["scores"] = Named(scores, (*axes, "C"))
    if head.activation is not None:
        found["probabilities"] = Named(activate(scores, head.activation), (*axes, "C"))
    return found
