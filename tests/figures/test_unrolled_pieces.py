"""What is kept of a picture never shows in it: every look is as if it were the first."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import torch
from torch import nn

from rnnviz.element import Element
from rnnviz.figures.unrolled import FIGURE
from rnnviz.figures.unrolled.options import UnrolledOptions
from rnnviz.figures.view import Frame, View
from rnnviz.model.stepper import Stepper
from rnnviz.scene.listing import listing
from rnnviz.scene.style import load_style


def selections(directions: int) -> list[Element | None]:
    """A few of every kind that has operands."""
    found: list[Element | None] = [None]
    for layer in range(2):
        for direction in range(directions):
            found += [
                Element(tensor, layer, direction, t, 0, unit)
                for tensor, t in (("h", 0), ("h", 3), ("c", 2), ("i", 4), ("h_n", None))
                for unit in (None, 1)
            ]
    return [*found, Element("h_0", 0, 0, None, 0), Element("output", t=3, sequence=0)]


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("zoom", [1.0, 0.3, 0.02])
def test_a_selection_leaves_no_trace(bidirectional: bool, zoom: float) -> None:
    torch.manual_seed(0)
    module = nn.LSTM(3, 4, num_layers=2, bidirectional=bidirectional).eval()
    input, style, frame = torch.randn(6, 1, 3), load_style("light"), Frame(0, 0, 900, 700, zoom)
    kept, choose = Stepper(module, input), random.Random(0)
    chosen = selections(2 if bidirectional else 1)
    for _ in range(40):
        position = choose.randint(0, kept.total)
        kept.seek(position)
        anew = Stepper(module, input)
        anew.seek(position)
        view = View(kept.trace, selection=choose.choice(chosen))
        scenes = [
            FIGURE.build(replace(view, trace=run), UnrolledOptions(), frame, style)
            for run in (kept.trace, anew.trace)
        ]
        assert listing(scenes[0]) == listing(scenes[1])
