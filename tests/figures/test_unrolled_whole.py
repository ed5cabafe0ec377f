"""The unrolled graph of a whole model: what is given, what comes of it, and the loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from torch.nn import functional

from rnnviz.element import Element
from rnnviz.figures.unrolled import FIGURE, UnrolledOptions
from rnnviz.figures.unrolled.sheet import BARS
from rnnviz.figures.view import Frame, View
from rnnviz.model.tokens import Vocabulary
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Cells, Mark, Rect, Scene, Text
from rnnviz.scene.style import export_style, load_style
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.reading import flat, words
from tests.figures.whole_models import (
    LETTERS,
    WORDS,
    difference_view,
    letters,
    many_classes,
    regression,
    verdicts,
    view_of,
)
from tests.golden import assert_golden_text

BI: dict[str, Any] = {"bidirectional": True}
PACKED: dict[str, Any] = {"N": 3, "lengths": (6, 4, 2)}
CASES: dict[str, Callable[[], View]] = {
    "letters": lambda: view_of(letters(), 3),
    "letters-end": lambda: view_of(letters(ignored=2), 6),
    "last": lambda: view_of(letters(on="last"), 6),
    "h_n": lambda: view_of(letters(on="h_n", num_layers=1, **BI), 6),
    "packed": lambda: view_of(letters("GRU", **PACKED), 3, sequence=1),
    "all": lambda: view_of(letters("GRU", **PACKED), 3, sequence=None),
    "regression": lambda: view_of(regression(), 3, vocabulary=None),
    "verdicts": lambda: view_of(verdicts(), 4, vocabulary=WORDS, classes=("yes", "no")),
    "many": lambda: view_of(many_classes(), 4, vocabulary=None),
    "difference": difference_view,
    "no-loss": lambda: view_of(letters(loss=False), 3),
    "projected": lambda: view_of(letters(proj_size=3), 2),
}
GOLDEN = ("letters", "h_n", "packed", "regression", "many")
LONG: dict[str, Callable[[], View]] = {
    "letters": lambda: view_of(letters(L=60), 23),
    "last": lambda: view_of(letters(L=60, on="last"), 60),
    "many": lambda: view_of(many_classes(L=60), 33, vocabulary=None),
    "regression": lambda: view_of(regression(60), 20, vocabulary=None),
}


def drawn(view: View, zoom: float = 1.0, pane: tuple[float, float] = (2400.0, 2000.0)) -> Scene:
    return FIGURE.build(view, UnrolledOptions(), Frame(0, 0, *pane, zoom), load_style("light"))


def keyed(scene: Scene, tensor: str) -> list[Any]:
    return [
        mark
        for mark in flat(scene.marks)
        if getattr(mark, "key", None) is not None and mark.key.tensor == tensor  # type: ignore[union-attr]
    ]


def text_of(mark: Mark) -> str:
    return "".join(run.text for run in mark.runs) if isinstance(mark, Text) else ""


@pytest.mark.parametrize("case", GOLDEN)
def test_the_scene_is_as_approved(case: str) -> None:
    scene = drawn(CASES[case](), pane=(1200.0, 900.0))
    assert_golden_text(f"scene/unrolled-whole-{case}", listing(scene))


def test_columns_are_as_approved() -> None:
    scene = drawn(LONG["letters"](), 0.12, (1000.0, 900.0))
    assert_golden_text("scene/unrolled-whole-columns", listing(scene))


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
    scene = FIGURE.legend(CASES[case](), UnrolledOptions(), width, load_style("dark"))
    assert overlapping(scene, slack=0.5) == []
    assert cut_off(scene) == []


@pytest.mark.parametrize("case", CASES)
def test_a_picture_holds_all_of_it(case: str) -> None:
    view = CASES[case]()
    frame = FIGURE.export_frame(view, UnrolledOptions())
    scene = FIGURE.build(view, UnrolledOptions(), frame, export_style())
    assert cut_off(scene) == []


def test_without_surroundings_nothing_changes() -> None:
    view = view_of(letters(), 3)
    alone, style = replace(view, around=None), load_style("light")
    scenes = [
        FIGURE.build(found, UnrolledOptions(), Frame(0, 0, 1000, 706), style)
        for found in (alone, View(view.run, view.whole))
    ]
    assert listing(scenes[0]) == listing(scenes[1])
    assert FIGURE.extent(view, UnrolledOptions(), Frame(0, 0, 1000, 706)).height > (
        FIGURE.extent(alone, UnrolledOptions(), Frame(0, 0, 1000, 706)).height
    )


# Behind.


def test_a_bar_is_as_high_as_its_probability() -> None:
    pr = letters()
    found: list[Any] = keyed(drawn(view_of(pr, 6)), "probabilities")
    bars = [mark for mark in found if type(mark) is Rect]
    assert pr.probabilities is not None
    assert len(bars) == 6 * 5
    for mark in bars:
        assert mark.key is not None
        assert mark.key.t is not None
        value = float(pr.probabilities[0, mark.key.t, mark.key.unit])
        assert mark.height == pytest.approx(max(BARS * value, 1.0))


@pytest.mark.parametrize("position", range(7))
def test_nothing_behind_shows_a_value_before_it_is_there(position: int) -> None:
    for on in ("every", "last", "h_n"):
        view = view_of(letters("GRU", on=on, N=2, lengths=(6, 4)), position)
        for sequence in (0, 1, None):
            for mark in flat(drawn(replace(view, sequence=sequence)).marks):
                assert_known(view, mark)


def assert_known(view: View, mark: Mark) -> None:
    """A filled bar, cells and a number stand only where the view has come."""
    key = getattr(mark, "key", None)
    if key is None or key.tensor not in ("probabilities", "losses", "scores"):
        return
    is_name = isinstance(mark, Text) and key.tensor == "probabilities"
    if (isinstance(mark, Rect) and mark.fill is None) or is_name:
        return
    assert view.has_scores(key.t, key.sequence)


def test_the_losses_are_torchs() -> None:
    pr = letters(ignored=2)
    scene = drawn(view_of(pr, 6))
    assert pr.scores is not None
    expected = functional.cross_entropy(
        pr.scores[0], pr.tensors["targets"].tensor[0], reduction="none"
    )
    shown = {mark.key.t: text_of(mark) for mark in keyed(scene, "losses")}
    assert shown == {t: f"{expected[t]:.{3 if expected[t] < 1 else 2}f}" for t in (0, 1, 3, 4, 5)}
    assert "ignored" in words(scene)
    assert pr.loss is not None
    assert f"loss {float(pr.loss):.2f} = mean of 5" in words(scene)


def test_the_loss_of_all_waits_for_the_last_step() -> None:
    pr = letters()
    assert not any("mean of" in text for text in words(drawn(view_of(pr, 5))))
    assert any("mean of 6" in text for text in words(drawn(view_of(pr, 6))))


def test_the_loss_of_all_stands_beside_the_place_of_the_last_ones() -> None:
    view = view_of(letters(L=60, on="last"), 23)
    for zoom in (0.05, 0.06):
        scene = drawn(view, zoom)
        (last,) = (mark for mark in keyed(scene, "losses") if mark.key.t == 59)
        (word,) = (mark for mark in flat(scene.marks) if text_of(mark) == "loss")
        assert isinstance(word, Text)
        assert last.x + last.width + 2 <= word.x


def test_padding_does_not_count() -> None:
    said = words(drawn(view_of(letters(**PACKED), 6, sequence=1)))
    assert said.count("padding") == 2
    assert any("mean of 12" in text for text in said)


def test_the_target_is_underlined() -> None:
    pr = letters()
    scene = drawn(view_of(pr, 2))
    marks = {mark.key.t: mark for mark in keyed(scene, "targets")}
    assert sorted(marks) == list(range(6))
    for t, mark in marks.items():
        target = int(pr.tensors["targets"].tensor[0, t])
        name = hit_rect(scene, Element("probabilities", t=t, sequence=0, unit=target))
        assert name is not None
        assert name[0] - 6 < mark.x + mark.width / 2 < name[0] + name[2] + 6
    assert marks[1].fill != marks[4].fill  # those that are to come are faint


def test_of_many_classes_the_likeliest_are_listed_with_the_target() -> None:
    pr = many_classes()
    scene = drawn(view_of(pr, 6, vocabulary=None))
    assert pr.probabilities is not None
    for t in range(6):
        shown = {mark.key.unit for mark in keyed(scene, "probabilities") if mark.key.t == t}
        assert len(shown) == 4
        assert int(pr.tensors["targets"].tensor[0, t]) in shown
        assert set(pr.probabilities[0, t].topk(3).indices.tolist()) <= shown
    assert "496 more" in words(scene)


def test_one_block_stands_where_a_head_reads() -> None:
    view = view_of(letters(on="last"), 6)
    assert {mark.key.t for mark in keyed(drawn(view), "probabilities")} == {5}
    final = drawn(view_of(letters(on="h_n", **BI), 12))
    block = hit_rect(final, Element("probabilities", t=5, sequence=0, unit=2))
    state = hit_rect(final, Element("h_n", 1, 0, None, 0))
    assert block is not None
    assert state is not None
    assert abs(block[0] + block[2] / 2 - state[0] - state[2] / 2) < 20


def test_scores_without_probabilities_are_a_strip_beside_their_targets() -> None:
    pr = regression()
    scene = drawn(view_of(pr, 5, vocabulary=None))
    for tensor in ("scores", "targets"):
        strips = [mark for mark in keyed(scene, tensor) if isinstance(mark, Cells)]
        assert [mark.colors.shape[:2] for mark in strips] == [(1, 2)] * 5
    assert pr.scores is not None
    assert f"{float(pr.scores[0, 0, 0]):.2f}".replace("-", "−") in words(scene)


def test_a_difference_has_signs() -> None:
    scene = drawn(difference_view())
    said = words(scene)
    assert any(text.startswith("Δ loss ") for text in said)
    assert "Δ probability" in said
    assert [text for text in said if text.startswith(("+0.", "−0."))]


# In front.


@pytest.mark.parametrize("position", [0, 3, 6])
def test_tokens_are_known_from_the_start(position: int) -> None:
    scene = drawn(view_of(letters(), position))
    boxes = sorted(keyed(scene, "ids"), key=lambda mark: mark.key.t)
    assert [mark.key.t for mark in boxes] == list(range(6))
    said = words(scene)
    assert all(said.count(letter) >= 1 for letter in "helo␣")
    inked = [mark.stroke for mark in boxes]
    assert len(set(inked)) == (1 if position in (0, 6) else 2)


@pytest.mark.parametrize(
    ("case", "front"),
    [("letters", "embedding"), ("verdicts", "one-hot × Linear"), ("regression", "Linear")],
)
def test_the_row_says_what_makes_x(case: str, front: str) -> None:
    assert front in words(drawn(CASES[case]()))


def test_vectors_before_a_linear_are_a_strip() -> None:
    strips = keyed(drawn(CASES["regression"]()), "input")
    assert [mark.colors.shape[1] for mark in strips if isinstance(mark, Cells)] == [3] * 5


@pytest.mark.parametrize(
    "element",
    [
        Element("ids", t=2, sequence=0),
        Element("probabilities", t=1, sequence=0, unit=1),
        Element("losses", t=0, sequence=0),
        Element("targets", t=4, sequence=0),
    ],
)
def test_a_click_finds_what_is_drawn(element: Element) -> None:
    scene = drawn(view_of(letters(), 3))
    box = hit_rect(scene, element)
    assert box is not None
    assert hit(scene, box[0] + box[2] / 2, box[1] + box[3] / 2) == element


@pytest.mark.parametrize(
    ("selected", "count"),
    [
        (Element("probabilities", t=1, sequence=0, unit=2), 2),
        (Element("losses", t=1, sequence=0), 2),
        (Element("ids", t=1, sequence=0), 1),
        (Element("x", layer=0, t=1, sequence=0), 2),
    ],
)
def test_a_selection_is_ringed_with_what_it_is_made_of(selected: Element, count: int) -> None:
    view = view_of(letters(), 3, selection=selected)
    ink = load_style("light").ui.focus_ring
    rings = [
        mark
        for mark in flat(drawn(view).marks)
        if isinstance(mark, Rect)
        and mark.stroke == ink
        and mark.stroke_width == 2
        and mark.fill is None
    ]
    assert len({(mark.x, mark.y) for mark in rings}) == count


# From afar, and again.


def test_columns_hold_every_probability_and_the_letters() -> None:
    view = view_of(letters(L=60), 60)
    scene = drawn(view, 0.12)
    columns = [mark for mark in keyed(scene, "probabilities") if isinstance(mark, Cells)]
    assert len(columns) == 58  # the current step and the one before are cards
    assert {mark.colors.shape[:2] for mark in columns} == {(5, 1)}
    assert words(scene).count("e") >= 9
    narrow = drawn(view, 0.062)  # 8.3 px a step
    assert words(narrow).count("h") <= 2 * 3 + 4  # of cards alone


@pytest.mark.parametrize("zoom", [0.12, 0.062, 0.02, 0.004])
def test_no_column_holds_what_is_not_there(zoom: float) -> None:
    for mark in flat(drawn(view_of(letters(L=60), 23), zoom).marks):
        if isinstance(mark, Cells) and mark.key and mark.key.tensor in ("probabilities", "losses"):
            across = mark.axes[1] == "t"
            first = mark.origin[1] if across else mark.key.t
            assert first is not None
            assert first + (mark.colors.shape[1] - 1 if across else 0) * mark.stride[1] < 23


def test_other_names_are_seen_at_once() -> None:
    view = view_of(letters(), 3)
    assert "h" in words(drawn(view))
    named = Vocabulary(("H", "E", "L", "O", "_"))
    assert view.around is not None
    renamed = replace(view, around=replace(view.around, vocabulary=named, classes=named.tokens))
    said = words(drawn(renamed))
    assert "E" in said
    assert listing(drawn(view)) == listing(drawn(view_of(letters(), 3)))
    assert LETTERS.tokens[1] not in said


def test_panning_shows_the_same_marks_as_building_anew() -> None:
    views = [view_of(letters(L=20), 9) for _ in range(2)]
    style, options = load_style("light"), UnrolledOptions()
    FIGURE.build(views[0], options, Frame(0, 0, 1000, 700), style)
    scenes = [FIGURE.build(view, options, Frame(700, 40, 1000, 700), style) for view in views]
    assert listing(scenes[0]) == listing(scenes[1])


def test_elided_steps_leave_dots_in_every_row() -> None:
    view = view_of(letters(L=40), 20)
    frame = FIGURE.export_frame(view, UnrolledOptions(elide=True))
    scene = FIGURE.build(view, UnrolledOptions(elide=True), frame, load_style("light"))
    assert overlapping(scene) == []
    assert len({mark.key.t for mark in keyed(scene, "ids")}) < 12


def test_what_is_no_number_is_crossed() -> None:
    pr = letters()
    tensors = dict(pr.tensors)
    for name in ("probabilities", "scores", "losses", "loss"):
        tensors[name] = tensors[name]._replace(tensor=tensors[name].tensor * float("nan"))
    broken = replace(pr, tensors=tensors)
    for zoom in (1.0, 0.3, 0.02):
        assert drawn(view_of(broken, 4), zoom).marks
    said = words(drawn(view_of(broken, 4)))
    assert said.count("×") == 4 * 5
    assert said.count("NaN") == 4
