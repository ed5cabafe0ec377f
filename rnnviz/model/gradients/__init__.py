"""Back through time: gradients of a loss with respect to everything in a run."""

from __future__ import annotations

from rnnviz.model.gradients.gradients import Gradients, back

__all__ = ["Gradients", "back"]
