"""Side by side: two models that people take for the same, or that are the same."""

from rnnviz.figures.sides.figure import FIGURE
from rnnviz.figures.sides.options import SidesOptions

__all__ = ["FIGURE", "SidesOptions"]
