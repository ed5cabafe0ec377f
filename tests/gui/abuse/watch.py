"""What must not happen while a window is abused, and what must not be left of it."""

from __future__ import annotations

import gc
import logging
import sys
import threading
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any

from PySide6.QtCore import QEvent, QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from tests.gui.stalls import Gap

STALL = 0.5  # seconds in which the window's thread computes and hears nobody
HANG = 5.0  # seconds that it waits for something else

# Of a platform without a window manager; says nothing about the program.
_QUIET = ("propagateSizeHints", "XDG_RUNTIME_DIR", "This plugin does not support")


class Watch:
    """Hears of everything that escapes, in any thread.

    Attributes:
        found: what went wrong, each kind once, with how often.
        waited: the longest stalls that were no computing of the window's own.
    """

    def __init__(self, doing: Callable[[], str]) -> None:
        """Takes over every hook of the process.

        Args:
            doing: tells what has been done lately.
        """
        self._doing = doing
        self.found: Counter[str] = Counter()
        self.waited: list[str] = []
        self._firsts: dict[str, str] = {}
        sys.excepthook = self._on_exception
        sys.unraisablehook = lambda it: self._report("unraisable", it.exc_value)
        threading.excepthook = lambda it: self._report("in a thread", it.exc_value)
        qInstallMessageHandler(self._on_qt_message)
        warnings.showwarning = self._on_warning  # type: ignore[assignment]
        warnings.simplefilter("always")
        # torch says so of every LSTM like that, and the app tells nobody.
        for words in ("dropout option adds", "LSTM with projections"):
            warnings.filterwarnings("ignore", message=words)
        warnings.filterwarnings("ignore", message=".* is deprecated. Use files")
        logging.getLogger("rnnviz").addHandler(_Listener(self))

    def tell(self, what: str, details: str = "") -> None:
        """Something went wrong.

        Args:
            what: the kind of it, told once however often it comes.
            details: of the first time.
        """
        self.found[what] += 1
        if what not in self._firsts:
            self._firsts[what] = f"{what}\n{details}\nafter {self._doing()}"
            sys.stderr.write(f"--- {self._firsts[what]}\n")
            sys.stderr.flush()

    def look_at(self, gap: Gap, after: str) -> None:
        """Judges how long the window stood still."""
        if gap.cpu > STALL:
            self.tell(f"a stall in {after}", str(gap))
        elif gap.own > HANG:
            self.tell(f"the window hung in {after}", str(gap))
        elif gap.own > STALL:
            self.waited.append(f"{after}: {gap}")

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self._report("an exception", error)

    def _report(self, where: str, error: BaseException | None) -> None:
        if error is None:
            return
        lines = traceback.format_exception(error)
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        self.tell(f"{where}: {type(error).__name__} at {place}", "".join(lines))
        traceback.clear_frames(error.__traceback__)  # as the app does

    def _on_qt_message(self, kind: QtMsgType, _: QMessageLogContext, text: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not any(
            word in text for word in _QUIET
        ):
            self.tell(f"Qt: {text}", "".join(traceback.format_stack(limit=12)))

    def _on_warning(self, message: Any, kind: type, file: str, line: int, *_: Any) -> None:
        self.tell(f"{kind.__name__} at {file}:{line}: {message}")


class _Listener(logging.Handler):
    """What the app itself has found worth a line in its log."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(logging.WARNING)
        self._watch = watch

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        details = "" if record.exc_info is None else "".join(
            traceback.format_exception(record.exc_info[1])
        )  # fmt: skip
        self._watch.tell(f"in the log: {text.splitlines()[0]}", details or text)


def sweep() -> None:
    """Has everything gone that nobody holds any more."""
    app = QApplication.instance()
    for _ in range(4):
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        assert app is not None
        QApplication.processEvents()
        gc.collect()


def widgets_left() -> Counter[str]:
    """All widgets by their class."""
    return Counter(type(widget).__name__ for widget in QApplication.allWidgets())


def timers_running() -> list[str]:
    """Timers that still tick, with the class of what they belong to."""
    found = [it for it in gc.get_objects() if issubclass(type(it), QTimer) and _ticks(it)]
    return sorted(type(timer.parent()).__name__ for timer in found)


def threads_left() -> list[str]:
    """Threads of the app that have not ended."""
    return [thread.name for thread in threading.enumerate() if "rnnviz" in thread.name]


def _ticks(timer: QTimer) -> bool:
    try:
        return timer.isActive()
    except RuntimeError:  # Qt has deleted it
        return False
