"""Two columns, number beside number: a cell by its own names, a lost recurrence, a projection."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from rnnviz.element import Element
from rnnviz.figures.picture import picture
from rnnviz.figures.sides import FIGURE, SidesOptions
from rnnviz.figures.sides.listings import listing
from rnnviz.figures.sides.subject import SIDES, Subject, refusal
from rnnviz.figures.surroundings import Surroundings
from rnnviz.figures.view import Frame, View, applies_to
from rnnviz.model.pipeline import Head, Pipeline, PipelineRun, VanillaCell
from rnnviz.model.pipeline.differences import difference_of
from rnnviz.model.schedule import Progress
from rnnviz.model.tokens import Vocabulary
from rnnviz.scene.hit import hit, hit_rect
from rnnviz.scene.listing import listing as listed
from rnnviz.scene.marks import Cells, Rect, Scene, Text
from rnnviz.scene.style import load_style
from tests.figures.overlaps import cut_off, overlapping
from tests.figures.reading import flat, words
from tests.golden import assert_golden_text

LAYERS = SidesOptions(names="wi, wh, wo")


def ramp(*shape: int, start: float = 0.0) -> Tensor:
    """Numbers that look drawn but never change."""
    count = int(torch.tensor(shape).prod())
    places = torch.arange(count, dtype=torch.float32)
    return (torch.sin(places * 1.7 + start) * 0.8).reshape(shape)


def cell(features: int = 2, hidden: int = 8, out: int = 3, **parts: Any) -> VanillaCell:
    return VanillaCell(
        U=ramp(hidden, features),
        W=ramp(hidden, hidden, start=1) * 0.5,
        V=ramp(out, hidden, start=2),
        b=ramp(hidden, start=3),
        c=ramp(out, start=4),
        **parts,
    )


def view_of(pr: PipelineRun, lesson: str, position: int | None = None, **look: Any) -> View:
    run = pr.run
    assert run is not None
    shown = run if position is None else run.at(position)
    around = Surroundings(pr, look.pop("vocabulary", None), lesson=lesson)
    return View(shown, run, around=around, **look)


def lstm() -> nn.LSTM:
    module = nn.LSTM(3, 4, proj_size=2)
    with torch.no_grad():
        for k, parameter in enumerate(module.parameters()):
            parameter.copy_(ramp(*parameter.shape, start=k))
    return module


def vanilla(position: int | None = 3, L: int = 5, **look: Any) -> View:  # noqa: N803
    return view_of(cell().pipeline("softmax").run(ramp(L, 2)), "vanilla", position, **look)


def identity(position: int | None = 3, L: int = 5, made: bool = False, **look: Any) -> View:  # noqa: N803
    pr = cell(identity=made).pipeline().run(ramp(L, 2))
    return view_of(pr, "identity", position, **look)


def projection(position: int | None = 3, L: int = 5, **look: Any) -> View:  # noqa: N803
    pr = Pipeline(recurrent=lstm()).run(ramp(L, 2, 3))
    return view_of(pr, "projection", position, **look)


VIEWS = {"vanilla": vanilla, "identity": identity, "projection": projection}


def drawn(view: View, options: SidesOptions | None = None, width: float = 1000.0) -> Scene:
    chosen = options or SidesOptions()
    extent = FIGURE.extent(view, chosen, Frame(0, 0, width, 700))
    frame = Frame(0, 0, extent.width, extent.height)
    return FIGURE.build(view, chosen, frame, load_style("light"))


def said(view: View, options: SidesOptions | None = None) -> str:
    return " | ".join(words(drawn(view, options)))


def exact_cell() -> VanillaCell:
    """A cell whose every number is a sum of powers of two, so that nothing is rounded."""
    made = cell(2, 4, 3, nonlinearity="relu")
    parts = ("U", "W", "V", "b", "c")
    return replace(made, **{name: (getattr(made, name) * 8).round() / 8 for name in parts})


@pytest.mark.parametrize("lesson", ["vanilla", "identity"])
def test_pictures_are_as_they_were(lesson: str) -> None:
    pr = exact_cell().pipeline("softmax").run((ramp(4, 2) * 8).round() / 8)
    view = view_of(pr, lesson, 3)
    assert_golden_text(f"sides-{lesson}", listed(picture(view, "sides")))


def test_a_picture_of_a_projection_is_as_it_was() -> None:
    hx = ramp(1, 2, 2), ramp(1, 2, 4, start=1)  # with which both differ at once, beyond rounding
    pr = Pipeline(recurrent=lstm()).run(ramp(4, 2, 3), hx=hx)
    view = view_of(pr, "projection", 3)
    assert_golden_text("sides-projection", listed(picture(view, "sides")))


@pytest.mark.parametrize("lesson", VIEWS)
@pytest.mark.parametrize("position", [0, 1, 3, 5, 40])
@pytest.mark.parametrize("width", [600.0, 700.0, 1000.0, 1400.0])
def test_no_word_covers_another(lesson: str, position: int, width: float) -> None:
    view = VIEWS[lesson](position, 40)
    for options in (SidesOptions(), SidesOptions("wi, wh, wo", "product")):
        scene = drawn(view, options, width)
        assert overlapping(scene) == []
        assert cut_off(scene) == []
        legend = FIGURE.legend(view, options, width, load_style("dark"))
        assert overlapping(legend) == []


@pytest.mark.parametrize("lesson", VIEWS)
def test_the_page_is_as_tall_at_every_step(lesson: str) -> None:
    heights = {drawn(VIEWS[lesson](position, 12)).height for position in (0, 1, 2, 6, 12)}
    assert len(heights) == 1


def test_it_applies_where_there_is_a_lesson() -> None:
    assert applies_to(FIGURE, vanilla())
    view = vanilla()
    assert view.around is not None
    assert not applies_to(FIGURE, replace(view, around=replace(view.around, lesson="")))
    assert not applies_to(FIGURE, replace(view, around=None))


def test_the_cell_and_the_module_give_the_same_numbers() -> None:
    text = said(vanilla())
    assert "The same, number for number." in text
    assert "at t = 3" in text
    assert "up to t = 3" in text
    assert "over the whole run" in said(vanilla(5))
    assert "≠" not in text


def test_numbers_stand_beside_their_twins() -> None:
    scene = drawn(vanilla())
    numbers = [mark for mark in flat(scene.marks) if isinstance(mark, Text)]
    left = [m for m in numbers if m.anchor == "middle" and m.x < 460 and m.y < 460]
    right = [m for m in numbers if m.anchor == "middle" and m.x > 540 and m.y < 460]
    assert [m.runs[0].text for m in left] == [m.runs[0].text for m in right]
    assert len(left) == 4 * 8 + 2 * 3


def test_weights_are_named_as_in_the_lesson_and_as_in_torch() -> None:
    text = words(drawn(vanilla()))
    for name in ("U", "W", "V", "b", "c", "weight_ih_l0", "bias_hh_l0", "head.weight"):
        assert name in text
    assert "wh.weight" in words(drawn(vanilla(), LAYERS))
    assert "One bias is enough: bias_hh_l0 is zero." in text


def test_twins_are_one_element() -> None:
    selected = Element("weight_hh_l0", 0, 0, row=2, column=3)
    plain, ringed = drawn(vanilla()), drawn(vanilla(selection=selected))
    assert len(ringed.marks) == len(plain.marks) + 2
    first, second = (mark for mark in ringed.marks[-2:] if isinstance(mark, Rect))
    assert first.y == pytest.approx(second.y)
    for ring in (first, second):
        middle = ring.x + ring.width / 2, ring.y + ring.height / 2
        assert hit(plain, *middle) == selected


@pytest.mark.parametrize(
    "element",
    [
        Element("h", 0, 0, 2, 0, 4),
        Element("h", 0, 0, 0, 0, 1),
        Element("ih_h", 0, 0, 2, 0, 0),
        Element("x", 0, 0, 4, 0, 1),
        Element("scores", t=2, sequence=0, unit=1),
        Element("probabilities", t=2, sequence=0, unit=2),
        Element("head.weight", row=1, column=2),
        Element("head.bias", row=1),
    ],
)
def test_elements_are_found(element: Element) -> None:
    scene = drawn(vanilla())
    box = hit_rect(scene, element)
    assert box is not None
    assert hit(scene, box[0] + box[2] / 2, box[1] + box[3] / 2) == element


def test_what_is_no_tensor_of_the_run_has_no_key() -> None:
    applied, made = drawn(identity()), drawn(identity(made=True))
    assert _columns(applied, "weight_hh_l0") == {"left", "right"}
    assert _columns(made, "weight_hh_l0") == {"left"}
    assert _columns(drawn(projection()), "weight_hh_l0") == {"left"}
    assert _columns(drawn(projection()), "weight_hr_l0") == {"left", "right"}


def _columns(scene: Scene, tensor: str) -> set[str]:
    found = [mark for mark in flat(scene.marks) if isinstance(mark, Cells) and mark.key]
    own = (mark for mark in found if mark.key and mark.key.tensor == tensor)
    return {"left" if mark.x < 500 else "right" for mark in own}


def test_a_recurrence_that_is_never_applied() -> None:
    text = said(identity())
    assert "W made, never applied" in text
    assert "W.grad stays None after backward()" in text
    assert "They part at t = 2: at t = 1 there was no state to hand on." in text
    assert "an identity in its place" in text
    assert "The same so far." in said(identity(1))
    assert "wh.weight.grad stays None" in said(identity(), LAYERS)


def test_what_was_never_applied_is_drawn_where_the_run_is_the_identity() -> None:
    view = identity(made=True)
    assert "it is drawn here as torch draws it, from seed 0" in said(view)
    subject = Subject(view, SidesOptions())
    assert subject.is_own("left")
    assert view.around is not None
    run = view.around.pr.run
    assert run is not None
    assert torch.equal(subject.sides.left.h, run.states(0).h[:, 0])


def test_an_initial_state_parts_them_at_once() -> None:
    pr = cell().pipeline().run(ramp(4, 2), hx=ramp(8))
    assert "They differ from the first timestep on." in said(view_of(pr, "identity", 2))


def test_a_projection_parts_from_a_linear_layer() -> None:
    text = said(projection())
    assert "They part at t = 2: at t = 1 nothing had been fed back." in text
    assert "Fed back: 2 features." in text
    assert "Fed back: all 4 features." in text
    same = said(projection(), SidesOptions(weight_hh="product"))
    assert "The same numbers: weight_hh of the second" in same


def test_parameters_are_counted() -> None:
    module = lstm()
    count = sum(parameter.numel() for parameter in module.parameters())
    second = nn.LSTM(3, 4), nn.Linear(4, 2, bias=False)
    other = sum(p.numel() for part in second for p in part.parameters())
    text = said(projection())
    assert f"{count} parameters." in text
    assert f"{other} parameters." in text


def test_what_is_yet_to_come_is_dashed() -> None:
    before, after = drawn(vanilla(0)), drawn(vanilla(5))
    assert "Before the first step: nothing is computed yet." in words(before)
    assert _dashed(before) == 12 + 5 * 4
    assert _dashed(after) == 0


def test_operations_are_stepped_one_by_one() -> None:
    view = vanilla(None)
    dashed = []
    for operation in range(1, 4):
        run = view.run.at(Progress(2, 0, operation))
        dashed.append(_dashed(drawn(replace(view, trace=run))))
    assert dashed[0] - dashed[1] == dashed[1] - dashed[2] == 2


def _dashed(scene: Scene) -> int:
    return sum(bool(mark.dash) for mark in flat(scene.marks) if isinstance(mark, Rect))


def test_only_the_last_timestep_has_an_output_where_the_head_reads_it_alone() -> None:
    made = cell()
    pr = made.pipeline(on="last").run(ramp(4, 2))
    assert _drawn_scores(drawn(view_of(pr, "vanilla", 4))) == 4
    assert _drawn_scores(drawn(view_of(pr, "vanilla", 3))) == 0


def _drawn_scores(scene: Scene) -> int:
    cells = (mark for mark in flat(scene.marks) if isinstance(mark, Cells))
    return sum(mark.key is not None and mark.key.tensor == "scores" for mark in cells)


def test_tokens_stand_below_what_they_are_turned_into() -> None:
    pipeline = Pipeline(nn.Embedding(4, 5), nn.RNN(5, 5), nn.Linear(5, 4))
    pr = pipeline.run(torch.tensor([[1, 3], [2, 2], [3, 1]]))
    words_known = Vocabulary(("a", "bee", "cat", "dog"))
    view = view_of(pr, "vanilla", 2, sequence=1, vocabulary=words_known)
    text = words(drawn(view))
    assert [text.count(token) for token in ("dog", "cat", "bee", "a")] == [1, 1, 1, 0]
    assert "row 1 of a batch of 2" in text


def test_large_weights_are_heat_maps_without_numbers() -> None:
    made = cell(128, 64, 16, batch_first=True, b_hh=ramp(64))
    view = view_of(made.pipeline().run(ramp(8, 32, 128), hx=ramp(64)), "vanilla", 5)
    scene = drawn(view, LAYERS)
    cells = [mark for mark in flat(scene.marks) if isinstance(mark, Cells)]
    shapes = {mark.key.tensor: mark.colors.shape[:2] for mark in cells if mark.key}
    assert shapes["weight_ih_l0"][0] * 2 >= 64
    assert "h = h_0.expand(8, 64)" in " ".join(words(scene))
    assert len(scene.marks) < 400


def test_an_edit_is_shown_on_both_sides() -> None:
    pr = cell().pipeline("softmax").run(ramp(5, 2))
    edited = cell()
    edited.U[1, 0] += 1
    new = edited.pipeline("softmax").run(ramp(5, 2))
    view = view_of(difference_of(new, pr), "vanilla", 3, original=pr.run, showing="difference")
    text = words(drawn(view))
    assert text.count("+1.00") == 2
    assert "The edit changed both alike." in " ".join(text)
    legend = words(FIGURE.legend(view, SidesOptions(), 1000, load_style("light")))
    assert "Δ = new − original" in legend


REFUSED = {
    "two layers": (nn.RNN(2, 3, 2), "vanilla", "2 layers and one direction"),
    "both ways": (nn.RNN(2, 3, bidirectional=True), "identity", "1 layer and both directions"),
    "other cell": (nn.GRU(2, 3), "vanilla", "for nn.RNN: the model is nn.GRU(2, 3)"),
    "no projection": (nn.LSTM(2, 3), "projection", "for an LSTM with proj_size"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_says_what_a_lesson_is_for(case: str) -> None:
    module, lesson, reason = REFUSED[case]
    view = view_of(Pipeline(recurrent=module).run(ramp(4, 2)), lesson, 2)
    assert reason in refusal(view)
    assert reason in " ".join(words(drawn(view)))
    assert FIGURE.legend(view, SidesOptions(), 1000, load_style("light")).height == 0


def test_without_recurrent_layers_nothing_is_compared() -> None:
    pr = Pipeline(head=nn.Linear(2, 3)).run(ramp(4, 2))
    view = View(None, around=Surroundings(pr, lesson="vanilla"))
    assert "no timestep" in refusal(view).replace("There is no", "no")


def _ran(subject: Subject, which: Any, names: dict[str, Any], made: dict[str, Any]) -> Any:
    """What a listing leaves behind; its modules get the weights that are given for them."""
    space: dict[str, Any] = {"torch": torch, "nn": nn, **names}
    lines = [line.text for line in listing(subject, which)]
    first = next(
        (k for k, line in enumerate(lines) if line.startswith(("h =", "output"))), len(lines)
    )
    exec("\n".join(lines[:first]), space)
    for name, weights in made.items():
        if name in space:
            space[name].load_state_dict(weights)
    with torch.no_grad():
        exec("\n".join(lines[first:]), space)
    return space


@pytest.mark.parametrize("options", [SidesOptions(), LAYERS], ids=["letters", "layers"])
@pytest.mark.parametrize("on", ["every", "last"])
@pytest.mark.parametrize(
    ("shape", "hx"),
    [((2,), None), ((6, 2), None), ((6, 3, 2), None), ((6, 3, 2), 8), ((6, 2), 8)],
)
@pytest.mark.parametrize("two", [False, True])
def test_the_code_of_both_sides_prints_the_same(
    options: SidesOptions, on: str, shape: tuple[int, ...], hx: int | None, two: bool
) -> None:
    made = cell(b_hh=ramp(8, start=9) if two else None)
    x, h_0 = ramp(*shape), None if hx is None else ramp(hx, start=5)
    pr = made.pipeline("softmax", on=on).run(x, hx=h_0)
    subject = Subject(view_of(pr, "vanilla"), options)
    own = {name: getattr(made, name) for name in ("U", "W", "V", "b", "c", "b_hh")}
    wh = {"weight": made.W} | ({"bias": made.b_hh} if two else {})
    assert pr.pipeline.recurrent is not None
    assert pr.pipeline.head is not None
    weights = {
        "wi": {"weight": made.U, "bias": made.b},
        "wh": wh,
        "wo": {"weight": made.V, "bias": made.c},
        "rnn": pr.pipeline.recurrent.state_dict(),
        "head": pr.pipeline.head.linear.state_dict(),
    }
    left, right = (_ran(subject, which, {"x": x, "h_0": h_0, **own}, weights) for which in SIDES)
    assert pr.probabilities is not None
    torch.testing.assert_close(right["y"], pr.probabilities)
    last = pr.probabilities if on == "last" or x.dim() == 1 else pr.probabilities[-1]
    torch.testing.assert_close(left["y"], last)


def test_the_code_of_a_projection_runs() -> None:
    view = projection(5)
    assert view.around is not None
    pr = view.around.pr
    subject = Subject(view, SidesOptions())
    assert pr.pipeline.recurrent is not None
    state = pr.pipeline.recurrent.state_dict()
    left = _ran(subject, "left", {"x": ramp(5, 2, 3)}, {"lstm": state})
    torch.testing.assert_close(left["output"], pr.output)
    weights = dict(subject.sides.right_weights)
    linear = {"weight": weights.pop("linear.weight")}
    right = _ran(subject, "right", {"x": ramp(5, 2, 3)}, {"lstm": weights, "linear": linear})
    torch.testing.assert_close(right["scores"][:, 0], subject.sides.right.o)


def test_batches_that_begin_with_n_are_unbound_on_their_timesteps() -> None:
    made = cell(batch_first=True)
    pr = made.pipeline().run(ramp(3, 6, 2))
    lines = [line.text for line in listing(Subject(view_of(pr, "vanilla"), LAYERS), "left")]
    assert "for x_t in x.unbind(1):" in lines


def test_a_head_of_another_place_is_read() -> None:
    pr = Pipeline(recurrent=nn.RNN(2, 3), head=Head(nn.Linear(3, 2), "h_n")).run(ramp(4, 2))
    subject = Subject(view_of(pr, "vanilla", 4), SidesOptions())
    assert subject.is_known("o", 3)
    assert not subject.is_known("o", 2)


def test_long_sequences_keep_a_few_columns() -> None:
    scene = drawn(identity(900, 1000))
    text = words(scene)
    assert "t = 900" in text
    assert "t = 1000" in text
    assert "every timestep" in text
    assert len(flat(scene.marks)) < 1500
