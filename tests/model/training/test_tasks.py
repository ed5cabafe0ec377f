"""What tasks draw: the right answers, in the right layout, the same from the same seed."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch

from rnnviz.errors import InputError, SpecError
from rnnviz.model.tokens import Vocabulary
from rnnviz.model.training.batch import Batch
from rnnviz.model.training.tasks import (
    IGNORED,
    TASKS,
    Adding,
    Copy,
    NextWord,
    Parity,
    Reverse,
    Sine,
)


def drawn(task: Any, count: int = 5) -> Batch:
    return next(task.batches(count, seed=3))


def same(one: Batch, other: Batch) -> bool:
    return torch.equal(one.input, other.input) and torch.equal(one.target, other.target)


@pytest.mark.parametrize("name", TASKS)
def test_equal_seeds_draw_equal_batches(name: str) -> None:
    task = TASKS[name]()
    three = list(itertools.islice(task.batches(4, seed=7), 3))
    again = list(itertools.islice(task.batches(4, seed=7), 3))
    assert all(same(one, other) for one, other in zip(three, again, strict=True))
    assert not same(three[0], three[1])
    assert not same(three[0], next(task.batches(4, seed=8)))


@pytest.mark.parametrize("name", TASKS)
def test_torchs_generator_is_left_alone(name: str) -> None:
    before = torch.get_rng_state()
    drawn(TASKS[name]())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", TASKS)
def test_layout_and_kinds(name: str) -> None:
    rows = drawn(TASKS[name](batch_first=True, dtype="float64"))
    columns = drawn(TASKS[name](dtype="float32"))
    task = TASKS[name]()
    assert torch.equal(rows.input.transpose(0, 1).float(), columns.input.float())
    assert rows.input.is_contiguous()
    assert columns.input.is_contiguous()
    if task.on == "every":
        assert torch.equal(rows.target.transpose(0, 1).float(), columns.target.float())
    else:
        assert torch.equal(rows.target.float(), columns.target)
        assert rows.target.shape == (5, task.out_features)
    if task.vocabulary is not None:
        assert task.input_size is None
        assert rows.input.dtype == torch.int64
        assert 0 <= int(rows.input.min()) <= int(rows.input.max()) < len(task.vocabulary)
    else:
        assert rows.input.shape[2:] == (task.input_size,)
        assert (rows.input.dtype, columns.input.dtype) == (torch.float64, torch.float32)
    if task.loss == "cross_entropy":
        assert rows.target.dtype == torch.int64
        assert int(rows.target.max()) < task.out_features
    else:
        assert rows.target.dtype == torch.float64


def test_next_word() -> None:
    task = NextWord(text="a b c d a c", length=3, batch_first=True)
    text = task.vocabulary.encode(task.text).ids[0].tolist()
    windows = [text[begin : begin + 4] for begin in range(3)]
    batch = drawn(task, 20)
    found = torch.cat([batch.input, batch.target[:, -1:]], dim=1).tolist()
    assert torch.equal(batch.input[:, 1:], batch.target[:, :-1])
    assert {tuple(row) for row in found} == {tuple(row) for row in windows}
    assert NextWord(text="abcabc", by="characters", length=2).out_features == 3
    known = Vocabulary(("?", "b", "c"), unknown="?")
    task = NextWord(text="a b c", length=1, known=known)
    assert task.vocabulary is known
    assert {*drawn(task, 20).input.flatten().tolist()} == {0, 1}
    with pytest.raises(InputError, match="token: expected one of the 2 in the vocabulary"):
        NextWord(text="a b c", length=1, known=Vocabulary(("b", "c")))


def test_copy() -> None:
    task = Copy(symbols=4, length=3, delay=2, batch_first=True)
    ids, target = drawn(task).input, drawn(task).target
    assert ids.shape == (5, 8)
    assert torch.equal(target[:, -3:], ids[:, :3])
    assert not target[:, :5].any()
    assert ids[:, 3:].tolist() == [[0, 5, 0, 0, 0]] * 5
    assert task.vocabulary.decode(ids)[0][-9:] == "_ ? _ _ _"


@pytest.mark.parametrize("length", [2, 3, 10])
def test_adding(length: int) -> None:
    batch = drawn(Adding(length=length, batch_first=True, dtype="float64"), 50)
    numbers, marks = batch.input.unbind(-1)
    assert torch.equal(marks[:, : length // 2].sum(1), torch.ones(50, dtype=torch.float64))
    assert torch.equal(marks[:, length // 2 :].sum(1), torch.ones(50, dtype=torch.float64))
    assert torch.equal((numbers * marks).sum(1, keepdim=True), batch.target)


def test_parity() -> None:
    batch = drawn(Parity(length=9, batch_first=True), 20)
    for bits, classes in zip(batch.input[..., 0].tolist(), batch.target.tolist(), strict=True):
        assert classes == [sum(bits[: t + 1]) % 2 for t in range(9)]


def test_sine() -> None:
    batch = drawn(Sine(length=40, shortest=8, longest=8, batch_first=True, dtype="float64"))
    assert torch.equal(batch.input[:, 1:], batch.target[:, :-1])
    torch.testing.assert_close(batch.input[:, 8:], batch.input[:, :-8])
    assert batch.input.abs().max() <= 1


@pytest.mark.parametrize("shortest", [None, 1])
def test_reverse(shortest: int | None) -> None:
    task = Reverse(symbols=30, length=6, shortest=shortest, batch_first=True)
    batch = drawn(task, 40)
    for n, (ids, target) in enumerate(
        zip(batch.input.tolist(), batch.target.tolist(), strict=True)
    ):
        length = 6 if batch.lengths is None else batch.lengths[n]
        assert target[: length + 1] == [*reversed(ids[:length]), task.end_idx]
        assert set(target[length + 1 :]) <= {IGNORED}
        assert set(ids[length:]) <= {task.vocabulary.padding_idx}
        assert min(ids[:length]) > task.end_idx > task.start_idx
    if shortest is not None:
        assert batch.lengths is not None
        assert set(batch.lengths) == set(range(1, 7))


@pytest.mark.parametrize(
    ("task", "arguments", "message"),
    [
        (NextWord, {"text": "a b", "length": 2}, "text: expected at least 3 words"),
        (NextWord, {"length": 0}, "length: expected at least 1, got 0"),
        (Copy, {"delay": 0}, "delay: expected at least 1, got 0"),
        (Copy, {"symbols": 1.5}, "symbols: expected a whole number, got 1.5"),
        (Adding, {"length": 1}, "length: expected at least 2, got 1"),
        (Parity, {"length": True}, "length: expected a whole number, got True"),
        (Sine, {"shortest": 9, "longest": 8}, "longest: expected at least 9"),
        (Sine, {"dtype": "int8"}, "dtype: expected one of float32"),
        (Reverse, {"length": 3, "shortest": 4}, r"shortest: expected at most 3 \(length\), got 4"),
    ],
)
def test_tasks_that_are_none(task: Any, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        task(**arguments)
