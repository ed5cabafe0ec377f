"""The picture of the gradients: lines, units, tokens, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from rnnviz.element import Element
from rnnviz.figures.gradients import FIGURE, GradientsOptions
from rnnviz.figures.gradients.axis import axis_of
from rnnviz.figures.gradients.curves import curves
from rnnviz.figures.gradients.flows import Sizes
from rnnviz.figures.gradients.glance import decay
from rnnviz.figures.gradients.numbers import size_text
from rnnviz.figures.gradients.scale import scale_of
from rnnviz.figures.gradients.subject import Subject, read_subject
from rnnviz.figures.picture import picture
from rnnviz.figures.plots import Box
from rnnviz.figures.surroundings import Rival, Surroundings
from rnnviz.figures.view import Frame, View, applies_to
from rnnviz.model.gradients import jacobian_norms
from rnnviz.model.pipeline import Head, Pipeline
from rnnviz.model.tokens import Vocabulary
from rnnviz.scene.hit import hit
from rnnviz.scene.listing import listing
from rnnviz.scene.marks import Cells, Path, Polyline, Rect, Scene, Text
from rnnviz.scene.style import export_style, load_style
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.reading import flat, words
from tests.golden import assert_golden_text

PANES = ((1000.0, 690.0), (1000.0, 750.0), (600.0, 470.0), (600.0, 450.0), (1640.0, 900.0))
KINDS = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}


def waves(shape: tuple[int, ...], k: float, size: float = 0.7) -> torch.Tensor:
    count = int(np.prod(shape))
    return (torch.sin(torch.arange(count) * 0.61 + k) * size).reshape(shape)


@cache
def around_of(
    kind: str = "LSTM", steps: int = 24, on: str = "last", **options: Any
) -> Surroundings:
    """A small model that recalls, its weights written down rather than drawn."""
    lengths = options.pop("lengths", None)
    recurrent = KINDS[kind](3, 4, num_layers=2, **options)
    directions = 2 if options.get("bidirectional") else 1
    pipeline = Pipeline(
        nn.Embedding(4, 3),
        recurrent,
        Head(nn.Linear(4 * directions, 3), on=on),
        "cross_entropy",
    )
    with torch.no_grad():
        for k, parameter in enumerate(pipeline.parameters()):
            parameter.copy_(waves(tuple(parameter.shape), k))
        if kind == "LSTM":
            recurrent.bias_ih_l0[4:8] = 8.0
    count = 1 if lengths is None else len(lengths)
    ids = torch.arange(steps * count).reshape(steps, count) * 7 % 4
    targets = torch.arange(count) % 3
    if on == "every":
        targets = (torch.arange(steps * count) % 3).reshape(steps, count)
    pr = pipeline.run(ids, targets=targets, lengths=lengths)
    words = Vocabulary(("h", "e", "l", "o"))
    return Surroundings(pr, words, gradients=pr.backward())


def with_rival(around: Surroundings, kind: str = "RNN") -> Surroundings:
    other = around_of(kind)
    assert other.gradients is not None
    return replace(around, rival=Rival("nn.RNN, tanh", other.pr, other.gradients, "made likewise"))


def view_of(around: Surroundings, position: int | None = None, **fields: Any) -> View:
    run = around.pr.run
    assert run is not None
    return View(run if position is None else run.at(position), run, around=around, **fields)


def built(
    view: View, pane: tuple[float, float] = PANES[0], theme: Any = "light", **options: Any
) -> Scene:
    return FIGURE.build(view, GradientsOptions(**options), Frame(0, 0, *pane), load_style(theme))


def subject(view: View, **options: Any) -> Subject:
    found = read_subject(view, GradientsOptions(**options))
    assert found is not None
    return found


def said(scene: Scene) -> str:
    return " | ".join(words(scene))


def lines_of(scene: Scene) -> list[Polyline]:
    return [m for m in flat(scene.marks) if isinstance(m, Polyline) and m.key is not None]


def test_it_applies_to_every_recurrent_model() -> None:
    view = view_of(around_of())
    assert applies_to(FIGURE, view)
    assert applies_to(FIGURE, replace(view, around=None))
    assert not applies_to(FIGURE, replace(view, trace=None))


def test_every_layer_has_a_line_of_h_and_of_c() -> None:
    scene = built(view_of(around_of(), 10))
    found = {(m.key.tensor, m.key.layer) for m in lines_of(scene) if m.key}
    assert found == {("grad_h", 0), ("grad_h", 1), ("grad_c", 0), ("grad_c", 1)}


def test_lines_measure_the_gradients_themselves() -> None:
    view, gradients = view_of(around_of()), around_of().gradients
    assert gradients is not None
    assert gradients.recurrent is not None
    for curve in curves(subject(view)):
        tensor = gradients.recurrent.c(*curve.lane)
        if curve.tensor == "h":
            tensor = gradients.recurrent.h(*curve.lane)
        assert tensor is not None
        expected = torch.linalg.vector_norm(tensor.double(), dim=-1)[:, 0]
        np.testing.assert_allclose(curve.values, expected, rtol=1e-6)


def test_a_layer_of_one_sequence_and_the_norm_over_the_batch() -> None:
    around = around_of("GRU", lengths=(24, 15, 9))
    each = [curves(subject(view_of(around, sequence=n)))[0].values for n in range(3)]
    together = curves(subject(view_of(around, sequence=None)))[0].values
    squares = np.nansum(np.square(each), axis=0)
    np.testing.assert_allclose(together, np.sqrt(squares), rtol=1e-6)
    assert "norm over the batch" in said(picture(view_of(around, sequence=None), "gradients"))


@pytest.mark.parametrize(
    ("quantity", "tensors"),
    [
        ("h", {"grad_h"}),
        ("c", {"grad_c"}),
        ("x", {"grad_x"}),
        ("weights", {"weight_ih", "weight_hh", "bias_ih", "bias_hh"}),
    ],
)
def test_quantities(quantity: str, tensors: set[str]) -> None:
    scene = built(view_of(around_of(), 10), quantity=quantity)
    found = {m.key.tensor for m in lines_of(scene) if m.key}
    assert {name.removeprefix("grad_").removesuffix("_l0") for name in found} == {
        name.removeprefix("grad_") for name in tensors
    }
    assert ("weight.grad" in said(scene)) == (quantity == "weights")


def test_a_cell_without_c_is_not_asked_for_it() -> None:
    view = view_of(around_of("RNN"))
    field = GradientsOptions.__dataclass_fields__["quantity"]
    assert dict(field.metadata["choices"](view)) == {"states": "h", "x": "x", "weights": "Weights"}
    found = {m.key.tensor for m in lines_of(built(view, quantity="c")) if m.key}
    assert found == {"grad_h"}


def test_the_factor_is_that_of_a_geometric_series() -> None:
    values: Sizes = 3.0 * 0.8 ** np.arange(20.0)[::-1]
    found = decay(values, 19, 1e-12)
    assert found is not None
    assert found.factor == pytest.approx(0.8)
    assert found.steps == 19
    assert found.verb == "shrinks"
    assert decay(values[:2], 1, 0.0) is None


def test_where_no_one_factor_fits_none_is_said() -> None:
    bent: Sizes = np.concatenate([np.full(30, 1e-6), 10.0 ** np.linspace(-6, 0, 6)])
    assert decay(bent, 35, 1e-12) is None


@pytest.mark.parametrize(
    ("factor", "verb"),
    [(0.2, "vanishes"), (0.95, "shrinks"), (1.0, "is kept"), (1.1, "grows"), (2.0, "explodes")],
)
def test_vanishing_and_exploding_in_words(factor: float, verb: str) -> None:
    values: Sizes = factor ** np.arange(20)[::-1].astype(float)
    found = decay(values, 19, 0.0)
    assert found is not None
    assert found.verb == verb


def test_the_carry_keeps_what_the_rival_loses() -> None:
    view = view_of(with_rival(around_of()), 4)
    text = said(built(view, compare="RNN"))
    assert "Gradient left, 20 steps back" in text
    assert "LSTM, carry of layer 0: the gradient is kept" in text
    assert "nn.RNN, tanh, layer 0: the gradient" in text
    assert "RNN layer 0" in text
    assert "Factor of one step back" in text


def test_a_rival_that_is_not_there_yet_is_being_computed() -> None:
    scene = built(view_of(around_of(), 4), compare="GRU")
    assert words(scene).count("nn.GRU is being computed") == 2
    # One that was asked for before is of no use.
    assert "RNN layer 0" not in said(built(view_of(with_rival(around_of())), compare="GRU"))


def test_what_has_not_arrived_is_faint() -> None:
    around = replace(around_of(), returned=8)
    scene = built(view_of(around))
    shown = subject(view_of(around))
    assert shown.cursor == 16
    mine = [m for m in lines_of(scene) if m.key and m.key.tensor == "grad_c" and not m.key.layer]
    faint, full = sorted(mine, key=lambda m: m.opacity)
    assert len(full.points) == 8
    assert len(faint.points) == 17  # up to the first that has arrived
    assert full.opacity == 1.0 > faint.opacity
    assert "What has not arrived is faint." in said(scene)


def test_before_the_first_step_back_nothing_has_arrived() -> None:
    around = replace(with_rival(around_of()), returned=0)
    scene = built(view_of(around), compare="RNN")
    assert all(mark.opacity < 1 for mark in lines_of(scene))
    assert words(scene).count("–") == 6
    assert "for each step back" not in said(scene)


def test_the_cursor_follows_the_pass_forward() -> None:
    around = around_of()
    assert subject(view_of(around, 10)).cursor == 9
    assert subject(view_of(around, 0)).cursor is None
    assert "t = 10" in words(built(view_of(around, 10)))


def test_a_reverse_direction_flows_to_the_right() -> None:
    view = view_of(around_of("GRU", bidirectional=True, on="h_n"))

    def tip(direction: int) -> float:
        scene = built(view, direction=direction, layer=1)
        arrow = next(m for m in flat(scene.marks) if isinstance(m, Path) and m.arrow)
        (_, start, _), (_, end, _) = arrow.segments  # type: ignore[misc]
        return float(end - start)

    assert tip(0) < 0 < tip(1)
    assert subject(view, direction=1).start == 0
    assert "later steps" in said(built(view, direction=1, layer=1))


def test_a_loss_at_every_step_has_no_share_that_is_left() -> None:
    view = view_of(around_of("RNN", on="every"))
    text = said(built(view))
    assert "Gradient left" not in text
    assert "of what is at a step arrives one step back" in text
    assert "loss at several steps" in said(picture(view, "gradients"))


@pytest.mark.parametrize("kind", KINDS)
def test_paths_are_lines_of_their_own(kind: str) -> None:
    named = {
        "LSTM": {"through c", "through h"},
        "GRU": {"along z", "through W_hh", "from above"},
        "RNN": {"through W_hh", "from above"},
    }
    assert named[kind] <= set(words(built(view_of(around_of(kind)), paths=True)))


def test_clipping_scales_what_each_step_adds() -> None:
    view = view_of(around_of())
    plain = {c.tensor: c for c in curves(subject(view, quantity="weights"))}
    clipped = {c.tensor: c for c in curves(subject(view, quantity="weights", clip=0.1))}
    gradients = around_of().gradients
    assert gradients is not None
    total = torch.nn.utils.get_total_norm(list(gradients.weights.values()))
    share = 0.1 / (float(total) + 1e-6)
    assert share < 1
    for name, curve in clipped.items():
        np.testing.assert_allclose(curve.values, plain[name].values * share, rtol=1e-5)
    assert "Clipped to max_norm 0.1" in words(built(view, quantity="weights", clip=0.1))


def test_contributions_sum_to_the_gradient_of_the_weight() -> None:
    around = around_of()
    assert around.gradients is not None
    assert around.gradients.recurrent is not None
    found = around.gradients.recurrent
    each = [found.weight_at("weight_hh_l0", t) for t in range(found.run.L)]
    expected = around.gradients.weights["recurrent.weight_hh_l0"]
    torch.testing.assert_close(torch.stack(each).sum(dim=0), expected)


def test_jacobians_are_drawn_when_they_are_there() -> None:
    around = around_of()
    run = around.pr.run
    assert run is not None
    waiting = said(built(view_of(around), jacobian=True))
    assert "∂h_T/∂h_t is being computed" in waiting
    known = tuple(jacobian_norms(run, layer, 0, run.L - 1) for layer in range(2))
    shown = subject(view_of(replace(around, jacobians=known)), jacobian=True, layer=1)
    drawn = [curve for curve in curves(shown) if curve.group == "jacobian"]
    assert [curve.words for curve in drawn] == ["norm", "σ₁"]
    np.testing.assert_array_equal(drawn[0].values, known[1].norm)


def test_units_can_be_pointed_at() -> None:
    scene = built(view_of(around_of(), 10))
    cells = [m for m in flat(scene.marks) if isinstance(m, Cells) and m.key is not None]
    units = next(m for m in cells if m.key and m.key.tensor == "grad_c")
    x, y = units.x + units.width * 0.76, units.y + units.height * 0.6
    assert hit(scene, x, y) == Element("grad_c", 0, 0, t=18, sequence=0, unit=2)
    inputs = next(m for m in cells if m.key and m.key.tensor == "grad_x")
    found = hit(scene, inputs.x + 2, inputs.y + 4)
    assert found == Element("grad_x", 0, t=0, sequence=0)


@pytest.mark.parametrize("tensor", ["c", "h", "grad_c"])
def test_the_selected_unit_is_ringed(tensor: str) -> None:
    chosen = Element(tensor, 0, 0, t=3, sequence=0, unit=2)
    scene = built(view_of(around_of(), 10, selection=chosen))
    ink = load_style("light").ui.text
    assert [m for m in scene.marks if isinstance(m, Rect) and m.stroke == ink and not m.fill]
    names = [m for m in scene.marks if isinstance(m, Text) and m.weight == 600]
    assert "2" in {mark.runs[0].text for mark in names}


def test_tokens_stand_below_their_steps() -> None:
    scene = built(view_of(around_of(), 10))
    text = words(scene)
    assert "token" in text
    start = text.index("token")
    ids = around_of().pr.ids
    assert ids is not None
    names = ["helo"[i] for i in ids[:, 0].tolist()]
    assert sorted(text[start + 1 : start + 25]) == sorted(names)


def test_a_batch_of_vectors_has_no_tokens() -> None:
    pipeline = Pipeline(None, nn.RNN(2, 3), nn.Linear(3, 2), "mse")
    pr = pipeline.run(waves((6, 2), 0), targets=waves((6, 2), 1))
    scene = built(view_of(Surroundings(pr, gradients=pr.backward())))
    assert "token" not in words(scene)


@pytest.mark.parametrize(
    ("head", "loss", "wanted"), [(False, False, ("Linear head", "Loss")), (True, False, ("Loss",))]
)
def test_without_a_loss_it_says_which_switches_to_set(
    head: bool, loss: bool, wanted: tuple[str, ...]
) -> None:
    pipeline = Pipeline(None, nn.RNN(2, 3), nn.Linear(3, 2) if head else None)
    pr = pipeline.run(waves((6, 2), 0))
    view = view_of(Surroundings(pr))
    text = words(built(view))
    assert "No loss, so no gradients yet" in text
    assert set(wanted) <= set(text)
    assert cut_off(built(view)) == []
    assert "No loss, so no gradients yet" in words(built(replace(view, around=None)))
    low = Frame(0, 0, 500, 300)  # which the parts of a figure would not fit
    extent = FIGURE.extent(view, GradientsOptions(), low)
    assert (extent.width, extent.height) == (low.width, low.height)
    assert said(picture(view, "gradients"))


def test_missing_targets_and_gradients_on_their_way() -> None:
    pipeline = Pipeline(None, nn.RNN(2, 3), nn.Linear(3, 2), "mse")
    pr = pipeline.run(waves((6, 2), 0))
    assert "targets" in said(built(view_of(Surroundings(pr))))
    waiting = replace(around_of(), gradients=None)
    assert words(built(view_of(waiting))) == ["The gradients are being computed"]


def test_what_is_not_finite_breaks_lines_and_is_said() -> None:
    pipeline = Pipeline(
        None, nn.RNN(1, 2, nonlinearity="relu"), Head(nn.Linear(2, 1), "last"), "mse"
    )
    with torch.no_grad():
        for parameter in pipeline.parameters():
            parameter.fill_(6.0)
    every: tuple[dict[str, Any], ...] = (
        {},
        {"clip": 1.0},
        {"quantity": "weights", "clip": 1.0},
        {"scale": "linear"},
    )
    for steps in (30, 60):
        pr = pipeline.run(torch.ones(steps, 1), targets=torch.zeros(1))
        view = view_of(Surroundings(pr, gradients=pr.backward()))
        for options in every:
            scene = built(view, **options)
            assert cut_off(scene) == []
            listing(scene)
    assert "Not finite" in said(built(view))
    assert "there is no line to draw" in said(built(view))


def test_one_timestep_is_a_dot() -> None:
    view = view_of(around_of(steps=1))
    scene = built(view)
    assert overlapping(scene) == []
    assert "Gradient left" not in said(scene)


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compare": "RNN"},
        {"compare": "GRU"},
        {"paths": True, "clip": 0.1, "layer": 1},
        {"quantity": "weights", "clip": 0.25},
        {"scale": "linear", "compare": "RNN"},
    ],
    ids=str,
)
def test_words_keep_clear_of_one_another(
    pane: tuple[float, float], options: dict[str, Any]
) -> None:
    around = with_rival(around_of())
    for position in (0, 1, 12, 24):
        scene = built(view_of(around, position), pane, **options)
        assert overlapping(scene) == []
        assert cut_off(scene) == []


@pytest.mark.parametrize("sequence", [None, 0, 1, 2])
def test_words_of_a_batch_keep_clear_of_one_another(sequence: int | None) -> None:
    around = around_of("LSTM", lengths=(24, 15, 9), bidirectional=True, on="h_n")
    for pane in PANES:
        for direction in (0, 1):
            view = view_of(replace(around, returned=20), sequence=sequence)
            scene = built(view, pane, direction=direction, layer=1)
            assert overlapping(scene) == []
            assert cut_off(scene) == []


def test_a_long_run_is_drawn_by_columns() -> None:
    scene = built(view_of(around_of(steps=5000), 2500))
    assert all(len(mark.points) <= 2000 for mark in lines_of(scene))
    cells = [m for m in flat(scene.marks) if isinstance(m, Cells) and m.key is not None]
    assert all(mark.colors.shape[1] <= 1000 for mark in cells)
    units = next(mark for mark in cells if mark.key and mark.key.tensor == "grad_c")
    found = hit(scene, units.x + units.width * 0.5, units.y + 2)
    assert found is not None
    assert found.t == pytest.approx(2500, abs=2 * units.stride[1])
    assert len(flat(scene.marks)) < 400


def test_axis_of_powers_of_ten() -> None:
    box = Box(0, 0, 100, 200)
    axis = axis_of([np.asarray([3e-5, 0.2, 0.0, np.nan])], True, box)
    assert (axis.low, axis.high) == (-5, 0)
    y = axis.y(np.asarray([1.0, 1e-5, 0.0]))
    assert y[0] == pytest.approx(8)
    assert y[1] == pytest.approx(192)
    assert np.isnan(y[2])
    assert axis_of([np.asarray([1.0, 1e-30])], True, box).low == -12
    plain = axis_of([np.asarray([0.0, 0.18])], False, box)
    assert (plain.low, plain.high) == (0.0, 0.2)


def test_colours_of_what_lies_below_the_scale_are_paper() -> None:
    style = load_style("light")
    scale = scale_of([np.asarray([[1e-9, 1e-2, 0.0, np.nan]])], True)
    colors = scale.colors(np.asarray([1e-20, 0.0, np.nan, 1e-2]), style)
    paper = style.gradient.colors(np.nan, 1.0)
    assert (colors[:3] == paper).all()
    assert (colors[3] != paper).any()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.034, "0.034"),
        (1.94e-4, "1.9 × 10⁻⁴"),
        (12.0, "12"),
        (1.3e9, "1.3 × 10⁹"),
        (-0.034, "\N{MINUS SIGN}0.034"),  # what an edit has taken off a loss
        (float("inf"), "∞"),
    ],
)
def test_sizes_in_words(value: float, text: str) -> None:
    assert size_text(value) == text


def test_a_picture_of_its_own_has_its_key() -> None:
    view = view_of(with_rival(around_of()), 12)
    scene = picture(view, "gradients", GradientsOptions(compare="RNN"))
    text = said(scene)
    assert "loss at the last step only" in text
    assert "made likewise" in text
    assert cut_off(scene) == []


def test_golden() -> None:
    selection = Element("c", layer=0, direction=0, t=11, unit=1, sequence=0)
    view = view_of(with_rival(around_of()), 12, selection=selection)
    options = GradientsOptions(compare="RNN")
    scene = FIGURE.build(view, options, FIGURE.export_frame(view, options), export_style())
    assert_golden_text("gradients-lstm", listing(scene))


def test_golden_on_the_way_back() -> None:
    view = view_of(replace(around_of("GRU", bidirectional=True, on="h_n"), returned=30))
    options = GradientsOptions(direction=1, layer=1, paths=True)
    scene = FIGURE.build(view, options, Frame(0, 0, *PANES[2]), load_style("dark"))
    assert_golden_text("gradients-gru-back", listing(scene))
