"""The ruler: |h_t| of the whole run at a glance, and where the run stands in it."""

from __future__ import annotations

from rnnviz.figures.ruler.figure import FIGURE, describe_at, position_at
from rnnviz.figures.ruler.options import RulerOptions

__all__ = ["FIGURE", "RulerOptions", "describe_at", "position_at"]
