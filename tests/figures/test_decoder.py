"""The picture of an encoder and a decoder: what it shows, when, and that it can be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from rnnviz.element import Element
from rnnviz.figures.choices import make_options, option_choices
from rnnviz.figures.decoder import FIGURE, DecoderOptions
from rnnviz.figures.ranges import value_ranges
from rnnviz.figures.view import Frame, View, applies_to
from rnnviz.model.pipeline.differences import difference_of
from rnnviz.model.schedule import Progress
from rnnviz.model.trace import as_numpy
from rnnviz.render.bounds import mark_bounds
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Apertures, Cells, Polyline, Rect
from rnnviz.scene.style import load_style
from tests.figures.decoders import (
    END,
    IGNORED,
    PANE,
    SOURCE,
    TARGETS,
    built,
    ends,
    keyed,
    model_of,
    one_hot_model,
    page,
    paths,
    run_of,
    view_of,
)
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.reading import flat, words
from tests.golden import assert_golden_text

LIGHT = load_style("light")


def times(scene: Any, tensor: str, kind: Any = Cells) -> list[int]:
    return sorted({mark.key.t for mark in keyed(scene, kind, tensor)})


def test_it_is_for_models_with_a_decoder_alone() -> None:
    view = view_of(run_of())
    assert applies_to(FIGURE, view)
    assert view.around is not None
    assert not applies_to(FIGURE, replace(view, around=None))
    assert not applies_to(FIGURE, replace(view, around=replace(view.around, decoded=None)))


@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_what_is_not_reached_has_no_values(cell: str) -> None:
    run = run_of(model_of(cell, layers=2))
    reading = page(view_of(run, 2))
    assert times(reading, "h") == [0, 1]
    assert not keyed(reading, Cells, "decoder.h")
    writing = page(view_of(run, None, 3), gates=True)
    assert times(writing, "h") == [0, 1, 2, 3]
    assert times(writing, "decoder.h") == [0, 1, 2]
    assert times(writing, "decoder.h", Rect) == [3, 4]
    if cell == "LSTM":
        assert times(writing, "decoder.c") == [0, 1, 2]


def test_strips_show_the_numbers_of_both_runs() -> None:
    run = run_of(model_of("LSTM", layers=2))
    view = view_of(run, None, 5)
    scene = page(view)
    for prefix, half in (("", run.encoder), ("decoder.", run.decoder)):
        assert half.run is not None
        for mark in keyed(scene, Cells, f"{prefix}h"):
            values = as_numpy(half.run.states(mark.key.layer).h[mark.key.t, 0])
            assert np.array_equal(mark.colors[0], LIGHT.signed.colors(values, 1.0))


def test_the_current_column_follows_reading_and_writing() -> None:
    run = run_of()
    options, frame = DecoderOptions(), Frame(0, 0, *PANE)
    found = [FIGURE.extent(view_of(run, k), options, frame).current for k in range(5)]
    found += [FIGURE.extent(view_of(run, None, k), options, frame).current for k in range(1, 6)]
    assert found[0] is None
    lefts = [place[0] for place in found[1:] if place is not None]
    assert lefts == sorted(lefts)
    assert len(set(lefts)) == 9


def test_the_current_column_goes_back_through_the_decoder_first() -> None:
    run = run_of()
    options, frame = DecoderOptions(), Frame(0, 0, *PANE)
    views = [view_of(run, None, 5, returned=k) for k in range(10)]
    found = [FIGURE.extent(view, options, frame).current for view in views]
    assert found[0] is None
    lefts = [place[0] for place in found[1:] if place is not None]
    assert lefts == sorted(lefts, reverse=True)
    forth = FIGURE.extent(view_of(run, 1), options, frame).current
    assert forth is not None
    assert lefts[-1] == forth[0]


def test_the_state_is_handed_over() -> None:
    run = run_of(model_of("LSTM", layers=2))
    scene = page(view_of(run))
    for tensor, found in (("h", run.decoder.tensors["h_0"]), ("c", run.decoder.tensors["c_0"])):
        strips = keyed(scene, Cells, f"{tensor}_n")
        assert sorted(mark.key.layer for mark in strips) == [0, 1]
        for mark in strips:
            values = as_numpy(found.tensor[mark.key.layer, 0])
            limit = 1.0 if tensor == "h" else _limit_of_c(run)
            assert np.array_equal(mark.colors[0], LIGHT.signed.colors(values, limit))
    before = page(view_of(run, 3))
    assert not keyed(before, Cells, "h_n")
    assert len(keyed(before, Rect, "h_n")) == 2


def _limit_of_c(run: Any) -> float:
    return max(value_ranges(half.run).limit("c") for half in (run.encoder, run.decoder))


def test_a_shorter_source_hands_over_at_its_own_end() -> None:
    run = run_of()
    assert not keyed(page(view_of(run, 2, sequence=1)), Cells, "h_n")
    scene = page(view_of(run, 3, sequence=1))
    assert keyed(scene, Cells, "h_n")
    assert times(scene, "h") == [0, 1, 2]
    assert "<pad>" in words(scene)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("LSTM", "GRU"), "c is not handed over"),
        (("GRU", "LSTM"), "c is not handed over: zeros"),
        (("LSTM", "LSTM"), ""),
    ],
)
def test_a_c_that_has_no_counterpart_is_not_handed_over(cells: tuple[str, str], said: str) -> None:
    found = words(page(view_of(run_of(model_of(*cells)))))
    assert [text for text in found if "handed over" in text and text.startswith("c ")] == (
        [said] if said else []
    )


def test_teacher_forcing_feeds_the_targets() -> None:
    run = run_of()
    scene = page(view_of(run, None, 2))
    assert [mark.key.t for mark in keyed(scene, Rect, "decoder.ids")] == [0, 1, 2, 3, 4]
    found = words(scene)
    assert "is fed the targets (teacher forcing)" in found
    y = paths(scene, LIGHT.role("y").line)
    assert not y


def test_its_own_choice_is_wired_to_the_next_token() -> None:
    run = run_of(forced=False)
    for steps in (1, 3):
        scene = page(view_of(run, None, steps))
        wires = paths(scene, LIGHT.role("y").line)
        assert len(wires) == steps
        for t, wire in enumerate(wires):
            chosen = int(run.choices[t, 0])
            key = Element("decoder.probabilities", None, None, t, 0, chosen)
            box = hit_rect(scene, key)
            token = hit_rect(scene, Element("decoder.ids", None, None, t + 1, 0))
            assert box is not None
            assert token is not None
            first, last = ends(wire)
            assert first[0] == pytest.approx(box[0] + box[2] / 2)
            assert last[0] == pytest.approx(token[0])


def test_the_choice_and_the_target_are_marked() -> None:
    run = run_of()
    scene = page(view_of(run, None, 5))
    full = [m for m in keyed(scene, Rect, "decoder.targets") if m.fill == LIGHT.ui.text]
    assert [mark.key.t for mark in full] == [0, 1, 2, 3, 4]
    for mark in full:
        wanted = int(TARGETS[mark.key.t, 0])
        bar = hit_rect(scene, Element("decoder.probabilities", None, None, mark.key.t, 0, wanted))
        assert bar is not None
        assert mark.x + mark.width / 2 == pytest.approx(bar[0] + bar[2] / 2)


def test_bars_are_as_high_as_their_probability() -> None:
    run = run_of()
    scene = page(view_of(run, None, 5))
    role = LIGHT.role("y").line
    highest = max(
        float(run.decoder.grid("probabilities")[t, 0].max()) for t in range(TARGETS.shape[0])
    )
    bars = [m for m in scene.marks if isinstance(m, Rect) and m.fill == role and m.opacity == 1]
    assert len(bars) == 5
    assert max(bar.height for bar in bars) == pytest.approx(highest * 62.0)


def test_losses_are_said_and_reduced_at_the_end() -> None:
    run = run_of()
    assert run.loss is not None
    losses = run.decoder.grid("losses")[:, 0]
    scene = page(view_of(run, None, 5))
    said = words(scene)
    assert {f"{float(loss):.3f}" for loss in losses} <= set(said)
    assert f"{float(run.loss):.3f}" in said
    before = words(page(view_of(run, None, 4)))
    assert f"{float(run.loss):.3f}" not in before
    assert "Loss" not in words(page(view_of(run_of(forced=False, targets=False), None, 2)))


def test_behind_the_end_is_veiled() -> None:
    run = run_of()
    assert int(TARGETS[3, 1]) == END
    assert int(TARGETS[4, 1]) == IGNORED
    assert "behind the end" in words(page(view_of(run, None, 5, sequence=1)))
    assert "end" in words(page(view_of(run, None, 5)))
    assert "behind the end" not in words(page(view_of(run, None, 5)))


@pytest.mark.parametrize("cell", ["RNN", "LSTM", "GRU"])
def test_gradients_come_back_through_the_decoder_and_then_the_encoder(cell: str) -> None:
    run = run_of(model_of(cell, layers=2))
    for back, after in ((0, []), (2, [3, 4]), (5, [0, 1, 2, 3, 4])):
        scene = page(view_of(run, None, 5, returned=back))
        assert times(scene, "decoder.grad_h") == after
        assert times(scene, "grad_h") == []
        assert bool(keyed(scene, Cells, "decoder.grad_h_0")) == (back == 5)
    scene = page(view_of(run, None, 5, returned=7))
    assert times(scene, "grad_h") == [2, 3]
    assert bool(keyed(scene, Cells, "grad_c")) == (cell == "LSTM")


def test_gradients_are_those_of_the_run() -> None:
    run = run_of(model_of("LSTM"))
    found = run.backward()
    scene = page(view_of(run, None, 5, returned=9))
    for prefix, half in (("", found.encoder), ("decoder.", found.decoder)):
        assert half.recurrent is not None
        strips = keyed(scene, Cells, f"{prefix}grad_h")
        assert strips
        norms = half.recurrent.norms("h")
        for mark in strips:
            size = float(norms[mark.key.t, 0])
            said = f"{size:.3f}" if size >= 0.01 else f"{size:.1e}"
            assert any(text.endswith(f"|  {said}") for text in words(scene))
    given = view_of(run, None, 5, returned=9)
    assert given.around is not None
    other = replace(given, around=replace(given.around, gradients=found))  # type: ignore[arg-type]
    assert listing(page(other)) == listing(page(given))


def test_the_gradient_flows_to_the_left() -> None:
    scene = page(view_of(run_of(), None, 5, returned=9))
    arrows = paths(scene, LIGHT.role("gradient").line)
    across = [(a, b) for a, b in map(ends, arrows) if a[1] == b[1]]
    assert len(across) >= 5 + 4
    assert all(last[0] < first[0] for first, last in across)
    assert all(arrow.dash for arrow in arrows)


def test_no_gradient_without_a_loss() -> None:
    scene = page(view_of(run_of(forced=False, targets=False), None, 6, returned=3))
    assert not keyed(scene, Cells, "decoder.grad_h")


def test_a_cell_under_way_shows_what_its_operations_gave() -> None:
    run = run_of(model_of("GRU"))
    whole = run.encoder.run
    assert whole is not None
    names = [operation.name for operation in whole.operations]
    view = view_of(run)
    partly = replace(view, trace=whole.at(Progress(1, 0, names.index("z") + 1)))
    scene = page(partly, gates=True)
    assert times(scene, "z", Apertures) == [0, 1]
    assert times(scene, "n") == [0]
    assert times(scene, "h") == [0]


VIEWS = {
    "reading": lambda: view_of(run_of(model_of("LSTM", layers=2)), 2),
    "forced": lambda: view_of(run_of(), None, 3),
    "free": lambda: view_of(run_of(model_of("LSTM", "GRU"), forced=False), None, 4, sequence=1),
    "alone": lambda: view_of(run_of(model_of("GRU", "LSTM"), forced=False, targets=False), None, 6),
    "returned": lambda: view_of(run_of(model_of("LSTM")), None, 5, returned=7),
    "batch": lambda: view_of(run_of(), None, 2, sequence=None),
    "projected": lambda: view_of(run_of(model_of("LSTM", proj_size=2)), None, 3),
}


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("zoom", [0.3, 0.54, 0.7, 1.0, 1.6])
def test_words_do_not_stand_on_one_another(name: str, zoom: float) -> None:
    view = VIEWS[name]()
    for scene in (
        built(view, (4000, 4000), zoom=zoom),
        built(view, (4000, 4000), zoom=zoom, gates=True, bars="scores"),
    ):
        assert overlapping(scene) == []
        assert cut_off(scene) == []


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("width", [520.0, 760.0, 1280.0])
def test_the_key_can_be_read(name: str, width: float) -> None:
    scene = FIGURE.legend(VIEWS[name](), DecoderOptions(), width, load_style("dark"))
    assert overlapping(scene) == []
    assert cut_off(scene) == []


@pytest.mark.parametrize("name", VIEWS)
def test_what_is_visible_is_a_part_of_the_whole(name: str) -> None:
    view = VIEWS[name]()
    whole = page(view)
    for mark in keyed(built(view, (700, 500), corner=(300, 90)), Cells, "decoder.h"):
        assert hit_rect(whole, mark.key) == (mark.x, mark.y, mark.width, mark.height)


def test_both_styles_draw_the_same_marks() -> None:
    view = VIEWS["returned"]()
    light, dark = (built(view, theme=theme) for theme in ("light", "dark"))
    assert [type(mark) for mark in light.marks] == [type(mark) for mark in dark.marks]
    assert listing(light) == listing(built(view))


def long_view(length: int, steps: int, returned: int | None = None, sequence: int = 0) -> View:
    source = torch.arange(length)[:, None].repeat(1, 2) % 4 + 3
    targets = torch.cat([source.flip(0), torch.full((1, 2), END)])
    run = model_of("LSTM", layers=2, hidden=16).run(source, targets, lengths=(length, length - 5))
    return view_of(run, None, steps, returned=returned, sequence=sequence)


@pytest.mark.parametrize("returned", [None, 130])
def test_long_sequences_are_narrow_columns_with_one_open_card(returned: int | None) -> None:
    view = long_view(100, 101 if returned else 40, returned)
    zoom = FIGURE.fit_zoom(view, DecoderOptions(), *PANE)
    scene = built(view, zoom=zoom)
    extent = FIGURE.extent(view, DecoderOptions(), Frame(0, 0, *PANE, zoom))
    assert extent.width <= PANE[0] + 1
    assert overlapping(scene) == []
    assert len(scene.marks) < 1200
    images = keyed(scene, Cells, "decoder.h")
    assert max(mark.colors.shape[1] for mark in images) > 30
    found = hit(scene, images[0].x + images[0].width - 1, images[0].y + 1)
    assert found is not None
    assert found.tensor == "decoder.h"
    assert found.t == images[0].origin[1] + images[0].colors.shape[1] - 1
    assert bool(keyed(scene, Cells, "grad_h")) == (returned is not None)


def test_thousands_of_steps_are_few_marks() -> None:
    view = long_view(2000, 1500)
    zoom = FIGURE.fit_zoom(view, DecoderOptions(), *PANE)
    scene = built(view, zoom=zoom)
    assert len(scene.marks) < 1200
    assert any(isinstance(mark, Polyline) for mark in scene.marks)


@pytest.mark.parametrize("length", [60, 2000])
def test_nan_is_crossed_however_narrow_its_step(length: int) -> None:
    view = long_view(length, length)
    view.run.buffers.h(0)[7, 0, 0, 3] = torch.nan
    scene = built(view, zoom=FIGURE.fit_zoom(view, DecoderOptions(), *PANE))
    crossed = [m for m in keyed(scene, Cells, "h") if m.key.layer == 0 and m.crossed is not None]
    assert len(crossed) == 1
    assert crossed[0].crossed.sum() == 1
    unit, step = np.argwhere(crossed[0].crossed)[0]
    assert unit == 3 // crossed[0].stride[0]
    assert step == 7 // crossed[0].stride[1]


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_bars_of_what_is_no_number_have_a_place(value: float) -> None:
    run = run_of()
    for name in ("probabilities", "losses"):
        run.decoder.tensors[name].tensor.view(-1)[1:5] = value
    view = view_of(run, None, 5)
    for zoom in (0.1, 0.4, 1.0):
        scene = FIGURE.build(view, DecoderOptions(), Frame(0, 0, *PANE, zoom=zoom), LIGHT)
        for mark in flat(scene.marks):
            assert np.isfinite(mark_bounds(mark)).all(), mark


def test_a_large_vocabulary_shows_the_likeliest() -> None:
    run = model_of(tokens=50_000).run(SOURCE, TARGETS, lengths=(4, 3))
    scene = page(view_of(run, None, 5))
    for t in range(5):
        shown = {m.key.unit for m in keyed(scene, Rect, "decoder.probabilities") if m.key.t == t}
        assert 8 <= len(shown) <= 10
        assert {int(run.choices[t, 0]), int(TARGETS[t, 0])} <= shown
    assert any("50 000" in text.replace("\u2009", " ") for text in words(scene))


def test_a_difference_is_signed() -> None:
    first, second = (run_of(model_of("LSTM", layers=n)) for n in (1, 1))
    other = model_of("LSTM")
    with torch.no_grad():
        other.decoding.head.linear.bias[3] += 1.0  # type: ignore[union-attr]
    second = run_of(other)
    pair = [difference_of(getattr(second, n), getattr(first, n)) for n in ("encoder", "decoder")]
    run = replace(second, encoder=pair[0], decoder=pair[1])
    view = replace(view_of(run, None, 5), showing="difference")
    scene = page(view, gates=True)
    said = words(scene)
    assert "Δ probabilities" in said
    assert any(text.startswith("Δ = new − original") for text in said)
    assert not keyed(page(replace(view_of(run, None, 5, returned=3))), Cells, "decoder.grad_h")


def test_sources_of_vectors_and_one_sequence_alone() -> None:
    model = one_hot_model()
    vectors = torch.sin(torch.arange(8, dtype=torch.float64)).reshape(4, 2)
    run = model.run(vectors, torch.tensor([3, 4, 2]))
    for view in (view_of(run, 2), view_of(run, None, 3), view_of(run, None, 3, returned=7)):
        scene = page(view)
        assert overlapping(scene) == []
        assert "token" not in words(scene)
        assert not keyed(scene, Rect, "ids")


def test_batch_first_is_read_along_its_own_axis() -> None:
    model = model_of(batch_first=True)
    run = model.run(SOURCE.T, TARGETS.T, lengths=(4, 3))
    other = run_of()
    for sequence in (0, 1):
        mine, theirs = (page(view_of(each, None, 5, sequence=sequence)) for each in (run, other))
        assert words(mine)[2:] != []
        ids = [text for text in words(mine) if text in "abcd"]
        assert ids == [text for text in words(theirs) if text in "abcd"]


def test_the_selection_is_ringed() -> None:
    chosen = Element("decoder.h", 0, 0, 1, 0, 2)
    scene = page(view_of(run_of(), None, 3, selection=chosen))
    box = hit_rect(scene, chosen)
    assert box is not None
    rings = [m for m in scene.marks if isinstance(m, Rect) and m.stroke == LIGHT.ui.focus_ring]
    assert any(ring.x < box[0] < ring.x + ring.width and ring.stroke_width == 2 for ring in rings)


def test_options_that_a_person_may_choose() -> None:
    view = view_of(run_of())
    assert [value for value, _ in option_choices("decoder", view)["bars"]] == [
        "probabilities",
        "scores",
    ]
    assert make_options("decoder", view, {"gates": "true"}).gates


@pytest.mark.parametrize("name", ["forced", "free", "returned"])
def test_the_listing(name: str) -> None:
    assert_golden_text(f"decoder-{name}", listing(page(VIEWS[name]())))
