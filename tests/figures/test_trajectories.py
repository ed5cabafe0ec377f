"""The picture of the trajectories: lines, raster and path, and what they say when empty."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from rnnviz.element import Element
from rnnviz.figures.reduce import reduced
from rnnviz.figures.trajectories import FIGURE, TrajectoriesOptions
from rnnviz.figures.trajectories.closest import nearest
from rnnviz.figures.trajectories.pointing import point, timestep
from rnnviz.figures.trajectories.rows import shown_units
from rnnviz.figures.trajectories.series import series
from rnnviz.figures.view import Frame, View
from rnnviz.model.dynamics import principal_components
from rnnviz.model.trace import Trace, trace
from rnnviz.scene.hit import hit
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Cells, Mark, Polyline, Rect, Scene
from rnnviz.scene.style import export_style, load_style
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.reading import flat, words
from tests.golden import assert_golden_text

PANES = ((1000.0, 750.0), (680.0, 560.0), (580.0, 460.0), (1640.0, 900.0))
FRAME = Frame(0, 0, *PANES[0])


def filled(module: torch.nn.RNNBase, size: float = 0.9) -> torch.nn.RNNBase:
    with torch.no_grad():
        for k, parameter in enumerate(module.parameters()):
            ramp = torch.linspace(-1, 1, parameter.numel(), dtype=torch.float64)
            parameter.copy_(torch.sin(9 * ramp + k).reshape(parameter.shape) * size)
    return module.eval()


def waves(steps: int, sequences: int, features: int) -> torch.Tensor:
    t = torch.arange(steps * sequences * features, dtype=torch.float64)
    return torch.sin(t * 0.37).reshape(steps, sequences, features).float()


@cache
def lstm_run(steps: int = 20) -> Trace:
    module = filled(torch.nn.LSTM(3, 6, num_layers=2))
    return trace(module, waves(steps, 2, 3))


@cache
def packed_run() -> Trace:
    module = filled(torch.nn.GRU(2, 5, num_layers=2, bidirectional=True))
    data = pack_padded_sequence(waves(9, 3, 2), torch.tensor([4, 9, 6]), enforce_sorted=False)
    return trace(module, data)


def built(
    view: View, pane: tuple[float, float] = PANES[0], theme: Any = "light", **options: Any
) -> Scene:
    return FIGURE.build(view, TrajectoriesOptions(**options), Frame(0, 0, *pane), load_style(theme))


def lines_of(scene: Scene) -> list[Polyline]:
    found = [mark for mark in flat(scene.marks) if isinstance(mark, Polyline)]
    return [mark for mark in found if mark.key is not None]


def test_every_unit_has_a_line_in_full_and_a_faint_one() -> None:
    run = lstm_run()
    lines = lines_of(built(View(run.at(8), run), layer=1))
    assert {line.key.unit for line in lines if line.key} == set(range(6))
    assert sum(line.opacity == 1.0 for line in lines) == 6
    assert sum(line.opacity < 1.0 for line in lines) == 6


def test_the_values_at_the_cursor_are_the_steppers_own() -> None:
    run = lstm_run()
    scene = built(View(run.at(8), run), layer=1)
    states = run.states(1).h[7, 0]
    for value in states.tolist():
        text = f"{value:.2f}".replace("-", "−")
        assert text.replace("−0.00", "0.00") in words(scene)
    assert "at t = 8" in words(scene)


@pytest.mark.parametrize("tensor", ["h", "c", "i", "f", "g", "o"])
def test_any_tensor_can_be_followed(tensor: str) -> None:
    run = lstm_run()
    view = View(run.at(8), run, sequence=1)
    shown = series(view, TrajectoriesOptions(layer=1, tensor=tensor))
    if tensor in ("h", "c"):
        expected = getattr(run.states(1), tensor)[:, 1]
    else:
        expected = torch.stack([run.gates(1, 0, t)[tensor][1] for t in range(run.L)])
    np.testing.assert_allclose(shown.values, expected.numpy(), atol=1e-6)
    assert (shown.low, shown.high) == ((0, 1) if tensor in "ifo" else (-shown.high, shown.high))


def test_choices_are_those_that_exist() -> None:
    by_name = {field: FIGURE.options_type.__dataclass_fields__[field] for field in ("tensor",)}
    rnn = trace(filled(torch.nn.RNN(2, 3)), waves(4, 1, 2))
    for run, expected in ((rnn, ["h"]), (packed_run(), ["h", "r", "z", "n"])):
        choices = by_name["tensor"].metadata["choices"](View(run, run))
        assert [value for value, _ in choices] == expected


def test_the_reverse_direction_is_known_from_its_end() -> None:
    run = packed_run()
    shown = series(View(run.at(2), run, sequence=1), TrajectoriesOptions(direction=1))
    assert (shown.first, shown.stop, shown.cursor) == (7, 9, 7)
    forward = series(View(run.at(2), run, sequence=1), TrajectoriesOptions())
    assert (forward.first, forward.stop, forward.cursor) == (0, 2, 1)
    above = series(View(run.at(2), run, sequence=1), TrajectoriesOptions(layer=1))
    assert above.cursor is None


def test_padding_is_hatched_in_both_panels() -> None:
    run = packed_run()
    scene = built(View(run, run, sequence=0))
    assert sum(isinstance(mark, Rect) and mark.hatch is not None for mark in scene.marks) == 2
    full = built(View(run, run, sequence=1))
    assert not any(isinstance(mark, Rect) and mark.hatch for mark in full.marks)


def test_no_sequence_chosen_shows_the_first() -> None:
    run = packed_run()
    assert series(View(run, run, sequence=None), TrajectoriesOptions()).sequence == 0


def test_the_axes_state_the_explained_variance() -> None:
    run = lstm_run()
    found = principal_components(run.states(0).h[:, 0].numpy())
    first, second = (round(100 * float(share)) for share in found.explained)
    shown = words(built(View(run.at(5), run)))
    assert f"first component, {first} % of variance" in shown
    assert f"second component, {second} %" in shown


def test_the_path_waits_for_the_whole_run() -> None:
    run = lstm_run()
    scene = built(View(run.at(5), None))
    assert any("whole run" in word for word in _sentences(scene))
    assert "path" not in FIGURE.panels(View(run.at(5), None), TrajectoriesOptions(), FRAME)


def _sentences(scene: Scene) -> list[str]:
    return [" ".join(words(scene))]


def test_one_unit_has_a_line_and_an_honest_word() -> None:
    run = trace(filled(torch.nn.RNN(2, 1)), waves(6, 1, 2))
    assert "One unit has no plane to move in" in _sentences(built(View(run, run)))[0]


def test_one_timestep_has_a_point_and_an_honest_word() -> None:
    run = trace(filled(torch.nn.GRU(2, 3)), waves(1, 1, 2))
    assert "One timestep is a single point" in _sentences(built(View(run, run)))[0]


def test_a_state_that_stands_still_says_so() -> None:
    module = torch.nn.RNN(2, 3)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.zero_()
    run = trace(module, waves(5, 1, 2))
    assert "stands still" in _sentences(built(View(run, run)))[0]


def test_all_nan_says_so() -> None:
    run = trace(filled(torch.nn.GRU(2, 3)), torch.full((5, 1, 2), torch.nan))
    scene = built(View(run, run))
    assert "h is not finite at any timestep" in _sentences(scene)[0]
    assert FIGURE.panels(View(run, run), TrajectoriesOptions(), FRAME) == {}


def test_some_nan_breaks_lines_and_crosses_cells() -> None:
    data = waves(8, 1, 2)
    data[5] = torch.nan
    run = trace(filled(torch.nn.RNN(2, 3)), data)
    scene = built(View(run, run))
    cells = [mark for mark in flat(scene.marks) if isinstance(mark, Cells)]
    assert any(mark.crossed is not None and mark.crossed[:, 5:].all() for mark in cells)
    assert overlapping(scene) == []


def test_an_empty_batch_says_so() -> None:
    run = trace(filled(torch.nn.RNN(2, 3)), torch.zeros(4, 0, 2))
    assert "no sequences" in _sentences(built(View(run, run)))[0]


def test_many_units_show_the_selected_and_the_liveliest() -> None:
    run = trace(filled(torch.nn.RNN(2, 200), 0.1), waves(30, 1, 2))
    chosen = Element("h", layer=0, direction=0, t=3, sequence=0, unit=123)
    scene = built(View(run.at(9), run, selection=chosen))
    units = {line.key.unit for line in lines_of(scene) if line.key}
    assert 123 in units
    assert len(units) < 30
    assert any(f"{len(units)} of 200 units" in word for word in words(scene))
    assert any("units per row" in word for word in words(scene))


def test_long_series_keep_their_extremes() -> None:
    values = np.zeros((10_000, 2), dtype=np.float32)
    values[4321, 0], values[77, 1] = 5.0, -3.0
    t, pooled = reduced(values, 0, 10_000, 400)
    assert len(t) == len(pooled) <= 800
    assert pooled.max() == 5.0
    assert pooled.min() == -3.0
    assert (np.diff(t) >= 0).all()


def test_zoomed_ranges_are_state() -> None:
    run = lstm_run()
    view = View(run.at(8), run)
    options = TrajectoriesOptions(t_range=(4.5, 9.5), arrangement="overlaid", value_range=(0, 0.5))
    panels = FIGURE.panels(view, options, FRAME)
    assert panels["lines"].x_range == panels["heatmap"].x_range == (4.5, 9.5)
    assert panels["lines"].x_limits == (0.5, 20.5)
    wild = TrajectoriesOptions(t_range=(-50.0, 900.0))
    assert FIGURE.panels(view, wild, FRAME)["lines"].x_range == (0.5, 20.5)
    raster = [mark for mark in flat(built(view, t_range=(4.5, 9.5)).marks) if _is_raster(mark)]
    assert sum(mark.colors.shape[1] for mark in raster if isinstance(mark, Cells)) <= 7


def _is_raster(mark: Mark) -> bool:
    return isinstance(mark, Cells) and mark.axes == ("unit", "t")


def test_panels_lie_where_their_marks_are() -> None:
    run = lstm_run()
    view = View(run.at(8), run)
    panels = FIGURE.panels(view, TrajectoriesOptions(), FRAME)
    x, y, width, height = panels["heatmap"].rect
    (low, high), _ = panels["heatmap"].x_range, panels["heatmap"].y_range
    scene = built(view)
    for unit, t in ((0, 0), (3, 7), (5, 19)):
        at_x = x + (t + 1 - low) / (high - low) * width
        at_y = y + (unit + 0.5) / 6 * height
        if abs(t - 7) > 0:  # the cursor's line lies above its own timestep
            found = hit(scene, at_x, at_y)
            assert found is not None
            assert (found.unit, found.t) == (unit, t)
        pointed = point(view, TrajectoriesOptions(), FRAME, at_x, at_y)
        assert pointed is not None
        assert (pointed.element.unit, pointed.element.t) == (unit, t)
        assert pointed.position == t + 1


def test_a_drag_finds_the_step_of_a_bidirectional_stack() -> None:
    run = packed_run()
    view = View(run, run, sequence=1)
    options = TrajectoriesOptions(layer=1, direction=1)
    x, _, width, _ = FIGURE.panels(view, options, FRAME)["lines"].rect
    pointed = timestep(view, options, FRAME, x + width * 0.5 / 9)
    assert pointed is not None
    assert pointed.element.t == 0
    assert pointed.position == 9 + 9  # the first timestep is the last that the reverse one visits
    beyond = timestep(view, options, FRAME, x + 2 * width)
    assert beyond is not None
    assert beyond.element.t == 8


def test_a_point_of_the_path_is_its_timestep() -> None:
    run = lstm_run()
    view = View(run.at(20), run)
    panel = FIGURE.panels(view, TrajectoriesOptions(), FRAME)["path"]
    px, py = principal_components(run.states(0).h[:, 0].numpy()).points[6]
    x, y, width, height = panel.rect
    at_x = x + (px - panel.x_range[0]) / (panel.x_range[1] - panel.x_range[0]) * width
    at_y = y + height - (py - panel.y_range[0]) / (panel.y_range[1] - panel.y_range[0]) * height
    pointed = point(view, TrajectoriesOptions(), FRAME, at_x, at_y)
    assert pointed is not None
    assert pointed.element.t == 6


def test_the_closest_states_are_the_closest() -> None:
    run = lstm_run(40)
    shown = series(View(run.at(33), run), TrajectoriesOptions(layer=1))
    states = run.states(1).h[:33, 0].double()
    away = (states[:32] - states[32]).norm(dim=1)
    found = nearest(shown, 5)
    assert [t for t, _ in found] == away.argsort()[:5].tolist()
    np.testing.assert_allclose([d for _, d in found], away.sort().values[:5].numpy(), rtol=1e-5)


def test_a_long_run_costs_what_is_visible() -> None:
    run = trace(filled(torch.nn.RNN(1, 64), 0.2), waves(4000, 1, 1))
    scene = built(View(run.at(1500), run))
    marks = flat(scene.marks)
    assert len(marks) < 1000
    # A line in full and its faint one share their points.
    points = {id(mark.points): mark.points for mark in marks if isinstance(mark, Polyline)}
    assert sum(map(len, points.values())) < 20_000


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize("arrangement", ["rows", "overlaid"])
@pytest.mark.parametrize("position", [0, 1, 12])
def test_no_words_cover_one_another(
    pane: tuple[float, float], arrangement: str, position: int
) -> None:
    chosen = Element("h", layer=1, direction=0, t=0, sequence=0, unit=2)
    many = trace(filled(torch.nn.RNN(2, 90), 0.2), waves(300, 1, 2))
    views = (
        View(lstm_run().at(position), lstm_run(), selection=chosen),
        View(packed_run().at(position), packed_run(), sequence=2),
        View(many.at(position), many),
    )
    for view in views:
        for path in ("pca", "units"):
            scene = built(view, pane, layer=1, arrangement=arrangement, path=path)
            assert overlapping(scene) == []
            assert cut_off(scene) == []


def test_the_same_view_gives_the_same_scene() -> None:
    run = lstm_run()
    view = View(run.at(8), run)
    assert listing(built(view)) == listing(built(view))


def test_the_legend_names_what_is_followed() -> None:
    run = packed_run()
    options = TrajectoriesOptions(layer=1, direction=1, tensor="z")
    legend = FIGURE.legend(View(run, run, sequence=2), options, 700.0, export_style())
    assert any("layer 1 · reverse · sequence 2 · GRU" in word for word in words(legend))


def test_golden_scene() -> None:
    module = filled(torch.nn.LSTM(2, 3).double())
    run = trace(module, waves(6, 1, 2).double())
    chosen = Element("h", layer=0, direction=0, t=3, sequence=0, unit=1)
    assert_golden_text("trajectories-lstm", listing(built(View(run.at(4), run, selection=chosen))))


def test_of_a_run_under_way_the_liveliest_are_found_in_some_of_it() -> None:
    run = trace(filled(torch.nn.RNN(2, 600), 0.05), waves(1200, 1, 2))
    for position in (0, 1, 1100):
        shown = series(View(run.at(position)), TrajectoriesOptions())
        units = shown_units(shown, 12)
        assert len(set(units)) == 12
    known = run.states(0).h[:1100, 0].double().var(dim=0)
    assert float(known[list(units)].min()) >= float(known.median())
