"""Units that could not be told apart as lines are drawn as density."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from rnnviz.figures.trajectories import FIGURE, TrajectoriesOptions
from rnnviz.figures.trajectories.density import BINS, DENSE_FROM, _counted
from rnnviz.figures.view import Frame, View
from rnnviz.model.trace import trace
from rnnviz.scene.marks import Cells, Clip, Polyline, Scene
from rnnviz.scene.style import load_style

PANE = Frame(0, 0, 1000, 750)


def built(hidden_size: int) -> Scene:
    torch.manual_seed(0)
    run = trace(nn.RNN(3, hidden_size), torch.randn(40, 1, 3))
    options = TrajectoriesOptions(arrangement="overlaid")
    return FIGURE.build(View(run, whole=run), options, PANE, load_style("light"))


def lines_of(scene: Scene) -> int:
    panels = [mark for mark in scene.marks if isinstance(mark, Clip)]
    left = [mark for panel in panels if panel.x < 200 for mark in panel.marks]
    return sum(isinstance(mark, Polyline) for mark in left)


def densities_of(scene: Scene) -> list[Cells]:
    inner = [mark for panel in scene.marks if isinstance(panel, Clip) for mark in panel.marks]
    return [mark for mark in inner if isinstance(mark, Cells) and len(mark.colors) == BINS]


def test_few_units_stay_lines() -> None:
    scene = built(20)
    assert not densities_of(scene)
    assert lines_of(scene) == 20


def test_many_units_are_one_density_and_one_line() -> None:
    scene = built(DENSE_FROM + 1)
    assert len(densities_of(scene)) == 1
    assert lines_of(scene) == 1


def test_every_finite_value_is_counted_once_at_every_level() -> None:
    values = np.random.default_rng(0).normal(size=(37, 100)).clip(-1, 1)
    values[3, 5], values[20, 7] = np.nan, np.inf
    found = _counted(values, -1.0, 1.0)
    assert found.levels[0].sum(axis=1)[[0, 3, 20]].tolist() == [100, 99, 99]
    assert [len(level) for level in found.levels] == [37, 19, 10, 5, 3, 2, 1]
    assert found.levels[0][:2].mean(axis=0).tolist() == found.levels[1][0].tolist()


def test_no_more_columns_than_twice_the_room() -> None:
    found = _counted(np.zeros((1000, 3)), -1.0, 1.0)
    counts, first, step = found.window(100, 900, 50)
    assert (first, step) == (96, 16)
    assert len(counts) <= 2 * 50
