"""The person: does one thing after another to the windows, and looks at what is left in the end."""

from __future__ import annotations

import faulthandler
import gc
import weakref
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from random import Random

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from rnnviz.app import open_window
from rnnviz.session.examples import example_keys
from rnnviz.session.runner import Cancel
from rnnviz.ui.collecting import spare_collector
from rnnviz.ui.loading import LATER, RUN, WINDOW, load
from rnnviz.ui.window import MainWindow
from tests.gui.abuse import editing, ending, filing, moving, poking
from tests.gui.abuse.stage import Event, NotNowError, Stage
from tests.gui.abuse.watch import Watch, sweep, threads_left, timers_running, widgets_left
from tests.gui.stalls import Heartbeat

EVENTS: tuple[tuple[int, Event], ...] = (
    *moving.EVENTS, *editing.EVENTS, *filing.EVENTS, *poking.EVENTS, *ending.EVENTS,
)  # fmt: skip
_PAUSES = (0, 0, 0, 0, 0, 1, 5, 20, 100)  # ms from one event to the next
_REST = 40  # events from one long pause to the next, on average
_LONG = 1500  # ms, for what is computed to arrive
_WAITS, _LOAD = 0.9, 100  # how likely, and how many ms, a window is waited for that is being filled
_MOST_WINDOWS = 2
_LATELY = 12  # events that are told with what went wrong
_PATIENCE = 60  # seconds, after which it is told where everything stands


class Person:
    """Drives the windows of this process until so many events have happened.

    Args:
        seed: of all that is done.
        folder: of its own, for files and settings.
    """

    def __init__(self, seed: int, folder: Path) -> None:
        self._seed, self._folder = seed, folder
        self._names = [event for weight, event in EVENTS for _ in range(weight)]
        self._files = filing.make_files(folder)
        self._done: deque[str] = deque(maxlen=_LATELY)
        self.happened: Counter[str] = Counter()
        self.number = self._waits = 0
        self._windows: list[MainWindow] = []
        self._gone: list[tuple[weakref.ref[MainWindow], str]] = []  # and when they were closed
        self.watch = Watch(self._lately)
        self._loop = QEventLoop()
        self._next = QTimer(singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._next.timeout.connect(self._act)
        self._wanted = 0

    def drive(self, events: int) -> None:
        """Does so many things, one after the other, and closes all that is open then."""
        self._warm_up()
        widgets = widgets_left()
        self._wanted = events
        self._beats = Heartbeat()
        self._next.start(0)
        self._loop.exec()
        self._beats.stop()
        faulthandler.cancel_dump_traceback_later()
        self._end(widgets)

    def _warm_up(self) -> None:
        """Loads everything, once, as the app does beside its first window."""
        for modules in (WINDOW, RUN, LATER):
            load(modules, Cancel())
        self._open()
        self._wait(
            lambda: not self._windows[-1].bench or self._windows[-1].bench.session.state.busy
        )
        self._windows[-1].close_unasked()
        self._forget_closed()
        sweep()
        spare_collector()

    def _wait(self, holds: Callable[[], object]) -> None:
        while holds():
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)

    def _act(self) -> None:
        """Does the next thing.

        What it opens may run an event loop of its own, in which this goes on.
        """
        if self.number >= self._wanted:
            self._loop.quit()
            QTimer.singleShot(0, _leave_loops)
            return
        chance = Random(f"{self._seed} {self.number} {self._waits}")
        self.number += 1
        if self.number % _REST == 0:
            faulthandler.dump_traceback_later(_PATIENCE, exit=True)
        # Before acting: an event loop that the event runs is driven, too.
        self._next.start(_LONG if chance.random() < 1 / _REST else chance.choice(_PAUSES))
        self._forget_closed()
        if not self._windows:
            self._open(chance)
        window, event = chance.choice(self._windows), chance.choice(self._names)
        if window.bench is None and chance.random() < _WAITS:
            self.number -= 1  # it is about to be there
            self._waits += 1
            self._next.start(_LOAD)
            return
        self._look()
        self._done.append(f"{self.number} {event.__name__}")
        stage = Stage(
            chance, window, self._folder, self._files, self._look, lambda: self._open(chance)
        )
        try:
            event(stage)
        except NotNowError:
            self._done[-1] += " (not now)"
        else:
            self.happened[event.__name__] += 1
        finally:
            self._look()

    def _look(self) -> None:
        """Ends a turn: whatever took long was done since the last one."""
        self._beats.beat()
        self.watch.look_at(self._beats.longest, self._done[-1].split()[1] if self._done else "")
        self._beats.clear()
        for window in (window for window in self._windows if window in self._shown()):
            bench = window.bench
            if bench is not None and window.isVisible() and bench.figure.canvas.error:
                self.watch.tell(f"a figure is broken: {bench.figure.canvas.error}")

    def _open(self, chance: Random | None = None) -> None:
        if len(self._windows) >= _MOST_WINDOWS:
            raise NotNowError
        if chance is not None and chance.random() < 0.3:
            window = open_window(path=str(chance.choice(self._files)))
        else:
            key = "lstm" if chance is None else chance.choice((None, *example_keys()))
            window = open_window(key)
        self._windows.append(window)

    def _forget_closed(self) -> None:
        gone = [window for window in self._windows if window not in self._shown()]
        for window in gone:
            self._windows.remove(window)
            self._gone.append((weakref.ref(window), " after ".join(list(self._done)[-1:-4:-1])))
        if gone and not self._windows and threads_left():
            self.watch.tell(f"threads are left: {threads_left()}")

    def _shown(self) -> set[MainWindow]:
        from rnnviz import app

        return app._windows

    def _end(self, widgets: Counter[str]) -> None:
        """Closes everything, and looks at what is left."""
        self._forget_closed()
        self._close_all()
        gc.unfreeze()
        sweep()
        kept = [when for window, when in self._gone if window() is not None]
        if kept:
            told = f"{len(kept)} of {len(self._gone)} closed windows are kept"
            self.watch.tell(told, f"closed at {'; '.join(kept)}")
        left = widgets_left() - widgets
        if left:
            self.watch.tell(f"widgets are left: {dict(left.most_common(12))}")
        for what, found in (("threads", threads_left()), ("timers", timers_running())):
            if found:
                self.watch.tell(f"{what} are left: {found}")

    def _close_all(self) -> None:
        for window in tuple(self._windows):
            window.close_unasked()
        for widget in QApplication.topLevelWidgets():
            widget.close()
        self._forget_closed()
        for window in self._windows:
            self.watch.tell(f"a window did not close: {window.windowTitle()}")
        self._windows.clear()

    def _lately(self) -> str:
        return f"seed {self._seed}, events {', '.join(self._done)}"


def _leave_loops() -> None:
    """Closes the dialogs that run an event loop of their own."""
    while (dialog := QApplication.activeModalWidget()) is not None:
        dialog.close()
        QApplication.processEvents()
