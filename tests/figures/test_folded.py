"""The recurrent diagram: true of every module, at every step, however far it is opened."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence

from rnnviz.element import Element
from rnnviz.errors import UsageError
from rnnviz.figures.choices import make_options
from rnnviz.figures.folded import FIGURE, FoldedOptions
from rnnviz.figures.folded.page import page_of
from rnnviz.figures.view import Frame, View
from rnnviz.model.provenance import exists
from rnnviz.model.trace import Trace, trace
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Cells, Path, Rect, Scene, Text
from rnnviz.scene.style import export_style, load_style
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.unrolled_runs import run_of
from tests.golden import assert_golden_text

PANES = ((680.0, 518.0), (1000.0, 700.0), (1320.0, 820.0))


def built(
    view: View, pane: tuple[float, float] = PANES[2], zoom: float = 1.0, **options: Any
) -> Scene:
    chosen = FoldedOptions(**options)
    return FIGURE.build(view, chosen, Frame(0, 0, *pane, zoom), load_style("light"))


def picture(view: View, **options: Any) -> Scene:
    chosen = FoldedOptions(**options)
    return FIGURE.build(view, chosen, FIGURE.export_frame(view, chosen), export_style())


def words(scene: Scene) -> list[str]:
    texts = [mark for mark in scene.marks if isinstance(mark, Text) and mark.opacity]
    return ["".join(run.text for run in mark.runs) for mark in texts]


def boxes(scene: Scene, tensor: str) -> list[Rect]:
    return [
        mark
        for mark in scene.marks
        if isinstance(mark, Rect) and mark.key is not None and mark.key.tensor == tensor
    ]


def one(kind: str = "RNN", **options: Any) -> Trace:
    return run_of(kind, num_layers=1, **options)


# -- what it shows


def test_the_same_matrix_stands_on_every_arrow_under_one_name() -> None:
    scene = built(View(one(L=4)), PANES[2])
    shared = Element("weight_hh_l0", layer=0, direction=0)
    assert len(boxes(scene, "weight_hh_l0")) == 1 + 4  # the loop, from h_0, and between four cells
    assert len(boxes(scene, "weight_ih_l0")) == 1 + 4
    assert {box.key for box in boxes(scene, "weight_hh_l0")} == {shared}


def test_the_selected_matrix_lights_in_all_its_boxes() -> None:
    chosen = Element("weight_hh_l0", layer=0, direction=0, row=2, column=1)
    plain, lit = (built(View(one(L=4), selection=found)) for found in (None, chosen))
    fills = {box.fill for box in boxes(lit, "weight_hh_l0")}
    assert fills == {load_style("light").ui.accent}
    assert {box.fill for box in boxes(plain, "weight_hh_l0")} != fills
    assert {box.fill for box in boxes(lit, "weight_ih_l0")} != fills


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_click_finds_units_of_states_and_inputs(kind: str) -> None:
    scene = built(View(one(kind)))
    for element in (
        Element("h", 0, 0, 1, 0, unit=5),
        Element("x", layer=0, t=2, sequence=0, unit=3),
        Element("h_0", 0, 0, None, 0, unit=7),
        *([Element("c", 0, 0, 3, 0, unit=1)] if kind == "LSTM" else []),
    ):
        box = hit_rect(scene, element)
        assert box is not None
        assert hit(scene, box[0] + box[2] / 2, box[1] + box[3] / 2) == element


def test_what_is_to_come_has_no_numbers() -> None:
    run = one("LSTM")
    scene = built(View(run.at(2), run), (1500.0, 800.0), zoom=4.0)
    shown = {
        mark.key.t
        for mark in scene.marks
        if isinstance(mark, Cells) and mark.key is not None and mark.key.tensor in ("h", "c")
    }
    assert shown - {None} == {0, 1}
    pending = [mark for mark in scene.marks if isinstance(mark, Rect) and mark.dash and mark.key]
    assert {mark.key.t for mark in pending if mark.key} == {2, 3, 4, 5}


def test_numbers_appear_close_up() -> None:
    view = View(one(hidden_size=3))
    value = f"{float(view.run.states(0).h[0, 0, 0]):.2f}".replace("-", "−")
    assert value not in words(built(view))
    assert value in words(built(view, zoom=4.0))


def test_an_operation_at_a_time() -> None:
    from rnnviz.model.schedule import Progress

    run = one("LSTM")
    names = [name for done in run.operations for name in done.gives]
    assert names.index("c") < names.index("h")
    count = next(k for k, done in enumerate(run.operations) if "c" in done.gives) + 1
    scene = built(View(run.at(Progress(2, 0, count)), run))
    known = {
        mark.key.tensor
        for mark in scene.marks
        if isinstance(mark, Cells) and mark.key is not None and mark.key.t == 2
    }
    assert known == {"c", "x"}


def test_the_reverse_direction_goes_to_the_left() -> None:
    scene = built(View(one("GRU", bidirectional=True, L=3)))
    names = {mark.key.tensor for mark in scene.marks if isinstance(mark, Rect) and mark.key}
    assert {"weight_hh_l0", "weight_hh_l0_reverse"} <= names
    first, last = (hit_rect(scene, Element("h_0", 0, d, None, 0)) for d in (0, 1))
    assert first is not None
    assert last is not None
    assert first[0] < last[0]
    y = last[1] + last[3] / 2
    arrows = [
        mark.segments[-1]
        for mark in scene.marks
        if isinstance(mark, Path) and mark.arrow and mark.segments[-1][-1] == y
    ]
    assert len(arrows) >= 4
    assert "earlier" in " ".join(words(scene))


def test_only_what_there_is_has_a_symbol() -> None:
    plain, projected = one("LSTM"), one("LSTM", proj_size=3)
    for symbols, name in (("pytorch", "Whr"), ("textbook", "V"), ("xh", "Why")):
        assert name not in words(built(View(plain), symbols=symbols))
        assert name in words(built(View(projected), symbols=symbols))
    labels = [[text for _, text in field_choices(run, "symbols")] for run in (plain, projected)]
    assert labels[0] == ["W_ih, W_hh", "U, W", "W_xh, W_hh"]
    assert labels[1] == ["W_ih, W_hh, W_hr", "U, W, V", "W_xh, W_hh, W_hy"]


def field_choices(run: Trace, name: str) -> list[tuple[Any, str]]:
    found = next(field for field in fields(FoldedOptions) if field.name == name)
    return list(found.metadata["choices"](View(run)))


def test_equations_are_the_cells_own_in_the_chosen_symbols() -> None:
    shown = {
        symbols: words(picture(View(one("GRU")), symbols=symbols, biases=True))
        for symbols in ("pytorch", "textbook", "xh")
    }
    assert "nt = tanh(Win xt + bin + rt ⊙ (Whn ht−1 + bhn))" in shown["pytorch"]
    assert "nt = tanh(Un xt + bin + rt ⊙ (Wn ht−1 + bhn))" in shown["textbook"]
    assert "nt = tanh(Wxn xt + bxn + rt ⊙ (Whn ht−1 + bhn))" in shown["xh"]
    relu = words(picture(View(one("RNN", nonlinearity="relu"))))
    assert "ht = ReLU(Wih xt + Whh ht−1)" in relu


def test_the_caption_is_true_of_the_run() -> None:
    def caption(run: Trace, **options: Any) -> str:
        return " ".join(words(picture(View(run), **options)))

    assert "Biases bih and bhh are omitted. Values: nn.RNN(4, 8" in caption(one())
    assert "omitted" not in caption(one(), biases=True)
    assert "There are no biases." in caption(one(bias=False))
    assert "T = 6; 2 of 6 steps computed." in caption(one().at(2))
    assert "Two bidirectional LSTM layers" in caption(run_of("LSTM", bidirectional=True))
    assert "Layer 1 of two LSTM layers" in caption(run_of("LSTM"), layer=1)
    assert "Figure 1." not in caption(one(), caption=False)
    folded = caption(one(), openness=0.0)
    assert "folded." in folded
    assert "T =" not in folded


def test_a_layer_alone_receives_what_lies_below_it() -> None:
    run = run_of("LSTM")
    scene = built(View(run.at(3), run), layer=1)
    inputs = [
        mark
        for mark in scene.marks
        if isinstance(mark, Cells) and mark.key is not None and mark.key.tensor == "x"
    ]
    assert {mark.key.layer for mark in inputs if mark.key} == {1}
    assert not boxes(scene, "weight_ih_l0")
    assert boxes(scene, "weight_ih_l1")


# -- how it fits


@pytest.mark.parametrize("T", [1, 2, 3, 7, 40, 10_000])
def test_any_length_fits_a_page(T: int) -> None:  # noqa: N803
    run = one(L=T)
    for position in {0, 1, T // 2, T}:
        frame = FIGURE.export_frame(View(run.at(position), run), FoldedOptions())
        assert frame.width <= 1440
        scene = picture(View(run.at(position), run))
        texts = words(scene)
        assert "t = 1" in texts
        assert f"t = {T}" in texts
        assert not position or f"t = {position}" in texts
        assert overlapping(scene) == []


def test_the_page_stays_while_the_current_step_goes_on() -> None:
    run = one(L=30)
    extents = {
        FIGURE.extent(View(run.at(k), run), FoldedOptions(), Frame(0, 0, *PANES[1]))
        for k in range(1, 31)
    }
    assert len({extent.width for extent in extents}) == 1


def test_the_exported_frame_shows_what_it_was_made_for() -> None:
    for run in (one(), one(L=50), one("GRU", bidirectional=True, L=9), run_of("LSTM")):
        for openness in (0.0, 0.4, 1.0):
            options = FoldedOptions(openness=openness)
            frame = FIGURE.export_frame(View(run), options)
            scene = FIGURE.build(View(run), options, frame, export_style())
            assert cut_off(scene) == []
            if openness == 1.0:
                assert FIGURE.extent(View(run), options, frame).width == frame.width


MODULES = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["RNN", "LSTM", "LSTM projected", "GRU"]),
        "num_layers": st.integers(1, 3),
        "bidirectional": st.booleans(),
        "bias": st.booleans(),
        "hidden_size": st.integers(2, 70),
        "input_size": st.integers(1, 40),
    }
)
OPTIONS = st.fixed_dictionaries(
    {
        "openness": st.sampled_from([0.0, 0.2, 0.6, 0.9, 1.0]),
        "symbols": st.sampled_from(["pytorch", "textbook", "xh"]),
        "biases": st.booleans(),
        "caption": st.booleans(),
    }
)


def run_with(module: dict[str, Any], lengths: list[int], packed: bool) -> Trace:
    sizes = dict(module)
    kind = sizes.pop("kind")
    if kind == "LSTM projected":
        sizes["proj_size"] = max(1, sizes["hidden_size"] // 3)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = getattr(torch.nn, kind.split()[0])(**sizes).eval()
        x = torch.randn(max(lengths), len(lengths), sizes["input_size"])
    if packed:
        return trace(made, pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False))
    return trace(made, x)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MODULES, OPTIONS, st.lists(st.integers(1, 14), min_size=1, max_size=3), st.data())
def test_every_module_can_be_drawn(
    module: dict[str, Any], options: dict[str, Any], lengths: list[int], data: st.DataObject
) -> None:
    run = run_with(module, lengths, data.draw(st.booleans()))
    run = run.at(data.draw(st.integers(0, run.total)))
    layer = data.draw(st.sampled_from([None, *range(run.num_layers)]))
    view = View(run, sequence=data.draw(st.sampled_from([None, *range(run.N)])))
    scene = picture(view, layer=layer, **options)
    for mark in scene.marks:
        key = getattr(mark, "key", None)
        assert key is None or exists(run, key)
    if options["openness"] in (0.0, 1.0):
        assert overlapping(scene) == []
        assert cut_off(scene) == []


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_a_pane_shows_the_page_without_overlaps(kind: str, pane: tuple[float, float]) -> None:
    for run in (run_of(kind, L=9), one(kind, L=9, bidirectional=True)):
        view = View(run.at(4), run)
        zoom = FIGURE.fit_zoom(view, FoldedOptions(), *pane)
        extent = FIGURE.extent(view, FoldedOptions(), Frame(0, 0, *pane, zoom))
        assert extent.width <= pane[0] + 0.5
        scene = built(view, pane, zoom)
        assert overlapping(scene) == []


def test_a_diagram_that_a_pane_all_but_holds_is_not_cut() -> None:
    view = View(run_of("LSTM", L=6, num_layers=2))
    page = page_of(view, FoldedOptions(), 680)
    for room, whole in ((0.96, True), (0.6, False)):
        height = 0.76 * page.bottom * room
        zoom = FIGURE.fit_zoom(view, FoldedOptions(), 680, height)
        assert (page.bottom * zoom <= height + 0.5) == whole


def test_an_empty_batch_is_folded() -> None:
    run = trace(torch.nn.GRU(3, 4).eval(), torch.zeros(2, 0, 3))
    assert "Folded" in words(picture(View(run)))
    assert FIGURE.extent(View(run), FoldedOptions(), Frame(0, 0, *PANES[0])).width > 0


# -- how it opens


def test_at_first_every_cell_lies_in_the_folded_one() -> None:
    view = View(one(L=5))
    for openness, spread in ((0.001, 2.0), (1.0, 400.0)):
        cells = [
            mark.x
            for mark in built(view, openness=openness).marks
            if isinstance(mark, Cells) and mark.key is not None and mark.key.tensor == "h"
        ]
        assert (max(cells) - min(cells) < 2.0) == (spread == 2.0)


def test_cells_go_straight_to_their_places() -> None:
    view = View(one(L=5))

    def place(openness: float) -> float:
        box = hit_rect(built(view, openness=openness), Element("h", 0, 0, 3, 0))
        assert box is not None
        return box[0]

    start, middle, end = place(1e-9), place(0.5), place(1.0)
    assert middle == pytest.approx((start + end) / 2)


def test_the_page_does_not_jump_as_it_opens() -> None:
    view = View(one(L=5))
    extents = {
        FIGURE.extent(view, FoldedOptions(openness=p), Frame(0, 0, *PANES[1]))
        for p in (0.0, 0.01, 0.5, 1.0)
    }
    assert len(extents) == 1


def test_openness_is_any_number_between_0_and_1() -> None:
    view = View(one())
    for value in (0, 0.25, "0.75", 1.0):
        assert make_options("folded", view, {"openness": value}).openness == float(value)
    for wrong in (1.5, "wide", True, float("nan")):
        with pytest.raises(UsageError, match=re.escape("openness: expected 0 to 1")):
            make_options("folded", view, {"openness": wrong})


# -- golden


def test_golden_scenes() -> None:
    rnn = one(hidden_size=4, input_size=3)
    assert_golden_text("scene/folded-rnn", listing(picture(View(rnn.at(4), rnn))))
    assert_golden_text("scene/folded-rnn-alone", listing(picture(View(rnn), openness=0.0)))
    assert_golden_text("scene/folded-rnn-opening", listing(picture(View(rnn), openness=0.5)))
    lstm = run_of("LSTM", proj_size=2, L=40)
    chosen = Element("weight_hh_l1", layer=1, direction=0)
    view = View(lstm.at(20), lstm, selection=chosen)
    assert_golden_text("scene/folded-lstm", listing(picture(view, symbols="textbook")))
    gru = one("GRU", bidirectional=True, lengths=(3, 5))
    view = View(gru.at(2), gru, sequence=1)
    assert_golden_text("scene/folded-gru", listing(picture(view, symbols="xh", biases=True)))
