"""The picture of a lookup: which rows are picked, that three ways agree, that it stays legible."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from rnnviz.element import Element
from rnnviz.figures.choices import make_options
from rnnviz.figures.lookup import FIGURE, LookupOptions
from rnnviz.figures.lookup.agreement import agreement, slopes
from rnnviz.figures.lookup.subject import identity, subject_of
from rnnviz.figures.picture import picture
from rnnviz.figures.view import Frame, View, applies_to
from rnnviz.model.pipeline import OneHot, Pipeline
from rnnviz.model.pipeline.differences import difference_of
from rnnviz.model.schedule import Progress
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Cells, Path, Rect, Scene
from rnnviz.scene.style import load_style
from rnnviz.writers import svg_text
from tests.figures.front_runs import (
    one_hot_rnn,
    pretrained,
    small_table,
    two_to_three,
    view_of,
    words,
)
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.reading import flat
from tests.figures.reading import words as said
from tests.golden import assert_golden_text

PANES = ((1000.0, 750.0), (680.0, 560.0), (1640.0, 900.0))
SHOWN = ("table", "one_hot", "column", "all")


def built(
    view: View, pane: tuple[float, float] = PANES[0], zoom: float = 1, **options: Any
) -> Scene:
    frame = Frame(0, 0, *pane, zoom)
    return FIGURE.build(view, LookupOptions(**options), frame, load_style("light"))


def cells_of(scene: Scene, tensor: str) -> list[Cells]:
    marks = flat(scene.marks)
    return [
        mark for mark in marks if isinstance(mark, Cells) and mark.key and mark.key.tensor == tensor
    ]


def numbered(scene: Scene) -> bool:
    return any(re.fullmatch(r"−?\d+\.\d\d", text) for text in said(scene))


def wires(scene: Scene) -> list[Path]:
    return [mark for mark in flat(scene.marks) if isinstance(mark, Path) and mark.arrow]


def test_it_applies_where_the_model_takes_ids() -> None:
    assert applies_to(FIGURE, view_of(pretrained()))
    assert applies_to(FIGURE, view_of(one_hot_rnn()))
    assert not applies_to(FIGURE, view_of(two_to_three()))
    assert not applies_to(FIGURE, View(None))


def test_every_shape_is_said_and_every_axis_is_named() -> None:
    text = said(built(view_of(pretrained())))
    for name in ("ids", "embedding.weight", "embedded"):
        assert name in text
    for shape in ("(N, L) = (2, 4)", "(V, E) = (5, 4)", "(N, L, E) = (2, 4, 4)"):
        assert shape in text
    assert {"N ↓", "L →", "V ↓", "E →", "N · L ↓"} <= set(text)
    text = said(built(view_of(small_table())))
    assert {"(L, N) = (3, 2)", "(L, N, E) = (3, 2, 5)", "L ↓", "N →"} <= set(text)


def test_the_rows_of_the_example_are_what_torch_gives() -> None:
    pr = pretrained()
    assert torch.equal(subject_of(view_of(pr)).named.tensor, pr.embedded)
    scene = built(view_of(pr))
    numbers = [text for text in said(scene) if text in "01234"]
    # a table of 5 × 4, 8 rows of 4, 8 ids twice, 5 ids of the table, indices 0 to 3 twice, rings
    assert numbers.count("4") >= 4 + 4 + 2 + 1
    assert not any("." in text and text[0].isdigit() for text in said(scene))


@pytest.mark.parametrize("position", [0, 1, 2, 4])
def test_rows_come_with_the_steps(position: int) -> None:
    scene = built(view_of(pretrained(), position))
    assert len(cells_of(scene, "embedded")) == 2 * position
    dashed = [
        mark
        for mark in flat(scene.marks)
        if isinstance(mark, Rect) and mark.dash and mark.key and mark.key.tensor == "embedded"
    ]
    assert len(dashed) == 8 - 2 * position
    assert len(wires(scene)) == (4 if position else 0)


def test_with_recurrent_layers_the_lowest_layer_says_what_is_read() -> None:
    pr, named = words(num_layers=2)
    for position in (0, 1, 6):
        scene = built(view_of(pr, position, vocabulary=named))
        assert len(cells_of(scene, "x")) == 3 * position
        assert len(wires(scene)) == (6 if position else 0)


def test_both_directions_read_from_their_own_end() -> None:
    pr, named = words(bidirectional=True, lengths=(6, 2, 4))
    subject = subject_of(view_of(pr, 1, vocabulary=named))
    assert {tuple(place) for place in np.argwhere(subject.arrived.lit).tolist()} == {
        (0, 0), (5, 0), (0, 1), (1, 1), (0, 2), (3, 2),
    }  # fmt: skip
    later = subject_of(view_of(pr, 7, vocabulary=named)) if pr.run and pr.run.total > 6 else None
    assert later is None or not later.arrived.lit.any()


def test_an_operation_within_a_cell_reads_nothing_yet() -> None:
    pr, _ = words()
    assert pr.run is not None
    run = pr.run.at(Progress(2, 0, 3))
    subject = subject_of(replace(view_of(pr), trace=run))
    assert subject.arrived.done.sum() == 2 * 3


def test_padding_is_hatched_and_wired_to_nothing() -> None:
    pr, named = words(lengths=(6, 2, 4))
    scene = built(view_of(pr, 5, vocabulary=named))
    hatched = [
        mark for mark in flat(scene.marks) if isinstance(mark, Rect) and mark.hatch and mark.key
    ]
    assert len([mark for mark in hatched if mark.key and mark.key.tensor == "ids"]) == 6
    assert len([mark for mark in hatched if mark.key and mark.key.tensor == "x"]) == 6
    assert len(wires(scene)) == 2


def test_wires_lead_from_the_id_to_its_row_to_the_vector() -> None:
    view = view_of(pretrained(), 2)
    scene = built(view)
    ends = [mark.segments[-1][-2:] for mark in wires(scene)]
    for sequence, id_ in ((0, 4), (1, 0)):
        row = hit_rect(scene, Element("embedding.weight", row=id_))
        vector = hit_rect(scene, Element("embedded", t=1, sequence=sequence))
        assert row is not None
        assert vector is not None
        middles = [box[1] + box[3] / 2 for box in (row, vector)]
        for middle in middles:
            assert any(abs(float(end[1]) - middle) < 1.5 for end in ends)


def test_a_pretrained_padding_row_is_not_said_to_be_zeros() -> None:
    words_below = " ".join(said(built(view_of(pretrained()))))
    assert "1 is padding_idx: not zeros here, no gradient" in words_below
    pr, _ = words()
    assert "0 is padding_idx: zeros, no gradient" in " ".join(said(built(view_of(pr))))


@pytest.mark.parametrize("show", ["table", "one_hot", "column"])
@pytest.mark.parametrize("make", [small_table, one_hot_rnn])
def test_a_click_on_the_table_finds_the_weights_own_row_and_column(make: Any, show: str) -> None:
    pr = make()
    weight = pr.weights["embedding.weight"]
    scene = built(view_of(pr, 2), show=show)
    for row in range(weight.shape[0]):
        for column in range(weight.shape[1]):
            element = Element("embedding.weight", row=row, column=column)
            box = hit_rect(scene, element)
            assert box is not None
            assert hit(scene, box[0] + box[2] / 2, box[1] + box[3] / 4) == element


def test_a_click_finds_ids_vectors_and_one_hot_rows() -> None:
    view = view_of(small_table(), 3)
    scene = built(view)
    assert hit_rect(scene, Element("ids", t=2, sequence=1)) is not None
    element = Element("embedded", t=1, sequence=1, unit=4)
    box = hit_rect(scene, element)
    assert box is not None
    assert hit(scene, box[0] + 3, box[1] + 3) == element
    assert hit_rect(built(view, show="one_hot"), Element("one_hot", t=0, sequence=1, unit=2))


def test_the_product_is_written_out() -> None:
    text = said(built(view_of(pretrained(), 1), show="one_hot"))
    assert "embedded[0, 0, 0] = 0·0 + 0·1 + 1·2 + 0·3 + 0·4 = 2" in text
    assert "(N, L, V) = (2, 4, 5)" in text
    assert any("its weight is (out, in) = (4, 5)" in line for line in text)


@pytest.mark.parametrize("make", [pretrained, small_table, one_hot_rnn])
def test_all_three_agree_bit_by_bit(make: Any) -> None:
    view = view_of(make(), 2)
    found = agreement(subject_of(view))
    assert found is not None
    assert found.largest == 0
    assert any("max |Δ| = 0" in text for text in said(built(view, show="all")))


def test_what_differs_is_the_gradient_of_the_padding_row() -> None:
    pr = pretrained()
    assert pr.ids is not None
    table = pr.weights["embedding.weight"]
    found = slopes(subject_of(view_of(pr)))
    gradients = []
    for way in ("embedding", "linear", "index"):
        weight = table.clone().requires_grad_()
        if way == "embedding":
            vectors = functional.embedding(pr.ids, weight, padding_idx=1)
        elif way == "linear":
            vectors = functional.linear(functional.one_hot(pr.ids, 5).float(), weight.T)
        else:
            vectors = weight.T[:, pr.ids]
        vectors.sum().backward()
        assert weight.grad is not None
        gradients.append(weight.grad[:, 0].tolist())
    assert [way.tolist() for way in found] == gradients
    assert found.by_embedding[1] == 0
    assert found.by_index[1] == 3
    assert any(text.startswith("What differs") for text in said(built(view_of(pr), show="all")))


def test_gradients_scaled_by_frequency_are_torchs() -> None:
    embedding = nn.Embedding(4, 2, scale_grad_by_freq=True)
    pr = Pipeline(embedding).run(torch.tensor([[1, 2], [1, 1]]))
    assert pr.ids is not None
    embedding(pr.ids).sum().backward()
    assert embedding.weight.grad is not None
    assert (
        slopes(subject_of(view_of(pr))).by_embedding.tolist()
        == embedding.weight.grad[:, 0].tolist()
    )


def test_one_hot_rows_alone_are_a_lookup_in_the_identity() -> None:
    pr = Pipeline(OneHot(6), nn.RNN(6, 3, batch_first=True)).run(
        torch.tensor([[1, 3, 0], [2, 2, 5]])
    )
    view = view_of(pr, 2)
    text = said(built(view, show="all"))
    assert {"torch.eye(V)", "(V, V) = (6, 6)", "(N, L, V) = (2, 3, 6)"} <= set(text)
    assert [value for value, _ in make_choices(view)] == ["table"]
    assert np.array_equal(identity(7).values, np.eye(7))


def make_choices(view: View) -> list[tuple[Any, str]]:
    from rnnviz.figures.choices import option_choices

    return option_choices("lookup", view)["show"]


def test_options_are_chosen_by_what_they_are_called() -> None:
    view = view_of(pretrained())
    assert make_options("lookup", view, {"show": "weight[:, id]"}).show == "column"
    assert make_options("lookup", view, {"show": "all three"}).show == "all"


@pytest.mark.parametrize("ids", [torch.tensor(1), torch.tensor([1, 0, 1])])
def test_a_single_id_or_a_row_of_them(ids: torch.Tensor) -> None:
    view = view_of(Pipeline(nn.Embedding(2, 5)).run(ids))
    for show in SHOWN:
        scene = built(view, show=show)
        assert overlapping(scene) == []
    assert len(cells_of(built(view), "embedded")) == ids.numel()


def test_a_difference_has_signs_and_no_product() -> None:
    old = small_table()
    weight = old.pipeline.embedding.weight  # type: ignore[union-attr]
    with torch.no_grad():
        weight[2, 1] += 0.5
    new = old.pipeline.run(old.ids)
    view = replace(view_of(difference_of(new, old), 2), showing="difference")
    text = said(built(view))
    assert "+0.50" in text
    assert not any("=" in line and "·" in line for line in said(built(view, show="one_hot")))
    assert FIGURE.legend(view, LookupOptions(), 900, load_style("light")).marks
    assert "new − original" in built(view).title


def test_the_selected_weight_is_ringed_wherever_it_is() -> None:
    chosen = Element("embedding.weight", row=3, column=1)
    plain, ringed = (built(view_of(small_table(), 1, selection=s)) for s in (None, chosen))
    assert len(ringed.marks) == len(plain.marks) + 1
    far = Element("embedding.weight", row=40_123, column=7)
    pr, _ = words(sizes=(50_000, 30, 3))
    scene = built(view_of(pr, 1, selection=far))
    assert hit_rect(scene, far) is not None


def test_large_sizes_are_elided() -> None:
    pr, _ = words(sizes=(50_000, 300, 4), shape=(100, 100))
    view = view_of(pr, 40)
    for show in SHOWN:
        scene = built(view, show=show)
        assert len(flat(scene.marks)) < 1500
        count = sum(mark.colors.size for mark in flat(scene.marks) if isinstance(mark, Cells))
        assert count < 400_000
        assert any(text.startswith("… ") and "more" in text for text in said(scene))
    assert overlapping(built(view)) == []


def test_zooming_in_brings_out_the_numbers() -> None:
    pr, _ = words(sizes=(50, 300, 4))
    view, options = view_of(pr, 2), LookupOptions()
    assert not numbered(built(view))
    frame = Frame(2500, 0, 1000, 700, 100)
    assert FIGURE.extent(view, options, frame).width > 20_000
    scene = FIGURE.build(view, options, frame, load_style("dark"))
    assert numbered(scene)


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize("show", SHOWN)
def test_no_words_cover_one_another(show: str, pane: tuple[float, float]) -> None:
    pr, named = words(lengths=(6, 2, 4))
    views = [view_of(pretrained(), 2), view_of(one_hot_rnn(), 1), view_of(pr, 2, vocabulary=named)]
    for view in views:
        assert overlapping(built(view, pane, show=show)) == []
        page = picture(view, "lookup", LookupOptions(show=show))
        assert overlapping(page) == []
        assert cut_off(page) == []


@pytest.mark.parametrize("show", SHOWN)
def test_the_export_frame_holds_everything(show: str) -> None:
    for pr in (pretrained(), words(sizes=(5000, 300, 4), shape=(40, 30))[0]):
        view, options = view_of(pr, 2), LookupOptions(show=show)
        frame = FIGURE.export_frame(view, options)
        extent = FIGURE.extent(view, options, frame)
        assert extent.width <= frame.width + 0.5
        assert extent.height <= frame.height + 0.5


def test_a_picture_is_written_as_svg() -> None:
    assert "embedding.weight" in svg_text(picture(view_of(pretrained(), 2), "lookup"))


def test_the_same_view_gives_the_same_scene() -> None:
    assert listing(built(view_of(pretrained(), 2))) == listing(built(view_of(pretrained(), 2)))


def test_the_legend_fits_any_width() -> None:
    for width in (240.0, 560.0, 1000.0):
        legend = FIGURE.legend(view_of(pretrained()), LookupOptions(), width, load_style("dark"))
        assert legend.width == width
        assert overlapping(legend) == []


@pytest.mark.parametrize("show", SHOWN)
def test_golden_scene(show: str) -> None:
    assert_golden_text(
        f"lookup-{show.replace('_', '-')}", listing(built(view_of(pretrained(), 2), show=show))
    )
