"""The cell's anatomy: every cell, at every operation, from what it publishes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.element import Element
from rnnviz.figures.anatomy import FIGURE, AnatomyOptions
from rnnviz.figures.anatomy.graph import graph_of
from rnnviz.figures.picture import picture
from rnnviz.figures.view import Frame, View
from rnnviz.model.cells import CELLS
from rnnviz.model.clamps import Clamp
from rnnviz.model.differences import difference_run
from rnnviz.model.schedule import Progress
from rnnviz.model.trace import Trace, trace
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Apertures, Cells, Clip, Rect, Scene, Text
from rnnviz.scene.style import load_style
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.reading import flat, words
from tests.figures.unrolled_runs import run_of
from tests.golden import assert_golden_text

BOTH: dict[str, Any] = {"bidirectional": True}
PANE = (680.0, 500.0)
CASES: dict[str, tuple[str, dict[str, Any], Progress, Element | None]] = {
    "lstm-10": ("LSTM", {}, Progress(2, 0, 10), Element("f", 0, 0, 2, 0, 3)),
    "lstm-start": ("LSTM", {}, Progress(0), None),
    "lstm-reverse": ("LSTM", BOTH, Progress(2, 1, 3), Element("g", 0, 1, 3, 0, 5)),
    "lstm-projected": ("LSTM", {"proj_size": 3}, Progress(2, 1, 12), None),
    "gru-9": ("GRU", {}, Progress(2, 0, 9), Element("r", 0, 0, 2, 0, 3)),
    "gru-done": ("GRU", {"bias": False}, Progress(6), Element("h", 1, 0, 5, 0, 1)),
    "rnn-3": ("RNN", {}, Progress(2, 0, 3), None),
    "rnn-relu": ("RNN", {"nonlinearity": "relu", "hidden_size": 1}, Progress(2), None),
}


def scene_of(case: str, pane: tuple[float, float] = PANE, zoom: float | None = None) -> Scene:
    kind, options, progress, selection = CASES[case]
    run = run_of(kind, **options)
    return built(View(run.at(progress), run, 0, selection), pane=pane, zoom=zoom)


def built(
    view: View,
    options: AnatomyOptions | None = None,
    pane: tuple[float, float] = PANE,
    zoom: float | None = None,
) -> Scene:
    options = options or AnatomyOptions()
    zoom = FIGURE.fit_zoom(view, options, *pane) if zoom is None else zoom
    extent = FIGURE.extent(view, options, Frame(0, 0, *pane, zoom))
    frame = Frame(0, 0, *pane, zoom)
    assert extent.width > 0
    return FIGURE.build(view, options, frame, load_style("light"))


def strips(scene: Scene) -> dict[str, list[Any]]:
    """Every mark that stands for a tensor, by its name."""
    found: dict[str, list[Any]] = {}
    for mark in flat(scene.marks):
        key = None if isinstance(mark, Text | Clip) else mark.key
        if key is not None:
            found.setdefault(key.tensor, []).append(mark)
    return found


@pytest.mark.parametrize("case", CASES)
def test_the_scene_is_as_approved(case: str) -> None:
    assert_golden_text(f"scene/anatomy-{case}", listing(scene_of(case)))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("pane", [(680, 500), (860, 500), (1320, 780), (600, 1000), (1900, 420)])
def test_no_words_stand_on_one_another_or_beyond_the_edge(
    case: str, pane: tuple[float, float]
) -> None:
    kind, options, progress, selection = CASES[case]
    run = run_of(kind, **options)
    view = View(run.at(progress), run, 0, selection)
    scene = built(view, pane=pane)
    assert overlapping(scene) == []
    assert cut_off(scene) == []
    extent = FIGURE.extent(view, AnatomyOptions(), Frame(0, 0, *pane, scene_zoom(view, pane)))
    assert extent.width <= pane[0] + 0.5
    assert extent.height <= pane[1] + 0.5


def scene_zoom(view: View, pane: tuple[float, float]) -> float:
    return FIGURE.fit_zoom(view, AnatomyOptions(), *pane)


@settings(max_examples=80)
@given(data=st.data())
def test_every_tensor_has_one_strip_and_values_where_it_is_computed(data: st.DataObject) -> None:
    run, options, place = data.draw(_runs())
    view = View(run.at(place), run, 0, None)
    layer = data.draw(st.sampled_from([None, *range(run.num_layers)]))
    shown = strips(built(view, AnatomyOptions(layer=layer), pane=options))
    for operation in run.operations:
        for name in operation.gives:
            (mark,) = [mark for mark in shown[name] if mark.key.t == _time(shown, run)]
            element = mark.key
            computed = view.run.is_computed(name, *element[1:5])
            assert isinstance(mark, Cells | Apertures) == computed
            assert isinstance(mark, Rect) != computed


def _time(shown: dict[str, list[Any]], run: Trace) -> int:
    """The cell's t: that of what only it gives."""
    time: int = shown[f"a_{run.cell.gates[0]}"][0].key.t
    return time


@st.composite
def _runs(draw: st.DrawFn) -> tuple[Trace, tuple[float, float], Progress]:
    kind = draw(st.sampled_from(["RNN", "LSTM", "GRU"]))
    hidden = draw(st.integers(1, 40))
    options: dict[str, Any] = {
        "num_layers": draw(st.integers(1, 2)),
        "bias": draw(st.booleans()),
        "bidirectional": draw(st.booleans()),
    }
    if kind == "RNN":
        options["nonlinearity"] = draw(st.sampled_from(["tanh", "relu"]))
    if kind == "LSTM" and hidden > 1:
        options["proj_size"] = draw(st.integers(0, hidden - 1))
    if options["num_layers"] > 1:
        options["dropout"] = draw(st.sampled_from([0.0, 0.5]))
    module = getattr(torch.nn, kind)(draw(st.integers(1, 9)), hidden, **options)
    module.train(draw(st.booleans()))
    run = trace(module, torch.randn(draw(st.integers(1, 4)), 2, module.input_size))
    step = draw(st.integers(0, run.total))
    cells = run.schedule.cells_per_step if step < run.total else 0
    cell = draw(st.integers(0, max(cells - 1, 0)))
    operation = draw(st.integers(0, len(run.operations) - 1)) if cells else 0
    pane = (draw(st.floats(300, 2000)), draw(st.floats(200, 1400)))
    return run, pane, Progress(step, cell if cells else 0, operation)


def test_no_number_stands_beside_what_is_not_computed() -> None:
    run = run_of("LSTM")
    chosen = Element("f", 0, 0, 2, 0, 3)
    counts = []
    for operation in range(1, 12):
        view = View(run.at(Progress(2, 0, operation)), run, 0, chosen)
        shown = words(built(view, AnatomyOptions(layer=0)))
        counts.append(sum(text.lstrip("−").replace(".", "").isdigit() for text in shown))
    given = [0, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16]  # one number for every vector more
    assert [count - counts[0] for count in counts] == given


def test_the_ring_tells_the_very_number() -> None:
    run = run_of("GRU")
    for unit in range(8):
        view = View(run.at(Progress(2, 0, 9)), run, 0, Element("z", 0, 0, 2, 0, unit))
        inside = run.tensors(0, 0, 2)
        shown = words(built(view))
        for name in ("ih_n", "hh_n", "a_z", "r", "r*hh_n", "n", "(1-z)*n"):
            number = f"{float(inside[name][0, unit]):.2f}".replace("-", "−")
            assert number in shown or number == "−0.00"


def test_the_cell_under_way_is_followed_then_what_is_selected() -> None:
    run = run_of("LSTM")
    chosen = Element("f", 1, 0, 4, 0, 3)
    under_way = words(built(View(run.at(Progress(2, 0, 5)), run, 0, chosen)))
    assert "layer 0, t = 3" in under_way
    assert "layer 0, t = 3" in words(built(View(run.at(Progress(2, 1, 0)), run, 0, chosen)))
    assert "layer 1, t = 5" in words(built(View(run, run, 0, chosen)))
    assert "layer 1, t = 6" in words(built(View(run, run, 0, None)))
    assert "layer 0, t = 6" in words(built(View(run, run, 0, chosen), AnatomyOptions(layer=0)))


def test_what_lies_in_no_cell_lights_up_where_it_is_at_work() -> None:
    run = run_of("LSTM")
    number = f"{float(run.gates(0, 0, 5)['f'][0, 3]):.2f}"
    for chosen in (
        Element("weight_hh_l0", row=8 + 3, column=2),
        Element("bias_ih_l0", row=8 + 3),
        Element("h_n", 0, 0, None, 0, 3),
    ):
        shown = words(built(View(run, run, 0, chosen)))
        assert "layer 0, t = 6" in shown
        assert number in shown
    assert "layer 0, t = 1" in words(built(View(run, run, 0, Element("h_0", 0, 0, None, 0, 3))))
    assert "layer 1, t = 2" in words(built(View(run, run, 0, Element("output", t=1, sequence=0))))


@pytest.mark.parametrize(
    ("tensor", "ringed"),
    [("c", ["c", "f*c", "i*g"]), ("a_f", ["a_f", "hh_f", "ih_f"]), ("h", ["h", "o", "tanh_c"])],
)
def test_what_the_selected_tensor_was_computed_from_is_ringed(
    tensor: str, ringed: list[str]
) -> None:
    run = run_of("LSTM")
    scene = built(View(run, run, 0, Element(tensor, 0, 0, 4, 0)))
    ink = load_style("light").ui.focus_ring
    rings = [mark for mark in flat(scene.marks) if isinstance(mark, Rect) and mark.stroke == ink]
    names = {name for operation in run.operations for name in operation.gives}
    boxes = {name: hit_rect(scene, Element(name, 0, 0, 4, 0)) for name in names}
    found = [
        name
        for name, box in boxes.items()
        if box and any(_surrounds(ring, box) and ring.width < box[2] + 12 for ring in rings)
    ]
    assert sorted(found) == ringed


def _surrounds(ring: Rect, box: tuple[float, float, float, float]) -> bool:
    x, y, width, height = box
    right, bottom = ring.x + ring.width, ring.y + ring.height
    return ring.x <= x and ring.y <= y and right >= x + width and bottom >= y + height


def test_of_a_sequence_that_has_ended_the_last_cell_is_shown() -> None:
    run = run_of("GRU", lengths=(3, 5, 2), bidirectional=True)
    for sequence, last in ((0, 3), (1, 5), (2, 2)):
        scene = built(View(run, run, sequence), AnatomyOptions(layer=0, direction=0))
        assert f"layer 0, forward, t = {last}, sequence {sequence}" in words(scene)
        scene = built(View(run, run, sequence), AnatomyOptions(layer=0, direction=1))
        assert f"layer 0, reverse, t = 1, sequence {sequence}" in words(scene)


def test_time_flows_to_the_left_in_the_reverse_direction() -> None:
    run = run_of("LSTM", **BOTH)
    for direction, left, right in ((0, "c", "c_next"), (1, "c_next", "c")):
        options = AnatomyOptions(layer=0, direction=direction)
        scene = built(View(run.at(3), run, 0), options)
        t = 2 if direction == 0 else 3
        before, after = (t - 1, t) if direction == 0 else (t + 1, t)
        places = {
            name: hit_rect(scene, Element("c", 0, direction, at, 0))
            for name, at in (("c", before), ("c_next", after))
        }
        first, second = places[left], places[right]
        assert first is not None
        assert second is not None
        assert first[0] < second[0]


def test_initial_states_are_told_by_their_names() -> None:
    run = run_of("LSTM")
    scene = built(View(run.at(Progress(0, 0, 1)), run, 0))
    assert hit_rect(scene, Element("h_0", 0, 0, None, 0)) is not None
    assert hit_rect(scene, Element("c_0", 0, 0, None, 0)) is not None
    assert words(scene).count("initial, zeros") == 2


def test_a_click_on_a_strip_finds_its_element() -> None:
    run = run_of("GRU")
    scene = built(View(run.at(Progress(2, 0, 9)), run, 0))
    for name in ("ih_z", "hh_n", "r*hh_n", "a_n", "r", "n", "(1-z)*n"):
        element = Element(name, 0, 0, 2, 0, 5)
        x, y, width, height = hit_rect(scene, element) or (0, 0, 0, 0)
        assert hit(scene, x + width / 2, y + height / 2) == element


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize("both", [False, True])
def test_a_click_on_a_chip_leads_to_its_operation(kind: str, both: bool) -> None:
    run = run_of(kind, bidirectional=both)
    view = View(run.at(Progress(1, 1, 1)), run, 0)
    legend = FIGURE.legend(view, AnatomyOptions(), 700, load_style("light"))
    chips = [mark for mark in legend.marks if isinstance(mark, Rect) and mark.key]
    assert len(chips) == len(run.operations)
    for number, chip in enumerate(chips, start=1):
        assert chip.key is not None
        place = FIGURE.progress_of(view, chip.key)
        assert place is not None
        moved = run.at(place)
        name, where = chip.key.tensor, [int(part or 0) for part in chip.key[1:5]]
        assert moved.is_computed(name, *where)
        after = run.operations[number : number + 1]
        assert not any(moved.is_computed(op.gives[0], *where) for op in after)


def test_chips_stand_in_two_rows_where_one_is_too_long() -> None:
    run = run_of("LSTM", proj_size=3)
    view, style = View(run, run, 0), load_style("light")
    heights = {width: FIGURE.legend(view, AnatomyOptions(), width, style) for width in (400, 1000)}
    assert heights[400].height > heights[1000].height
    assert cut_off(heights[400]) == []
    assert overlapping(heights[400]) == []


def test_the_sentence_follows_the_operations() -> None:
    run = run_of("LSTM")
    said = {}
    for operation in range(1, 12):
        scene = built(View(run.at(Progress(2, 0, operation)), run, 0), pane=(1600, 900))
        said[operation] = " ".join(text for text in words(scene) if text.startswith("Operation"))
    assert "Operation 10 of 12 adds what was kept to what is written." in said[10]
    assert "keeps of c_2 what the forget gate lets through" in said[8]
    assert "multiplies x_3 by W_ih and adds b_ih, for all 4 gates at once" in said[1]
    assert len(set(said.values())) == 11


def test_on_a_page_nothing_is_to_be_selected() -> None:
    run = run_of("LSTM")
    view = View(run, run, 0, Element("h", 0, 0, 2, 0))
    assert "Select a unit" in " ".join(words(built(view)))
    assert "Select a unit" not in " ".join(words(picture(view, "anatomy")))


def test_dropout_between_layers_is_shown_beside_what_it_lets_through() -> None:
    torch.manual_seed(3)
    module = torch.nn.LSTM(4, 8, num_layers=2, dropout=0.5)
    run = trace(module.train(), torch.randn(5, 1, 4))
    scene = built(View(run, run, 0), AnatomyOptions(layer=1))
    mask = strips(scene)["mask"][0]
    assert isinstance(mask, Apertures)
    assert mask.levels.tolist() == (run.masks[0][4, 0] > 0).double().tolist()


def test_a_thousand_units_share_cells_and_are_still_reached() -> None:
    run = run_of("LSTM", hidden_size=1024, L=2)
    view = View(run, run, 0, Element("f", 1, 0, 1, 0, 1023))
    far = strips(built(view))["f"][0]
    near = strips(built(view, zoom=8.0))["f"][0]
    assert far.stride[1] > near.stride[1] >= 1
    assert any("1024 units" in text for text in words(built(view)))


def test_a_difference_has_no_windows_and_one_scale() -> None:
    module = torch.nn.LSTM(4, 8, num_layers=2).double()
    x = torch.randn(6, 1, 4, dtype=torch.float64)
    old = trace(module, x)
    with torch.no_grad():
        module.weight_hh_l0[3, 2] += 1.0
    new = trace(module, x)
    changed = difference_run(new, old)
    view = View(changed, changed, 0, Element("i", 0, 0, 4, 0, 3), original=old)
    scene = built(view)
    assert not any(isinstance(mark, Apertures) for mark in flat(scene.marks))
    assert "layer 0, t = 5, new − original" in words(scene)
    assert "Δ" in words(scene)


def test_forced_values_are_underlined() -> None:
    module = torch.nn.GRU(4, 8)
    clamps = (Clamp("z", 1.0, t=2), Clamp("h", 0.0, unit=5))
    run = trace(module, torch.randn(4, 1, 4), clamps=clamps)
    for t, count in ((1, 1), (2, 2)):  # one line below a strip that is forced as a whole
        scene = built(View(run, run, 0, Element("h", 0, 0, t, 0)))
        lines = [m for m in flat(scene.marks) if isinstance(m, Rect) and m.height < 2.5 and m.fill]
        assert len(lines) == count
        assert any("Forced values are underlined." in text for text in words(scene))


def test_close_up_every_cell_has_its_number() -> None:
    run = run_of("LSTM")
    view = View(run.at(Progress(2, 0, 10)), run, 0)
    far, near = words(built(view)), words(built(view, zoom=4.0))
    assert len(far) < len(near)
    for name in ("c", "i*g", "f", "a_o", "hh_g"):
        for value in run.tensors(0, 0, 2)[name][0].tolist():
            assert f"{value:.2f}".replace("-", "−").replace("−0.00", "0.00") in near
    hidden = [f"{value:.2f}".replace("-", "−") for value in run.tensors(0, 0, 2)["h"][0].tolist()]
    assert not set(hidden) <= set(near)


def test_an_empty_batch_has_no_cell() -> None:
    run = trace(torch.nn.LSTM(4, 8), torch.randn(5, 0, 4))
    view = View(run, run, None)
    assert words(built(view)) == ["There is no timestep, so there is no cell to open."]
    assert FIGURE.legend(view, AnatomyOptions(), 700, load_style("light")).height == 0


@pytest.mark.parametrize("cell", CELLS.values(), ids=list(CELLS))
@pytest.mark.parametrize("projection", [False, True])
def test_every_operation_has_its_place_in_the_graph(cell: Any, projection: bool) -> None:
    operations = cell.operations(projection=projection)
    graph = graph_of(cell, operations)
    placed = [op for c in graph.columns for op in (*c.inner, c.total, c.activation)]
    placed += [*graph.highway, *graph.feeders, *graph.tail]
    linear = [op for op in operations if op.verb.startswith("linear")]
    assert set(placed) | set(linear) == set(operations)
    assert {part for c in graph.columns for part in c.parts} == {n for o in linear for n in o.gives}
