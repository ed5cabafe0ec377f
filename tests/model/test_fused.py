"""LSTM in float32 by oneDNN's kernel: the same states as step by step, and never others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from rnnviz.model import engine
from rnnviz.model.binding import bind
from rnnviz.model.cells import fused
from rnnviz.model.cells.lstm import LSTMCell
from rnnviz.model.stepper import Stepper
from rnnviz.model.trace import Trace, trace
from tests.model.runs import assert_same

TOLERANCE = 2e-5

needs_kernel = pytest.mark.skipif(not fused.is_there(), reason="torch was built without oneDNN")


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many timesteps the numpy scan computes, lane by lane."""
    found: list[int] = []
    cell: Any = LSTMCell
    scan = cell.scan

    def counted(self: Any, lane: Any, parameters: Any) -> None:
        found.append(len(lane.spans))
        scan(self, lane, parameters)

    monkeypatch.setattr(cell, "scan", counted)
    return found


def without_kernel(*arguments: Any) -> Trace:
    """The run as numpy scans it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fused, "is_there", lambda: False)
        return trace(*arguments)


def assert_same_states(one: Trace, other: Trace) -> None:
    for layer in range(one.num_layers):
        for direction in range(one.num_directions):
            for mine, its in zip(
                one.states(layer, direction), other.states(layer, direction), strict=True
            ):
                assert_same(mine, its, TOLERANCE)


@st.composite
def calls(draw: st.DrawFn) -> tuple[nn.LSTM, Tensor | PackedSequence, Any, int]:
    """A module in float32, an even input, initial states or none, and a seed of its masks."""
    torch.manual_seed(draw(st.integers(0, 2**32)))
    layers = draw(st.integers(1, 3))
    units, features = draw(st.sampled_from([1, 2, 5, 16, 33])), draw(st.integers(1, 6))
    module = nn.LSTM(
        features,
        units,
        num_layers=layers,
        bias=draw(st.booleans()),
        batch_first=draw(st.booleans()),
        bidirectional=draw(st.booleans()),
        dropout=draw(st.sampled_from([0.0, 0.4])) if layers > 1 else 0.0,
    )
    module.train(draw(st.booleans()))
    length, sequences = draw(st.integers(1, 40)), draw(st.integers(1, 4))
    values = torch.randn(length, sequences, features)
    rows = layers * (2 if module.bidirectional else 1)
    hx = torch.randn(2, rows, sequences, units).unbind() if draw(st.booleans()) else None
    given_values: Tensor | PackedSequence = values
    if draw(st.booleans()):
        order = draw(st.booleans())
        given_values = pack_sequence(list(values.unbind(1)), enforce_sorted=order)
    elif module.batch_first:
        given_values = values.transpose(0, 1)
    return module, given_values, hx, draw(st.integers(0, 2**32))


@settings(max_examples=60)
@given(calls(), st.integers(1, 50))
def test_it_is_the_stepper_the_scan_and_torch(
    call: tuple[nn.LSTM, Tensor | PackedSequence, Any, int], steps: int
) -> None:
    module, values, hx, seed = call
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fused, "_steps", lambda total, *_: min(steps, total))
        torch.manual_seed(seed)
        run = trace(module, values, hx)
    torch.manual_seed(seed)
    assert_same_states(run, without_kernel(module, values, hx))
    torch.manual_seed(seed)
    assert_same_states(run, Stepper(module, values, hx).run())
    torch.manual_seed(seed)
    with torch.no_grad():
        output, (h_n, c_n) = module(values, hx)
    assert_same(run.output, output, TOLERANCE)
    assert_same(run.h_n, h_n, TOLERANCE)
    assert_same(run.c_n, c_n, TOLERANCE)
    assert run.matches


@needs_kernel
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_the_kernel_is_what_computes(
    scans: list[int], bidirectional: bool, bias: bool, packed: bool
) -> None:
    torch.manual_seed(0)
    module = nn.LSTM(7, 24, num_layers=2, bidirectional=bidirectional, bias=bias)
    rows = 4 if bidirectional else 2
    hx = torch.randn(rows, 3, 24), torch.randn(rows, 3, 24)
    values = torch.randn(50, 3, 7)
    trace(module, pack_sequence(list(values.unbind(1))) if packed else values, hx)
    assert scans == []


@needs_kernel
def test_what_an_earlier_run_left_in_the_memory_is_not_taken_for_c(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run_kernel = fused._run_kernel
    remains: list[Tensor] = []

    def with_remains(*arguments: Any) -> Any:
        result = run_kernel(*arguments)
        remains.append(result.workspace)
        return result._replace(workspace=torch.cat((result.workspace, remains[0])))

    shape = 20, 3, 5, 24
    fused._place_of_c.cache_clear()
    place = fused._place_of_c(*shape)
    fused._place_of_c.cache_clear()
    monkeypatch.setattr(fused, "_run_kernel", with_remains)
    assert place is not None
    assert fused._place_of_c(*shape) == place._replace(size=2 * place.size)
    fused._place_of_c.cache_clear()


def test_memory_of_any_bits_is_searched_in_silence() -> None:
    bits = np.full(40, 0x7FA00000, dtype=np.uint32)  # a signalling NaN
    numbers = bits.view(np.float32)
    bits[8:16] = np.float32(3e38).view(np.uint32)
    expected = np.linspace(-0.5, 0.5, 4, dtype=np.float32)
    numbers[20:24] = expected
    numbers[30] = expected[0]  # and what follows is none
    assert fused._places(numbers, expected) == [20]


@pytest.mark.parametrize(
    "damage",
    [
        lambda numbers: numbers.roll(24),
        lambda numbers: numbers.roll(-1),
        lambda numbers: torch.zeros_like(numbers),
        lambda numbers: torch.full_like(numbers, float("nan")),
        lambda numbers: -numbers,
        lambda numbers: numbers * 1.001,
        lambda numbers: numbers[: len(numbers) // 2],
    ],
)
def test_a_workspace_that_does_not_hold_what_it_should_is_not_believed(
    damage: Any, scans: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    module, values = nn.LSTM(5, 24, bidirectional=True), torch.randn(50, 3, 5)
    expected = without_kernel(module, values)
    scans.clear()
    trace(module, values)  # where c lies is known from now on
    run_kernel = fused._run_kernel

    def damaged(*arguments: Any) -> Any:
        result = run_kernel(*arguments)
        return result._replace(workspace=damage(result.workspace))

    monkeypatch.setattr(fused, "_run_kernel", damaged)
    scans.clear()
    assert_same_states(trace(module, values), expected)
    assert scans == [50, 50]
    fused._place_of_c.cache_clear()  # nor where it is looked for in such a one
    assert_same_states(trace(module, values), expected)
    fused._place_of_c.cache_clear()


def test_a_kernel_that_refuses_is_done_without(
    scans: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> Any:
        raise RuntimeError("could not create a primitive")

    monkeypatch.setattr(fused, "_run_kernel", refused)
    module, values = nn.LSTM(5, 4), torch.randn(9, 3, 5)
    assert trace(module, values).matches
    assert scans == [9]


def test_who_switches_the_library_off_does_without(
    scans: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", False)
    trace(nn.LSTM(5, 4), torch.randn(9, 3, 5))
    assert scans == [9]


@needs_kernel
def test_a_long_run_is_asked_often_whether_to_give_up(scans: list[int]) -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 5

    with pytest.raises(engine.Cancelled):
        engine.compute_run(bind(nn.LSTM(64, 256), torch.zeros(2000, 1, 64)), cancelled)
    assert scans == []
    assert asked == 6
