"""What an optimizer does to the weights: the rules of `torch.optim`, with its defaults.

They are written out, as everything that is shown here is computed in the open; the tests hold
them against `torch.optim` itself.

References:
    https://docs.pytorch.org/docs/stable/optim.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass
class Moments:
    """What an optimizer remembers of one parameter.

    Attributes:
        step: updates of it so far.
        first: running mean of its gradient; of Adam.
        second: running mean of its gradient's square; of Adam and RMSprop.
    """

    step: int
    first: Tensor
    second: Tensor


Rule = Callable[[Tensor, Tensor, Moments, float], None]


def sgd(parameter: Tensor, grad: Tensor, moments: Moments, lr: float) -> None:
    """θ ← θ − lr · g."""
    parameter.add_(grad, alpha=-lr)


def adam(parameter: Tensor, grad: Tensor, moments: Moments, lr: float) -> None:
    """θ ← θ − lr · m̂ / (√v̂ + ε), both means corrected for having begun at 0."""
    beta1, beta2, eps = 0.9, 0.999, 1e-8
    moments.first.lerp_(grad, 1 - beta1)
    moments.second.mul_(beta2).addcmul_(grad, grad, value=1 - beta2)
    correction1, correction2 = 1 - beta1**moments.step, 1 - beta2**moments.step
    denominator = (moments.second.sqrt() / correction2**0.5).add_(eps)
    parameter.addcdiv_(moments.first, denominator, value=-lr / correction1)


def rmsprop(parameter: Tensor, grad: Tensor, moments: Moments, lr: float) -> None:
    """θ ← θ − lr · g / (√v + ε)."""
    alpha, eps = 0.99, 1e-8
    moments.second.mul_(alpha).addcmul_(grad, grad, value=1 - alpha)
    parameter.addcdiv_(grad, moments.second.sqrt().add_(eps), value=-lr)


RULES: dict[str, Rule] = {"sgd": sgd, "adam": adam, "rmsprop": rmsprop}


@dataclass
class Optimizer:
    """A rule, and what it remembers of each parameter.

    Args:
        rule: a name of `RULES`.
        parameters: what it updates, by their `grad`.
        lr: learning rate.
    """

    rule: str
    parameters: Sequence[Tensor]
    lr: float
    _moments: dict[int, Moments] = field(default_factory=dict, init=False)

    @torch.no_grad()
    def step(self) -> None:
        """One update of every parameter that has a gradient."""
        rule = RULES[self.rule]
        for place, parameter in enumerate(self.parameters):
            if parameter.grad is None:
                continue
            moments = self._moments.get(place)
            if moments is None:
                zeros = torch.zeros_like(parameter)
                moments = self._moments[place] = Moments(0, zeros, zeros.clone())
            moments.step += 1
            rule(parameter, parameter.grad, moments, self.lr)
