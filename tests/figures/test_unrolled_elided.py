"""The unrolled graph of a long run on a page: cards at both ends and around the current step."""

from __future__ import annotations

import pytest
import torch

from rnnviz.element import Element
from rnnviz.figures.unrolled import FIGURE
from rnnviz.figures.unrolled.eliding import ElidedTimeline
from rnnviz.figures.unrolled.options import UnrolledOptions
from rnnviz.figures.view import Frame, View
from rnnviz.model.trace import Trace
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Cells, Circle, Scene
from rnnviz.scene.style import export_style
from tests.figures.overlaps import overlapping
from tests.figures.reading import flat, words
from tests.figures.unrolled_runs import run_of
from tests.golden import assert_golden_text

ELIDED = UnrolledOptions(elide=True)
PAGE = 1910.0  # px, the widest picture


def page(run: Trace, sequence: int | None = 0, selection: Element | None = None) -> Scene:
    view = View(run, sequence=sequence, selection=selection)
    return FIGURE.build(view, ELIDED, FIGURE.export_frame(view, ELIDED), export_style())


def shown(scene: Scene, tensor: str = "x") -> set[int]:
    found = set()
    for mark in flat(scene.marks):
        key = getattr(mark, "key", None)
        if key is not None and key.tensor == tensor and key.t is not None:
            found.add(key.t)
    return found


@pytest.mark.parametrize("L", [1, 11, 12, 40, 10_000])
def test_any_run_fits_a_page_as_cards(L: int) -> None:  # noqa: N803
    run = run_of("LSTM", L=L)
    for position in {0, 1, L // 2, L}:
        scene = page(run.at(position))
        assert scene.width <= PAGE
        steps = shown(scene)
        assert {0, L - 1} <= steps
        assert not position or position - 1 in steps
        assert len(steps) <= 12
        assert overlapping(scene) == []


def test_what_is_left_out_is_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    run, plain = run_of("LSTM", L=400), Trace.gate_states
    asked = [0]

    def counted(
        self: Trace, layer: int, direction: int, start: int, stop: int
    ) -> dict[str, torch.Tensor]:
        asked.append(stop - start)
        return plain(self, layer, direction, start, stop)

    monkeypatch.setattr(Trace, "gate_states", counted)
    assert 399 in shown(page(run))
    assert max(asked) <= 24


def test_few_steps_are_all_shown() -> None:
    run = run_of("GRU", L=11)
    view = View(run)
    plain, elided = (
        listing(FIGURE.build(view, options, FIGURE.export_frame(view, options), export_style()))
        for options in (UnrolledOptions(), ELIDED)
    )
    assert plain == elided


def test_every_gap_has_dots_and_says_so() -> None:
    scene = page(run_of("RNN", num_layers=1, L=50).at(25))
    dots = [mark for mark in flat(scene.marks) if isinstance(mark, Circle) and not mark.key]
    assert len(dots) == 2 * 3 * 3  # gaps, rows, dots
    assert "Dots stand for steps that are left out." in " ".join(words(scene))


def test_without_it_a_long_run_stays_an_image() -> None:
    view = View(run_of("RNN", L=500))
    frame = FIGURE.export_frame(view, UnrolledOptions())
    scene = FIGURE.build(view, UnrolledOptions(), frame, export_style())
    assert any(isinstance(mark, Cells) and mark.colors.shape[1] > 100 for mark in flat(scene.marks))


@pytest.mark.parametrize("sequence", [0, 1, 2, None])
def test_packed_runs_keep_where_each_sequence_ends(sequence: int | None) -> None:
    run = run_of("GRU", num_layers=1, bidirectional=True, lengths=(30, 17, 4))
    for position in (0, 9, 30):
        scene = page(run.at(position), sequence)
        rows = range(3) if sequence is None else (sequence,)
        assert {run.lengths[n] - 1 for n in rows} <= shown(scene)
        assert overlapping(scene) == []


def test_a_click_finds_what_lies_there() -> None:
    scene = page(run_of("LSTM", L=300).at(150))
    for t in (0, 148, 149, 299):
        element = Element("x", layer=0, t=t, sequence=0, unit=2)
        box = hit_rect(scene, element)
        assert box is not None
        assert hit(scene, box[0] + box[2] / 2, box[1] + box[3] / 2) == element


def test_a_selection_among_the_steps_left_out_is_ringed_at_their_dots() -> None:
    run = run_of("RNN", num_layers=1, L=300).at(150)
    ring = Element("h", 0, 0, 60, 0, unit=3)
    with_ring, without = page(run, selection=ring), page(run)
    assert len(flat(with_ring.marks)) > len(flat(without.marks))


def test_the_timeline_finds_the_step_at_a_place() -> None:
    timeline = ElidedTimeline(100.0, 50.0, 50.0, 20, (0, 1, 7, 19), 30.0)
    assert [timeline.left(t) for t in (0, 1, 2, 6, 7, 8, 19, 20)] == [
        100.0,
        150.0,
        200.0,
        200.0,
        230.0,
        280.0,
        310.0,
        360.0,
    ]
    assert timeline.end == 360.0
    assert [timeline.at(x) for x in (0, 120, 160, 210, 240, 290, 320, 999)] == [
        0,
        0,
        1,
        2,
        7,
        8,
        19,
        19,
    ]
    assert timeline.span(205, 300) == (2, 9)
    assert timeline.width(7) == 50.0
    assert timeline.width(8) == 30.0


def test_at_any_zoom_there_are_cards() -> None:
    view = View(run_of("GRU", L=400).at(200))
    for zoom in (0.01, 0.5, 2.0):
        frame = Frame(0, 0, 1000, 700, zoom)
        assert "t = 1" in words(FIGURE.build(view, ELIDED, frame, export_style()))
        assert FIGURE.extent(view, ELIDED, frame).current is not None


def test_golden_scene() -> None:
    run = run_of("LSTM", L=40, num_layers=1)
    assert_golden_text("scene/unrolled-elided", listing(page(run.at(20))))
