"""`nn.Linear` on a batch: the single product that it is, row by row."""

from __future__ import annotations

from rnnviz.figures.linear.figure import FIGURE
from rnnviz.figures.linear.options import LinearOptions

__all__ = ["FIGURE", "LinearOptions"]
