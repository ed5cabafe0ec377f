"""Nothing fails in silence: what escapes any handler reaches the log file and one dialog."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)

log = logging.getLogger("rnnviz")

# Messages of Qt and of graphics drivers that say nothing about this program.
_QUIET = ("propagateSizeHints", "XDG_RUNTIME_DIR", "QStandardPaths")


class ErrorHooks(QObject):
    """Catches what escapes and hands it to the GUI thread.

    Args:
        folder: where `rnnviz.log` and `crash.log` go.

    Signals:
        raised: summary and details of an error; emitted in the GUI thread.
    """

    raised = Signal(str, str)
    _caught = Signal(str, str)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.log_path = folder / "rnnviz.log"
        self._crash_file: TextIO | None = None
        self._faults_told = False  # by somebody else's faulthandler, before ours
        self._handler: logging.Handler | None = None
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        self._caught.connect(self.raised, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Takes over every hook; `remove` gives them back."""
        self._open_files()
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        sys.unraisablehook = self._on_unraisable
        qInstallMessageHandler(self._on_qt_message)

    def remove(self) -> None:
        """Gives every hook back and closes the files."""
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
        qInstallMessageHandler(None)
        if self._handler is not None:
            log.removeHandler(self._handler)
            self._handler.close()
        if self._crash_file is not None:
            faulthandler.disable()
            self._crash_file.close()
            if self._faults_told and sys.__stderr__ is not None:
                faulthandler.enable(sys.__stderr__)

    def _open_files(self) -> None:
        # A folder that can't be written must not keep the program from starting.
        try:
            self.log_path.parent.mkdir(parents=True, exist_ok=True)
            handler = RotatingFileHandler(
                self.log_path, maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True
            )
            self._crash_file = (self.log_path.parent / "crash.log").open("a", encoding="utf-8")
        except OSError:
            return
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        self._handler = handler
        self._faults_told = faulthandler.is_enabled()
        faulthandler.enable(self._crash_file)

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        self._report(kind, error, trace)

    def _on_thread_exception(self, failure: threading.ExceptHookArgs) -> None:
        if failure.exc_value is not None:
            self._report(failure.exc_type, failure.exc_value, failure.exc_traceback)

    def _on_unraisable(self, failure: sys.UnraisableHookArgs) -> None:
        if failure.exc_value is not None:
            self._report(failure.exc_type, failure.exc_value, failure.exc_traceback)

    def _on_qt_message(self, kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        if any(word in text for word in _QUIET):
            return
        serious = kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
        log.log(logging.ERROR if serious else logging.WARNING, "Qt: %s", text)

    def _report(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        log.error("%s", details)
        # Python keeps the last traceback, and that a painter which Qt still takes for active: it
        # would paint on what is long gone.
        traceback.clear_frames(trace)
        # Any thread may raise: the dialog belongs to the one that runs the window.
        self._caught.emit(f"{kind.__name__}: {error}", details)
