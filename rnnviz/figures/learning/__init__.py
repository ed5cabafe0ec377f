"""The curve of a training: the loss of every step, and how large its gradients were."""

from rnnviz.figures.learning.curve import Curve
from rnnviz.figures.learning.scene import picture, plot_box, scene, step_at

__all__ = ["Curve", "picture", "plot_box", "scene", "step_at"]
