"""The weights: every parameter by its PyTorch name, gate by gate."""

from rnnviz.figures.weights.figure import FIGURE

__all__ = ["FIGURE"]
