"""Which sequence each row of a batch ends up in, by `view` and by `transpose`."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.element import Element
from rnnviz.figures.picture import picture
from rnnviz.figures.rows import FIGURE, RowsOptions
from rnnviz.figures.rows.arrangements import layout_of
from rnnviz.figures.rows.grids import said
from rnnviz.figures.rows.pairs import pairing_said
from rnnviz.figures.rows.subject import Subject, letter, subject_of
from rnnviz.figures.view import Frame, View
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Cells, Rect, Scene, Text
from rnnviz.scene.style import load_style
from tests.figures import pipeline_views as runs
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.reading import words
from tests.golden import assert_golden_text

LIGHT = load_style("light")


def words_view(step: int | None = None, batch_first: bool = False, **view: Any) -> View:
    pr = runs.next_word(batch_first)
    return runs.view_of(pr, step, runs.WORDS, runs.WORDS.tokens, **view)


def built(view: View, **options: Any) -> Scene:
    chosen = RowsOptions(**options)
    return FIGURE.build(view, chosen, FIGURE.export_frame(view, chosen), LIGHT)


def subject(view: View) -> Subject:
    found = subject_of(view)
    assert found is not None
    return found


def places(scene: Scene, tensor: str = "ids") -> Counter[tuple[int, int]]:
    """How often each (sequence, t) stands on the page."""
    keys = [mark.key for mark in scene.marks if isinstance(mark, Rect) and mark.key]
    return Counter((key.sequence or 0, key.t or 0) for key in keys if key.tensor == tensor)


# -- what ends up where


def test_a_batch_of_two_by_view_and_by_transpose() -> None:
    found = subject(words_view())
    ids = torch.tensor(runs.IDS)
    for laid, turned in ((found.transpose, ids.T), (found.view, ids.view(3, 2))):
        read = torch.stack(
            [ids[n, t] for n, t in zip(laid.sequences.flat, laid.timesteps.flat, strict=True)]
        )
        assert torch.equal(read.view(3, 2), turned)
    assert said(found.transpose) == ("good", "Every place holds its own: 6 of 6.")
    assert said(found.view) == ("bad", "4 of 6 places hold what belongs elsewhere.")


@given(st.integers(2, 9), st.integers(2, 9), st.booleans())
def test_every_place_is_that_of_torch(L: int, N: int, batch_first: bool) -> None:  # noqa: N803
    shape = (N, L) if batch_first else (L, N)
    from rnnviz.model.pipeline import Pipeline

    recurrent = torch.nn.RNN(2, 2, batch_first=batch_first)
    pipeline = Pipeline(torch.nn.Embedding(L * N, 2), recurrent)
    pr = pipeline.run(torch.arange(L * N).reshape(shape))
    found = subject(runs.view_of(pr))
    named = torch.arange(N)[:, None] * 1000 + torch.arange(L)  # by sequence and timestep
    given_ = named.T.contiguous() if batch_first else named
    for laid, wanted in (
        (found.transpose, given_.transpose(0, 1)),
        (found.view, given_.view(shape)),
    ):
        assert (laid.sequences * 1000 + laid.timesteps == wanted.numpy()).all()
    assert found.transpose.right.all()
    assert not found.view.right.all()


def test_what_is_read_as_each_sequence_is_written_out() -> None:
    scene = built(words_view(), labels=False)
    layout = layout_of(subject(words_view()), RowsOptions(labels=False), 4000.0)
    assert layout.readings is not None
    lines: dict[float, list[tuple[float, str]]] = {}
    for mark in scene.marks:
        if isinstance(mark, Text) and mark.font == "mono" and mark.y > layout.readings[0]:
            text = "".join(run.text for run in mark.runs)
            lines.setdefault(round(mark.y, 1), []).append((mark.x, text))
    read = [[text for _, text in sorted(line)] for _, line in sorted(lines.items())]
    assert read == [
        ["she", "reads", "it", "she", "it", "reads"],
        ["it", "reads", "she", "reads", "it", "she"],
    ]


def test_every_place_stands_on_the_page_as_often_as_any_other() -> None:
    assert set(places(built(words_view(), readings=False, labels=False)).values()) == {6}
    assert set(places(built(words_view())).values()) == {10}


def test_wrong_places_are_marked() -> None:
    scene = built(words_view(), readings=False, labels=False)
    wrong = [m for m in scene.marks if isinstance(m, Rect) and m.stroke == LIGHT.ui.error]
    assert len(wrong) == 4


def test_under_batch_first_the_same_slip_the_other_way_about() -> None:
    said_words = words(built(words_view(batch_first=True)))
    assert "batch.view(2, 3)" in said_words
    assert "(L, N) = (3, 2)" in said_words
    assert "batch.view(3, 2)" in words(built(words_view()))


# -- labels


def test_labels_against_scores() -> None:
    found = subject(words_view())
    assert found.order == "time"
    assert pairing_said(found.pairing("batch")) == ("bad", "4 of 6 rows meet another's label.")
    assert pairing_said(found.pairing("time")) == ("good", "6 of 6 rows meet their own label.")
    assert subject(words_view(batch_first=True)).order == "batch"


def test_the_loss_of_mixed_labels_is_that_of_the_wrong_pairs() -> None:
    found = subject(words_view())
    labels = torch.tensor(runs.LABELS)
    mixed = labels.reshape(-1).tolist()
    shown = [int(labels[n, t]) for n, t in found.pairing("batch").labels]
    assert shown == mixed
    assert [found.label(n, t) for n, t in found.pairing("batch").labels] == [
        runs.WORDS.tokens[label] for label in mixed
    ]


def test_there_are_no_labels_where_nothing_is_compared_step_by_step() -> None:
    assert not subject(runs.view_of(runs.one_hot())).has_labels
    assert not subject(runs.view_of(runs.on_last())).has_labels
    scene = built(runs.view_of(runs.on_last()))
    assert not any("labels" in word for word in words(scene))


def test_ignored_labels_have_no_name() -> None:
    view = runs.view_of(runs.padded(), None, runs.LETTERS, runs.LETTERS.tokens)
    assert subject(view).label(1, 2) == ""
    assert subject(view).label(0, 0) == "e"


# -- when it applies


def test_applies_to_several_sequences_of_ids_or_short_vectors() -> None:
    assert FIGURE.applies(words_view())
    assert FIGURE.applies(runs.view_of(runs.regression()))
    assert not FIGURE.applies(runs.view_of(runs.one_hot(1)))
    assert not FIGURE.applies(runs.view_of(runs.projected()))
    assert not FIGURE.applies(runs.view_of(runs.unbatched()))
    assert not FIGURE.applies(View(None))


def test_letters_go_on_after_z() -> None:
    assert [letter(n) for n in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]


# -- stepping, keys and sizes


@pytest.mark.parametrize("batch_first", [False, True])
def test_what_is_read_now_is_lit(batch_first: bool) -> None:
    def slabs(step: int) -> list[tuple[float, float]]:
        scene = built(words_view(step, batch_first), readings=False, labels=False)
        line = LIGHT.current.line
        return [(m.x, m.y) for m in scene.marks if isinstance(m, Rect) and m.stroke == line]

    assert slabs(0) == []
    assert len(slabs(1)) == len(slabs(3)) == 3
    moved = [a != b for a, b in zip(slabs(1), slabs(2), strict=True)]
    assert all(moved)


def test_a_place_is_found_by_a_click_and_ringed_everywhere() -> None:
    view = words_view()
    scene = built(view)
    element = Element("ids", t=1, sequence=1)
    box = hit_rect(scene, element)
    assert box is not None
    assert hit(scene, box[0] + box[2] - 6, box[1] + box[3] / 2) == element
    ringed = built(words_view(selection=element))
    assert len(ringed.marks) == len(scene.marks) + 5
    label = Element("targets", t=2, sequence=0)
    assert hit_rect(scene, label) is not None
    assert hit_rect(scene, Element("flat_scores", row=3)) is not None


def test_vectors_stand_as_strips() -> None:
    scene = built(runs.view_of(runs.regression()))
    strips = [m for m in scene.marks if isinstance(m, Cells) and m.key and m.key.tensor == "x"]
    assert strips
    assert {mark.colors.shape[1] for mark in strips} == {2}


def test_padding_is_hatched() -> None:
    scene = built(runs.view_of(runs.padded()), readings=False, labels=False)
    hatched = [mark for mark in scene.marks if isinstance(mark, Rect) and mark.hatch]
    assert len(hatched) == 3 * 3


def test_a_large_batch_is_elided() -> None:
    view = runs.view_of(runs.large(1000, 100, 50), 500)
    scene = built(view)
    assert len(scene.marks) < 1500
    assert "…" in words(scene)
    assert "99\u2009990 of 100\u2009000 places hold what belongs elsewhere." in words(scene)
    kept = layout_of(subject(view), RowsOptions(), 4000.0)
    assert 499 in kept.timesteps


VIEWS = {
    "words": lambda: words_view(2),
    "batch first": lambda: words_view(1, batch_first=True),
    "padded": lambda: runs.view_of(runs.padded(), 3, runs.LETTERS, runs.LETTERS.tokens),
    "vectors": lambda: runs.view_of(runs.regression(False), 2),
    "one-hot": lambda: runs.view_of(runs.one_hot(), 1),
    "on last": lambda: runs.view_of(runs.on_last()),
    "large": lambda: runs.view_of(runs.large(1000, 100, 50), 500),
    "difference": runs.difference_view,
}


@pytest.mark.parametrize("name", VIEWS)
def test_nothing_overlaps_and_nothing_is_cut_off(name: str) -> None:
    for options in (RowsOptions(), RowsOptions(readings=False), RowsOptions(labels=False)):
        scene = picture(VIEWS[name](), "rows", options)
        assert overlapping(scene) == []
        assert cut_off(scene) == []


@pytest.mark.parametrize("width", [560.0, 680.0, 1000.0])
@pytest.mark.parametrize("name", VIEWS)
def test_a_narrow_pane_has_them_one_below_the_other(name: str, width: float) -> None:
    view = VIEWS[name]()
    for options in (RowsOptions(), RowsOptions(readings=False)):
        extent = FIGURE.extent(view, options, Frame(0, 0, width, 500))
        assert FIGURE.fit_zoom(view, options, width, 500) >= 1.0
        scene = FIGURE.build(view, options, Frame(0, 0, width, extent.height), LIGHT)
        assert overlapping(scene) == []
        assert extent.width > width or cut_off(scene) == []


def test_the_key_says_what_is_shown() -> None:
    assert "Δ = new − original" in words_of_picture(runs.difference_view())
    assert "sequence 1" in words_of_picture(words_view())


def words_of_picture(view: View) -> list[str]:
    legend = FIGURE.legend(view, RowsOptions(), 900, LIGHT)
    (clip,) = legend.marks
    return words(Scene(0, 0, clip.marks))  # type: ignore[union-attr]


def test_golden_scenes() -> None:
    narrow = FIGURE.build(words_view(2), RowsOptions(), Frame(0, 0, 680, 640), LIGHT)
    assert_golden_text("rows-words-2-narrow", listing(narrow))
    assert_golden_text("rows-words-2", listing(built(words_view(2))))
    assert_golden_text("rows-batch-first", listing(built(words_view(3, batch_first=True))))
