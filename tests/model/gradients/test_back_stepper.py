"""Back one timestep at a time, against the whole way back at once."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from rnnviz.errors import UsageError
from rnnviz.model.gradients import BackStepper, Gradients, back
from rnnviz.model.schedule import Advance
from rnnviz.model.trace import trace
from tests.model.gradients.autograd import Seeded, seeded_runs
from tests.model.gradients.test_back import close


@given(seeded_runs(clamped=True))
def test_steps_back_give_what_the_whole_way_gives(seeded: Seeded) -> None:
    run, stepper = seeded.run, BackStepper(seeded.run, *seeded.given)
    whole = back(run, *seeded.given)
    for position, records in enumerate(stepper, 1):
        assert stepper.position == position
        for record in records:
            wanted = whole.h(record.layer, record.direction)
            for n, t in enumerate(record.t):
                if t < 0:
                    assert record.h[n].isnan().all()
                    continue
                close(record.h[n], wanted[t, n])
                close(
                    torch.stack([part[n] for part in record.h_parts.values()]).sum(0), record.h[n]
                )
        same(stepper.gradients, whole.at(position))
    assert stepper.position == stepper.total == run.total
    with pytest.raises(StopIteration):
        stepper.step()


def same(stepped: Gradients, whole: Gradients) -> None:
    run = whole.run
    for layer in range(run.num_layers):
        shown(stepped.inputs(layer), whole.inputs(layer))
        for direction in range(run.num_directions):
            assert torch.equal(stepped.reached(layer, direction), whole.reached(layer, direction))
            shown(stepped.h(layer, direction), whole.h(layer, direction))
            c, wanted = stepped.c(layer, direction), whole.c(layer, direction)
            if c is not None and wanted is not None:
                shown(c, wanted)
    shown(stepped.h_0, whole.h_0)
    for name, weight in whole.weights.items():
        close(stepped.weights[name], weight)


def shown(actual: Tensor, expected: Tensor) -> None:
    assert torch.equal(actual.isnan(), expected.isnan())
    close(actual.nan_to_num(0.0), expected.nan_to_num(0.0))


@given(seeded_runs(), st.data())
def test_it_seeks_and_takes_back(seeded: Seeded, data: st.DataObject) -> None:
    stepper, whole = BackStepper(seeded.run, *seeded.given), back(seeded.run, *seeded.given)
    for k in data.draw(st.lists(st.integers(0, stepper.total), max_size=4)):
        same(stepper.seek(k), whole.at(k))
        assert stepper.position == k
        stepper.back()
        assert stepper.position == max(k - 1, 0)
        same(stepper.gradients, whole.at(max(k - 1, 0)))


@given(seeded_runs())
def test_the_order_is_that_of_the_schedule_in_reverse(seeded: Seeded) -> None:
    stepper, schedule = BackStepper(seeded.run, *seeded.given), seeded.run.schedule
    forward = [advance for step in range(schedule.total) for advance in schedule.advances(step)]
    found: list[Advance] = []
    while stepper.next:
        coming = stepper.next
        records = stepper.step()
        assert [(r.layer, r.direction, r.t) for r in records] == list(coming)
        found += coming
    assert found == forward[::-1]


def stepper_of(cell: str = "GRU") -> Any:
    torch.manual_seed(0)
    run = trace(getattr(torch.nn, cell)(2, 3, 2), torch.randn(4, 2, 2))
    return BackStepper(run, torch.randn(4, 2, 3))


def test_one_step_computes_one_timestep_only() -> None:
    stepper = stepper_of()
    assert not stepper.gradients.reached(0).any()
    assert stepper.gradients.h(1).isnan().all()
    first, second = stepper.step()
    assert (first.layer, second.layer) == (1, 0)
    assert first.t == second.t == (3, 3)
    reached = stepper.gradients.reached(0)
    assert reached[3].all()
    assert not reached[:3].any()
    assert stepper.gradients.h_0.isnan().all()
    assert set(first.h_parts) == {"above", "gates", "carry", "final"}
    assert first.c is None


def test_a_step_before_the_last_is_not_touched_by_steps_after_it() -> None:
    stepper = stepper_of("LSTM")
    stepper.step()
    before = stepper.gradients.weights["weight_hh_l0"].clone()
    kept = stepper.gradients
    stepper.run()
    assert torch.equal(kept.weights["weight_hh_l0"], before)
    assert kept.h(0)[:3].isnan().all()
    stepper.seek(1)
    assert torch.equal(stepper.gradients.weights["weight_hh_l0"], before)


@pytest.mark.parametrize("k", [-1, 5, 1.5, True, "2"])
def test_places_that_are_not_there(k: Any) -> None:
    with pytest.raises(UsageError, match="step: expected 0 to 4, got"):
        stepper_of().seek(k)
    with pytest.raises(UsageError, match="step: expected 0 to 4, got"):
        stepper_of().run().at(k)


def test_the_gradients_look_no_further_than_they_are() -> None:
    stepper = stepper_of()
    stepper.step()
    with pytest.raises(UsageError, match="step: expected 0 to 1, got 2"):
        stepper.gradients.at(2)
