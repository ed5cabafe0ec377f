"""Long work that a person waits for, or not: with progress, and a way to cancel it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rnnviz.session.failures import is_bug, message_of
from rnnviz.session.runner import Cancel, Cancelled, Runner
from rnnviz.session.store import Store

Result = TypeVar("Result")


class Errand:
    """One piece of long work; the thread that does it writes how far it is.

    Attributes:
        name: what is done: "reading glove.6B.50d.txt".
        fraction: of it that is done, 0 to 1; None where that is not known.
        flag: set when it is given up.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.fraction: float | None = None
        self.flag = Cancel()

    def told(self, done: int, total: int) -> None:
        """Say how much is done, and of how much."""
        self.fraction = done / total if total else None

    def cancel(self) -> None:
        """Give it up."""
        self.flag.set()

    def is_cancelled(self) -> bool:
        """Whether it was given up."""
        return self.flag.is_set()


class Errands:
    """Runs one errand at a time beside the window; a newer one of the same kind replaces it.

    Args:
        kind: the field of the state that says what is under way.
    """

    def __init__(self, store: Store, runner: Runner, kind: str = "errand") -> None:
        self._store, self._runner, self._kind = store, runner, kind

    def start(
        self,
        name: str,
        work: Callable[[Errand], Result],
        done: Callable[[Result], None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> Errand:
        """Have `work` done; `done` gets its result unless it is cancelled meanwhile.

        Args:
            failed: gets what it raised; by default that is said as a notice.
        """
        self.cancel()
        errand = Errand(name)
        self._store.change(**{self._kind: errand})

        def run(cancel: Cancel) -> Result:
            cancel.check()
            if errand.is_cancelled():
                raise Cancelled
            return work(errand)

        def finish(result: Result) -> None:
            if not errand.is_cancelled():
                self._end(errand)
                done(result)

        def give_up(error: BaseException) -> None:
            if errand.is_cancelled():
                return
            self._end(errand)
            if failed is not None:
                failed(error)
                return
            self._store.change(notice=message_of(error))
            if is_bug(error):
                raise error

        self._runner.submit(run, finish, give_up)
        return errand

    def cancel(self) -> None:
        """Give up what is under way."""
        errand = self._under_way
        if errand is not None:
            errand.cancel()
            self._end(errand)

    def _end(self, errand: Errand) -> None:
        if self._under_way is errand:
            self._store.change(**{self._kind: None})

    @property
    def _under_way(self) -> Errand | None:
        found: Errand | None = getattr(self._store.state, self._kind)
        return found
