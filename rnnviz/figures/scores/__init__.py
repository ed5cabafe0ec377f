"""From the output to the loss: scores, probabilities, targets, and what each row costs."""

from rnnviz.figures.scores.figure import FIGURE
from rnnviz.figures.scores.options import ScoresOptions

__all__ = ["FIGURE", "ScoresOptions"]
