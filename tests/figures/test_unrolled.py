"""The unrolled graph close up: cards, wires, ends, and what a click on them finds."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import torch

from rnnviz.element import Element
from rnnviz.figures.unrolled import FIGURE, UnrolledOptions
from rnnviz.figures.view import Frame, View
from rnnviz.model.trace import trace
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Apertures, Cells, Rect, Scene
from rnnviz.scene.style import export_style, load_style
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.reading import flat, words
from tests.figures.unrolled_runs import built, run_of
from tests.golden import assert_golden_text

BI = {"bidirectional": True}
CASES: dict[str, tuple[str, dict[str, Any], int, int | None]] = {
    "lstm-start": ("LSTM", {}, 0, 0),
    "lstm-3": ("LSTM", {}, 3, 0),
    "lstm-end": ("LSTM", {}, 6, 0),
    "gru-packed-3": ("GRU", {"lengths": (3, 5, 2), **BI}, 3, 1),
    "gru-packed-8": ("GRU", {"lengths": (3, 5, 2), **BI}, 8, 0),
    "gru-all": ("GRU", {"lengths": (2, 3), "hidden_size": 4, **BI}, 4, None),
    "rnn-2": ("RNN", {"hidden_size": 5, "num_layers": 1}, 2, 0),
    "rnn-relu": ("RNN", {"nonlinearity": "relu", "num_layers": 1}, 6, 0),
    "lstm-projected": ("LSTM", {"proj_size": 3}, 4, 0),
}


def scene_of(case: str, **how: Any) -> Scene:
    kind, options, position, sequence = CASES[case]
    return built(run_of(kind, **options).at(position), sequence=sequence, **how)


@pytest.mark.parametrize("case", CASES)
def test_the_scene_is_as_approved(case: str) -> None:
    assert_golden_text(f"scene/unrolled-{case}", listing(scene_of(case)))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("zoom", [0.54, 0.62, 0.75, 0.86, 0.95, 1.0, 1.25])
def test_no_words_stand_on_one_another(case: str, zoom: float) -> None:
    assert overlapping(scene_of(case, zoom=zoom, pane=(2400, 1600))) == []


def test_the_same_view_gives_the_same_scene() -> None:
    assert listing(scene_of("gru-packed-8")) == listing(scene_of("gru-packed-8"))


def test_panning_shows_the_same_marks_as_building_anew() -> None:
    run = run_of("LSTM", L=20).at(9)
    built(run, at=(0, 0))
    panned = built(run, at=(700, 40))
    fresh = built(run_of("LSTM", L=20).at(9), at=(700, 40))
    assert listing(panned) == listing(fresh)


@pytest.mark.parametrize("position", range(7))
def test_nothing_that_is_not_computed_shows_a_value(position: int) -> None:
    run = run_of("GRU", lengths=(3, 2), **BI).at(position)
    for sequence in (0, 1, None):
        for mark in flat(built(run, sequence=sequence, pane=(2000, 2000)).marks):
            if isinstance(mark, Cells | Apertures) and mark.key is not None:
                assert is_known(run, mark.key, mark.origin[1])


def is_known(run: Any, key: Element, unit: int) -> bool:
    if key.tensor in ("x", "h_0", "c_0"):
        return True
    layer, direction, t = key.layer, key.direction, key.t
    if key.tensor == "output":
        layer, direction = run.num_layers - 1, int(unit >= run.output_size)
    if key.tensor in ("h_n", "c_n"):
        t = 0 if direction else run.lengths[key.sequence] - 1
    return bool(run.computed(layer, direction)[t, key.sequence])


@pytest.mark.parametrize(
    "element",
    [
        Element("f", 0, 0, 2, 0, 3),
        Element("h", 1, 0, 1, 0, 7),
        Element("c", 0, 0, 0, 0, 0),
        Element("x", 0, None, 4, 0, 2),
        Element("output", t=2, sequence=0, unit=5),
        Element("h_0", 1, 0, None, 0, 6),
        Element("c_n", 0, 0, None, 0, 1),
    ],
)
def test_a_click_finds_what_is_drawn(element: Element) -> None:
    run = run_of("LSTM").at(3 if element.tensor != "c_n" else 6)
    scene = built(run, pane=(1400, 706))
    box = hit_rect(scene, element)
    assert box is not None
    assert hit(scene, box[0] + box[2] / 2, box[1] + box[3] / 2) == element


def test_a_click_tells_the_directions_of_output_apart() -> None:
    scene = built(run_of("LSTM", **BI))
    boxes = [hit_rect(scene, Element("output", t=1, sequence=0, unit=unit)) for unit in (3, 11)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0][0] < boxes[1][0]


def test_a_padded_step_is_hatched_and_has_no_wires() -> None:
    scene = built(run_of("GRU", lengths=(2, 6), **BI), sequence=0)
    hatched = [mark for mark in flat(scene.marks) if isinstance(mark, Rect) and mark.hatch]
    assert hatched
    keys = [mark.key for mark in flat(scene.marks) if isinstance(mark, Cells)]
    assert all(key is None or key.t is None or key.t < 2 for key in keys)


def test_h_n_leaves_where_the_sequence_ends() -> None:
    run = run_of("GRU", lengths=(2, 6), **BI)
    scene = built(run, sequence=0, pane=(2000, 1500))
    last = hit_rect(scene, Element("h", 0, 0, 1, 0))
    final = hit_rect(scene, Element("h_n", 0, 0, None, 0))
    assert last is not None
    assert final is not None
    assert last[0] < final[0] < last[0] + 2 * 134
    reverse = hit_rect(scene, Element("h_n", 0, 1, None, 0))
    assert reverse is not None
    assert reverse[0] < 134


def test_the_ends_are_named_as_slices() -> None:
    found = words(built(run_of("LSTM", **BI), pane=(2000, 1500)))
    assert {"L0→ zeros", "L0← zeros", "L1→", "L1←"} <= set(found)
    given = torch.zeros(1, 1, 8, dtype=torch.float64)
    module = torch.nn.GRU(4, 8, dtype=torch.float64)
    run = trace(module, torch.zeros(3, 1, 4, dtype=torch.float64), given)
    assert "L0→ given" in words(built(run))


def test_both_wavefronts_are_lit() -> None:
    found = words(built(run_of("LSTM", **BI).at(2)))
    assert {"t = 2 →", "← t = 5"} <= set(found)


def test_shapes_stand_on_the_first_column_only() -> None:
    found = words(built(run_of("LSTM")))
    assert {"(N, H_in) = (1, 4)", "(N, H_out) = (1, 8)"} <= set(found)
    without = words(built(run_of("LSTM"), options=UnrolledOptions(shapes=False)))
    assert not any("H_in" in text for text in without)


def test_without_gates_cards_hold_states_alone() -> None:
    scene = built(run_of("LSTM"), options=UnrolledOptions(gates=False))
    assert not [mark for mark in flat(scene.marks) if isinstance(mark, Apertures)]


def test_a_selection_and_its_operands_are_ringed() -> None:
    run = run_of("LSTM").at(3)
    rings = [
        mark
        for mark in flat(built(run, selection=Element("f", 0, 0, 2, 0, 3)).marks)
        if isinstance(mark, Rect) and mark.stroke_width == 2 and mark.fill is None
    ]
    assert len(rings) == 4  # f, x, the previous h, and the unit


def test_numbers_appear_close_up() -> None:
    run = run_of("LSTM", hidden_size=4)
    assert not any(text.startswith("0.") for text in words(built(run)))
    close = words(built(run, zoom=3.0, at=(400, 600)))
    assert any(text.startswith("0.") for text in close)
    assert overlapping(built(run, zoom=3.0, at=(400, 600))) == []


def test_dropout_masks_lie_on_the_wires_between_layers() -> None:
    module = torch.nn.GRU(3, 4, num_layers=2, dropout=0.5)
    run = trace(module.train(), torch.ones(4, 1, 3))
    keys = {
        mark.key
        for mark in flat(built(run).marks)
        if isinstance(mark, Apertures) and mark.key is not None and mark.key.tensor == "mask"
    }
    assert keys == {Element("mask", layer=0, t=t, sequence=0) for t in range(4)}


def test_broken_numbers_are_crossed() -> None:
    module = torch.nn.RNN(2, 3)
    run = trace(module, torch.tensor([[[1.0, float("nan")]], [[0.0, 1.0]]]))
    crossed = [
        mark
        for mark in flat(built(run).marks)
        if isinstance(mark, Cells) and mark.crossed is not None
    ]
    assert {mark.key.tensor for mark in crossed if mark.key} >= {"x", "h", "output"}


def test_an_empty_batch_gives_an_empty_graph() -> None:
    run = trace(torch.nn.LSTM(2, 3), torch.zeros(4, 0, 2))
    assert built(run).width == 1000
    view = View(run, None, 0)
    assert FIGURE.extent(view, UnrolledOptions(), Frame(0, 0, 800, 600)).current is None
    assert FIGURE.legend(view, UnrolledOptions(), 700, load_style("light")).marks


def test_the_current_step_is_where_the_slab_is() -> None:
    view = View(run_of("LSTM").at(3), None, 0)
    extent = FIGURE.extent(view, UnrolledOptions(), Frame(0, 0, 1000, 700))
    assert extent.current == (152 + 2 * 134, 152 + 3 * 134)


def test_of_two_directions_the_one_that_is_looked_at_is_followed() -> None:
    run = run_of("GRU", bidirectional=True).at(1)  # forward at the first step, reverse at the last
    last = run.L - 1

    def current(width: float, selection: Element | None = None) -> tuple[float, float] | None:
        view = View(run, None, 0, selection)
        return FIGURE.extent(view, UnrolledOptions(), Frame(0, 0, width, 700)).current

    first = (152.0, 152.0 + 134)
    assert current(2000) == (152, 152 + (last + 1) * 134)
    assert current(360) == first
    assert current(360, Element("h", layer=0, direction=0, t=0)) == first
    assert current(360, Element("h", layer=0, direction=1, t=last)) == (
        152 + last * 134,
        152 + (last + 1) * 134,
    )
    assert current(360, Element("h", layer=0, direction=0, t=2)) == first


@pytest.mark.parametrize("width", [360, 480, 580, 680, 800, 1000, 1400])
@pytest.mark.parametrize("case", ["lstm-3", "gru-packed-3", "rnn-relu", "lstm-projected"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_legend_fits(width: int, case: str, theme: Any) -> None:
    kind, options, position, _ = CASES[case]
    view = View(run_of(kind, **options).at(position), None, 0)
    scene = FIGURE.legend(view, UnrolledOptions(), width, load_style(theme))
    assert overlapping(scene, slack=0.5) == []
    assert cut_off(scene) == []


def test_a_picture_holds_the_whole_run() -> None:
    view = View(run_of("LSTM").at(4), None, 0)
    frame = FIGURE.export_frame(view, UnrolledOptions())
    assert frame.zoom == 1.0
    scene = FIGURE.build(view, UnrolledOptions(), frame, export_style())
    assert cut_off(scene) == []
    assert overlapping(scene) == []
    assert hit_rect(scene, Element("x", 0, None, 5, 0)) is not None


def test_options_are_toggles() -> None:
    for field in dataclasses.fields(UnrolledOptions):
        assert isinstance(field.default, bool)
        assert field.metadata["label"]
