"""Back through time: gradients of a loss with respect to everything in a run."""

from __future__ import annotations

from rnnviz.model.gradients.clipping import Clipped, clip_norm
from rnnviz.model.gradients.gradients import Gradients, back
from rnnviz.model.gradients.jacobians import Jacobian, JacobianNorms, jacobian, jacobian_norms
from rnnviz.model.gradients.stepper import BackRecord, BackStepper

__all__ = [
    "BackRecord",
    "BackStepper",
    "Clipped",
    "Gradients",
    "Jacobian",
    "JacobianNorms",
    "back",
    "clip_norm",
    "jacobian",
    "jacobian_norms",
]
