"""The way back through time on the unrolled graph: gradients, and what carries them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from rnnviz.element import Element
from rnnviz.figures.unrolled import FIGURE, UnrolledOptions
from rnnviz.figures.unrolled.returned import gradient_limit
from rnnviz.figures.view import Frame, View
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Cells, Path, Rect, Scene
from rnnviz.scene.style import export_style, load_style
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.reading import flat, words
from tests.figures.whole_models import letters, many_classes, regression, view_of
from tests.golden import assert_golden_text

BI: dict[str, Any] = {"bidirectional": True}
PACKED: dict[str, Any] = {"N": 3, "lengths": (6, 4, 2)}
CASES: dict[str, Callable[[], View]] = {
    "start": lambda: view_of(letters(), returned=0),
    "letters": lambda: view_of(letters(), returned=3),
    "last": lambda: view_of(letters(on="last"), returned=2),
    "h_n": lambda: view_of(letters(on="h_n", **BI), returned=4),
    "one-h_n": lambda: view_of(letters("RNN", on="h_n", N=2), returned=6),
    "both": lambda: view_of(letters("GRU", **BI), returned=9),
    "projected": lambda: view_of(letters(proj_size=3), returned=4),
    "packed": lambda: view_of(letters(**PACKED), returned=4, sequence=1),
    "regression": lambda: view_of(regression(), returned=3, vocabulary=None),
    "many": lambda: view_of(many_classes(), returned=4, vocabulary=None),
}
GOLDEN = ("letters", "h_n")
LONG: dict[str, Callable[[], View]] = {
    "letters": lambda: view_of(letters(L=60), returned=23),
    "both": lambda: view_of(letters("GRU", L=60, **BI), returned=75),
    "last": lambda: view_of(letters(L=60, on="last"), returned=10),
    "h_n": lambda: view_of(letters(L=60, on="h_n", **BI), returned=10),
    "many": lambda: view_of(many_classes(L=60), returned=30, vocabulary=None),
}


def drawn(view: View, zoom: float = 1.0, pane: tuple[float, float] = (2400.0, 2400.0)) -> Scene:
    return FIGURE.build(view, UnrolledOptions(), Frame(0, 0, *pane, zoom), load_style("light"))


def cells_of(scene: Scene, tensor: str) -> list[Any]:
    return [
        mark
        for mark in flat(scene.marks)
        if isinstance(mark, Cells) and mark.key is not None and mark.key.tensor == tensor
    ]


@pytest.mark.parametrize("case", GOLDEN)
def test_the_scene_is_as_approved(case: str) -> None:
    scene = drawn(CASES[case](), pane=(1200.0, 1200.0))
    assert_golden_text(f"scene/unrolled-returning-{case}", listing(scene))


def test_columns_are_as_approved() -> None:
    scene = drawn(LONG["letters"](), 0.07, (1000.0, 900.0))
    assert_golden_text("scene/unrolled-returning-columns", listing(scene))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("zoom", [0.54, 0.62, 0.75, 0.86, 0.95, 1.0, 1.25, 2.5])
def test_no_words_stand_on_one_another(case: str, zoom: float) -> None:
    assert overlapping(drawn(CASES[case](), zoom)) == []


@pytest.mark.parametrize("case", LONG)
@pytest.mark.parametrize("zoom", [0.7, 0.2, 0.12, 0.068, 0.02, 0.004])
def test_no_words_stand_on_one_another_from_afar(case: str, zoom: float) -> None:
    assert overlapping(drawn(LONG[case](), zoom)) == []


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("width", [360, 480, 680, 850, 1000, 1400])
def test_the_legend_fits(case: str, width: float) -> None:
    scene = FIGURE.legend(CASES[case](), UnrolledOptions(), width, load_style("light"))
    assert overlapping(scene, slack=0.5) == []
    assert cut_off(scene) == []


@pytest.mark.parametrize("case", CASES)
def test_a_picture_holds_all_of_it(case: str) -> None:
    view = CASES[case]()
    frame = FIGURE.export_frame(view, UnrolledOptions())
    scene = FIGURE.build(view, UnrolledOptions(), frame, export_style())
    assert cut_off(scene) == []
    assert scene.title.endswith("back through time")


@pytest.mark.parametrize(
    "options",
    [{}, {"kind": "GRU", **BI}, {"proj_size": 3}, {"kind": "RNN", **PACKED}, PACKED],
)
def test_cells_show_the_gradients_that_have_come_back_and_no_others(options: Any) -> None:
    pr = letters(**options)
    assert pr.run is not None
    gradients, total = pr.backward(), pr.run.total
    view = view_of(pr, returned=0)
    assert view.around is not None
    found = gradients.recurrent
    assert found is not None
    limit = gradient_limit(gradients)
    for steps in range(total + 1):
        around = replace(view.around, gradients=gradients, returned=steps)
        for sequence in range(pr.run.N):
            scene = drawn(replace(view, around=around, sequence=sequence))
            at = found.at(steps)
            for tensor in ("h", "c") if pr.run.cell.has_c else ("h",):
                expected = expected_cells(at, tensor, sequence, limit)
                shown = {
                    (mark.key.layer, mark.key.direction, mark.key.t): mark.colors[0]
                    for mark in cells_of(scene, f"grad_{tensor}")
                }
                assert shown.keys() == expected.keys()
                assert all(np.array_equal(shown[place], expected[place]) for place in shown)


def expected_cells(found: Any, tensor: str, sequence: int, limit: float) -> dict[Any, Any]:
    """The colours of the gradients that are there, by layer, direction and t."""
    signed = load_style("light").signed
    cells: dict[Any, Any] = {}
    for layer in range(found.run.num_layers):
        for direction in range(found.run.num_directions):
            values = getattr(found, tensor)(layer, direction)[:, sequence]
            for t in found.reached(layer, direction)[:, sequence].nonzero()[:, 0].tolist():
                cells[layer, direction, t] = signed.colors(values[t].numpy(), limit)
    return cells


@pytest.mark.parametrize("options", [{}, {"kind": "GRU", **BI}])
def test_x_has_its_gradient_once_all_of_it_is_there(options: Any) -> None:
    pr = letters(**options)
    assert pr.run is not None
    lanes = range(pr.run.num_directions)
    for steps in range(pr.run.total + 1):
        view = view_of(pr, returned=steps)
        assert view.around is not None
        arrived = view.around.arrived
        assert arrived is not None
        reached = torch.stack([arrived.reached(0, lane) for lane in lanes]).all(dim=0)
        shown = {mark.key.t for mark in cells_of(drawn(view), "grad_x")}
        assert shown == set(reached[:, 0].nonzero()[:, 0].tolist())


def test_the_norms_are_written() -> None:
    pr = letters()
    view = view_of(pr, returned=6)
    assert view.around is not None
    arrived = view.around.arrived
    assert arrived is not None
    said, norms = words(drawn(view)), arrived.norms("h", 1)[:, 0]
    for norm in norms.tolist():
        assert f"{norm:.4f}" in said or f"{norm:.3f}" in said or f"{norm:.2f}" in said


def test_the_step_reached_last_is_lit() -> None:
    for steps in range(1, 7):
        said = words(drawn(view_of(letters(), returned=steps)))
        assert f"∂L/∂x{7 - steps}" in said
    both = words(drawn(view_of(letters("GRU", **BI), returned=2)))
    assert {"← t = 5", "t = 2 →"} <= set(both)


def test_the_view_follows_the_way_back() -> None:
    def current(returned: int | None) -> tuple[float, float] | None:
        view = view_of(letters(), returned=returned)
        return FIGURE.extent(view, UnrolledOptions(), Frame(0, 0, 1000, 700)).current

    places = [current(steps) for steps in (0, 1, 2, 6)]
    assert places[0] == places[1] == (152 + 5 * 134, 152 + 6 * 134)
    assert places[2] == (152 + 4 * 134, 152 + 5 * 134)
    assert places[3] == (152.0, 152.0 + 134)


def test_before_the_first_step_back_only_the_scores_have_gradients() -> None:
    pr = letters()
    scene = drawn(view_of(pr, returned=0))
    assert not cells_of(scene, "grad_h")
    assert not cells_of(scene, "grad_x")
    assert {mark.key.t for mark in cells_of(scene, "grad_scores")} == set(range(6))


def test_gradients_flow_left_along_the_forward_lanes() -> None:
    color = load_style("light").role("gradient").line
    for kind, options in (("LSTM", {}), ("GRU", BI)):
        pr = letters(kind, **options)
        assert pr.run is not None
        scene = drawn(view_of(pr, returned=pr.run.total))
        ways = [
            mark.segments[-1][1] - mark.segments[0][1]
            for mark in flat(scene.marks)
            if isinstance(mark, Path)
            and mark.stroke == color
            and len(mark.segments) == 2
            and mark.segments[0][2] == mark.segments[1][2]
        ]
        assert ways
        assert all(mark.dash for mark in flat(scene.marks) if getattr(mark, "stroke", "") == color)
        lanes = [way for way in ways if abs(way) < 60]
        assert any(way < 0 for way in lanes)
        assert any(way > 0 for way in lanes) == bool(options)


@pytest.mark.parametrize(
    "element",
    [
        Element("grad_h", 1, 0, 4, 0, 3),
        Element("grad_c", 0, 0, 5, 0, 7),
        Element("grad_x", 0, None, 5, 0, 2),
        Element("grad_scores", t=1, sequence=0, unit=4),
        Element("grad_h", 1, 0, 1, 0),
    ],
)
def test_a_click_finds_a_gradient(element: Element) -> None:
    scene = drawn(view_of(letters(), returned=3))
    box = hit_rect(scene, element)
    assert box is not None
    assert hit(scene, box[0] + box[2] / 2, box[1] + box[3] / 2) == element


def test_a_selected_gradient_is_ringed_with_those_it_came_from() -> None:
    selected = Element("grad_h", 0, 0, 3, 0, 2)
    view = view_of(letters(), returned=5, selection=selected)
    ink = load_style("light").ui.focus_ring
    rings = [
        mark
        for mark in flat(drawn(view).marks)
        if isinstance(mark, Rect) and mark.stroke == ink and mark.stroke_width == 2
    ]
    assert len([mark for mark in rings if mark.fill is None]) == 4  # with its unit's cell
    assert any("the gradient of h of layer 0 at t = 4" in text for text in words(drawn(view)))


@pytest.mark.parametrize("zoom", [0.2, 0.062, 0.02, 0.004])
@pytest.mark.parametrize("options", [{}, {"kind": "GRU", **BI}])
def test_no_column_holds_a_gradient_that_has_not_come_back(options: Any, zoom: float) -> None:
    view = view_of(letters(L=60, **options), returned=75 if options else 23)
    assert view.around is not None
    arrived = view.around.arrived
    assert arrived is not None
    seen = 0
    for mark in cells_of(drawn(view, zoom), "grad_h"):
        across = mark.axes[1] == "t"
        first = mark.origin[1] if across else mark.key.t
        last = first + (mark.colors.shape[1] - 1) * mark.stride[1] if across else first
        reached = arrived.reached(mark.key.layer, mark.key.direction)[:, 0]
        assert reached[first : last + 1].all()
        seen += last - first + 1
    assert seen > 20


def test_steps_back_and_forth_leave_no_trace() -> None:
    pr = letters(L=20)
    kept = view_of(pr, returned=0)
    for zoom in (1.0, 0.3, 0.03):
        for steps in (3, 9, 4, 20, 0, 4):
            assert kept.around is not None
            view = replace(kept, around=replace(kept.around, returned=steps))
            anew = view_of(letters(L=20), returned=steps)
            pane = (900.0, 900.0)
            assert listing(drawn(view, zoom, pane)) == listing(drawn(anew, zoom, pane))


def test_gradients_that_are_no_numbers_are_crossed() -> None:
    view = view_of(letters(), returned=6)
    assert view.around is not None
    gradients = view.around.gradients
    assert gradients is not None
    scores = gradients.tensors["scores"]
    broken = scores._replace(tensor=scores.tensor * float("nan"))
    bad = replace(gradients, tensors={**gradients.tensors, "scores": broken})
    scene = drawn(replace(view, around=replace(view.around, gradients=bad)))
    assert all(mark.crossed is not None for mark in cells_of(scene, "grad_scores"))
