"""The path of a very long run: a dot for each state, in the colour of its time."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import torch

from rnnviz.figures.trajectories import FIGURE, TrajectoriesOptions
from rnnviz.figures.view import Frame, View
from rnnviz.model.trace import Trace, trace
from rnnviz.scene.colormap import hex_to_rgb
from rnnviz.scene.marks import Cells, Polyline, Scene
from rnnviz.scene.style import load_style
from tests.figures.reading import words
from tests.figures.test_trajectories import flat

STEPS = 24_000
STYLE = load_style("light")


@cache
def long_run() -> Trace:
    torch.manual_seed(2)
    return trace(torch.nn.GRU(2, 6).eval(), torch.randn(STEPS, 1, 2))


def built(view: View, options: TrajectoriesOptions | None = None) -> Scene:
    return FIGURE.build(view, options or TrajectoriesOptions(), Frame(0, 0, 1000, 700), STYLE)


def dots_of(scene: Scene) -> Cells | None:
    """The panel of dots, which has the plane's place and no key."""
    cells = [mark for mark in flat(scene.marks) if isinstance(mark, Cells) and mark.height > 100]
    return next((mark for mark in cells if mark.key is None), None)


def test_every_state_is_a_dot_in_the_colour_of_its_time() -> None:
    run = long_run()
    view, options = View(run.at(STEPS // 2), run), TrajectoriesOptions(path="units")
    dots = dots_of(built(view, options))
    assert dots is not None
    panel = FIGURE.panels(view, options, Frame(0, 0, 1000, 700))["path"]
    x, y, width, height = panel.rect
    h = run.states(0).h[:, 0].double().numpy()
    across = x + (h[:, 0] - panel.x_range[0]) / np.diff(panel.x_range) * width - dots.x
    down = y + height - (h[:, 1] - panel.y_range[0]) / np.diff(panel.y_range) * height - dots.y
    rows, columns = dots.colors.shape[:2]
    places = (down * rows / dots.height).astype(int), (across * columns / dots.width).astype(int)
    paper = np.asarray(hex_to_rgb(STYLE.ui.card))
    expected = np.tile(paper, (rows, columns, 1))
    full = STYLE.time.colors((np.arange(STEPS) + 0.5) / STEPS, 1.0).astype(float)
    for t in [*range(STEPS // 2, STEPS), *range(STEPS // 2)]:  # the later one above, then the past
        color = full[t] if t < STEPS // 2 else np.rint(0.38 * full[t] + 0.62 * paper)
        expected[places[0][t], places[1][t]] = color
    np.testing.assert_array_equal(dots.colors, expected)
    assert "Each state of the path is a dot." in " ".join(words(built(view, options)))


def test_where_fewer_are_in_sight_there_are_lines() -> None:
    run = long_run()
    view = View(run.at(STEPS // 2), run)
    near = TrajectoriesOptions(path_range=((-0.05, 0.05), (-0.05, 0.05)))
    scene = built(view, near)
    assert dots_of(scene) is None
    assert any(isinstance(mark, Polyline) and mark.key is None for mark in flat(scene.marks))
    assert "dot" not in " ".join(words(scene))


def test_the_run_before_an_edit_lies_below() -> None:
    run = long_run()
    module = torch.nn.GRU(2, 6).eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(0.2)
    original = trace(module, torch.randn(STEPS, 1, 2))
    plain = View(run, run)
    both = dots_of(built(replace(plain, original=original)))
    alone = dots_of(built(plain))
    assert both is not None
    assert alone is not None
    shades = {tuple(color) for color in both.colors.reshape(-1, 3).tolist()}
    muted, paper = (np.asarray(hex_to_rgb(ink)) for ink in (STYLE.ui.muted, STYLE.ui.card))
    ghost = tuple(np.rint(0.6 * muted + 0.4 * paper).astype(int).tolist())
    assert ghost in shades
    assert ghost not in {tuple(color) for color in alone.colors.reshape(-1, 3).tolist()}
