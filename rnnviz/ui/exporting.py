"""A picture written beside the window: whole, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rnnviz.session.failures import is_bug, message_of
from rnnviz.session.runner import Cancel, Cancelled

if TYPE_CHECKING:
    from rnnviz.session.errands import Errand
    from rnnviz.session.runner import Runner
    from rnnviz.ui.picture_request import Request


class Exporting(QObject):
    """Writes one picture at a time in another thread.

    Attributes:
        errand: what is being written; None where nothing is.

    Signals:
        written: the picture is there.
        cancelled: it is not, and what was there before is as it was.
        failed: likewise; with what is to be said about it.
    """

    written = Signal(Path)
    cancelled = Signal()
    failed = Signal(str)

    def __init__(self, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self.errand: Errand | None = None

    def start(self, wanted: Request, path: Path) -> None:
        """Has a picture written; nothing where one is being written already."""
        from rnnviz.session.errands import Errand

        if self.errand is not None:
            return
        errand = self.errand = Errand(f"writing {path.name}")

        def work(cancel: Cancel) -> Path | None:
            def told(done: int, total: int) -> None:
                cancel.check()
                if errand.is_cancelled():
                    raise _GivenUp
                errand.told(done, total)

            try:
                return wanted.write(path, told)
            except _GivenUp:
                return None

        self._runner.submit(
            work,
            lambda written: self._done(errand, written),
            lambda error: self._failed(errand, error),
        )

    def cancel(self) -> None:
        """Gives it up, unless it is written by then: one of the signals tells."""
        if self.errand is not None:
            self.errand.cancel()

    def abandon(self) -> None:
        """Gives it up, and tells nobody."""
        self.cancel()
        self.errand = None

    def _done(self, errand: Errand, path: Path | None) -> None:
        if errand is not self.errand:
            return
        self.errand = None
        if path is None:
            self.cancelled.emit()
        else:
            self.written.emit(path)

    def _failed(self, errand: Errand, error: BaseException) -> None:
        if errand is self.errand:
            self.errand = None
            self.failed.emit(message_of(error))
        if is_bug(error):
            raise error


class _GivenUp(Cancelled):
    """Somebody gave up this picture, and waits to hear that it is gone."""
