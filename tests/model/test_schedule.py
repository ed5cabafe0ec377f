"""The order of work: everything once, and nothing before what it needs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.model.schedule import Advance, Schedule


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    lengths = tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=4)))
    return Schedule(max(lengths), lengths, draw(st.integers(1, 3)), draw(st.integers(1, 2)))


@given(schedules())
def test_every_valid_timestep_is_computed_once_and_after_what_it_needs(schedule: Schedule) -> None:
    done: set[tuple[int, int, int, int]] = set()
    for step in range(schedule.total):
        for layer, direction, times in schedule.advances(step):
            for n, t in enumerate(times):
                if t < 0:
                    continue
                before = t - 1 if direction == 0 else t + 1
                if 0 <= before < schedule.lengths[n]:
                    assert (layer, direction, before, n) in done
                for below in range(schedule.num_directions if layer else 0):
                    assert (layer - 1, below, t, n) in done
                assert (layer, direction, t, n) not in done
                done.add((layer, direction, t, n))
                assert schedule.step_of(layer, direction, t, n) == step
    lanes = schedule.num_layers * schedule.num_directions
    assert len(done) == lanes * sum(schedule.lengths)


@given(schedules(), st.data())
def test_computed_is_what_the_steps_before_a_position_advanced(
    schedule: Schedule, data: st.DataObject
) -> None:
    position = data.draw(st.integers(0, schedule.total))
    for layer in range(schedule.num_layers):
        for direction in range(schedule.num_directions):
            expected = np.zeros((schedule.L, len(schedule.lengths)), dtype=bool)
            for t in range(schedule.L):
                for n in range(len(schedule.lengths)):
                    expected[t, n] = 0 <= schedule.step_of(layer, direction, t, n) < position
            computed = schedule.computed(layer, direction, position)
            np.testing.assert_array_equal(computed, expected)


@given(schedules(), st.data())
def test_what_is_computed_between_two_positions_lies_in_a_range(
    schedule: Schedule, data: st.DataObject
) -> None:
    before, after = sorted(data.draw(st.tuples(*[st.integers(0, schedule.total)] * 2)))
    for layer in range(schedule.num_layers):
        for direction in range(schedule.num_directions):
            lane = (layer, direction)
            done = (schedule.steps_done(*lane, position) for position in (before, after))
            at = schedule.between(direction, *done)
            fresh = schedule.computed(*lane, after) & ~schedule.computed(*lane, before)
            outside = np.ones(schedule.L, dtype=bool)
            outside[at] = False
            assert not fresh[outside].any()
            part = schedule.computed(*lane, after, at=at)
            np.testing.assert_array_equal(part, schedule.computed(*lane, after)[at])


def test_a_unidirectional_stack_goes_through_all_its_layers_at_each_timestep() -> None:
    schedule = Schedule(L=3, lengths=(3, 1), num_layers=2, num_directions=1)
    assert schedule.total == 3
    assert schedule.advances(1) == (Advance(0, 0, (1, -1)), Advance(1, 0, (1, -1)))


def test_a_bidirectional_stack_goes_layer_by_layer_from_both_ends() -> None:
    schedule = Schedule(L=3, lengths=(3, 2), num_layers=2, num_directions=2)
    assert schedule.total == 6
    assert schedule.advances(0) == (Advance(0, 0, (0, 0)), Advance(0, 1, (2, 1)))
    assert schedule.advances(5) == (Advance(1, 0, (2, -1)), Advance(1, 1, (0, -1)))


def test_steps_beyond_the_end_do_not_exist() -> None:
    schedule = Schedule(L=3, lengths=(3,), num_layers=1, num_directions=1)
    with pytest.raises(IndexError, match="step 3 of 3"):
        schedule.advances(3)
    assert schedule.step_of(0, 0, 3, 0) == -1
