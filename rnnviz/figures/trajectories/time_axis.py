"""Where timesteps lie across a panel."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from rnnviz.figures.plots import Box
from rnnviz.figures.trajectories.options import Range

Timesteps = TypeVar("Timesteps", float, NDArray[np.float64])


class TimeAxis(NamedTuple):
    """Time across a box.

    Attributes:
        box: a panel, or a part of it.
        x_range: the timesteps at its edges, counted from 1.
    """

    box: Box
    x_range: Range

    @property
    def per_step(self) -> float:
        """px of a timestep."""
        return self.box.width / max(self.x_range[1] - self.x_range[0], 1e-9)

    def place(self, t: Timesteps) -> Timesteps:
        """Where timesteps are drawn, counted from 1."""
        return self.box.x + (t - self.x_range[0]) * self.per_step
