"""A raster that grows step by step is the one that is drawn at once."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from rnnviz.figures.unrolled import FIGURE
from rnnviz.figures.unrolled.options import UnrolledOptions
from rnnviz.figures.view import Frame, View
from rnnviz.model.stepper import Stepper
from rnnviz.scene.marks import Cells, Scene
from rnnviz.scene.style import load_style
from tests.figures.reading import flat

STEPS = 300


def images(scene: Scene) -> list[Cells]:
    """The rasters of a scene."""
    return [mark for mark in flat(scene.marks) if isinstance(mark, Cells)]


def drawn(stepper: Stepper, zoom: float) -> list[Cells]:
    view = View(stepper.trace)
    return images(
        FIGURE.build(view, UnrolledOptions(), Frame(0, 0, 1000, 700, zoom), load_style("light"))
    )


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("zoom", [0.004, 0.02])
def test_growing_is_drawing_anew(bidirectional: bool, zoom: float) -> None:
    torch.manual_seed(0)
    module = nn.GRU(3, 40, bidirectional=bidirectional).eval()
    input = torch.randn(STEPS, 1, 3)
    input[70] = float("inf")
    grown = Stepper(module, input)
    for position in range(1, STEPS, 13):
        grown.seek(position)
        fresh = Stepper(module, input)  # nothing is remembered of this one
        fresh.seek(position)
        for one, other in zip(drawn(grown, zoom), drawn(fresh, zoom), strict=True):
            assert (one.x, one.width, one.origin) == (other.x, other.width, other.origin)
            assert np.array_equal(one.colors, other.colors)
            assert (one.crossed is None) == (other.crossed is None)
            if one.crossed is not None and other.crossed is not None:
                assert np.array_equal(one.crossed, other.crossed)
