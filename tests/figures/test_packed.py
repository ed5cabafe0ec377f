"""The picture of a packed batch: linked, legible, and as large as the pane at any size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence

from rnnviz.element import Element
from rnnviz.figures.packed import FIGURE, PackedOptions
from rnnviz.figures.packed.batch import read_batch
from rnnviz.figures.packed.layout import list_window
from rnnviz.figures.tints import tint
from rnnviz.figures.view import Frame, View
from rnnviz.model.padding import without_packing
from rnnviz.model.trace import trace
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Cells, Rect, Scene, Text
from rnnviz.scene.style import export_style, load_style
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.reading import flat, words
from tests.golden import assert_golden_text

PANES = ((1000.0, 750.0), (680.0, 560.0), (1640.0, 900.0), (580.0, 460.0))
UNSORTED = (3, 2, 4, 3)


def set_weights(module: Any) -> Any:
    with torch.no_grad():
        for k, parameter in enumerate(module.parameters()):
            ramp = torch.linspace(-1, 1, parameter.numel(), dtype=torch.float64)
            parameter.copy_(torch.sin(7 * ramp + k).reshape(parameter.shape) * 0.9)
    return module.eval()


def numbered_example() -> tuple[Any, Any]:
    """Rows 11, 21, 31, 41, 12, 22 in a bidirectional stack, sorted by the caller."""
    padded = torch.ones(2, 4, 2)
    for sequence, numbers in enumerate(((11, 12), (21, 22), (31,), (41,))):
        for t, number in enumerate(numbers):
            padded[t, sequence] = number
    module = torch.nn.RNN(2, 3, num_layers=2, bidirectional=True)
    return set_weights(module), pack_padded_sequence(padded, torch.tensor([2, 2, 1, 1]))


def unsorted_batch(
    lengths: tuple[int, ...] = UNSORTED, bidirectional: bool = False, features: int = 4
) -> tuple[Any, Any]:
    size = max(lengths) * len(lengths) * features
    values = torch.sin(torch.arange(size) * 1.7).reshape(max(lengths), len(lengths), features)
    module = torch.nn.GRU(features, 5, bidirectional=bidirectional)
    packed = pack_padded_sequence(values, torch.tensor(lengths), enforce_sorted=False)
    return set_weights(module), packed


def view_at(made: tuple[Any, Any], position: int, selection: Element | None = None) -> View:
    run = trace(*made)
    return View(run.at(position), run, selection=selection)


def built(
    view: View,
    pane: tuple[float, float] = PANES[0],
    theme: Any = "light",
    zoom: float = 1.0,
    corner: tuple[float, float] = (0.0, 0.0),
    **options: Any,
) -> Scene:
    frame = Frame(*corner, *pane, zoom)
    return FIGURE.build(view, PackedOptions(**options), frame, load_style(theme))


def whole_picture(view: View, width: float = 1000.0, **options: Any) -> Scene:
    chosen = PackedOptions(**options)
    extent = FIGURE.extent(view, chosen, Frame(0, 0, width, 750))
    frame = Frame(0, 0, extent.width, extent.height)
    return FIGURE.build(view, chosen, frame, load_style("light"))


def keys(scene: Scene) -> set[Element]:
    return {mark.key for mark in flat(scene.marks) if getattr(mark, "key", None)}


def test_the_rows_of_data_can_be_read() -> None:
    scene = whole_picture(view_at(numbered_example(), 2))
    data = [mark for mark in scene.marks if isinstance(mark, Cells) and mark.key]
    rows = [mark for mark in data if mark.key and mark.key.tensor == "data"]
    read = []
    for mark in sorted(rows, key=lambda mark: mark.x):
        inside = [
            text for text in scene.marks if isinstance(text, Text) and _inside(mark, text.x, text.y)
        ]
        read.append({"".join(run.text for run in text.runs) for text in inside})
    assert read == [{"11"}, {"21"}, {"31"}, {"41"}, {"12"}, {"22"}]


def _inside(mark: Cells, x: float, y: float) -> bool:
    return mark.x <= x <= mark.x + mark.width and mark.y <= y <= mark.y + mark.height


def test_says_that_the_caller_sorted_the_batch() -> None:
    view = view_at(numbered_example(), 1)
    said = words(whole_picture(view))
    assert said.count("None") == 2
    legend = words(FIGURE.legend(view, PackedOptions(), 1000, load_style("light")))
    assert "True: the caller sorted the batch; both permutations are None" in legend


def test_both_permutations_and_the_batch_sizes() -> None:
    made = unsorted_batch()
    shown = keys(whole_picture(view_at(made, 3)))
    for name, count in (("batch_sizes", 4), ("sorted_indices", 4), ("unsorted_indices", 4)):
        assert {Element(name, row=row) for row in range(count)} <= shown


def test_names_the_hole_before_sorting_and_the_slice_after() -> None:
    said = words(whole_picture(view_at(unsorted_batch(), 3)))
    assert "t = 3 needs rows 0, 2, 3: there is a hole, so every step must gather." in said
    assert "t = 3 needs the first 3 rows: one slice, no copy." in said
    assert "12 cell steps computed" in said
    assert "4 skipped" in said


def test_the_slab_of_the_current_timestep_is_lit_everywhere() -> None:
    style = load_style("light")
    before = whole_picture(view_at(unsorted_batch(), 0))
    scene = whole_picture(view_at(unsorted_batch(), 3))

    def slabs(picture: Scene) -> list[Rect]:
        lit = [mark for mark in picture.marks if isinstance(mark, Rect)]
        return [mark for mark in lit if mark.stroke_width == 2 and mark.fill == style.current.fill]

    assert len(slabs(before)) == 0
    assert len(slabs(scene)) == 3
    inked = [mark for mark in scene.marks if isinstance(mark, Rect) and mark.fill]
    assert any(
        mark.fill == style.ui.accent and mark.key == Element("batch_sizes", row=2) for mark in inked
    )


def test_every_final_state_stands_where_its_sequence_ends() -> None:
    made = unsorted_batch(bidirectional=True)
    scene = whole_picture(view_at(made, 4), 1640)
    for sequence, length in enumerate(UNSORTED):
        for direction, t in ((0, length - 1), (1, 0)):
            key = Element("h_n", layer=0, direction=direction, sequence=sequence)
            cell = Element("x", layer=0, t=t, sequence=sequence)
            boxes = [
                (mark, other)
                for mark in scene.marks
                if getattr(mark, "key", None) == key
                for other in scene.marks
                if isinstance(other, Rect) and other.key == cell and other.radius == 6
                if other.x <= mark.x <= other.x + other.width
                and other.y <= mark.y <= other.y + other.height
            ]
            assert boxes, (sequence, direction)


def test_final_states_are_empty_until_they_are_computed() -> None:
    key = Element("h_n", layer=0, direction=0, sequence=2)
    for position, is_there in ((3, False), (4, True)):
        scene = whole_picture(view_at(unsorted_batch(), position))
        strips = [m for m in scene.marks if isinstance(m, Cells) and m.key == key]
        assert bool(strips) == is_there


def test_reverse_cells_are_dashed_at_each_sequences_own_end() -> None:
    scene = whole_picture(view_at(unsorted_batch(bidirectional=True), 1))
    dashed = [
        mark
        for mark in scene.marks
        if isinstance(mark, Rect) and mark.dash == (4, 3) and mark.stroke_width == 1.75
    ]
    assert len(dashed) == 3 * len(UNSORTED)  # both grids and the data
    assert any("Dashed: the reverse one" in text for text in words(scene))


def test_what_goes_wrong_is_what_was_measured() -> None:
    view = view_at(unsorted_batch(), 4)
    answer = without_packing(view.run, 1.0)
    said = words(whole_picture(replace(view, padding_value=1.0)))
    for value in answer.final_states(0).tolist():
        assert ("same" if not answer.is_wrong(value) else f"{value:.2f}") in said
    assert "3 sequences" not in " ".join(said)
    assert any(text.startswith("3 of 4 sequences ran on through padding") for text in said)
    assert any(text.startswith("Without packing") for text in said)
    plain = words(whole_picture(view, without_packing=False))
    assert not any(text.startswith("Without packing") for text in plain)


def test_a_run_that_was_not_packed_has_full_lengths() -> None:
    module = set_weights(torch.nn.RNN(3, 4))
    view = view_at((module, torch.ones(5, 2, 3)), 2)
    said = words(whole_picture(view))
    assert "not packed: every sequence has length 5" in said
    assert not any(text.startswith("Without packing") for text in said)
    assert "10 cell steps computed" in said


def test_the_plan_of_a_run_that_was_not_packed_is_made_once() -> None:
    made = set_weights(torch.nn.LSTM(4, 5)), torch.ones(3, 2, 4)
    first, second = (read_batch(view_at(made, position)) for position in (0, 2))
    assert first is not None
    assert second is not None
    assert first.plan is second.plan


def test_an_empty_batch_says_so() -> None:
    view = view_at((set_weights(torch.nn.RNN(3, 4)), torch.ones(5, 0, 3)), 2)
    assert words(built(view)) == ["The batch is empty (N = 0): there is nothing to pack."]
    assert FIGURE.export_frame(view, PackedOptions()).height > 0


def test_hits_lead_to_the_element() -> None:
    scene = whole_picture(view_at(unsorted_batch(), 3))
    for element in (
        Element("x", layer=0, t=1, sequence=2, unit=3),
        Element("data", row=7, column=2),
        Element("sorted_indices", row=1),
    ):
        box = hit_rect(scene, element)
        assert box is not None
        assert hit(scene, box[0] + box[2] / 2, box[1] + box[3] / 2) == element


def test_the_selected_element_is_ringed_in_both_grids() -> None:
    element = Element("x", layer=0, t=1, sequence=2, unit=3)
    plain = whole_picture(view_at(unsorted_batch(), 3))
    scene = whole_picture(view_at(unsorted_batch(), 3, element))
    cells, places = 2, 3  # the unit in both grids; the timestep in both, and in data
    assert len(scene.marks) == len(plain.marks) + cells + places


def test_broken_values_are_crossed() -> None:
    module, packed = unsorted_batch()
    packed.data[2, 1] = float("nan")
    scene = whole_picture(view_at((module, packed), 3))
    crossed = [mark for mark in scene.marks if isinstance(mark, Cells) and mark.crossed is not None]
    assert {mark.key.tensor for mark in crossed if mark.key} >= {"x", "data"}


@pytest.mark.parametrize("width", [width for width, _ in PANES])
@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize("made", ["numbered", "unsorted", "both", "twelve", "many"])
def test_no_text_covers_another(made: str, position: int, width: float) -> None:
    cases = {
        "numbered": numbered_example,
        "unsorted": unsorted_batch,
        "both": lambda: unsorted_batch((3, 7, 2, 5, 4), bidirectional=True, features=2),
        "twelve": lambda: unsorted_batch(tuple(range(1, 13))),
        "many": lambda: unsorted_batch(tuple(1 + n * 7 % 60 for n in range(40)), True),
    }
    view = view_at(cases[made](), position)
    scene = whole_picture(view, width)
    assert overlapping(scene) == []
    assert cut_off(scene) == []
    legend = FIGURE.legend(view, PackedOptions(), width, load_style("light"))
    assert overlapping(legend) == []
    assert cut_off(legend) == []


def test_a_huge_batch_is_a_raster_of_what_is_visible() -> None:
    lengths = tuple(1 + n * 37 % 400 for n in range(300))
    view = view_at(unsorted_batch(lengths, features=2), 100)
    for zoom, corner in ((1.0, (0.0, 0.0)), (20.0, (900.0, 300.0))):
        scene = built(view, zoom=zoom, corner=corner)
        assert len(flat(scene.marks)) < 2000
        cells = [mark for mark in flat(scene.marks) if isinstance(mark, Cells)]
        assert cells
        assert max(mark.colors.shape[1] for mark in cells) <= 2100
        found = hit(scene, corner[0] + 500, corner[1] + 300)
        assert found is None or found.tensor == "x"


def test_a_raster_cell_knows_its_sequence_and_timestep() -> None:
    lengths = tuple(40 + n for n in range(40))
    view = view_at(unsorted_batch(lengths, features=2), 10)
    scene = built(view)
    for t, sequence in ((0, 0), (17, 12), (39, 39)):
        element = Element("x", layer=0, t=t, sequence=sequence)
        box = hit_rect(scene, element)
        assert box is not None
        assert hit(scene, box[0] + box[2] / 2, box[1] + box[3] / 2) == element


def test_the_extent_grows_with_the_zoom_and_holds_the_content() -> None:
    view = view_at(unsorted_batch(), 3)
    frame = Frame(0, 0, 1000, 750)
    small = FIGURE.extent(view, PackedOptions(), frame)
    large = FIGURE.extent(view, PackedOptions(), Frame(0, 0, 1000, 750, 1.8))
    assert small.width == pytest.approx(1000)
    assert large.width > small.width
    assert small.current is not None
    bounds = [hit_rect(whole_picture(view), key) for key in keys(whole_picture(view))]
    boxes = np.asarray([box for box in bounds if box])
    assert (boxes[:, 0] + boxes[:, 2]).max() <= small.width
    assert (boxes[:, 1] + boxes[:, 3]).max() <= small.height


def test_same_view_same_scene() -> None:
    view = view_at(unsorted_batch(), 2)
    assert listing(built(view)) == listing(built(view))


def test_tints_are_apart_and_differ_by_theme() -> None:
    light, dark = load_style("light"), load_style("dark")
    marks = {tint(sequence, 12, light).mark for sequence in range(12)}
    assert len(marks) == 12
    assert tint(0, 4, light) != tint(0, 4, dark)


def test_a_long_list_shows_the_current_entry() -> None:
    for current in (0, 40, 99):
        assert current in list_window(100, 50, current)
    assert len(list_window(9, 50, 3)) == 9


@pytest.mark.parametrize("position", [0, 3])
def test_golden_scene_of_an_unsorted_batch(position: int) -> None:
    scene = whole_picture(view_at(unsorted_batch(), position))
    assert_golden_text(f"packed-unsorted-{position}", listing(scene))


def test_golden_scene_of_the_numbered_example() -> None:
    view = replace(view_at(numbered_example(), 3), padding_value=1.0)
    options = PackedOptions()
    frame = FIGURE.export_frame(view, options)
    scene = FIGURE.build(view, options, frame, export_style())
    assert_golden_text("packed-numbered", listing(scene))
