"""The cell's anatomy: one cell as the graph of its operations."""

from __future__ import annotations

from rnnviz.figures.anatomy.figure import FIGURE
from rnnviz.figures.anatomy.options import AnatomyOptions

__all__ = ["FIGURE", "AnatomyOptions"]
