"""What takes long is put off where nobody can wait for it."""

from __future__ import annotations

import contextvars
from threading import Thread

import numpy as np
import pytest

from rnnviz.figures.later import LONG, Later, at_once, checking
from rnnviz.figures.memo import Memo
from rnnviz.session.runner import Cancel, Cancelled


class Owner:
    """Something that results are kept by."""


def test_everyone_else_simply_waits() -> None:
    assert Memo().get(Owner(), "key", lambda: 7, size=LONG) == 7


def test_what_takes_long_is_refused_at_once_and_found_once_it_is_there() -> None:
    memo, owner = Memo(), Owner()
    with at_once(), pytest.raises(Later, match=f"Reducing {LONG:,} numbers…"):
        memo.get(owner, "key", lambda: 7, size=LONG)
    memo.get(owner, "key", lambda: 7, size=LONG)
    with at_once():
        assert memo.get(owner, "key", lambda: 8, size=LONG) == 7


def test_what_is_small_is_computed_at_once() -> None:
    with at_once():
        assert Memo().get(Owner(), "key", lambda: 7, size=LONG - 1) == 7


def test_another_thread_computes_what_this_one_refuses() -> None:
    memo, owner = Memo(), Owner()
    with at_once():
        worker = Thread(target=lambda: memo.get(owner, "key", lambda: 7, size=LONG))
        worker.start()
        worker.join()
        assert memo.get(owner, "key", lambda: 8, size=LONG) == 7


def test_work_that_is_given_up_ends_before_the_next_long_part() -> None:
    cancel, memo, owner = Cancel(), Memo(), Owner()
    with checking(cancel.check):
        memo.get(owner, "first", lambda: np.zeros(1), size=LONG)
        cancel.set()
        with pytest.raises(Cancelled):
            memo.get(owner, "second", lambda: np.zeros(1), size=LONG)


def test_it_ends_with_the_context() -> None:
    memo, owner = Memo(), Owner()

    def refused() -> None:
        with at_once(), pytest.raises(Later):
            memo.get(owner, "key", lambda: 7, size=LONG)

    contextvars.copy_context().run(refused)
    assert memo.get(owner, "key", lambda: 7, size=LONG) == 7
