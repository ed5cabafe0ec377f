"""The picture of a Linear layer: its numbers are torch's, row by row, and it stays legible."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from rnnviz.element import Element
from rnnviz.figures.choices import option_choices
from rnnviz.figures.linear import FIGURE, LinearOptions
from rnnviz.figures.linear.subject import subject_of
from rnnviz.figures.picture import picture
from rnnviz.figures.view import Frame, View, applies_to
from rnnviz.model.pipeline import Pipeline, PipelineRun, linear_product
from rnnviz.model.pipeline.differences import difference_of
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Cells, Rect, Scene, Text
from rnnviz.scene.style import load_style
from tests.figures.front_runs import (
    eight_to_two,
    one_hot_rnn,
    pretrained,
    two_to_three,
    view_of,
    words,
)
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.reading import flat
from tests.figures.reading import words as said
from tests.golden import assert_golden_text

PANES = ((1000.0, 750.0), (680.0, 560.0), (1640.0, 900.0))


def built(view: View, pane: tuple[float, float] = PANES[0], **options: Any) -> Scene:
    frame = Frame(0, 0, *pane)
    return FIGURE.build(view, LinearOptions(**options), frame, load_style("light"))


def rows_of(scene: Scene, tensor: str) -> dict[tuple[int, int], list[str]]:
    """The numbers written into each vector, by sequence and timestep."""
    marks = flat(scene.marks)
    texts = [mark for mark in marks if isinstance(mark, Text)]
    found = {}
    for mark in marks:
        if not (isinstance(mark, Cells) and mark.key and mark.key.tensor == tensor):
            continue
        within = [
            text
            for text in texts
            if mark.x <= text.x <= mark.x + mark.width and mark.y <= text.y <= mark.y + mark.height
        ]
        place = (mark.key.sequence or 0, mark.key.t or 0)
        found[place] = ["".join(run.text for run in text.runs) for text in within]
    return found


def test_it_applies_where_there_is_a_linear_layer() -> None:
    head, _ = words()
    assert applies_to(FIGURE, view_of(head))
    assert applies_to(FIGURE, view_of(two_to_three()))
    assert applies_to(FIGURE, view_of(one_hot_rnn()))
    assert not applies_to(FIGURE, view_of(pretrained()))
    assert not applies_to(FIGURE, View(None))


def test_the_example_two_to_three() -> None:
    view = view_of(two_to_three())
    scene = built(view)
    rows = [["1", "2", "2"], ["1", "3", "3"], ["1", "4", "4"]]
    assert list(rows_of(scene, "embedded").values()) == [*rows, *rows]
    assert list(rows_of(scene, "input").values()) == [["1", "1"], ["2", "2"], ["3", "3"]] * 2
    text = said(scene)
    assert {"(N · L, H_in)", "= (6, 2)", "(N · L, E)", "= (6, 3)", "= (2, 3)", "= (3,)"} <= set(
        text
    )
    shapes = next(line for line in text if "stacked" in line)
    assert shapes.startswith("(N, L, H_in) = (2, 3, 2) → stacked (6, 2) → (6, 3) → (N, L, E) =")


def test_the_sum_of_the_selected_number_is_written_out() -> None:
    chosen = Element("embedded", t=0, sequence=0, unit=1)
    assert "embedded[0, 0, 1] = 1·0 + 1·1 + b 1 = 2" in said(
        built(view_of(two_to_three(), selection=chosen))
    )
    weight = Element("embedding.weight", row=2, column=0)
    assert "embedded[0, 2, 2] = 3·1 + 3·0 + b 1 = 4" in said(
        built(view_of(two_to_three(), selection=weight))
    )


def test_the_example_eight_to_two_with_a_sigmoid() -> None:
    pr = eight_to_two()
    scene = built(view_of(pr))
    assert pr.probabilities is not None
    shown = rows_of(scene, "probabilities")
    assert len(shown) == 16
    for row, texts in enumerate(shown.values()):
        assert texts == [f"{value:.2f}" for value in pr.probabilities[row].tolist()]
    assert "sigmoid(scores)" in said(scene)
    first = float(pr.scores[0, 0])  # type: ignore[index]
    assert any(f"sigmoid({first:.2f}) = " in line for line in said(scene))


def test_the_example_one_hot_through_linear() -> None:
    pr = one_hot_rnn()
    scene = built(view_of(pr, 3))
    assert next(iter(rows_of(scene, "one_hot").values())) == ["0", "1", "0", "0"]
    texts = rows_of(scene, "x")
    for (sequence, t), row in texts.items():
        wanted = [f"{value:.2f}".replace("-", "−") for value in pr.embedded[t, sequence].tolist()]
        assert row == wanted


@pytest.mark.parametrize("which", ["front", "head"])
def test_the_numbers_are_those_of_linear_product(which: str) -> None:
    torch.manual_seed(4)
    model = Pipeline(nn.Linear(3, 4), nn.RNN(4, 5), nn.Linear(5, 2))
    pr = model.run(torch.randn(6, 2, 3))
    subject = subject_of(view_of(pr), LinearOptions(which))
    linear = model.embedding if which == "front" else model.head.linear  # type: ignore[union-attr]
    given = pr.tensors["input" if which == "front" else "output"].tensor
    wanted = linear_product(linear, given)  # type: ignore[arg-type]
    for name in ("X", "W", "b", "H"):
        assert torch.equal(getattr(subject.product, name), getattr(wanted, name))
    assert subject.product.places == wanted.places
    row = subject.product.terms(3, 1).sum() + subject.product.b[1]  # type: ignore[index]
    assert torch.isclose(row, wanted.H[3, 1])


def test_what_is_not_there_counts_as_what_is() -> None:
    assert subject_of(view_of(two_to_three()), LinearOptions("head")).which == "front"
    assert subject_of(view_of(eight_to_two()), LinearOptions("front")).which == "head"
    assert option_choices("linear", view_of(eight_to_two()))["which"] == [("head", "Head")]


@pytest.mark.parametrize("position", [0, 1, 2, 3])
def test_rows_come_with_the_steps(position: int) -> None:
    scene = built(view_of(two_to_three(), position))
    assert len(rows_of(scene, "embedded")) == 2 * position
    assert len(rows_of(scene, "input")) == 6
    lit = subject_of(view_of(two_to_three(), position), LinearOptions()).arrived.lit
    assert lit.sum() == (2 if position else 0)


def test_scores_wait_for_both_directions_of_the_top_layer() -> None:
    pr, _ = words(bidirectional=True, num_layers=2)
    assert pr.run is not None
    for position in range(pr.run.total + 1):
        view = view_of(pr, position)
        done = subject_of(view, LinearOptions("head")).arrived.done
        for t in range(6):
            assert done[t, 0] == view.has_scores(t, 0)


@pytest.mark.parametrize("on", ["last", "h_n"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_head_on_one_timestep_has_a_row_for_each_sequence(on: str, bidirectional: bool) -> None:
    pr, _ = words(on=on, lengths=(6, 2, 4), bidirectional=bidirectional)
    assert pr.run is not None
    for position in range(pr.run.total + 1):
        view = view_of(pr, position)
        subject = subject_of(view, LinearOptions("head"))
        assert subject.arrived.done.shape == (1, 3)
        for sequence, length in enumerate((6, 2, 4)):
            assert subject.arrived.done[0, sequence] == view.has_scores(length - 1, sequence)
    scene = built(view_of(pr), which="head")
    assert set(rows_of(scene, "scores")) == {(0, 5), (1, 1), (2, 3)}
    assert (
        hit_rect(scene, Element("last" if on == "last" else "final", t=1, sequence=1)) is not None
    )


def test_outputs_to_come_have_no_values() -> None:
    pr, _ = words()
    assert len(rows_of(built(view_of(pr, 2), which="head"), "output")) == 6
    dashed = [
        mark
        for mark in flat(built(view_of(pr, 2), which="head").marks)
        if isinstance(mark, Rect) and mark.dash
    ]
    assert len(dashed) >= 24


def test_a_click_finds_every_table() -> None:
    scene = built(view_of(eight_to_two()))
    for element in (
        Element("input", t=0, sequence=3, unit=7),
        Element("head.weight", row=1, column=6),
        Element("head.bias", row=1),
        Element("scores", t=0, sequence=15, unit=0),
        Element("probabilities", t=0, sequence=2, unit=1),
    ):
        box = hit_rect(scene, element)
        assert box is not None
        assert hit(scene, box[0] + box[2] / 2, box[1] + box[3] / 4) == element


def test_a_softmax_that_the_loss_applies_is_said_to_be_in_the_loss() -> None:
    torch.manual_seed(0)
    model = Pipeline(nn.Embedding(4, 5), nn.RNN(5, 5), nn.Linear(5, 4), "cross_entropy")
    pr = model.run(torch.tensor([[1, 3], [2, 2], [3, 1]]), torch.tensor([1, 2, 3, 0, 1, 2]))
    scene = built(view_of(pr, classes=("a", "b", "c", "d")), (1600, 800), which="head")
    assert {"softmax(scores)", "in the loss", "a", "b"} <= set(said(scene))


def test_a_difference_shows_no_sum() -> None:
    old = two_to_three()
    weight = old.pipeline.embedding.weight  # type: ignore[union-attr]
    with torch.no_grad():
        weight[1, 1] += 0.25
    new = old.pipeline.run(old.tensors["input"].tensor)
    view = replace(view_of(difference_of(new, old)), showing="difference")
    text = said(built(view))
    assert {"+0.25", "+0.50"} <= set(text)
    assert not any(
        "·" in line and "= " in line and "b " in line for line in text if "nn.Linear" not in line
    )
    assert any("Δ" in line for line in text)
    assert "new − original" in built(view).title


def test_large_sizes_are_elided() -> None:
    pr, _ = words(sizes=(5000, 64, 300), shape=(100, 100))
    view = view_of(pr, 40)
    for zoom in (1.0, 20.0, 200.0):
        frame = Frame(0, 0, 1000, 750, zoom)
        scene = FIGURE.build(view, LinearOptions("head"), frame, load_style("dark"))
        assert len(flat(scene.marks)) < 3000
    assert any("rows more" in text for text in said(scene))
    assert any("more)" in text for text in said(scene))


VIEWS = [
    view_of(two_to_three(), 2),
    view_of(eight_to_two()),
    view_of(one_hot_rnn(), 1),
    view_of(words(lengths=(6, 2, 4))[0], 4),
    view_of(words(on="last")[0], 6),
    view_of(words(sizes=(400, 30, 64), shape=(30, 40))[0], 6),
]


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize("view", VIEWS, ids=range(len(VIEWS)))
def test_no_words_cover_one_another(view: View, pane: tuple[float, float]) -> None:
    assert overlapping(built(view, pane)) == []
    page = picture(view, "linear")
    assert overlapping(page) == []
    assert cut_off(page) == []


def test_tables_that_fit_a_pane_are_not_a_trifle_wider() -> None:
    view = view_of(words()[0], 1)
    for width in range(600, 760, 8):
        extent = FIGURE.extent(view, LinearOptions(), Frame(0, 0, width, 480))
        assert not width + 0.5 < extent.width < width + 2


@pytest.mark.parametrize("view", VIEWS, ids=range(len(VIEWS)))
def test_the_export_frame_holds_everything(view: View) -> None:
    frame = FIGURE.export_frame(view, LinearOptions())
    extent = FIGURE.extent(view, LinearOptions(), frame)
    assert extent.width <= frame.width + 0.5
    assert extent.height <= frame.height + 0.5


@pytest.mark.parametrize("shape", [(3,), (5, 3)])
def test_a_vector_alone_and_a_row_of_vectors(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    pr: PipelineRun = Pipeline(head=nn.Linear(3, 2)).run(torch.randn(shape))
    scene = built(view_of(pr))
    assert overlapping(scene) == []
    assert len(rows_of(scene, "scores")) == pr.form.N


def test_the_legend_fits_any_width() -> None:
    for width in (300.0, 560.0, 1000.0):
        legend = FIGURE.legend(VIEWS[1], LinearOptions(), width, load_style("dark"))
        assert legend.width == width
        assert overlapping(legend) == []


def test_golden_scene() -> None:
    assert_golden_text("linear-front", listing(built(view_of(two_to_three(), 2))))
    assert_golden_text("linear-head", listing(built(view_of(eight_to_two()))))
