"""Numbers around the recurrent layers, and gradients: what is said of them is what torch gives."""

from __future__ import annotations

import random
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from rnnviz.element import Element
from rnnviz.model.pipeline import Head, Pipeline, PipelineRun
from rnnviz.model.provenance import around
from rnnviz.model.provenance.arithmetic import Dissection
from rnnviz.model.provenance.around import Half, Whole
from tests.model.pipeline.pipelines import PipelineCase, pipeline_cases
from tests.model.pipeline.test_pipeline import only_padding_is_ignored
from tests.model.pipeline.test_sequence_to_sequence import Case, cases

ALWAYS_MADE = {"embedded", "scores", "probabilities", "losses", "loss", "last", "final"} | {
    f"grad_{name}"
    for name in ("scores", "h", "x", "c", "embedded", "head.weight", "head.bias", "final")
}
OUTER = ("C", "E", "V", "H_in", "D * H_out")


def whole_of(pr: PipelineRun) -> Whole:
    return Whole(pr, None if pr.loss is None else pr.backward())


def elements_of(whole: Whole, dice: random.Random) -> list[Element]:
    """A number of every tensor, somewhere in the batch."""
    pr, found = whole.pr, []
    n = dice.randrange(pr.form.N)
    t = dice.randrange(int(pr.form.ends[n]) + 1)
    gradients = {} if whole.gradients is None else whole.gradients.tensors
    tensors = {**pr.tensors, **{f"grad_{name}": named for name, named in gradients.items()}}
    for name, named in tensors.items():
        wide = bool(named.axes) and named.axes[-1] in OUTER
        unit = dice.randrange(named.tensor.shape[-1]) if wide else None
        if "flat_" in name:
            row = dice.randrange(len(named.tensor))
            found.append(Element(name, row=row, column=unit))
        else:
            found.append(Element(name, t=t, sequence=n, unit=unit))
    weights = {} if whole.gradients is None else whole.gradients.weights
    for name, weight in weights.items():
        places = [dice.randrange(size) for size in weight.shape]
        name = name.removeprefix("recurrent.")
        found += [Element(f"grad_{name}", None, None, None, None, None, *places)]
    if pr.run is not None and whole.gradients is not None:
        found += inner_elements(whole, n, min(t, pr.run.L - 1), dice)
    return found


def inner_elements(whole: Whole, n: int, t: int, dice: random.Random) -> list[Element]:
    run = whole.pr.run
    assert run is not None
    layer, way = dice.randrange(run.num_layers), dice.randrange(run.num_directions)
    names = [name for operation in run.operations for name in operation.gives]
    names += ["h_0", "h_n", "h_gates"] + (["c_0", "c_n"] if run.cell.has_c else [])
    found = [
        Element(
            f"grad_{name}", layer, way, t, n, dice.randrange(min(run.output_size, run.hidden_size))
        )
        for name in names
    ]
    width = run.inputs(layer).shape[-1]
    return [*found, Element("grad_x", layer, None, t, n, dice.randrange(width))]


def is_near(actual: float, expected: float) -> bool:
    return abs(actual - expected) <= 1e-12 * max(1.0, abs(expected))


@settings(max_examples=60, deadline=None)
@given(pipeline_cases())
def test_what_a_number_is_made_of_adds_up_to_it(case: PipelineCase) -> None:
    assume(not only_padding_is_ignored(case))
    whole = whole_of(case.run())
    dice = random.Random(len(str(case.pipeline)))
    for element in elements_of(whole, dice):
        if not around.knows(whole, element):
            continue
        told = around.describe(whole, element)
        assert told.title
        assert around.accessible_name(whole, element)
        taken = around.dissect(whole, element)
        if taken is None:
            assert told.status != "computed" or is_given(element, told.note), element
            continue
        assert is_near(taken.expression.value, taken.value), (element, taken.in_numbers)
        adds_up(taken)
        for source in around.sources(whole, element):
            trace = whole.pr.run
            assert around.knows(whole, source) or trace is not None, source


@pytest.mark.parametrize("recurrent", [None, nn.GRU(2, 2)])
def test_what_the_head_does_not_read_is_said_not_to_be_read(recurrent: Any) -> None:
    torch.manual_seed(0)
    pipeline = Pipeline(
        nn.Embedding(3, 2), recurrent, Head(nn.Linear(2, 3), "last"), "cross_entropy"
    )
    whole = whole_of(pipeline.run(torch.tensor([[0, 1], [2, 1], [1, 0]]), torch.tensor([0, 2])))
    read = "grad_embedded" if recurrent is None else "grad_output"
    for t, is_last in ((0, False), (1, False), (2, True)):
        element = Element(read, t=t, sequence=1, unit=0)
        note = around.describe(whole, element).note or ""
        assert ("The head reads each sequence's last timestep" in note) != is_last
        assert ("does not count" in note) == (recurrent is None and not is_last)
        assert (around.dissect(whole, element) is None) != is_last


def is_given(element: Element, note: str | None) -> bool:
    """Whether a number follows from no others, or the loss does not see it."""
    return element.tensor not in ALWAYS_MADE or "does not count" in (note or "")


def adds_up(taken: Dissection) -> None:
    """The terms of a sum are its value."""
    if taken.groups:
        total = sum(group.contribution for group in taken.groups)
        assert is_near(total, taken.total), taken.element
        rows = taken.groups[0].rows("size")
        assert not rows or is_near(rows[-1].running, taken.groups[0].total)
    assert taken.in_numbers[-1][0].kind == "number"


@settings(max_examples=40, deadline=None)
@given(pipeline_cases())
def test_every_line_of_code_gives_the_number(case: PipelineCase) -> None:
    assume(not only_padding_is_ignored(case))
    pr = case.run()
    after = torch.get_rng_state()
    runs_as_said(whole_of(pr), pr.code())
    torch.set_rng_state(after)


@settings(max_examples=15, deadline=None)
@given(cases(), st.sampled_from([True, False, None]))
def test_every_line_gives_the_number_of_an_encoder_and_a_decoder(
    case: Case, forcing: bool | None
) -> None:
    targets = None if forcing is None else case.targets
    run = case.model.run(case.source, targets, case.lengths, None, forcing)
    found = None if run.loss is None else run.gradients
    known = (None, None) if found is None else (found.encoder, found.decoder)
    encoder = Whole(run.encoder, known[0], half=Half(run, "encoder"))
    decoder = Whole(run.decoder, known[1], half=Half(run, "decoder"))
    for whole in (encoder, decoder):
        assert runs_as_said(whole, run.code())


@settings(max_examples=10, deadline=None)
@given(pipeline_cases(), st.integers(0, 3))
def test_on_the_way_back_a_parameter_has_what_the_steps_so_far_contribute(
    case: PipelineCase, steps: int
) -> None:
    assume(not only_padding_is_ignored(case))
    pr = case.run()
    assume(pr.loss is not None and pr.run is not None)
    after = torch.get_rng_state()
    gradients = pr.backward()
    assert gradients.recurrent is not None
    whole = Whole(pr, gradients, returned=min(steps, gradients.recurrent.position))
    dice = random.Random(steps)
    weights = [element for element in elements_of(whole, dice) if element.row is not None]
    names = prepared(pr.code())
    for element in weights:
        gives(whole, element, names)
        taken = around.dissect(whole, element)
        if taken is not None:
            assert is_near(taken.expression.value, taken.value), element
    torch.set_rng_state(after)


def runs_as_said(whole: Whole, script: str) -> int:
    """Checks every line after the script; returns how many there were."""
    names, count = prepared(script), 0
    for element in elements_of(whole, random.Random(len(script))):
        if around.knows(whole, element):
            count += gives(whole, element, names)
    return count


def prepared(script: str) -> dict[str, Any]:
    names: dict[str, Any] = {"print": lambda *_: None}
    exec(script, names)
    return names


def gives(whole: Whole, element: Element, names: dict[str, Any]) -> bool:
    """Checks that the lines of an element give its number; False where it has none."""
    told = around.describe(whole, element)
    if not told.code or told.index is None or told.status == "padding":
        return False
    *before, last = told.code
    for line in before:
        exec(line, names)
    value = float(eval(last, names).detach())
    assert is_near(value, float(told.values[told.index])), (element, told.code)
    return True
