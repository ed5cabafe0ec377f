"""From the output to the loss: what is flattened into which row, and what each number is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from rnnviz.element import Element
from rnnviz.figures.picture import picture
from rnnviz.figures.scores import FIGURE, ScoresOptions
from rnnviz.figures.scores.foot import call, counted, divisor, steps, total
from rnnviz.figures.scores.kept import kept_of
from rnnviz.figures.scores.subject import Subject, subject_of
from rnnviz.figures.view import Frame, View
from rnnviz.model.pipeline import PipelineRun
from rnnviz.scene.axes import format_value
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Apertures, Cells, Path, Rect, Scene
from rnnviz.scene.style import load_style
from tests.figures import pipeline_views as runs
from tests.figures.overlaps import cut_off, overlapping, texts
from tests.figures.reading import flat, words
from tests.golden import assert_golden_text

LIGHT = load_style("light")
RUNS: dict[str, Callable[[], PipelineRun]] = {
    "next word": runs.next_word,
    "projected": runs.projected,
    "padded": runs.padded,
    "regression": runs.regression,
    "on last": runs.on_last,
    "on last, scores": lambda: runs.on_last(None),
    "on states": runs.on_states,
    "unbatched": runs.unbatched,
}


def words_view(step: int | None = None, batch_first: bool = False, **view: Any) -> View:
    pr = runs.next_word(batch_first)
    return runs.view_of(pr, step, runs.WORDS, runs.WORDS.tokens, **view)


def padded_view(step: int | None = None, **view: Any) -> View:
    return runs.view_of(runs.padded(), step, runs.LETTERS, runs.LETTERS.tokens, **view)


def built(view: View, zoom: float = 1.0, **options: Any) -> Scene:
    chosen = ScoresOptions(**options)
    wide = FIGURE.export_frame(view, chosen).width
    extent = FIGURE.extent(view, chosen, Frame(0, 0, wide, 600, zoom))
    frame = Frame(0, 0, max(extent.width, wide), extent.height, zoom)
    return FIGURE.build(view, chosen, frame, LIGHT)


def subject(view: View) -> Subject:
    found = subject_of(view)
    assert found is not None
    return found


def tensors(scene: Scene) -> set[str]:
    keys = (getattr(mark, "key", None) for mark in flat(scene.marks))
    return {key.tensor for key in keys if key is not None}


def places_by_height(scene: Scene) -> list[tuple[int, int]]:
    """(sequence, t) of the rows, from above, by the tokens beside them."""
    found = [
        (mark.y, mark.key)
        for mark in flat(scene.marks)
        if isinstance(mark, Rect) and mark.key and mark.key.tensor == "ids"
    ]
    return [(key.sequence or 0, key.t or 0) for _, key in sorted(found)]


# -- what is flattened into which row


def test_rows_stand_as_the_scores_are_flattened() -> None:
    by_time = places_by_height(built(words_view()))
    assert by_time == [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)]
    by_batch = places_by_height(built(words_view(batch_first=True)))
    assert by_batch == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]


@pytest.mark.parametrize("batch_first", [False, True])
def test_each_row_of_numbers_is_that_of_its_place(batch_first: bool) -> None:
    view = words_view(batch_first=batch_first)
    rows = subject(view).rows
    assert view.around is not None
    grid = view.around.pr.grid("scores").detach().numpy()
    for row, (n, t) in enumerate(zip(rows.sequences, rows.timesteps, strict=True)):
        assert (rows.scores[row] == grid[t, n]).all()


def test_the_grid_is_titled_with_its_axes() -> None:
    assert "(L, N, C) = (3, 2, 4)" in words(built(words_view()))
    assert "(N, L, C) = (2, 3, 4)" in words(built(words_view(batch_first=True)))
    assert "(L * N, C) = (6, 4)" in words(built(words_view()))
    assert "(N * L, C) = (160, 2)" in words(built(runs.view_of(runs.projected())))


def test_a_wire_leads_from_each_place_to_its_row() -> None:
    scene = built(words_view())
    ends = sorted(
        float(mark.segments[-1][-1])
        for mark in scene.marks
        if isinstance(mark, Path) and mark.arrow
    )
    tokens = [mark for mark in scene.marks if isinstance(mark, Rect) and mark.key]
    rows = sorted(m.y + m.height / 2 for m in tokens if m.key and m.key.tensor == "ids")
    assert ends == pytest.approx(rows)


def test_rows_in_another_order_keep_their_numbers() -> None:
    scene = built(words_view(), order="sequence")
    assert places_by_height(scene) == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    view = words_view()
    kept = kept_of(subject(view), ScoresOptions(order="loss"), 4)
    compared = subject(view).compared
    assert compared is not None
    losses = compared.losses[list(kept.rows)]
    assert (np.diff(losses) <= 0).all()


# -- the numbers


def test_softmax_rows_sum_to_one_and_say_so() -> None:
    view = words_view()
    values = subject(view).rows.probabilities
    assert values is not None
    assert np.abs(values.sum(axis=1) - 1).max() < 1e-6
    assert words(built(view)).count("1.000") == 6


@pytest.mark.parametrize("name", RUNS)
def test_the_sum_over_the_divisor_is_the_loss(name: str) -> None:
    pr = RUNS[name]()
    compared = subject(runs.view_of(pr)).compared
    if pr.loss is None:
        assert compared is None
        return
    assert compared is not None
    by = divisor(compared)
    assert total(compared) / (by or 1) == pytest.approx(float(pr.loss), rel=1e-6)
    assert format_value(float(pr.loss), 4) in " ".join(words(built(runs.view_of(pr))))


def test_the_losses_are_what_torch_computes() -> None:
    pr = runs.padded()
    compared = subject(runs.view_of(pr)).compared
    assert compared is not None and pr.flat_scores is not None and pr.flat_targets is not None  # noqa: PT018
    each = functional.cross_entropy(pr.flat_scores, pr.flat_targets, reduction="none")
    assert np.abs(compared.losses - each.numpy()).max() < 1e-7


def test_the_reduction_is_written_out_as_far_as_there_is_room() -> None:
    compared = subject(words_view()).compared
    assert compared is not None
    whole, short = steps(compared, 2000), steps(compared, 260)
    assert whole.count(" + ") == 5
    assert short.startswith("Σ losses / count = ")
    assert "…" in short or "(" not in short


def test_the_line_of_torch_computes_the_loss() -> None:
    makers = (runs.next_word, runs.projected, runs.padded, runs.regression, runs.on_last)
    for make in makers:
        pr = make()
        found = subject(runs.view_of(pr))
        assert found.compared is not None
        given = {name: pr.tensors[name].tensor for name in pr.tensors}
        given["valid"] = pr.form.as_given(pr.form.valid)
        loss = eval(call(found, found.compared), {"functional": functional, **given})
        assert float(loss) == pytest.approx(float(pr.loss), rel=1e-6)  # type: ignore[arg-type]


def test_what_does_not_count_is_hatched_and_said() -> None:
    view = padded_view()
    found = subject(view)
    assert found.compared is not None
    said = words(built(view))
    assert said.count("−100 ignored") == 5
    assert said.count("does not count") == 5
    assert "count: 10 of 15 rows; 3 are padding and 2 have the target −100" in said
    assert counted(found, found.compared) in said


def test_the_targets_column_is_marked_in_every_row_that_counts() -> None:
    view = words_view()
    scene = built(view, probabilities=False)
    style = load_style("light")
    lines = [m for m in scene.marks if isinstance(m, Rect) and m.height == 2.5]
    assert len(lines) == 6
    assert {mark.fill for mark in lines} == {style.ui.text}
    for row, mark in zip(range(6), sorted(lines, key=lambda m: m.y), strict=True):
        pr = view.around.pr  # type: ignore[union-attr]
        target = int(pr.flat_targets[row])  # type: ignore[index]
        box = hit_rect(scene, Element("flat_scores", row=row, column=target))
        assert box is not None
        assert mark.x + mark.width / 2 == pytest.approx(box[0] + box[2] / 2, abs=1.0)


# -- how far the view has come


def test_rows_that_are_not_reached_are_empty_and_dashed() -> None:
    scene = built(words_view(1))
    for row in range(6):
        key = Element("flat_scores", row=row)
        marks = [m for m in scene.marks if getattr(m, "key", None) == key]
        reached = row < 2
        assert any(isinstance(mark, Cells) for mark in marks) == reached
        assert any(isinstance(mark, Rect) and bool(mark.dash) for mark in marks) == (not reached)


@pytest.mark.parametrize("name", RUNS)
def test_what_is_reached_is_what_the_view_says(name: str) -> None:
    pr = RUNS[name]()
    assert pr.run is not None
    for step in range(pr.run.total + 1):
        view = runs.view_of(pr, step)
        found = subject(view)
        places = zip(found.rows.timesteps, found.rows.sequences, strict=True)
        there = view.has_output if pr.scores is None else view.has_scores
        assert found.reached.tolist() == [there(int(t), int(n)) for t, n in places]


def test_the_loss_appears_at_the_last_step() -> None:
    waiting = "loss: once the last timestep is computed"
    assert waiting in words(built(words_view(2)))
    assert waiting not in words(built(words_view(3)))
    assert "loss" in tensors(built(words_view(2)))


def test_without_targets_there_are_scores_and_probabilities_only() -> None:
    found = tensors(built(runs.view_of(runs.unbatched())))
    assert {"scores", "probabilities", "ids"} <= found
    assert not found & {"targets", "flat_targets", "losses", "loss"}


def test_probabilities_can_be_left_out() -> None:
    assert "probabilities" in tensors(built(words_view()))
    assert "probabilities" not in tensors(built(words_view(), probabilities=False))


def test_gradients_stand_beside_once_the_way_back_has_begun() -> None:
    assert "grad_scores" not in tensors(built(words_view()))
    view = words_view(returned=0)
    assert "grad_scores" in tensors(built(view))
    found = subject(view)
    assert found.gradients is not None
    assert found.rows.probabilities is not None
    assert found.compared is not None
    onehot = np.eye(4)[found.compared.targets]
    assert np.abs(found.gradients - (found.rows.probabilities - onehot) / 6).max() < 1e-7


def test_applies_where_there_is_a_head_or_a_loss() -> None:
    assert FIGURE.applies(words_view())
    assert FIGURE.applies(runs.view_of(runs.projected()))
    assert not FIGURE.applies(runs.view_of(runs.one_hot()))
    assert not FIGURE.applies(View(None))


# -- keys


def test_every_cell_is_found_by_a_click() -> None:
    scene = built(words_view(returned=0))
    for element in (
        Element("scores", t=1, sequence=1, unit=2),
        Element("flat_scores", row=3, column=1),
        Element("probabilities", t=2, sequence=0, unit=3),
        Element("targets", t=0, sequence=1),
        Element("flat_targets", row=4),
        Element("losses", t=2, sequence=1),
        Element("ids", t=1, sequence=0),
        Element("grad_scores", t=0, sequence=0, unit=0),
        Element("loss"),
    ):
        box = hit_rect(scene, element)
        assert box is not None, element
        found = hit(scene, box[0] + box[2] / 2, box[1] + box[3] / 2)
        assert found == element


def test_the_selected_element_is_ringed() -> None:
    plain = built(words_view())
    chosen = Element("probabilities", t=1, sequence=0, unit=2)
    assert len(built(words_view(selection=chosen)).marks) == len(plain.marks) + 1


# -- sizes


def test_a_large_run_is_a_few_rows_and_a_strip_of_all() -> None:
    pr = runs.large(1000, 100, 50)
    view = runs.view_of(pr, 500)
    scene = built(view)
    assert len(scene.marks) < 2000
    said = words(scene)
    assert any(word.endswith("more") and word.startswith("…") for word in said)
    assert any(word.startswith("all 100\u2009000 rows") for word in said)
    strip = next(m for m in scene.marks if isinstance(m, Cells) and m.axes == ("column", "row"))
    middle = hit(scene, strip.x + strip.width / 2, strip.y + 2)
    assert middle is not None
    assert middle.tensor == "flat_scores"
    assert 49_000 < (middle.row or 0) < 51_000


def test_the_selected_row_is_kept_among_many() -> None:
    pr = runs.large(100, 10, 3)
    chosen = Element("flat_scores", row=777, column=1)
    scene = built(runs.view_of(pr, selection=chosen))
    assert hit_rect(scene, chosen) is not None
    assert len(built(runs.view_of(pr), rows=60).marks) > len(built(runs.view_of(pr)).marks)


def test_of_many_classes_the_likeliest_are_named() -> None:
    pr = runs.large(3, 2, 50_000)
    scene = built(runs.view_of(pr))
    assert pr.probabilities is not None
    best = pr.probabilities[0, 0].argmax()
    assert str(int(best)) in words(scene)
    assert "3 of 50000 classes" in words(scene)
    assert all(len(m.levels) < 200 for m in scene.marks if isinstance(m, Apertures))


def test_the_strip_of_all_rows_stands_below_everything_else() -> None:
    scene = built(runs.view_of(runs.projected()), rows=12)
    strip = next(m for m in scene.marks if isinstance(m, Cells) and m.axes == ("column", "row"))
    cards = [m for m in scene.marks if isinstance(m, Rect) and m.key]
    assert max(mark.y + mark.height for mark in cards) < strip.y


def test_only_rows_within_the_frame_are_described() -> None:
    view = runs.view_of(runs.large(100, 10, 3))
    options = ScoresOptions(rows=240)
    extent = FIGURE.extent(view, options, Frame(0, 0, 900, 600))
    whole = FIGURE.build(view, options, Frame(0, 0, extent.width, extent.height), LIGHT)
    part = FIGURE.build(view, options, Frame(0, 3000, 900, 600), LIGHT)
    assert len(part.marks) < len(whole.marks) / 3


def test_zooming_makes_everything_larger() -> None:
    view = words_view()
    options = ScoresOptions()
    once = FIGURE.extent(view, options, Frame(0, 0, 900, 600))
    twice = FIGURE.extent(view, options, Frame(0, 0, 900, 600, 2.0))
    assert twice.width == pytest.approx(2 * once.width)
    assert 0.3 < FIGURE.fit_zoom(view, options, 900, 600) <= 1.25


def test_nan_scores_are_crossed() -> None:
    pr = runs.next_word()
    assert pr.scores is not None
    pr.scores[1, 0, 2] = torch.nan
    cells = [m for m in flat(built(runs.view_of(pr)).marks) if isinstance(m, Cells)]
    assert sum(int(m.crossed.sum()) for m in cells if m.crossed is not None) == 2


# -- differences, words and golden scenes


def test_a_difference_is_signed() -> None:
    view = runs.difference_view()
    scene = built(view)
    said = words(scene)
    assert "Δ flat_scores" in said
    assert any(word.startswith("+0.") for word in said)
    assert not any(isinstance(mark, Apertures) for mark in scene.marks)
    assert "Δ = new − original" in words(picture(view, "scores"))
    before, after = runs.edited()
    assert before.loss is not None
    assert after.loss is not None
    assert format_value(float(after.loss - before.loss), 4) in " ".join(said)


def _whole(make: Callable[[], PipelineRun]) -> View:
    return runs.view_of(make())


VIEWS: dict[str, Callable[[], View]] = {
    **{name: partial(_whole, make) for name, make in RUNS.items()},
    "words": lambda: words_view(2),
    "words, way back": lambda: words_view(batch_first=True, returned=1),
    "padded, way back": lambda: padded_view(returned=2),
    "large": lambda: runs.view_of(runs.large(1000, 100, 50), 500),
    "difference": runs.difference_view,
}


@pytest.mark.parametrize("name", VIEWS)
def test_nothing_overlaps_and_nothing_is_cut_off(name: str) -> None:
    other = ScoresOptions(order="sequence", probabilities=False, rows=12)
    for options in (ScoresOptions(), other):
        scene = picture(VIEWS[name](), "scores", options)
        assert overlapping(scene) == []
        assert cut_off(scene) == []


@pytest.mark.parametrize("width", [560.0, 680.0, 1000.0])
@pytest.mark.parametrize("name", VIEWS)
def test_a_narrow_pane_has_the_rows_below_the_grids(name: str, width: float) -> None:
    view = VIEWS[name]()
    for options in (ScoresOptions(), ScoresOptions(order="sequence", probabilities=False)):
        frame = Frame(0, 0, width, 500)
        extent = FIGURE.extent(view, options, frame)
        assert FIGURE.fit_zoom(view, options, width, 500) >= 1.0
        whole = replace(frame, height=extent.height)
        scene = FIGURE.build(view, options, whole, LIGHT)
        assert overlapping(scene) == []
        assert extent.width > width or cut_off(scene) == []


def test_a_narrow_pane_shows_what_a_wide_one_does() -> None:
    view = padded_view(returned=0)
    frame = Frame(0, 0, 680, 4000)
    narrow = FIGURE.build(view, ScoresOptions(), frame, LIGHT)
    assert tensors(narrow) == tensors(built(view))
    assert FIGURE.extent(words_view(returned=0), ScoresOptions(), frame).width <= 680


def test_wires_pass_the_names_of_timesteps() -> None:
    scene = FIGURE.build(words_view(1), ScoresOptions(), Frame(0, 0, 680, 4000), LIGHT)
    names = [box for text, box, _ in texts(scene.marks) if text.startswith("t = ")]
    lanes = [mark for mark in flat(scene.marks) if isinstance(mark, Path) and mark.arrow]
    assert lanes
    for lane in lanes:
        points = [segment for segment in lane.segments[2:] if segment[0] != "Z"]
        upright = min(x for _, x, *_ in points)  # where it leads down
        assert not [x for x, y, width, _ in names if x < upright < x + width and y < 200]


def test_the_row_that_is_read_is_followed() -> None:
    options, frame = ScoresOptions(), Frame(0, 0, 560, 400)
    first, second = (FIGURE.extent(words_view(step), options, frame) for step in (1, 2))
    assert first.current_row is not None
    assert second.current_row is not None
    assert first.current_row[0] < second.current_row[0]
    assert FIGURE.extent(words_view(0), options, frame).current_row is None


def test_golden_scenes() -> None:
    assert_golden_text("scores-words-2", listing(built(words_view(2))))
    narrow = FIGURE.build(words_view(2), ScoresOptions(), Frame(0, 0, 680, 640), LIGHT)
    assert_golden_text("scores-words-2-narrow", listing(narrow))
    assert_golden_text("scores-padded", listing(built(padded_view(returned=0))))


def test_a_run_is_what_it_was_after_it_was_drawn() -> None:
    pr: PipelineRun = runs.next_word()
    before = {name: named.tensor.clone() for name, named in pr.tensors.items()}
    built(runs.view_of(pr, returned=0))
    assert all(torch.equal(before[name], pr.tensors[name].tensor) for name in before)
