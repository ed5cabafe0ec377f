"""Work beside the window: one thread that runs what the session submits, in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any, NamedTuple, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from rnnviz.session.runner import Cancel, Cancelled

Result = TypeVar("Result")


class _Job(NamedTuple):
    work: Callable[[Cancel], Any]
    done: Callable[[Any], None]
    failed: Callable[[BaseException], None]


class ThreadRunner(QObject):
    """The session's runner in the window: results arrive in the thread that made it."""

    _finished = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._cancel = Cancel()
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._run, name="rnnviz-worker", daemon=True)
        self._thread.start()

    def submit(
        self,
        work: Callable[[Cancel], Result],
        done: Callable[[Result], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Runs `work` after what was submitted before it, then reports in this thread."""
        if not self._cancel.is_set():
            self._jobs.put(_Job(work, done, failed))

    def close(self) -> None:
        """Cancels what runs, forgets what waits, and returns when the thread has ended."""
        self._cancel.set()
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None and not self._cancel.is_set():
            report = self._attempt(job)
            if report is not None and not self._cancel.is_set():
                self._finished.emit(report)

    def _attempt(self, job: _Job) -> Callable[[], None] | None:
        try:
            result = job.work(self._cancel)
        except Cancelled:
            return None
        except Exception as problem:
            error = problem  # Python unbinds `problem` at the end of the clause
            return lambda: job.failed(error)
        return lambda: job.done(result)

    @Slot(object)
    def _deliver(self, report: Callable[[], None]) -> None:
        if not self._cancel.is_set():
            report()


def in_turns(work: Iterator[None], ended: Callable[[], None], given_up: Callable[[], bool]) -> None:
    """Does work of this thread a moment at a time; the event loop goes on between."""

    def go_on() -> None:
        if given_up():
            return
        try:
            next(work)
        except StopIteration:
            ended()
        else:
            QTimer.singleShot(0, go_on)

    go_on()
