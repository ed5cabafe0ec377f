"""Sessions as the tests need them: at once, or held back until asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import pytest

from rnnviz.session import ImmediateRunner, Session
from rnnviz.session.runner import Cancel, Cancelled


class HeldRunner:
    """Keeps work until the test lets it run, as a busy thread would."""

    def __init__(self) -> None:
        self.jobs: deque[tuple[Any, Any, Any]] = deque()

    def submit(
        self,
        work: Callable[[Cancel], Any],
        done: Callable[[Any], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Keep it."""
        self.jobs.append((work, done, failed))

    def run_next(self) -> None:
        """Run the oldest work."""
        work, done, failed = self.jobs.popleft()
        try:
            result = work(Cancel())
        except Cancelled:
            return
        except Exception as error:
            failed(error)
        else:
            done(result)

    def run_all(self) -> None:
        """Run what there is, and what that brings."""
        while self.jobs:
            self.run_next()


@pytest.fixture
def session() -> Session:
    """A session with the first example open."""
    made = Session(ImmediateRunner())
    made.open_example("lstm")
    return made


@pytest.fixture
def held() -> HeldRunner:
    """A runner that holds work back."""
    return HeldRunner()
