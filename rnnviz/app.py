"""Puts the window together: a shell at first paint, then what works, then torch beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QApplication

from rnnviz.ui.window import MainWindow

if TYPE_CHECKING:
    from rnnviz.session.opened import Opened
    from rnnviz.session.runner import Cancel
    from rnnviz.ui.worker import ThreadRunner

os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

_LOOK = 0.02  # seconds from one look at whether something is still wanted to the next
_ICON_SIDES = (16, 24, 32, 48, 64, 128)


def run(example: str | None = None, opened: Opened | None = None, path: str | None = None) -> int:
    """Opens the window and returns when it is closed.

    Args:
        example: the key of the example to open; None for the last one, or the first.
        opened: documents of a script to open instead.
        path: a file to open instead.

    Returns:
        The exit status of the process.
    """
    own = opened is None  # else the process is somebody else's
    if own:
        _keep_a_core_for_painting()
    app = _application()
    hooks: list[Any] = []
    window = MainWindow()
    # Logging takes half as long to import as the window to paint: errors are caught from then on.
    window.painted.connect(lambda: hooks.append(_catch_errors(window)))
    window.painted.connect(_end_by_interrupt)
    if own:
        window.painted.connect(lambda: _follow_first_run(window))
    _show(window, example, opened, path)
    try:
        return app.exec()
    finally:
        for hook in hooks:
            hook.remove()


def _end_by_interrupt() -> None:
    """Has Ctrl C in a terminal end the program; until then it is heard by Python alone."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _keep_a_core_for_painting() -> None:
    """Has torch and numpy, which are loaded later, compute with one thread less than there are.

    Threads that fight over a core with the painting take many times as long. What somebody has
    set, or loaded already, stays as it is.
    """
    threads = str(max((os.cpu_count() or 2) - 1, 1))
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", threads)


def _follow_first_run(window: MainWindow) -> None:
    """Once the first run is there, offers what was left, and loads what may be wanted later."""
    from rnnviz.ui.collecting import RestingCollector, spare_collector
    from rnnviz.ui.loading import LaterLoader

    def listen() -> None:
        assert window.bench is not None
        session = window.bench.session

        def heard(_: Any, state: Any) -> None:
            if state.whole is not None or (state.ready and not state.busy):
                unsubscribe()
                window.offer_recovery(even_nothing=False)
                spare_collector()
                RestingCollector(_application())
                window.closed.connect(LaterLoader().close)

        unsubscribe = session.subscribe(heard)

    window.furnished.connect(listen)


def open_window(
    example: str | None = None, opened: Opened | None = None, path: str | None = None
) -> MainWindow:
    """Opens the window and returns it; someone else runs Qt's event loop.

    Args: as of `run`.
    """
    _application()
    window = MainWindow()
    _show(window, example, opened, path)
    return window


def _show(window: MainWindow, example: str | None, opened: Opened | None, path: str | None) -> None:
    def first(session: Any) -> None:
        if opened is not None:
            session.open_several(opened)
            return
        open_example(session, example or window.settings.example)
        if path is not None:
            assert window.bench is not None
            window.bench.files.open(Path(path))

    window.painted.connect(lambda: _open_by_and_by(window, first))
    window.closed.connect(lambda: _windows.discard(window))
    # What Python's functions are connected to keeps them, and they keep the window.
    window.closed.connect(window.deleteLater)
    _windows.add(window)
    window.show()


def furnish(window: MainWindow, first: Callable[[Any], None]) -> None:
    """Fills a window that has been painted, and opens what it is to show first."""
    from rnnviz.ui.worker import ThreadRunner

    window.show_loading()
    for _ in _furnishing(window, first, ThreadRunner()):
        pass


def _open_by_and_by(window: MainWindow, first: Callable[[Any], None]) -> None:
    """Fills a window in turns, between which it is heard; what it needs is loaded beside it."""
    window.show_loading()
    from rnnviz.ui.loading import RUN, WINDOW, load, load_figures, load_torch_libraries
    from rnnviz.ui.worker import ThreadRunner, in_turns

    runner, built = ThreadRunner(), Event()
    window.closed.connect(built.set)
    window.closed.connect(runner.close)

    def build(_: None) -> None:
        in_turns(_furnishing(window, first, runner), built.set, built.is_set)

    def load_run(cancel: Cancel) -> None:
        # Two threads that compute in Python are no quicker than one. Who closes the window
        # meanwhile waits for this one.
        while not built.wait(_LOOK):
            cancel.check()
        load(RUN, cancel)
        load_figures(cancel)

    def load_window(cancel: Cancel) -> None:
        load(WINDOW, cancel)
        load_torch_libraries()  # while nothing else loads one: that would wait for it

    runner.submit(load_window, build, _fail)
    runner.submit(load_run, lambda _: None, _fail)


def _furnishing(
    window: MainWindow, first: Callable[[Any], None], runner: ThreadRunner
) -> Iterator[None]:
    from rnnviz.session.session import Session
    from rnnviz.ui.theme import Theme
    from rnnviz.ui.worker import ThreadRunner

    theme = Theme.worn_by(window, window.settings.theme)
    yield
    aside, beside, keeper = ThreadRunner(), ThreadRunner(), ThreadRunner()
    for other in (aside, beside, keeper):
        window.closed.connect(other.close)
    session = Session(runner, aside=aside, beside=beside, keeper=keeper)
    window.closed.connect(session.leave)
    yield from window.furnish(session, runner, theme)
    first(session)
    yield
    _wear_icon()


def _wear_icon() -> None:
    """Gives the desktop an icon for every window, unless the process has one of its own."""
    from PySide6.QtGui import QGuiApplication, QIcon

    from rnnviz.render.icons import icon_pixmap

    if not QGuiApplication.windowIcon().isNull():
        return
    made = QIcon()
    for side in _ICON_SIDES:
        made.addPixmap(icon_pixmap("application", "", side))
    QGuiApplication.setWindowIcon(made)


def _fail(error: BaseException) -> None:
    raise error


def open_example(session: Any, key: str | None) -> None:
    """Opens an example by its key; one that is no longer known gives way to the first."""
    from rnnviz.session.examples import example_keys

    keys = example_keys()
    session.open_example(key if key in keys else keys[0])


# Python would drop a window that nobody else holds.
_windows: set[MainWindow] = set()


def _application() -> QApplication:
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    if running is not None:
        from rnnviz.render.application import release_gui

        release_gui()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("rnnviz")
    app.setDesktopFileName("rnnviz")
    return app


def _catch_errors(window: MainWindow) -> Any:
    """From now on, what escapes reaches the log and a dialog on the window."""
    from rnnviz.session.settings import settings_folder
    from rnnviz.ui.hooks import ErrorHooks

    hooks = ErrorHooks(settings_folder())
    hooks.install()
    reporters: list[Any] = []

    def show(summary: str, details: str) -> None:
        from rnnviz.ui.error_dialog import ErrorReporter

        if not reporters:
            reporters.append(ErrorReporter(window, hooks.log_path))
        reporters[0].show(summary, details)

    hooks.raised.connect(show)
    return hooks
