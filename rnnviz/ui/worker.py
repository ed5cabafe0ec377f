"""Work beside the window: one thread that runs what the session submits, in order."""

from __future__ import annotations

import ctypes
import importlib.util
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NamedTuple, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from rnnviz.session.runner import Cancel, Cancelled

Result = TypeVar("Result")


class _Job(NamedTuple):
    work: Callable[[Cancel], Any]
    done: Callable[[Any], None]
    failed: Callable[[BaseException], None]


class ThreadRunner(QObject):
    """The session's runner in the window: results arrive in the thread that made it.

    Args:
        prepare: run first, in the thread, such as the import of torch.
    """

    _finished = Signal(object)

    def __init__(self, prepare: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._cancel = Cancel()
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(
            target=self._run, args=(prepare,), name="rnnviz-worker", daemon=True
        )
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

    def _run(self, prepare: Callable[[], None] | None) -> None:
        if prepare is not None and not self._cancel.is_set():
            prepare()
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


def load_torch_libraries() -> None:
    """Loads torch's shared libraries before its import, which would hold the window up.

    ctypes releases the interpreter meanwhile, Python's own import of them does not.
    """
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return
    folder = Path(spec.origin).parent / "lib"
    for name in ("libc10.so", "libtorch_cpu.so", "libtorch_python.so"):
        if (folder / name).exists():
            try:
                ctypes.CDLL(str(folder / name), mode=ctypes.RTLD_GLOBAL)
            except OSError:  # the import itself tells better what is missing
                return
