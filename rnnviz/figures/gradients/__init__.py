"""How much of the loss reaches each step on the way back, and what carries it."""

from __future__ import annotations

from rnnviz.figures.gradients.figure import FIGURE
from rnnviz.figures.gradients.options import GradientsOptions

__all__ = ["FIGURE", "GradientsOptions"]
