"""PackingPlan against pack_padded_sequence and pad_packed_sequence themselves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from rnnviz.errors import InputError
from rnnviz.model.sequences import PackingPlan

lengths_lists = st.lists(st.integers(1, 7), min_size=1, max_size=9)


def numbered(lengths: list[int], total_length: int) -> torch.Tensor:
    """(L, N, 2): sequence and timestep in every place, so that none is mistaken."""
    sequences = torch.arange(len(lengths)).expand(total_length, -1)
    timesteps = torch.arange(total_length)[:, None].expand(-1, len(lengths))
    return torch.stack([sequences, timesteps], dim=-1).float()


@given(lengths_lists, st.booleans(), st.integers(0, 3))
def test_agrees_with_torch(lengths: list[int], enforce_sorted: bool, beyond: int) -> None:
    if enforce_sorted:
        lengths = sorted(lengths, reverse=True)
    total_length = max(lengths) + beyond
    padded = numbered(lengths, total_length)
    packed = pack_padded_sequence(padded, lengths, enforce_sorted=enforce_sorted)
    plan = PackingPlan(lengths, total_length, enforce_sorted)

    assert list(plan.batch_sizes) == packed.batch_sizes.tolist()
    for name in ("sorted_indices", "unsorted_indices"):
        expected = getattr(packed, name)
        found = getattr(plan, name)
        assert (found is None) == (expected is None)
        assert found is None or list(found) == expected.tolist()
    assert [tuple(row) for row in packed.data.int().tolist()] == list(plan.rows)
    assert torch.equal(plan.pack(padded), packed.data)
    assert all(plan.row_of(*row) == k for k, row in enumerate(plan.rows))
    expected_padded, _ = pad_packed_sequence(packed, padding_value=-1.5, total_length=total_length)
    assert torch.equal(plan.pad(packed.data, padding_value=-1.5), expected_padded)
    as_array = plan.pad(packed.data.numpy(), padding_value=-1.5)
    assert np.array_equal(as_array, expected_padded.numpy())


@given(lengths_lists, st.booleans())
def test_the_plan_of_a_packed_sequence_is_its_own(lengths: list[int], enforce_sorted: bool) -> None:
    if enforce_sorted:
        lengths = sorted(lengths, reverse=True)
    packed = pack_padded_sequence(
        numbered(lengths, max(lengths)), lengths, enforce_sorted=enforce_sorted
    )
    plan = PackingPlan.of(packed)
    assert plan == PackingPlan(lengths, enforce_sorted=enforce_sorted)


def test_the_plan_keeps_an_order_that_torch_would_not_have_chosen() -> None:
    data = torch.arange(3.0)[:, None]
    order = torch.tensor([2, 0, 1])
    packed = PackedSequence(data, torch.tensor([3]), order, torch.tensor([1, 2, 0]))
    plan = PackingPlan.of(packed)
    assert plan.sorted_indices == (2, 0, 1)
    assert plan.unsorted_indices == (1, 2, 0)
    assert plan.pad(data).flatten().tolist() == [1.0, 2.0, 0.0]


def test_the_example_of_four_sequences() -> None:
    plan = PackingPlan([2, 2, 1, 1])
    data = torch.tensor([11.0, 21.0, 31.0, 41.0, 12.0, 22.0])
    assert plan.batch_sizes == (4, 2)
    assert plan.sorted_indices is None
    assert plan.unsorted_indices is None
    assert plan.rows == ((0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1))
    assert plan.pad(data, 1.0).tolist() == [[11, 21, 31, 41], [12, 22, 1, 1]]


@pytest.mark.parametrize("lengths", [torch.tensor([3, 1]), np.array([3, 1]), (3, 1), [3.0, 1.0]])
def test_lengths_come_in_any_form(lengths: object) -> None:
    assert PackingPlan(lengths).lengths == (3, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lengths", "options", "message"),
    [
        ([5.9, 2], {}, "lengths: expected whole numbers, got 5.9 for sequence 0"),
        ([float("nan")], {}, "lengths: expected whole numbers, got nan for sequence 0"),
        ([float("inf")], {}, "lengths: expected whole numbers, got inf for sequence 0"),
        ([True], {}, "lengths: expected whole numbers, got True for sequence 0"),
        (["2"], {}, "lengths: expected whole numbers, got '2' for sequence 0"),
        ([[2]], {}, "lengths: expected whole numbers, got [2] for sequence 0"),
        ([2, 0], {}, "lengths: expected at least 1, got 0 for sequence 1"),
        ([2, -1], {}, "lengths: expected at least 1, got -1 for sequence 1"),
        ([], {}, "lengths: expected at least one sequence, got none"),
        (3, {}, "lengths: expected one whole number a sequence, got 3"),
        (torch.tensor(3), {}, "lengths: expected one whole number a sequence, got 3"),
        ("32", {}, "lengths: expected one whole number a sequence, got '32'"),
        (
            [4, 2],
            {"total_length": 3},
            "lengths: expected at most total_length (3), got 4 for sequence 0",
        ),
        ([2], {"total_length": 2.0}, "total_length: expected a whole number, got 2.0"),
        ([2], {"total_length": True}, "total_length: expected a whole number, got True"),
        (
            [2, 3],
            {},
            "lengths: expected decreasing order, or enforce_sorted=False, "
            "got 3 for sequence 1 after 2",
        ),
        ([10**15], {}, "lengths: expected a batch that fits in memory"),
        ([10**400], {}, "lengths: expected a batch that fits in memory"),
    ],
)
def test_refuses(lengths: object, options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        PackingPlan(lengths, **options)  # type: ignore[arg-type]
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("lengths", [[2, 3], [2, 0], []])
def test_what_torch_refuses_is_refused(lengths: list[int]) -> None:
    with pytest.raises((RuntimeError, ValueError, IndexError)):
        pack_padded_sequence(torch.zeros(3, len(lengths), 1), lengths)
    with pytest.raises(InputError):
        PackingPlan(lengths)


def test_pad_wants_every_row() -> None:
    with pytest.raises(InputError, match="data: expected 3 rows, got 2 rows"):
        PackingPlan([2, 1]).pad(torch.zeros(2, 4))


@pytest.mark.parametrize(
    ("batch_sizes", "rows", "field"),
    [([1, 2], 3, "batch_sizes"), ([2, 0], 2, "batch_sizes"), ([2, 1], 4, "data")],
)
def test_a_broken_packed_sequence_is_refused(batch_sizes: list[int], rows: int, field: str) -> None:
    packed = PackedSequence(torch.zeros(rows, 1), torch.tensor(batch_sizes))
    with pytest.raises(InputError) as caught:
        PackingPlan.of(packed)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("order", "inverse", "field"),
    [
        ([0, 0], None, "sorted_indices"),
        ([0], None, "sorted_indices"),
        ([0, 2], None, "sorted_indices"),
        ([1, 0], [0, 1], "unsorted_indices"),
    ],
)
def test_indices_that_are_no_permutation_are_refused(
    order: list[int], inverse: list[int] | None, field: str
) -> None:
    unsorted = torch.tensor(inverse or [0] * len(order))
    packed = PackedSequence(torch.zeros(3, 1), torch.tensor([2, 1]), torch.tensor(order), unsorted)
    with pytest.raises(InputError) as caught:
        PackingPlan.of(packed)
    assert caught.value.field == field


def test_pad_keeps_the_dtype() -> None:
    padded = PackingPlan([2, 1]).pad(torch.ones(3, 2, dtype=torch.bfloat16), 2.0)
    assert padded.dtype == torch.bfloat16
    assert padded.tolist() == [[[1, 1], [1, 1]], [[1, 1], [2, 2]]]


def test_a_default_device_does_not_reach_a_plan() -> None:
    with torch.device("meta"):
        assert PackingPlan((1, 2), enforce_sorted=False).sorted_indices == (1, 0)


def test_a_total_length_that_no_machine_holds() -> None:
    with pytest.raises(InputError, match="total_length: expected a batch that fits in memory"):
        PackingPlan((3,), total_length=10**15)
