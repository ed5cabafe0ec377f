"""What the inspector says is true: its code evaluates to the numbers it stands beside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence

import rnnviz
from rnnviz.element import Element
from rnnviz.errors import UsageError
from rnnviz.model.provenance import (
    Description,
    accessible_name,
    describe,
    exists,
    value_at,
)
from rnnviz.model.schedule import Progress
from rnnviz.model.spec import ModelSpec
from rnnviz.model.trace import Trace, trace


class Case(NamedTuple):
    """A module with an input: L = 4, lengths 2 4 3 if packed."""

    spec: ModelSpec
    form: str = "padded"  # padded, packed, sorted or unbatched
    given: bool = False
    training: bool = False


CASES = {
    "lstm": Case(ModelSpec("LSTM", 3, 4, num_layers=2)),
    "lstm batch_first": Case(ModelSpec("LSTM", 3, 4, num_layers=2, batch_first=True), given=True),
    "lstm bidirectional": Case(ModelSpec("LSTM", 3, 4, num_layers=2, bidirectional=True)),
    "lstm everything": Case(
        ModelSpec("LSTM", 3, 4, num_layers=2, bidirectional=True, proj_size=2, dtype="float64"),
        "packed",
        given=True,
    ),
    "lstm unbatched": Case(
        ModelSpec("LSTM", 3, 4, batch_first=True, bidirectional=True), "unbatched", given=True
    ),
    "lstm one unit": Case(ModelSpec("LSTM", 1, 1), "unbatched"),
    "lstm dropout": Case(
        ModelSpec("LSTM", 3, 4, num_layers=3, dropout=0.5, bidirectional=True), training=True
    ),
    "gru batch_first": Case(ModelSpec("GRU", 3, 4, batch_first=True, bidirectional=True)),
    "gru packed": Case(ModelSpec("GRU", 3, 4, num_layers=2, bidirectional=True), "packed"),
    "gru nobias": Case(ModelSpec("GRU", 3, 4, bias=False), "sorted", given=True),
    "rnn relu": Case(ModelSpec("RNN", 3, 4, num_layers=2, nonlinearity="relu"), "packed"),
    "rnn bfloat16": Case(ModelSpec("RNN", 3, 4, dtype="bfloat16", batch_first=True)),
}
LENGTHS = {"packed": [2, 4, 3], "sorted": [4, 3, 2]}


def make(case: Case) -> tuple[Trace, dict[str, Any]]:
    """A run, and the names that a caller has: module, input and perhaps hx."""
    spec = case.spec
    module = spec.build().train(case.training)
    generator = torch.Generator().manual_seed(1)
    dtype = getattr(torch, spec.dtype)

    def randn(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator).to(dtype)

    values: Any = randn(4, 3, spec.input_size)
    rows = spec.num_layers * spec.num_directions
    batch = (3,)
    if case.form == "unbatched":
        values, batch = values[:, 0], ()
    elif case.form in LENGTHS:
        is_sorted = case.form == "sorted"
        values = pack_padded_sequence(values, LENGTHS[case.form], enforce_sorted=is_sorted)
    elif spec.batch_first:
        values = values.transpose(0, 1)
    h_0 = randn(rows, *batch, spec.output_size)
    hx = (h_0, randn(rows, *batch, spec.hidden_size)) if spec.cell == "LSTM" else h_0
    scope: dict[str, Any] = {"module": module, "input": values, "torch": torch}
    if case.given:
        scope["hx"] = hx
    return trace(module, values, scope.get("hx")), scope


def flowing(run: Trace) -> Iterator[Element]:
    """Strips of every kind that have a t or are an end, at every place."""
    lanes = [(la, d) for la in range(run.num_layers) for d in range(run.num_directions)]
    names = ["h", *run.cell.gates, *(["c"] if run.cell.has_c else [])]
    ends = ["h_0", "h_n", *(["c_0", "c_n"] if run.cell.has_c else [])]
    for n in range(run.N):
        for layer, direction in lanes:
            yield from (Element(end, layer, direction, None, n) for end in ends)
        for t in (*range(run.lengths[n]), None):
            for layer, direction in lanes:
                yield from (Element(name, layer, direction, t, n) for name in names)
            yield from (Element("x", layer, None, t, n) for layer in range(run.num_layers))
            yield from (Element("mask", layer, None, t, n) for layer in run.masks)
            yield from (
                Element("output", direction=d, t=t, sequence=n)
                for d in (None, *range(run.num_directions))
            )


def lying(run: Trace) -> Iterator[Element]:
    """Parameters, whole, by row and by number, and what packing holds."""
    for name, weight in run.weights.items():
        yield Element(name)
        for row in range(0, len(weight), 3):
            yield Element(name, row=row)
            if weight.dim() == 2:
                yield Element(name, row=row, column=weight.shape[1] - 1)
    yield from (Element(name) for name in ("data", "lengths", "batch_sizes", "sorted_indices"))
    yield from (Element("data", row=row) for row in range(sum(run.lengths)))
    yield Element("data", row=2, column=run.input_size - 1)
    yield from (Element("data", t=1, sequence=n) for n in range(run.N))
    yield from (Element("batch_sizes", row=t) for t in range(max(run.lengths)))
    yield from (Element("lengths", sequence=n) for n in range(run.N))
    if run.plan is not None and run.plan.sorted_indices is not None:
        for name in ("sorted_indices", "unsorted_indices"):
            yield from (Element(name, row=n) for n in range(run.N))


def evaluated(told: Description, scope: dict[str, Any], run: Trace) -> Iterator[tuple[str, Any]]:
    """Every line with its result; what it names is defined once and kept in the scope."""
    results = {"output": run.output, "h_n": run.h_n, "c_n": run.c_n}
    for name, value in {"run": run, **(results if run.training else {})}.items():
        scope.setdefault(name, value)  # in train mode a second run would draw other masks
    for statement in told.setup:
        defined = re.split(r" = |import ", statement)[0 if " = " in statement else -1]
        if not all(name in scope for name in re.findall(r"\w+", defined)):
            exec(statement, scope)
    for code in told.code:
        yield code, eval(code, scope)


def check(told: Description, scope: dict[str, Any], run: Trace) -> None:
    """Every line has its shape; those that get the tensor or the element have its numbers."""
    shown = told.values
    tolerance = {"float64": 1e-10, "bfloat16": 3e-2}.get(run.spec.dtype, 1e-5)
    results = list(evaluated(told, scope, run))
    assert len(results) == len(told.code) == len(told.code_results)
    for (code, result), shape in zip(results, told.code_results, strict=True):
        if result is None:
            assert shown.size == 0
            continue
        assert tuple(result.shape) == shape, code
        number = result.detach().double().numpy()
        if shape == ():
            assert told.index is not None
            np.testing.assert_allclose(number, shown[told.index], atol=tolerance, err_msg=code)
        elif not (code.startswith("module.") and tuple(shape) != shown.shape):
            if code.startswith("module.") and told.title.endswith("gate"):
                continue  # the rows that make a gate: checked by themselves
            np.testing.assert_allclose(number, shown, atol=tolerance, err_msg=code)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("elements", [flowing, lying], ids=["flowing", "lying"])
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_every_line_gives_the_numbers_it_stands_beside(name: str, elements: Any) -> None:
    run, scope = make(CASES[name])
    for element in elements(run):
        told = describe(run, element)
        assert told.status == "computed"
        assert told.code
        assert told.element == describe(run, told.element).element
        assert tuple(size for _, size in told.axes) == told.values.shape
        check(told, scope, run)
        if told.values.ndim == 1 and told.values.size:
            last = told.element_at(told.values.size - 1)
            assert value_at(run, last) == told.values[-1]
            check(describe(run, last), scope, run)


@pytest.mark.parametrize("name", ["lstm everything", "gru packed"])
def test_the_code_of_the_cell_under_way_gives_what_its_operations_gave(name: str) -> None:
    whole, _ = make(CASES[name])
    for operation in range(1, len(whole.operations)):
        run = whole.at(Progress(1, 0, operation))
        assert run.active is not None
        layer, direction, times = run.active
        n = next(n for n, t in enumerate(times) if t >= 0)
        for tensor in whole.operations[operation - 1].gives:
            told = describe(run, Element(tensor, layer, direction, times[n], n))
            assert told.status == "computed"
            code = next(code for code in told.code if code.startswith("run."))
            for known in (run, whole):
                given = eval(code, {"run": known}).double().numpy()
                np.testing.assert_array_equal(given, told.values, err_msg=code)


def test_the_whole_of_the_setup_runs_in_a_fresh_script() -> None:
    run, scope = make(CASES["lstm everything"])
    told = describe(run, Element("h", 1, 1, 0, 1, unit=1))
    names = dict(scope)
    exec("\n".join(told.setup), names)
    for code in told.code:
        assert isinstance(eval(code, names), Tensor)
    assert told.setup[0] == "import rnnviz"
    assert "output, (h_n, c_n) = module(input, hx)" in told.setup


@pytest.mark.parametrize("name", ["lstm bidirectional", "gru packed", "gru nobias"])
def test_the_rows_beside_a_gate_make_that_gate(name: str) -> None:
    run, scope = make(CASES[name])
    for index, gate in enumerate(run.cell.gates):
        told = describe(run, Element(gate, 0, run.num_directions - 1, 1, 0))
        rows = [code for code, _ in evaluated(told, scope, run) if code.startswith("module.")]
        start = index * run.hidden_size
        assert len(rows) == (4 if run.spec.bias else 2)
        assert all(code.endswith(f"[{start}:{start + run.hidden_size}]") for code in rows)
        assert all("_reverse" in code for code in rows) == (run.num_directions == 2)


def lstm(**options: Any) -> Trace:
    spec = ModelSpec("LSTM", 4, 8, num_layers=2, batch_first=True, **options)
    return trace(spec.build(), torch.randn(1, 6, 4, generator=torch.Generator().manual_seed(0)))


def test_the_forget_gate_in_full() -> None:
    told = describe(lstm(), Element("f", 0, 0, 2, 0, unit=3))
    assert told.title == "Forget gate"
    assert told.subtitle == "layer 0 · t = 3"
    assert told.symbol == ("f", "3", "(0)")
    assert told.role == "f"
    assert told.equation_key == "lstm-f"
    assert told.axes == (("H_cell", 8),)
    assert told.shape_legend == "(N, H_cell) = (1, 8)"
    assert told.code == (
        'run.gates(0, 0, 2)["f"][0]',
        'run.gates(0, 0, 2)["f"][0, 3]',
        "module.weight_ih_l0[8:16]",
        "module.weight_hh_l0[8:16]",
        "module.bias_ih_l0[8:16]",
        "module.bias_hh_l0[8:16]",
    )
    assert told.code_results == ((8,), (), (8, 4), (8, 8), (8,), (8,))
    assert told.setup == ("import rnnviz", "run = rnnviz.trace(module, input)")
    assert told.note is not None
    assert "not returned by nn.LSTM" in told.note
    assert "torch.lstm_cell" in told.note


def test_a_final_state_is_found_in_output_and_in_h_n() -> None:
    told = describe(lstm(), Element("h", 1, 0, 5, 0))
    assert told.code == (
        "output[0, 5]",
        "h_n.view(num_layers, num_directions, N, H_out)[1, 0, 0]",
        "h_n[1, 0]",
        "run.states(1, 0).h[5, 0]",
    )
    assert told.setup[-1] == "num_layers, num_directions, N, H_out = 2, 1, 1, 8"
    assert told.note == "The last state of the sequence: the same numbers as in h_n."


def test_where_the_reverse_direction_ends_is_said() -> None:
    run = lstm(bidirectional=True)
    first, last = (describe(run, Element("h", 1, 1, t, 0)) for t in (5, 0))
    assert last.code[:2] == (
        "output.view(N, L, num_directions, H_out)[0, 0, 1]",
        "h_n.view(num_layers, num_directions, N, H_out)[1, 1, 0]",
    )
    assert last.note is not None
    assert last.note.startswith("The reverse direction reads from the end, so its last state is")
    assert first.note is not None
    assert first.note.startswith("The reverse direction starts here")
    assert not any(code.startswith("h_n") for code in first.code)
    assert last.equation_key == "lstm-h"
    assert describe(run, Element("c", 1, 1, 0, 0)).equation_key == "lstm-c-reverse"
    final = describe(run, Element("h_n", 1, 1))
    assert final.note == (
        "The state at t = 1, where the reverse direction ends; it is not in output[-1]."
    )


def test_of_a_packed_batch_the_row_of_data_is_given() -> None:
    run, _ = make(CASES["gru packed"])
    assert describe(run, Element("x", 0, None, 1, 0)).code == (
        "input.data[5]",
        "pad_packed_sequence(input)[0][1, 0]",
    )
    data = describe(run, Element("data", row=5))
    assert data.subtitle == "row 5 · sequence 0 · t = 2"
    ended = describe(run, Element("h", 1, 0, 1, 0))
    assert ended.note == "Sequence 0 ends here, so these are its numbers in h_n."
    assert describe(run, Element("sorted_indices")).code == ("input.sorted_indices",)


def test_a_batch_that_was_not_packed_is_shown_as_it_would_be() -> None:
    told = describe(lstm(), Element("batch_sizes", row=1))
    assert told.setup[-1] == "packed = pack_padded_sequence(input, [6] * 1, batch_first=True)"
    assert told.values.tolist() == [1] * 6
    assert "enforce_sorted" in (describe(lstm(), Element("sorted_indices")).note or "")


def test_padding_has_no_code_and_says_why() -> None:
    run, _ = make(CASES["gru packed"])
    for element in (Element("h", 0, 0, 2, 0, 1), Element("x", 0, None, 3, 2, 0)):
        told = describe(run, element)
        assert told.status == "padding"
        assert told.code == told.setup == ()
        assert told.note is not None
        assert told.note.startswith("Padding: sequence")
        assert np.isnan(told.values).all()
        assert value_at(run, element) is None
        assert accessible_name(run, element).endswith(", padding")


def test_what_is_not_computed_yet_is_pending() -> None:
    run = lstm(bidirectional=True).at(2)  # two steps into the lowest layer
    states = {
        Element("h", 0, 0, 1, 0, 0): "computed",
        Element("h", 0, 1, 4, 0, 0): "computed",
        Element("f", 0, 0, 2, 0, 0): "pending",
        Element("h", 0, 1, 1, 0, 0): "pending",
        Element("x", 1, None, 1, 0, 0): "pending",
        Element("x", 0, None, 5, 0, 0): "computed",
        Element("output", t=0, sequence=0, unit=0): "pending",
        Element("h_n", 0, 0, None, 0, 0): "pending",
        Element("c_0", 1, 1, None, 0, 0): "computed",
    }
    for element, status in states.items():
        assert describe(run, element).status == status
        assert (value_at(run, element) is None) == (status == "pending")
    pending = Element("f", 0, 0, 2, 0, 0)
    assert accessible_name(run, pending).endswith("unit 0, not computed yet")
    assert describe(run, pending).code


def test_names_are_read_out() -> None:
    run = lstm()
    value = value_at(run, Element("f", 0, 0, 2, 0, 3))
    assert value is not None
    names = {
        Element("f", 0, 0, 2, 0, 3): f"forget gate, layer 0, t 3, unit 3, {value:.3f}",
        Element("x", 1, t=0): "input, layer 1, t 1",
        Element("h_n", 1): "final hidden state, layer 1",
        Element("batch_sizes", row=1): "batch_sizes, row 1, 1",
    }
    assert {element: accessible_name(run, element) for element in names} == names
    told = accessible_name(run, Element("weight_hh_l1", row=11, column=3))
    assert told.startswith("weight_hh_l1, row 11, column 3, forget gate unit 3, ")


@pytest.mark.parametrize(
    "element",
    [
        Element("h", 2, 0, 0),
        Element("h", 0, 1, 0),
        Element("h", 0, 0, 6),
        Element("h", 0, 0, 0, 1),
        Element("h", 0, 0, 0, 0, 8),
        Element("h", 0, 0, -1),
        Element("r", 0, 0, 0),
        Element("mask", 0),
        Element("weight_hh_l2"),
        Element("weight_hh_l0", row=32),
        Element("weight_hh_l0", row=0, column=8),
        Element("batch_sizes", row=6),
        Element("data", row=6),
        Element("nonsense"),
    ],
)
def test_what_a_run_does_not_have_is_refused(element: Element) -> None:
    run = lstm()
    assert not exists(run, element)
    assert value_at(run, element) is None
    assert accessible_name(run, element) == ""
    with pytest.raises(UsageError):
        describe(run, element)


def test_c_is_of_an_lstm_alone() -> None:
    run, _ = make(CASES["gru packed"])
    assert not exists(run, Element("c", 0, 0, 0))
    assert not exists(run, Element("c_n"))


def test_a_number_that_is_nan_by_computation_is_told() -> None:
    values = torch.full((2, 1, 3), float("nan"))
    run = trace(ModelSpec("RNN", 3, 2).build(), values)
    element = Element("h", 0, 0, 0, 0, 1)
    value = value_at(run, element)
    assert value is not None
    assert np.isnan(value)
    assert accessible_name(run, element) == "hidden state, layer 0, t 1, unit 1, NaN"


def test_the_package_gives_what_the_setup_names() -> None:
    assert rnnviz.trace is trace
