"""The trajectories: every unit over time, and the path of the state."""

from rnnviz.figures.trajectories.figure import FIGURE
from rnnviz.figures.trajectories.layout import PanelGeometry
from rnnviz.figures.trajectories.options import TrajectoriesOptions

__all__ = ["FIGURE", "PanelGeometry", "TrajectoriesOptions"]
