"""Stepping by operation: every tensor inside a cell, and every place between two operations."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from rnnviz import ModelSpec, Stepper, UsageError, trace
from rnnviz.model.cells import CELLS, Operation, operations, perform
from rnnviz.model.schedule import Advance, Progress
from rnnviz.model.trace import Trace
from tests.model.forced import by_hand, clamps_of
from tests.model.runs import Case, assert_same, cases

Inside = dict[tuple[int, int, int, int], dict[str, Tensor]]


def inside_by_hand(run: Trace) -> Inside:
    """Every tensor of every cell at (layer, direction, t, sequence), from the equations."""
    found = by_hand(run, run.clamps)
    return {place: _inside(run, found, place) for place in found}


def _inside(run: Trace, found: Inside, place: tuple[int, int, int, int]) -> dict[str, Tensor]:
    layer, direction, t, n = place
    here, w = found[place], run.buffers.binding.lanes[layer, direction]
    row, before = (
        layer * run.num_directions + direction,
        (layer, direction, t + 2 * direction - 1, n),
    )
    h = found[before]["h"] if before in found else run.h_0[row, n]
    x = run.inputs(layer)[t, n]
    ih, hh = w.weight_ih @ x, w.weight_hh @ h
    if w.bias_ih is not None and w.bias_hh is not None:
        ih, hh = ih + w.bias_ih, hh + w.bias_hh
    gates = run.cell.gates
    result = {"x": x, "h_prev": h, **here}
    result |= dict(zip([f"ih_{gate}" for gate in gates], ih.chunk(len(gates)), strict=True))
    result |= dict(zip([f"hh_{gate}" for gate in gates], hh.chunk(len(gates)), strict=True))
    if run.kind == "GRU":
        result["r*hh_n"] = here["r"] * result["hh_n"]
        result["(1-z)*n"] = (1 - here["z"]) * here["n"]
        result["z*h"] = here["z"] * h
    if run.c_0 is not None:
        result["c_prev"] = c = found[before]["c"] if before in found else run.c_0[row, n]
        result["f*c"], result["i*g"] = here["f"] * c, here["i"] * here["g"]
        result["tanh_c"] = here["c"].tanh()
        if w.weight_hr is not None:
            result["o*tanh_c"] = here["o"] * result["tanh_c"]
    return result


@given(cases(), st.data())
def test_by_operation_is_what_torch_gives(case: Case, data: st.DataObject) -> None:
    stepper = Stepper(*case.seeded())
    expected = inside_by_hand(trace(*case.seeded()))
    seen: set[tuple[Any, ...]] = set()
    for _ in range(stepper.total * stepper.trace.schedule.cells_per_step):
        for operation in stepper.operations:
            record = stepper.step_operation()
            assert record.operation == operation
            assert tuple(record.tensors) == operation.gives
            for name, values in record.tensors.items():
                for n, t in enumerate(record.t):
                    place = (record.layer, record.direction, t, n)
                    if t < 0:
                        assert values[n].isnan().all()
                        continue
                    assert_same(values[n], expected[place][name], 1e-12)
                    seen.add((*place, name))
    entering = {"x", "h_prev", "c_prev"}
    names = {(*place, name) for place, inside in expected.items() for name in inside}
    assert seen == {item for item in names if item[-1] not in entering}
    assert stepper.position == stepper.total
    output, h_n, c_n = case.by_torch()
    assert_same(stepper.trace.output, output, 1e-12)
    assert_same(stepper.trace.h_n, h_n, 1e-12)
    assert_same(stepper.trace.c_n, c_n, 1e-12)
    assert stepper.trace.matches
    with pytest.raises(StopIteration):
        stepper.step_operation()
    with pytest.raises(StopIteration):
        stepper.step_layer()


class Places:
    """Every place of a run counted through, one operation after another."""

    def __init__(self, stepper: Stepper) -> None:
        self.operations = len(stepper.operations)
        self.cells = stepper.trace.schedule.cells_per_step
        self.step = self.operations * self.cells
        self.last = stepper.total * self.step

    def progress(self, place: int) -> Progress:
        step, rest = divmod(place, self.step)
        return Progress(step, *divmod(rest, self.operations))

    def moved(self, place: int, move: str) -> int:
        size = {"step": self.step, "layer": self.operations, "operation": 1}
        name = move.removeprefix("back_").removeprefix("step_")
        if move.startswith("back"):
            part = size["step" if move == "back" else name]
            return max(place - 1, 0) // part * part
        part = size[name]
        return place // part * part + part


def check_moment(run: Trace, whole: Trace, progress: Progress, expected: Inside) -> None:
    """A run at a place: what it has computed is right, what it has not is not to be seen."""
    assert run.progress == progress
    step, cell, operation = progress
    advances = whole.schedule.advances(step) if step < whole.total else ()
    assert run.active == (advances[cell] if cell or operation else None)
    done = whole.schedule.advances(step - 1) if step else ()
    assert run.current == (advances[: cell + (operation > 0)] if cell or operation else done)
    for place, inside in expected.items():
        count = _done(run, place)
        check_cell(run, place, inside, count)


def _done(run: Trace, place: tuple[int, int, int, int]) -> int:
    """How many operations of a cell are done, from the schedule alone."""
    layer, direction, t, n = place
    step, cell, operation = run.progress
    own = run.schedule.step_of(layer, direction, t, n)
    index = direction if run.num_directions == 2 else layer
    if (own, index) < (step, cell):
        return len(run.operations)
    return operation if (own, index) == (step, cell) else 0


def check_cell(
    run: Trace, place: tuple[int, int, int, int], expected: dict[str, Tensor], done: int
) -> None:
    layer, direction, t, n = place
    inside = run.tensors(layer, direction, t)
    for number, operation in enumerate(run.operations):
        for name in operation.gives:
            assert run.is_computed(name, layer, direction, t, n) is (number < done)
            if number < done:
                assert_same(inside[name][n], expected[name], 1e-12)
            else:
                assert inside[name][n].isnan().all()
    whole = done == len(run.operations)
    assert bool(run.computed(layer, direction)[t, n]) is whole
    states = run.states(layer, direction)
    for name, values in (("h", states.h), ("c", states.c)):
        assert values is None or bool(values[t, n].isnan().all()) is not whole
        assert (
            values is None or not whole or bool((values[t, n] - expected[name]).abs().max() < 1e-11)
        )
    for name, gate in run.gates(layer, direction, t).items():
        assert torch.equal(gate[n].isnan(), inside[name][n].isnan())
        assert_same(gate[n], inside[name][n], 1e-12)
    for name, before in run.preactivations(layer, direction, t).items():
        assert_same(before[n], inside[f"a_{name}"][n], 1e-12)


MOVES = ["step", "step_layer", "step_operation", "back", "back_layer", "back_operation", "seek"]


@settings(deadline=None)
@given(cases(max_length=3), st.data())
def test_any_walk_by_steps_layers_and_operations(case: Case, data: st.DataObject) -> None:
    clamps = data.draw(clamps_of(case, most=2))
    stepper, whole = Stepper(*case.seeded(), clamps), trace(*case.seeded(), clamps)
    places, expected, place = Places(stepper), inside_by_hand(whole), 0
    for move in data.draw(st.lists(st.sampled_from(MOVES), max_size=8)):
        if move == "seek":
            place = data.draw(st.integers(0, places.last))
            stepper.seek(places.progress(place))
        elif place == places.last and move.startswith("step"):
            with pytest.raises(StopIteration):
                getattr(stepper, move)()
        else:
            getattr(stepper, move)()
            place = places.moved(place, move)
        assert stepper.progress == places.progress(place)
        assert stepper.position == places.progress(place).step
    check_moment(stepper.trace, whole, places.progress(place), expected)
    check_moment(whole.at(places.progress(place)), whole, places.progress(place), expected)
    check_moment(stepper.run().at(places.progress(place)), whole, places.progress(place), expected)


@given(cases(max_length=3), st.data())
def test_records_of_steps_that_were_begun_by_operation(case: Case, data: st.DataObject) -> None:
    stepper, whole = Stepper(*case.seeded()), trace(*case.seeded())
    places = Places(stepper)
    place = data.draw(st.integers(0, places.last - 1))
    stepper.seek(places.progress(place))
    step, cell, _ = stepper.progress
    records = stepper.step()
    assert len(records) == places.cells - cell
    for record, advance in zip(records, whole.schedule.advances(step)[cell:], strict=True):
        assert Advance(record.layer, record.direction, record.t) == advance
        for n, t in enumerate(record.t):
            if t >= 0:
                assert_same(
                    record.h[n], whole.states(record.layer, record.direction).h[t, n], 1e-12
                )
    assert stepper.progress == Progress(step + 1)
    assert stepper.trace.step_difference_at(step) <= 1e-12 * whole.value_scale


def lstm(**options: Any) -> tuple[nn.LSTM, Tensor]:
    torch.manual_seed(0)
    return nn.LSTM(3, 4, num_layers=2, **options), torch.randn(5, 2, 3)


def test_one_operation_is_computed_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    stepper = Stepper(*lstm())
    performed: list[str] = []

    def counted(operation: Operation, *rest: Any) -> dict[str, Tensor]:
        performed.append(operation.name)
        return perform(operation, *rest)

    monkeypatch.setattr("rnnviz.model.engine.perform", counted)
    for _ in range(4):
        stepper.step_operation()
    assert performed == ["ih", "hh", "a", "i"]
    stepper.back_operation()
    stepper.step_operation()
    assert performed[4:] == ["i"]
    stepper.seek(Progress(2, 1, 3))
    assert performed[5:] == ["ih", "hh", "a"]


def test_places_are_written_in_one_way() -> None:
    stepper = Stepper(*lstm())
    whole = stepper.whole()
    count = len(stepper.operations)
    for written, place in (
        (Progress(1, 2), Progress(2)),
        (Progress(1, 1, count), Progress(2)),
        (Progress(1, 0, count), Progress(1, 1)),
        (Progress(4, 2), Progress(5)),
    ):
        stepper.seek(written)
        assert stepper.progress == place
        assert whole.at(written).progress == place


@pytest.mark.parametrize(
    ("place", "field"),
    [
        (Progress(6), "step"),
        (Progress(-1), "step"),
        (Progress(5, 1), "cell"),
        (Progress(5, 0, 1), "operation"),
        (Progress(0, 3), "cell"),
        (Progress(0, -1), "cell"),
        (Progress(0, 2, 1), "operation"),
        (Progress(0, 0, 99), "operation"),
        (Progress(0, 0, -1), "operation"),
        (Progress(0, 1.5), "cell"),  # type: ignore[arg-type]
        (Progress(0, 0, True), "operation"),
    ],
)
def test_places_that_there_are_not(place: Progress, field: str) -> None:
    stepper = Stepper(*lstm())
    with pytest.raises(UsageError, match=f"{field}: expected 0 to "):
        stepper.seek(place)
    assert stepper.progress == Progress(0)
    with pytest.raises(IndexError, match="position: expected"):
        stepper.whole().at(place)


def test_a_run_does_not_show_what_lies_beyond_it() -> None:
    run = Stepper(*lstm()).seek(Progress(2, 1, 4))
    with pytest.raises(IndexError, match="position: expected"):
        run.at(Progress(2, 1, 5))
    assert run.at(Progress(2, 1, 4)) is run
    assert not run.is_computed("i", 1, 0, 3)
    assert run.is_computed("i", 1, 0, 2)
    assert not run.is_computed("f", 1, 0, 2)
    assert run.is_computed("i", -1, 0, -3)
    assert not run.is_computed("i", -1, 0, -2)
    with pytest.raises(KeyError):
        run.is_computed("x", 0, 0, 0)
    with pytest.raises(IndexError):
        run.is_computed("i", 0, 0, 5)
    with pytest.raises(IndexError, match="t: expected 0 to 4, got 5"):
        run.tensors(0, 0, 5)


def test_a_far_seek_to_an_operation_copies_what_is_known() -> None:
    torch.manual_seed(0)
    stepper = Stepper(nn.GRU(3, 4, bidirectional=True), torch.randn(100, 2, 3))
    whole = stepper.whole()
    stepper.adopt(whole)
    run = stepper.seek(Progress(90, 1, 5))
    wanted = whole.at(Progress(90, 1, 5))
    for t in (0, 9, 10, 89, 90, 91):
        for direction in (0, 1):
            mine, known = run.tensors(0, direction, t), wanted.tensors(0, direction, t)
            for name in known:
                assert_same(mine[name], known[name], 1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_by_operation_in_other_dtypes(dtype: torch.dtype) -> None:
    for cell in (nn.RNN, nn.LSTM, nn.GRU):
        torch.manual_seed(0)
        module, values = cell(3, 4, num_layers=2, dtype=dtype), torch.randn(4, 2, 3, dtype=dtype)
        stepper = Stepper(module, values)
        while stepper.position < stepper.total:
            stepper.step_operation()
        assert stepper.trace.matches
        assert_same(stepper.trace.output, module(values)[0].detach(), stepper.trace.tolerance)


def test_operations_that_meet_nan_and_infinity() -> None:
    torch.manual_seed(0)
    module, values = nn.LSTM(3, 4), torch.randn(4, 1, 3)
    values[1, 0, 0], values[2, 0, 1] = math.inf, math.nan
    stepper = Stepper(module, values)
    while stepper.position < stepper.total:
        stepper.step_operation()
    assert stepper.trace.matches
    assert_same(stepper.trace.output, module(values)[0].detach(), 1e-6)


@pytest.mark.parametrize("cell", CELLS)
@given(data=st.data())
def test_a_cell_tells_its_operations_in_their_order(cell: str, data: st.DataObject) -> None:
    options: dict[str, Any] = {"bias": data.draw(st.booleans())}
    if cell == "LSTM":
        options["proj_size"] = data.draw(st.sampled_from([0, 2]))
    known = {"x", "h_prev", "c_prev"} if cell == "LSTM" else {"x", "h_prev"}
    found = operations(ModelSpec(cell, 3, 4, **options))
    for operation in found:
        assert set(operation.takes) <= known
        assert not set(operation.gives) & known
        known |= set(operation.gives)
    assert {*CELLS[cell].gates, "h"} <= known
    assert len({operation.name for operation in found}) == len(found)
    assert found[-1].gives == ("h",)
