"""What an edit changed, in every figure: signed, on one scale, and nothing where nothing did."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.element import Element
from rnnviz.figures import get_figure
from rnnviz.figures.compared import differing_steps, forced_lines, forced_units, spread_words
from rnnviz.figures.numerals import difference_digits, fitted, signed
from rnnviz.figures.picture import picture
from rnnviz.figures.ranges import Ranges, difference_ranges
from rnnviz.figures.ruler import FIGURE as RULER
from rnnviz.figures.ruler import RulerOptions, describe_at
from rnnviz.figures.trajectories import TrajectoriesOptions
from rnnviz.figures.trajectories.closest import farthest
from rnnviz.figures.trajectories.series import series
from rnnviz.figures.view import Frame, View
from rnnviz.figures.weights.options import WeightsOptions
from rnnviz.model.clamps import Clamp
from rnnviz.model.differences import difference_run
from rnnviz.model.trace import Trace, trace
from rnnviz.scene.axes import MINUS
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Apertures, Cells, Circle, Polyline, Rect, Scene
from rnnviz.scene.style import load_style
from rnnviz.session.state import FIRST_FIGURES
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.reading import flat, words
from tests.figures.unrolled_runs import edited_of
from tests.golden import assert_golden_text
from tests.run_figures import RUN_FIGURES

LIGHT = load_style("light")
FORGET = (Clamp("f", 1.0, layer=0),)


def difference_view(before: Trace, after: Trace, step: int | None = None, **view: Any) -> View:
    whole = difference_run(after, before)
    run = whole if step is None else whole.at(step)
    return View(run, whole, original=before, showing="difference", **view)


def ruler(view: View, width: float = 900.0) -> Scene:
    return RULER.build(view, RulerOptions(), Frame(0, 0, width, 96), LIGHT)


def colors_of(scene: Scene, tensor: str, layer: int, t: int) -> np.ndarray:
    cells = [
        mark
        for mark in flat(scene.marks)
        if isinstance(mark, Cells) and mark.key and mark.key[:2] == (tensor, layer)
    ]
    found: np.ndarray = next(mark.colors for mark in cells if mark.key and mark.key.t == t)
    return found


ZERO = LIGHT.signed.colors(np.zeros(1), 1.0)[0]


# -- what is said


@pytest.mark.parametrize("name", FIRST_FIGURES)
@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_every_key_says_what_is_shown(name: str, kind: str) -> None:
    before, after = edited_of(kind, values=(2, 0, 1))
    view = difference_view(before, after)
    said = " ".join(words(picture(view, name)))
    assert "ew − original" in said
    old = View(before, before, original=before, showing="old")
    assert "riginal" in " ".join(words(picture(old, name)))
    new = View(after, after, original=before)
    plain = " ".join(words(picture(new, name)))
    assert "− original" not in plain
    assert ("original" in plain) == (name == "trajectories")  # its ghost


@pytest.mark.parametrize("name", RUN_FIGURES)
@pytest.mark.parametrize(
    "options",
    [
        {"kind": "LSTM", "clamps": FORGET},
        {"kind": "LSTM", "values": (1, 0, 2), "proj_size": 3, "by": 1e-4},
        {"kind": "GRU", "values": (2,), "lengths": (3, 5, 2), "bidirectional": True},
        {"kind": "RNN", "weights": {"weight_hh_l0": (1, 2)}, "L": 60},
        {"kind": "LSTM", "clamps": (Clamp("c", 300.0, t=2, unit=3), *FORGET), "values": (1, 0, 2)},
        {"kind": "RNN", "L": 3},
    ],
    ids=["forced", "small", "packed", "weight", "far apart", "none"],
)
def test_nothing_is_cut_off_or_covered(name: str, options: dict[str, Any]) -> None:
    before, after = edited_of(**options)
    scene = picture(difference_view(before, after), name)
    assert cut_off(scene) == []
    assert overlapping(scene) == []


def test_the_spread_is_told_in_words() -> None:
    before, after = edited_of("LSTM", values=(2, 0, 1))
    assert spread_words(difference_view(before, after)) == "States differ from t = 3 to 6."
    last = edited_of("LSTM", values=(5, 0, 1))
    assert spread_words(difference_view(*last)) == "States differ at t = 6."
    none = difference_view(before, before)
    assert spread_words(none) == "No state differs by more than rounding."
    assert spread_words(View(after, after)) == ""


def test_nan_counts_as_a_difference() -> None:
    before, after = edited_of("GRU", values=(3, 0, 1), by=float("nan"))
    view = difference_view(before, after)
    assert differing_steps(view.run, 0) == (3, 5)
    scene = picture(view, "unrolled")
    crossed = [mark for mark in flat(scene.marks) if isinstance(mark, Cells) and mark.key]
    by_t: dict[int | None, Any] = {
        mark.key.t: mark.crossed for mark in crossed if mark.key and mark.key.tensor == "h"
    }
    assert not by_t[2].any()
    assert by_t[3].all()
    for name in RUN_FIGURES:
        assert picture(view, name).marks


# -- ranges


def test_one_limit_for_all_unless_one_would_hide_another() -> None:
    before, after = edited_of("LSTM", clamps=FORGET)
    ranges = difference_ranges(difference_run(after, before))
    largest = float((after.states(0).c - before.states(0).c).abs().max())  # type: ignore[operator]
    assert ranges.wide >= largest
    assert ranges.limit("x") == ranges.limit("c")
    far = edited_of("LSTM", clamps=FORGET, values=(0, 0, 0), by=500.0)
    apart = difference_ranges(difference_run(far[1], far[0]))
    assert apart.limit("x") == 500.0
    assert apart.limit("c") < 10
    assert Ranges(wide=3.0).limit("x") == Ranges(wide=3.0).limit("data") == 3.0


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
def test_no_difference_is_beyond_its_limit(kind: str) -> None:
    before, after = edited_of(kind, values=(1, 0, 2), weights={"weight_hh_l1": (3, 1)})
    run = difference_run(after, before)
    ranges = difference_ranges(run)
    for layer in range(run.num_layers):
        for name, gate in run.gate_states(layer).items():
            assert float(gate.abs().max()) <= ranges.limit(name)
        assert float(run.states(layer).h.abs().max()) <= ranges.limit("h")
    assert float(run.inputs(0).abs().max()) <= ranges.limit("x")


def test_what_bounds_a_gate_holds_where_it_is_not_measured() -> None:
    module = torch.nn.LSTM(64, 256)
    x = torch.zeros(600, 1, 64)
    before = trace(module, x)
    after = trace(module, x, clamps=(Clamp("i", 4.0, t=3),))
    assert difference_ranges(difference_run(after, before)).state == 5.0
    assert difference_ranges(difference_run(before, before)).state == 2.0


def test_ranges_stay_while_the_run_goes_on() -> None:
    before, after = edited_of("LSTM", clamps=FORGET)
    keys = [
        listing(
            get_figure("unrolled").legend(
                difference_view(before, after, step), _options("unrolled"), 1000, LIGHT
            )
        )
        for step in (1, 4, 6)
    ]
    assert keys[0] == keys[1] == keys[2]


def _options(name: str) -> Any:
    return get_figure(name).options_type()


# -- the unrolled graph


def test_gates_are_signed_cells() -> None:
    before, after = edited_of("LSTM", clamps=FORGET)
    scene = picture(difference_view(before, after), "unrolled")
    assert not [mark for mark in flat(scene.marks) if isinstance(mark, Apertures)]
    assert (colors_of(scene, "f", 0, 2) != ZERO).any()
    assert (colors_of(scene, "i", 0, 0) == ZERO).all()


@pytest.mark.parametrize("at", [1, 3, 5])
def test_the_difference_begins_where_the_edit_is(at: int) -> None:
    before, after = edited_of("LSTM", values=(at, 0, 1), by=4.0)
    scene = picture(difference_view(before, after), "unrolled")
    for t in range(6):
        for tensor in ("h", "c", "i"):
            differs = (colors_of(scene, tensor, 0, t) != ZERO).any()
            assert differs if t == at else t > at or not differs
        assert (colors_of(scene, "h", 1, t) != ZERO).any() == (t >= at)
        assert (colors_of(scene, "x", 0, t) != ZERO).any() == (t == at)


def test_forced_units_are_underlined() -> None:
    clamps = (Clamp("f", 1.0, t=2), Clamp("h", 0.0, layer=1, t=4, unit=5))
    before, after = edited_of("LSTM", clamps=clamps)
    for view in (View(after, after, original=before), difference_view(before, after)):
        scene = picture(view, "unrolled")
        marks = [m for m in flat(scene.marks) if isinstance(m, Rect) and m.height == 2.0 and m.fill]
        whole, one = sorted(marks, key=lambda mark: -mark.width)
        assert one.width < whole.width / 7
        assert any("Forced values are underlined." in text for text in words(scene))
    plain = picture(View(before, before), "unrolled")
    assert not [m for m in flat(plain.marks) if isinstance(m, Rect) and m.height == 2.0]


def test_a_forced_vector_has_one_line_and_merged_units_share_theirs() -> None:
    forced = np.zeros(64, dtype=bool)
    forced[3] = True
    lines = forced_lines((0, 0, 96, 10), forced, LIGHT)
    assert [line.x for line in lines] == [3.0]
    assert len(forced_lines((0, 0, 96, 10), np.ones(64, dtype=bool), LIGHT)) == 1


@given(
    t=st.one_of(st.none(), st.integers(0, 3)),
    unit=st.one_of(st.none(), st.integers(0, 4)),
    layer=st.one_of(st.none(), st.integers(0, 1)),
    tensor=st.sampled_from(["z", "n", "h"]),
)
def test_forced_units_are_those_of_the_run(
    t: int | None, unit: int | None, layer: int | None, tensor: str
) -> None:
    run = trace(
        torch.nn.GRU(2, 5, 2),
        torch.zeros(4, 2, 2),
        clamps=(Clamp(tensor, 1.0, layer, 0, t, 1, unit),),
    )
    for name in ("r", "z", "n", "h", "x"):
        for at in range(4):
            for where in (0, 1):
                for sequence in (0, 1):
                    found = forced_units(run, name, (where, 0, at), sequence)
                    held = name == tensor and sequence == 1
                    held = held and layer in (None, where) and t in (None, at)
                    assert (found is not None) == held
                    if found is not None:
                        assert found.sum() == (5 if unit is None else 1)


# -- numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.456, "+0.46"),
        (-0.456, f"{MINUS}0.46"),
        (0.0, "0"),
        (1e-9, "+0.00"),
        (float("nan"), "NaN"),
    ],
)
def test_differences_have_a_sign(value: float, text: str) -> None:
    assert signed(value) == text


def test_small_differences_are_not_zeros() -> None:
    assert difference_digits(1.0) == 2
    assert difference_digits(0.004) == 5
    assert fitted(2.4e-5, 100, digits=difference_digits(3e-5), difference=True) == "+2.4e-05"
    assert fitted(-0.00312, 100, digits=4, difference=True) == f"{MINUS}0.0031"
    assert fitted(-0.00312, 30, digits=4, difference=True) == f"{MINUS}0.0"


def test_numbers_close_up_have_a_sign() -> None:
    before, after = edited_of("LSTM", clamps=FORGET)
    view, options = difference_view(before, after), _options("unrolled")
    near = get_figure("unrolled").build(view, options, Frame(0, 0, 6000, 4000, 5.0), LIGHT)
    texts = words(near)
    for value in view.run.gates(0, 0, 2)["f"][0].tolist():
        assert signed(value) in texts
    assert "0" in texts


# -- weights


def test_one_entry_of_a_large_matrix_is_seen() -> None:
    module: Any = torch.nn.LSTM(1024, 1024)
    x = torch.zeros(1, 1, 1024)
    before = trace(module, x)
    with torch.no_grad():
        module.weight_hh_l0[1500, 200] += 0.05
    view = difference_view(before, trace(module, x))
    scene = picture(view, "weights")
    rings = [mark for mark in flat(scene.marks) if isinstance(mark, Circle)]
    assert len(rings) == 1
    cells = [m for m in flat(scene.marks) if isinstance(m, Cells) and m.key]
    lit = {
        m.key.tensor: int((m.colors != ZERO).any(axis=-1).sum())
        for m in cells
        if m.key and m.key.tensor != "weight_hh_l0"
    }
    assert set(lit.values()) == {0}
    hidden = [m for m in cells if m.key and m.key.tensor == "weight_hh_l0"]
    assert sum(int((m.colors != ZERO).any(axis=-1).sum()) for m in hidden) == 1
    home = next(m for m in hidden if (m.colors != ZERO).any())
    assert home.x <= rings[0].x <= home.x + home.width
    assert home.y <= rings[0].y <= home.y + home.height
    assert any("One entry differs: weight_hh_l0[1500, 200], by +0.0500" in t for t in words(scene))


def test_the_weights_say_what_differs() -> None:
    before, after = edited_of("GRU", weights={"weight_ih_l0": (3, 1), "bias_hh_l0": (2,)})
    view = difference_view(before, after)
    said = words(picture(view, "weights"))
    assert "2 entries differ, in weight_ih_l0, bias_hh_l0." in said
    assert "entries that differ" in said
    other = words(picture(view, "weights", WeightsOptions(layer=1)))
    assert "Nothing differs in these weights." in other
    assert "Δ = new − original; nothing differs in these weights" in other


def test_the_weights_stay_the_same_tensors_from_step_to_step() -> None:
    before, after = edited_of("RNN", weights={"weight_ih_l0": (3, 1)})
    view = difference_view(before, after, 2)
    assert view.whole is not None
    assert view.run.weights is view.whole.weights


# -- trajectories


def test_a_ghost_lies_behind_the_new_lines() -> None:
    before, after = edited_of("LSTM", clamps=FORGET)
    ghostly = LIGHT.ui.muted
    for arrangement in ("rows", "overlaid"):
        options = TrajectoriesOptions(tensor="c", arrangement=arrangement)
        scene = picture(View(after, after, original=before), "trajectories", options, LIGHT)
        lines = [mark for mark in flat(scene.marks) if isinstance(mark, Polyline)]
        ghosts = [place for place, mark in enumerate(lines) if mark.stroke == ghostly]
        assert ghosts == [*range(8), ghosts[-1]]  # below the lines; the last one is the path's
        assert lines[8].stroke == LIGHT.role("c").line
        assert lines[0].points[0] == pytest.approx(lines[8].points[0])  # f changes nothing at t = 1
        assert lines[0].points[5, 1] != lines[8].points[5, 1]


def test_there_is_no_ghost_where_nothing_can_be_compared() -> None:
    before, after = edited_of("LSTM", clamps=FORGET)
    other, _ = edited_of("LSTM", hidden_size=5)
    options = TrajectoriesOptions()
    assert series(View(after, after), options).ghost is None
    assert series(View(after, after, original=other), options).ghost is None
    assert series(difference_view(before, after), options).ghost is None
    assert series(View(after, after, original=before), options).ghost is not None


@pytest.mark.parametrize("tensor", ["h", "c", "f", "g"])
def test_lines_of_a_difference_reach_to_the_largest(tensor: str) -> None:
    before, after = edited_of("LSTM", clamps=FORGET)
    shown = series(difference_view(before, after, 4), TrajectoriesOptions(tensor=tensor))
    largest = float(np.abs(shown.values).max())
    assert shown.low == -shown.high
    assert largest <= shown.high <= 2 * largest
    assert shown.signed


def test_where_the_runs_are_farthest_apart() -> None:
    before, after = edited_of("LSTM", clamps=FORGET)
    shown = series(difference_view(before, after, 5), TrajectoriesOptions(tensor="c"))
    found = farthest(shown, 3)
    sizes = np.linalg.norm(shown.values[:5], axis=1)
    assert [t for t, _ in found] == np.argsort(-sizes)[:3].tolist()
    assert [size for _, size in found] == pytest.approx(sorted(sizes, reverse=True)[:3])
    said = words(picture(difference_view(before, after), "trajectories"))
    assert "Where the runs are farthest apart" in said
    assert "Nothing differs yet." in words(
        picture(difference_view(before, after, 1), "trajectories")
    )
    nothing = " ".join(words(picture(difference_view(before, before), "trajectories")))
    assert "Nothing differs: Δh is 0 at every timestep." in nothing


# -- packed batch and ruler


def test_the_packed_batch_shows_what_changed_of_its_data() -> None:
    before, after = edited_of("GRU", values=(1, 2), lengths=(2, 3), input_size=3)
    scene = picture(difference_view(before, after), "packed")
    assert "+0.50" in words(scene)
    assert "Without packing" not in " ".join(words(scene))
    cells = [
        m for m in flat(scene.marks) if isinstance(m, Cells) and m.key and m.key.tensor == "data"
    ]
    lit = {m.key.row for m in cells if m.key and (m.colors != ZERO).any()}
    assert lit == {1}


def test_the_ruler_shows_the_size_of_the_difference() -> None:
    before, after = edited_of("RNN", values=(3, 0, 1))
    view = difference_view(before, after)
    scene = ruler(view)
    assert "|Δht|" in words(scene)
    assert "Δ = new − original" in words(scene)
    frame = Frame(0, 0, 900, 96)
    said = [describe_at(view, RulerOptions(), frame, 66 + 817 * (t + 0.5) / 6, 60) for t in (1, 4)]
    assert said[0].endswith("|Δh| = 0.000")
    assert "|Δh| = 0." in said[1]
    assert not said[1].endswith("0.000")
    assert words(ruler(View(before, before, showing="old")))[1] == "original"


# -- selection and golden scenes


def test_a_selection_is_ringed_in_a_difference_too() -> None:
    before, after = edited_of("LSTM", clamps=FORGET)
    chosen = Element("c", 0, 0, 3, 0, 2)
    for name in RUN_FIGURES:
        assert picture(difference_view(before, after, selection=chosen), name).marks


GOLDEN: dict[str, dict[str, Any]] = {
    "unrolled": {
        "kind": "LSTM",
        "clamps": (Clamp("f", 1.0, t=1),),
        "hidden_size": 3,
        "L": 3,
        "num_layers": 1,
    },
    "folded": {
        "kind": "LSTM",
        "clamps": (Clamp("f", 1.0, t=1),),
        "hidden_size": 3,
        "L": 3,
        "num_layers": 1,
    },
    "anatomy": {
        "kind": "LSTM",
        "clamps": (Clamp("f", 1.0, t=1),),
        "hidden_size": 3,
        "L": 3,
        "num_layers": 1,
    },
    "weights": {
        "kind": "GRU",
        "weights": {"weight_hh_l0": (1, 2)},
        "hidden_size": 3,
        "num_layers": 1,
    },
    "trajectories": {"kind": "GRU", "values": (1, 0, 2), "hidden_size": 3, "L": 4, "num_layers": 1},
    "packed": {
        "kind": "RNN",
        "values": (1, 0),
        "lengths": (2, 1, 3),
        "input_size": 1,
        "hidden_size": 2,
    },
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_scenes(name: str) -> None:
    scene = picture(difference_view(*edited_of(**GOLDEN[name])), name)
    assert_golden_text(f"scene/difference-{name}", listing(scene))


def test_golden_scenes_of_ruler_and_ghost() -> None:
    before, after = edited_of(**GOLDEN["trajectories"])
    assert_golden_text("scene/difference-ruler", listing(ruler(difference_view(before, after))))
    ghost = picture(View(after, after, original=before), "trajectories")
    assert_golden_text("scene/ghost-trajectories", listing(ghost))
