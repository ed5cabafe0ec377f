"""The ruler: |h_t| at a glance, and a click that finds its position."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from rnnviz.element import Element
from rnnviz.figures.ruler import FIGURE, RulerOptions, describe_at, position_at
from rnnviz.figures.ruler.norms import read_place, read_rows
from rnnviz.figures.ruler.shades import shades_of
from rnnviz.figures.view import Frame, View
from rnnviz.model.trace import trace
from rnnviz.scene.hit import hit
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Cells, Rect, Scene
from rnnviz.scene.style import load_style
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.reading import words
from tests.figures.test_packed import set_weights, unsorted_batch, view_at
from tests.figures.whole_models import letters, view_of
from tests.golden import assert_golden_text

FRAME = Frame(0, 0, 979, 96)


def stack(bidirectional: bool = False, steps: int = 6) -> tuple[Any, Any]:
    module = torch.nn.LSTM(3, 4, num_layers=2, bidirectional=bidirectional)
    values = torch.sin(torch.arange(steps * 3) * 1.3).reshape(steps, 1, 3)
    return set_weights(module), values


def built(view: View, frame: Frame = FRAME, rows: Any = "layers") -> Scene:
    return FIGURE.build(view, RulerOptions(rows), frame, load_style("light"))


def test_one_row_a_layer_the_highest_on_top() -> None:
    view = view_at(stack(), 3)
    rows = read_rows(view, RulerOptions())
    assert [row.label for row in rows] == ["layer 1", "layer 0"]
    whole = view.whole
    assert whole is not None
    expected = whole.states(1).h.norm(dim=-1)[:, 0]
    assert rows[0].norms == pytest.approx(expected.double().numpy(), abs=1e-6)


def test_what_is_ahead_is_faint_and_what_is_computed_is_not() -> None:
    scene = built(view_at(stack(), 2))
    cells = [mark for mark in scene.marks if isinstance(mark, Cells) and mark.key]
    assert sorted((mark.opacity, mark.colors.shape[1]) for mark in cells) == [
        (0.38, 6),
        (0.38, 6),
        (1.0, 2),
        (1.0, 2),
    ]


def test_without_the_whole_run_nothing_is_guessed() -> None:
    run = trace(*stack()).at(2)
    cells = [mark for mark in built(View(run)).marks if isinstance(mark, Cells) and mark.key]
    assert all(mark.colors.shape[1] in (2, 6) for mark in cells)
    empty = built(View(run.at(0)))
    assert not [mark for mark in empty.marks if isinstance(mark, Cells) and mark.key]


def test_the_current_step_has_an_ink_tab() -> None:
    assert "t = 3" in words(built(view_at(stack(), 3)))
    assert "t = 0" in words(built(view_at(stack(), 0)))


def test_bidirectional_rings_one_layer_and_both_directions() -> None:
    view = view_at(stack(bidirectional=True), 8)
    place = read_place(view, RulerOptions())
    assert (place.layer, place.t, place.reverse) == (1, 1, 4)
    scene = built(view)
    rings = [mark for mark in scene.marks if isinstance(mark, Rect) and mark.radius == 4]
    assert [bool(mark.dash) for mark in rings] == [False, True]
    assert len({mark.y for mark in rings}) == 1
    assert {"t = 2", "← 5"} <= set(words(scene))


def test_tabs_that_would_meet_are_one() -> None:
    said = words(built(view_at(stack(bidirectional=True), 3), Frame(0, 0, 300, 96)))
    assert "t = 3 · ← 4" in said


def test_sequences_of_the_top_layer() -> None:
    view = view_at(unsorted_batch(), 3)
    rows = read_rows(view, RulerOptions("sequences"))
    assert [row.label for row in rows] == ["row 0", "row 1", "row 2", "row 3"]
    assert [row.length for row in rows] == [3, 2, 4, 3]
    hatched = [m for m in built(view, rows="sequences").marks if isinstance(m, Rect) and m.hatch]
    assert len(hatched) == 3


def test_many_sequences_share_rows() -> None:
    lengths = tuple(1 + n * 7 % 60 for n in range(300))
    view = view_at(unsorted_batch(lengths, features=2), 10)
    assert len(read_rows(view, RulerOptions("sequences"))) <= 40
    assert len(built(view, rows="sequences").marks) < 400


def test_a_long_run_is_pooled_by_the_largest() -> None:
    module, values = stack(steps=5000)
    values[1234] = 40.0
    scene = built(view_at((module, values), 5000))
    cells = [mark for mark in scene.marks if isinstance(mark, Cells) and mark.key]
    assert all(mark.colors.shape[1] <= 979 for mark in cells)
    ticks = [text for text in words(scene) if text.isdigit()]
    assert 5 <= len(ticks) <= 14


def test_a_click_finds_the_timestep_and_its_position() -> None:
    for bidirectional, expected in ((False, 3), (True, 9)):
        view = view_at(stack(bidirectional), 1)
        scene = built(view)
        x = 66 + (979 - 83) / 6 * 2.5
        found = hit(scene, x, 34)
        assert found == Element("h", layer=1, direction=0, t=2, sequence=0)
        assert position_at(view, FRAME, x) == expected
        assert position_at(view, FRAME, 2000) == view.run.total
        assert position_at(view, FRAME, 10) == 0


def test_a_cell_in_words() -> None:
    view = view_at(unsorted_batch(), 2)
    options, step = RulerOptions("sequences"), (979 - 83) / 4
    assert describe_at(view, options, FRAME, 70, 28).startswith("row 0, t = 1: |h| = ")
    assert describe_at(view, options, FRAME, 66 + 3.5 * step, 28) == "row 0, t = 4: padding"
    assert describe_at(view, options, FRAME, 66 + 2.5 * step, 28).endswith("not computed yet")
    assert describe_at(view, options, FRAME, 5, 28) == ""


def test_an_empty_run_is_an_empty_ruler() -> None:
    module = set_weights(torch.nn.RNN(3, 4))
    view = view_at((module, torch.ones(4, 0, 3)), 0)
    assert built(view).marks == ()
    assert position_at(view, FRAME, 300) == 0


@pytest.mark.parametrize("width", [240.0, 500.0, 979.0, 1400.0])
@pytest.mark.parametrize("rows", ["layers", "sequences"])
@pytest.mark.parametrize("steps", [1, 6, 60, 700])
def test_no_text_covers_another(steps: int, rows: str, width: float) -> None:
    for position in {0, 1, steps // 2, steps}:
        view = view_at(stack(bidirectional=steps == 60, steps=steps), position)
        scene = built(view, Frame(0, 0, width, 96), rows)
        assert overlapping(scene) == []
        assert cut_off(scene) == []


@pytest.mark.parametrize("steps", [1000, 10_000, 100_000])
def test_the_last_number_stays_within_the_pane(steps: int) -> None:
    run = trace(torch.nn.RNN(1, 1), torch.zeros(steps, 1, 1))
    scene = built(View(run.at(1), run), Frame(0, 0, 680, 96))
    assert str(steps) in words(scene)
    assert cut_off(scene) == []


def test_golden_scene() -> None:
    assert_golden_text("ruler-layers", listing(built(view_at(stack(), 3))))
    sequences = built(view_at(unsorted_batch(), 2), rows="sequences")
    assert_golden_text("ruler-sequences", listing(sequences))


def test_ticks_and_the_tab_name_the_tokens() -> None:
    scene = built(view_of(letters(), 3))
    assert {"1 h", "2 e", "t = 3 · l", "5 o", "6 ␣"} <= set(words(scene))
    narrow = words(built(view_of(letters(L=60), 3)))
    assert "10" in narrow
    assert not any(text.startswith("10 ") for text in narrow)
    several = view_of(letters(N=2), 3, sequence=None)
    assert "t = 3" in words(built(several))


def test_on_the_way_back_it_shows_the_gradient() -> None:
    pr = letters()
    view = view_of(pr, returned=2)
    rows = read_rows(view, RulerOptions())
    gradients = pr.backward().recurrent
    assert gradients is not None
    for row in rows:
        assert row.norms == pytest.approx(gradients.norms("h", row.layer)[:, 0].numpy())
        assert row.computed.tolist() == [False] * 4 + [True] * 2
    scene = built(view)
    assert "|∂L/∂ht|" in words(scene)
    assert "t = 5 · o" in words(scene)
    found = hit(scene, 66 + (979 - 83) / 6 * 4.5, 34)
    assert found == Element("grad_h", layer=1, direction=0, t=4, sequence=0)


def test_of_both_directions_the_gradients_are_one_size() -> None:
    pr = letters("GRU", bidirectional=True)
    row = read_rows(view_of(pr, returned=3), RulerOptions())[0]
    found = pr.backward().recurrent
    assert found is not None
    both = torch.cat([found.h(1, 0), found.h(1, 1)], dim=-1)
    assert row.norms == pytest.approx(both.norm(dim=-1)[:, 0].numpy())
    assert not row.computed.any()  # each direction has come from its own end
    place = read_place(view_of(pr, returned=3), RulerOptions())
    assert (place.layer, place.t, place.reverse) == (1, 3, 2)


def test_gradients_are_shaded_by_powers_of_ten() -> None:
    view = view_of(letters(L=60, on="last"), returned=60)
    rows = read_rows(view, RulerOptions())
    shades = shades_of(rows, by_power=True)
    assert shades.decades is not None
    assert 1 <= shades.decades <= 8
    style = load_style("light")
    sizes = shades.limit * np.array([1.0, 10.0**-shades.decades, 0.0])
    full, least, none = shades.colors(sizes, style)
    assert full.tolist() == style.magnitude.colors([1.0], 1.0)[0].tolist()
    assert least.tolist() == none.tolist()


def test_a_gradient_in_words() -> None:
    view, step = view_of(letters(), returned=2), (979 - 83) / 6
    there = describe_at(view, RulerOptions(), FRAME, 66 + 4.5 * step, 28)
    assert there.startswith("layer 1, t = 5 o: |∂L/∂h| = ")
    to_come = describe_at(view, RulerOptions(), FRAME, 66 + 0.5 * step, 28)
    assert to_come.endswith("not come back yet")


@pytest.mark.parametrize("width", [240.0, 500.0, 979.0])
@pytest.mark.parametrize("steps", [1, 6, 60])
def test_no_token_covers_another(steps: int, width: float) -> None:
    for returned in (None, 0, steps):
        view = view_of(letters(L=steps), None if returned is not None else 1, returned=returned)
        scene = built(view, Frame(0, 0, width, 96))
        assert overlapping(scene) == []
        assert cut_off(scene) == []


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("rows", ["layers", "sequences"])
def test_a_step_shows_what_it_would_from_nothing(bidirectional: bool, rows: str) -> None:
    made = unsorted_batch((90, 35, 120, 60, *range(3, 86)), bidirectional)
    run, narrow = trace(*made), Frame(0, 0, 150, 96)
    for position in (0, 1, 34, 35, 36, 90, 119, 120, 61):
        anew = trace(*made)  # nothing of another run is known
        views = (View(one.at(position), one, sequence=None) for one in (run, anew))
        after_others, alone = (built(view, narrow, rows) for view in views)
        assert listing(after_others) == listing(alone)
        pairs = zip(after_others.marks, alone.marks, strict=True)
        colors = [
            (a.colors, b.colors) for a, b in pairs if isinstance(a, Cells) and isinstance(b, Cells)
        ]
        assert all(np.array_equal(one, other) for one, other in colors)


def test_a_few_sequences_share_a_row_of_what_any_of_them_has() -> None:
    run = trace(*unsorted_batch((90, 35, 120, 60, *range(3, 86))))
    view = View(run.at(40), run)
    norms, valid = run.state_norms(0), run.at(40).computed(0).numpy()
    for number, row in enumerate(read_rows(view, RulerOptions("sequences"))):
        group = slice(3 * number, 3 * number + 3)
        assert np.array_equal(row.norms, np.fmax.reduce(norms[:, group], axis=1), equal_nan=True)
        assert np.array_equal(row.computed, valid[:, group].any(axis=1))
        assert row.length == max(run.lengths[group])
