"""The picture of the weights: what it shows, where, and that it stays legible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from rnnviz.element import Element
from rnnviz.figures.pools import stride, window
from rnnviz.figures.view import Frame, View
from rnnviz.figures.weights import FIGURE
from rnnviz.figures.weights.distribution import BINS, counts, sizes
from rnnviz.figures.weights.options import WeightsOptions
from rnnviz.figures.weights.parameters import parameters
from rnnviz.model.trace import trace
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Cells, Scene
from rnnviz.scene.style import export_style, load_style
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.reading import flat, words
from tests.golden import assert_golden_text

PANES = ((1000.0, 750.0), (680.0, 560.0), (1640.0, 900.0), (580.0, 460.0))


def view_of(module: torch.nn.RNNBase, selection: Element | None = None) -> View:
    with torch.no_grad():
        for k, parameter in enumerate(module.parameters()):
            ramp = torch.linspace(-1, 1, parameter.numel(), dtype=torch.float64)
            parameter.copy_(torch.sin(7 * ramp + k).reshape(parameter.shape) * 0.9)
    run = trace(module.eval(), torch.zeros(2, 1, module.input_size))
    return View(run, run, selection=selection)


def built(
    view: View, pane: tuple[float, float] = PANES[0], theme: Any = "light", **options: Any
) -> Scene:
    frame = Frame(0, 0, *pane)
    return FIGURE.build(view, WeightsOptions(**options), frame, load_style(theme))


def shown_tensors(scene: Scene) -> set[str]:
    cells = [mark for mark in flat(scene.marks) if isinstance(mark, Cells) and mark.key]
    return {mark.key.tensor for mark in cells if mark.key}


@pytest.mark.parametrize("cell", ["RNN", "GRU", "LSTM"])
def test_every_parameter_is_shown_by_its_name(cell: str) -> None:
    options = {"proj_size": 2} if cell == "LSTM" else {}
    module = getattr(torch.nn, cell)(3, 5, num_layers=2, bidirectional=True, **options)
    view = view_of(module)
    found: set[str] = set()
    for layer in (0, 1):
        for direction in (0, 1):
            scene = built(view, layer=layer, direction=direction)
            names = shown_tensors(scene)
            assert names <= set(words(scene))
            found |= names
    assert found == {name for name, _ in module.named_parameters()}


def test_without_bias_there_are_no_bias_columns() -> None:
    assert shown_tensors(built(view_of(torch.nn.GRU(2, 3, bias=False)))) == {
        "weight_ih_l0",
        "weight_hh_l0",
    }


def test_a_click_finds_row_and_column_of_the_stacked_matrix() -> None:
    view = view_of(torch.nn.LSTM(4, 8))
    scene = built(view)
    for row, column in ((0, 0), (20, 5), (31, 7)):
        element = Element("weight_hh_l0", layer=0, direction=0, row=row, column=column)
        box = hit_rect(scene, element)
        assert box is not None
        assert hit(scene, box[0] + box[2] / 2, box[1] + box[3] / 2) == element


def test_a_bias_is_found_by_its_row() -> None:
    scene = built(view_of(torch.nn.LSTM(4, 8)))
    element = Element("bias_ih_l0", layer=0, direction=0, row=9)
    box = hit_rect(scene, element)
    assert box is not None
    assert hit(scene, box[0] + 2, box[1] + 2) == element


def test_gates_are_labelled_in_torchs_order_with_their_rows() -> None:
    scene = built(view_of(torch.nn.GRU(2, 4)))
    labels = [word for word in words(scene) if word.startswith("[") and ":" in word]
    assert labels == ["[0:4]", "[4:8]", "[8:12]"]
    assert any("in the order r, z, n" in word for word in words(scene))


def test_numbers_are_written_where_they_fit_and_are_wanted() -> None:
    view = view_of(torch.nn.LSTM(4, 8))
    value = f"{float(view.run.weights['weight_ih_l0'][0, 0]):.2f}".replace("-", "−")
    assert value in words(built(view))
    assert value not in words(built(view, numbers=False))


def test_one_range_for_all_or_one_for_each_matrix() -> None:
    module = torch.nn.RNN(2, 2)
    view = view_of(module)
    run = view.run
    run.weights["weight_hh_l0"].mul_(100)
    shown = parameters(view, WeightsOptions())
    weight, recurrent = shown.by_kind["weight_ih"], shown.by_kind["weight_hh"]
    assert shown.limit(weight, shared=True) == shown.limit(recurrent, shared=True) > 50
    assert shown.limit(weight, shared=False) <= 1 < shown.limit(recurrent, shared=False)


def test_nan_and_infinity_are_crossed() -> None:
    view = view_of(torch.nn.LSTM(4, 8))
    view.run.weights["weight_hh_l0"][3, 2] = torch.nan
    view.run.weights["weight_hh_l0"][3, 4] = torch.inf
    cells = [mark for mark in flat(built(view).marks) if isinstance(mark, Cells)]
    crossed = [mark.crossed for mark in cells if mark.crossed is not None]
    assert sum(int(mask.sum()) for mask in crossed) == 2
    assert overlapping(built(view)) == []


def test_the_selected_weight_is_ringed_and_pinned() -> None:
    chosen = Element("weight_hh_l0", layer=0, direction=0, row=20, column=5)
    module = torch.nn.LSTM(4, 8)
    plain, ringed = built(view_of(module)), built(view_of(module, chosen))
    assert len(ringed.marks) > len(plain.marks) + 4
    elsewhere = Element("h", layer=0, direction=0, t=0, unit=1)
    assert len(built(view_of(module, elsewhere)).marks) == len(plain.marks)


def test_pooling_keeps_the_largest_of_every_cell() -> None:
    view = view_of(torch.nn.LSTM(70, 45))
    weight = view.run.weights["weight_ih_l0"]
    weight.mul_(0.01)
    weight[50, 33] = -5.0
    parameter = parameters(view, WeightsOptions()).by_kind["weight_ih"]
    cut = window(parameter, (45, 90), (0, 45), (0, 70), (8, 4))
    assert cut.values.shape == (6, 18)
    assert cut.values[0, 8] == -5.0
    band = parameter.values[45:90]
    for row in range(6):
        for column in range(18):
            part = band[8 * row : 8 * row + 8, 4 * column : 4 * column + 4]
            assert abs(cut.values[row, column]) == np.abs(part).max()


def test_pooled_cells_are_crossed_where_any_of_theirs_is_not_finite() -> None:
    view = view_of(torch.nn.RNN(16, 16))
    view.run.weights["weight_ih_l0"][5, 6] = torch.inf
    parameter = parameters(view, WeightsOptions()).by_kind["weight_ih"]
    cut = window(parameter, (0, 16), (0, 16), (0, 16), (4, 4))
    assert cut.crossed is not None
    assert np.argwhere(cut.crossed).tolist() == [[1, 1]]
    assert np.isfinite(cut.values).all()


def test_strides_are_powers_of_two() -> None:
    assert [stride(cell) for cell in (18.0, 2.0, 1.9, 0.5, 0.1)] == [1, 1, 2, 4, 32]


def test_a_large_matrix_costs_what_is_visible() -> None:
    view = view_of(torch.nn.LSTM(256, 512))
    scene = built(view)
    cells = [mark for mark in flat(scene.marks) if isinstance(mark, Cells)]
    assert sum(mark.colors.shape[0] * mark.colors.shape[1] for mark in cells) < 250_000
    assert len(flat(scene.marks)) < 500
    assert any("per cell" in word for word in words(scene))


def test_zooming_reveals_numbers_and_keeps_the_labels_in_sight() -> None:
    view = view_of(torch.nn.LSTM(128, 256))
    options = WeightsOptions()
    extent = FIGURE.extent(view, options, Frame(0, 0, 1000, 750, 60))
    frame = Frame(extent.width * 0.2, extent.height * 0.3, 1000, 750, 60)
    scene = FIGURE.build(view, options, frame, load_style("light"))
    assert "weight_ih_l0" in words(scene)
    found = hit(scene, frame.x + 500, frame.y + 400)
    assert found is not None
    value = f"{float(view.run.weights['weight_ih_l0'][found.row, found.column]):.2f}"
    assert value.replace("-", "−") in words(scene)


def test_the_histogram_counts_every_finite_weight_of_a_gate() -> None:
    view = view_of(torch.nn.LSTM(3, 5))
    shown = parameters(view, WeightsOptions())
    counted = counts(shown, 1, shown.range)
    assert counted.shape == (BINS,)
    assert counted.sum() == 5 * (3 + 5)


def test_sizes_are_frobenius_norms_and_the_mean_of_both_biases() -> None:
    view = view_of(torch.nn.GRU(3, 4))
    weights = view.run.weights
    of_input, of_hidden, bias = sizes(parameters(view, WeightsOptions()), 2)
    assert of_input == pytest.approx(float(weights["weight_ih_l0"][8:].norm()))
    assert of_hidden == pytest.approx(float(weights["weight_hh_l0"][8:].norm()))
    both = weights["bias_ih_l0"][8:] + weights["bias_hh_l0"][8:]
    assert bias == pytest.approx(float(both.mean()), abs=1e-6)


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize("arrangement", ["blocks", "matrix"])
@pytest.mark.parametrize(
    "module",
    [
        torch.nn.LSTM(4, 8),
        torch.nn.RNN(1, 1),
        torch.nn.GRU(3, 5, num_layers=2, bidirectional=True),
        torch.nn.LSTM(768, 8, proj_size=2),
        torch.nn.LSTM(2, 128),
    ],
    ids=str,
)
def test_no_words_cover_one_another(
    module: torch.nn.RNNBase, arrangement: str, pane: tuple[float, float]
) -> None:
    view = view_of(module)
    for shared in (True, False):
        direction = int(module.bidirectional)
        options = WeightsOptions(module.num_layers - 1, direction, arrangement, shared_scale=shared)
        extent = FIGURE.extent(view, options, Frame(0, 0, *pane))
        frame = Frame(0, 0, *pane)
        scene = FIGURE.build(view, options, frame, load_style("light"))
        assert overlapping(scene) == []
        whole = FIGURE.export_frame(view, options)
        picture = FIGURE.build(view, options, whole, export_style())
        assert overlapping(picture) == []
        assert cut_off(picture) == []
        assert extent.width >= pane[0] - 1


def test_the_export_frame_holds_everything() -> None:
    for module in (torch.nn.LSTM(4, 8), torch.nn.LSTM(768, 8, proj_size=2), torch.nn.RNN(1, 40)):
        view, options = view_of(module), WeightsOptions()
        frame = FIGURE.export_frame(view, options)
        extent = FIGURE.extent(view, options, frame)
        assert extent.width <= frame.width + 0.5
        assert extent.height <= frame.height + 0.5


def test_the_same_view_gives_the_same_scene() -> None:
    view = view_of(torch.nn.LSTM(4, 8))
    assert listing(built(view)) == listing(built(view))


def test_the_legend_fits_any_width() -> None:
    view = view_of(torch.nn.LSTM(4, 8))
    for width in (240.0, 560.0, 1000.0):
        for shared in (True, False):
            options = WeightsOptions(shared_scale=shared)
            legend = FIGURE.legend(view, options, width, load_style("dark"))
            assert legend.width == width
            assert overlapping(legend) == []


def test_golden_scene() -> None:
    chosen = Element("weight_hh_l0", layer=0, direction=0, row=4, column=1)
    scene = built(view_of(torch.nn.LSTM(2, 3), chosen))
    assert_golden_text("weights-lstm", listing(scene))
