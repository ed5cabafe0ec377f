"""The unrolled graph from afar: columns, images, and one card that stays open."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.element import Element
from rnnviz.figures.unrolled import FIGURE, UnrolledOptions
from rnnviz.figures.unrolled.level import Level, level_of, steps_per_column
from rnnviz.figures.unrolled.timeline import Timeline
from rnnviz.figures.view import Frame, View
from rnnviz.model.trace import Trace
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Cells, Scene
from tests.figures.overlaps import overlapping, texts
from tests.figures.reading import flat
from tests.figures.unrolled_runs import built, run_of
from tests.golden import assert_golden_text

GOLDEN = {
    "columns": ("LSTM", {"L": 60}, 23, 0.2),
    "narrow-columns": ("GRU", {"L": 60, "bidirectional": True}, 75, 0.07),
    "raster": ("LSTM", {"L": 300}, 180, 0.02),
    "pyramid": ("GRU", {"L": 2000, "hidden_size": 64}, 1200, 0.0025),
    "columns-packed": ("RNN", {"lengths": (20, 60)}, 60, 0.15),
}


def golden_run(name: str) -> tuple[Trace, float]:
    kind, options, position, zoom = GOLDEN[name]
    return run_of(kind, **options).at(position), zoom  # type: ignore[arg-type]


@pytest.mark.parametrize("name", GOLDEN)
def test_the_scene_is_as_approved(name: str) -> None:
    run, zoom = golden_run(name)
    assert_golden_text(f"scene/unrolled-{name}", listing(built(run, zoom=zoom)))


@pytest.mark.parametrize("name", GOLDEN)
@pytest.mark.parametrize("pane", [(1000, 706), (680, 516), (1640, 900)])
@pytest.mark.parametrize("x", [0, 240])
def test_no_words_stand_on_one_another(name: str, pane: tuple[float, float], x: float) -> None:
    run, zoom = golden_run(name)
    for sequence in (0, run.N - 1):
        assert overlapping(built(run, zoom=zoom, pane=pane, at=(x, 0), sequence=sequence)) == []


@pytest.mark.parametrize(
    ("pitch", "level"),
    [
        (134, Level.CARDS),
        (90, Level.CARDS),
        (89, Level.COLUMNS),
        (8, Level.COLUMNS),
        (7.9, Level.RASTER),
        (0.1, Level.RASTER),
    ],
)
def test_the_level_follows_the_px_per_step(pitch: float, level: Level) -> None:
    assert level_of(pitch / 134, 60) is level


def test_a_run_of_few_steps_stays_in_cards() -> None:
    assert level_of(80 / 134, 6) is Level.CARDS
    assert level_of(80 / 134, 60) is Level.COLUMNS


def test_several_steps_share_a_column_from_afar() -> None:
    assert steps_per_column(1 / 134) == 1
    assert steps_per_column(1 / 134 / 6.5) == 7


def cells_of(scene: Scene, tensor: str) -> list[Cells]:
    return [
        mark
        for mark in flat(scene.marks)
        if isinstance(mark, Cells) and mark.key is not None and mark.key.tensor == tensor
    ]


@pytest.mark.parametrize("zoom", [0.2, 0.07, 0.02, 0.002])
def test_the_current_step_keeps_its_card(zoom: float) -> None:
    run = run_of("LSTM", L=60).at(23)
    gates = {mark.key.t for mark in cells_of(built(run, zoom=zoom), "g") if mark.key}
    assert 22 in gates
    assert gates == ({21, 22} if zoom > 0.06 else {22})  # the third neighbour is to come


@pytest.mark.parametrize("zoom", [0.2, 0.07, 0.02, 0.002])
def test_no_column_holds_what_is_not_computed(zoom: float) -> None:
    run = run_of("GRU", L=60, bidirectional=True).at(75)
    for mark in cells_of(built(run, zoom=zoom), "h"):
        key, step = mark.key, max(mark.stride[1], 1)
        assert key is not None
        across = mark.axes[1] == "t"
        first = mark.origin[1] if across else key.t
        last = first + (mark.colors.shape[1] - 1) * step if across else first
        computed = run.computed(key.layer or 0, key.direction or 0)[:, 0]
        assert computed[first]
        assert computed[last]


@pytest.mark.parametrize("zoom", [0.2, 0.07, 0.02])
def test_a_click_finds_the_step_and_the_unit(zoom: float) -> None:
    scene = built(run_of("LSTM", L=60).at(50), zoom=zoom)
    for element in (Element("h", 1, 0, 12, 0, 5), Element("x", 0, None, 30, 0, 2)):
        box = hit_rect(scene, element)
        assert box is not None
        assert hit(scene, box[0] + box[2] / 2, box[1] + box[3] / 2) == element


def test_the_largest_value_survives_pooling() -> None:
    from rnnviz.figures.unrolled.raster import pooled

    values = np.array([[0.1], [-0.9], [0.3], [np.nan], [0.2]])
    assert pooled(values, 2).tolist() == [[-0.9], [0.3], [0.2]]


def test_images_are_cut_at_the_same_steps_wherever_one_looks() -> None:
    run = run_of("LSTM", L=3000, hidden_size=4).at(2900)
    starts = {
        mark.origin[1]
        for x in (0, 37, 411)
        for mark in cells_of(built(run, zoom=0.02, at=(x, 0)), "h")
        if mark.axes[1] == "t" and mark.key and mark.key.layer == 0
    }
    visible = {start for start in starts if start % 256 == 0}
    assert visible


@pytest.mark.parametrize("zoom", [1.0, 0.3, 0.05, 0.0005])
def test_a_frame_has_few_marks_whatever_the_length(zoom: float) -> None:
    run = run_of("LSTM", L=10_000, hidden_size=16, num_layers=4).at(6000)
    middle = 0.6 * 10_000 * 134 * zoom
    scene = built(run, zoom=zoom, at=(middle if zoom > 0.01 else 0, 0), pane=(1300, 800))
    assert len(flat(scene.marks)) < 2000


@pytest.mark.parametrize("steps", [1, 6, 12, 13, 19, 60, 300, 10_000])
@pytest.mark.parametrize("sequence", [0, None])
def test_a_picture_is_no_wider_than_a_page(steps: int, sequence: int | None) -> None:
    run = run_of("GRU", L=steps, lengths=(steps, steps), hidden_size=2)
    view, options = View(run, None, sequence), UnrolledOptions()
    frame = FIGURE.export_frame(view, options)
    assert frame.width < 1911
    assert (frame.zoom == 1.0) == (steps <= 12)
    extent = FIGURE.extent(view, options, frame)
    assert extent.width == pytest.approx(frame.width, abs=0.5)
    assert extent.height == pytest.approx(frame.height, abs=0.5)


@pytest.mark.parametrize("pane", [(680, 516), (1000, 706), (1640, 900)])
@pytest.mark.parametrize("name", GOLDEN)
def test_a_fitted_run_is_no_wider_than_its_pane(name: str, pane: tuple[float, float]) -> None:
    view, options = View(golden_run(name)[0], None, 0), UnrolledOptions()
    zoom = FIGURE.fit_zoom(view, options, *pane)
    width = FIGURE.extent(view, options, Frame(0, 0, *pane, zoom)).width
    assert pane[0] * 0.9 < width <= pane[0] + 0.01


def test_a_fitted_run_of_few_steps_shows_cards() -> None:
    run = run_of("LSTM").at(3)
    for pane in ((680, 516), (1000, 706)):
        zoom = FIGURE.fit_zoom(View(run, None, 0), UnrolledOptions(), *pane)
        assert level_of(zoom, run.L) is Level.CARDS


def test_what_is_too_high_is_scrolled() -> None:
    run = run_of("GRU", lengths=(2,) * 9, bidirectional=True)
    view, options = View(run, None, None), UnrolledOptions()
    zoom = FIGURE.fit_zoom(view, options, 680, 516)
    assert zoom >= 0.75
    assert FIGURE.extent(view, options, Frame(0, 0, 680, 516, zoom)).height > 516


def test_the_extent_is_that_of_what_is_built() -> None:
    run = run_of("LSTM", L=60).at(23)
    view, options = View(run, None, 0), UnrolledOptions()
    for zoom in (1.0, 0.3, 0.05):
        frame = Frame(0, 0, 900, 700, zoom)
        extent = FIGURE.extent(view, options, frame)
        scene = built(run, zoom=zoom, pane=(900, 700), at=(extent.width - 900, 0))
        right = max(mark.x + mark.width for mark in cells_of(scene, "x"))
        assert right <= extent.width


class TestTimeline:
    line = Timeline(100, 10, 90, 50, (4, 5, 20))

    def test_opened_steps_push_the_others_on(self) -> None:
        assert [self.line.left(t) for t in (0, 4, 5, 6, 20, 21)] == [
            100, 140, 230, 320, 460, 550,
        ]  # fmt: skip
        assert self.line.end == 100 + 47 * 10 + 3 * 90

    def test_a_place_is_found_again(self) -> None:
        for t in range(50):
            assert self.line.at(self.line.center(t)) == t

    def test_what_is_between_the_opened_ones(self) -> None:
        assert self.line.runs(0, 50) == [(0, 4), (6, 20), (21, 50)]
        assert self.line.runs(4, 6) == []
        assert self.line.runs(7, 9) == [(7, 9)]


@pytest.mark.parametrize("name", GOLDEN)
def test_the_content_beside_the_run_is_empty(name: str) -> None:
    run, zoom = golden_run(name)
    for x in (-5000.0, 50_000.0):
        assert not any(isinstance(mark, Cells) for mark in built(run, zoom=zoom, at=(x, 0)).marks)


@pytest.mark.parametrize("zoom", [0.3, 0.6, 1.0])
def test_the_name_of_a_direction_ends_before_the_first_steps_wires(zoom: float) -> None:
    scene = built(run_of("LSTM", L=12, bidirectional=True).at(24), zoom=zoom)
    boxes = {words: box for words, box, _ in texts(scene.marks)}
    tab = next(box for words, box in boxes.items() if words.endswith("t = 1"))
    x, _, width, _ = boxes["forward →"] if "forward →" in boxes else boxes["→"]
    assert x + width <= tab[0] + tab[2] / 2 - 6
