"""The recurrent diagram, folded and unrolled: the same cell, once with its loop, once in time."""

from __future__ import annotations

from rnnviz.figures.folded.figure import FIGURE
from rnnviz.figures.folded.options import FoldedOptions

__all__ = ["FIGURE", "FoldedOptions"]
