"""Puts the window together: a shell at first paint, then what works, then torch beside it."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QApplication

from rnnviz.ui.window import MainWindow

os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")


def run(
    example: str | None = None,
    module: Any = None,
    input: Any = None,
    hx: Any = None,
    **choices: Any,
) -> int:
    """Opens the window and returns when it is closed.

    Args:
        example: the key of the example to open; None for the last one, or the first.
        module: a recurrent module of torch, or a Pipeline, to open instead, on `input` and `hx`.
        choices: what a Pipeline is given beside them: targets, lengths, vocabulary.

    Returns:
        The exit status of the process.
    """
    if module is None:  # else the process is somebody else's
        _keep_a_core_for_painting()
    app = _application()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # so that Ctrl C ends it from a terminal
    hooks: list[Any] = []
    window = MainWindow()
    # Logging takes half as long to import as the window to paint: errors are caught from then on.
    window.painted.connect(lambda: hooks.append(_catch_errors(window)))
    _show(window, example, module, input, hx, choices)
    window.painted.connect(lambda: _spare_collector(window))
    try:
        return app.exec()
    finally:
        for hook in hooks:
            hook.remove()


def _keep_a_core_for_painting() -> None:
    """Has torch and numpy, which are loaded later, compute with one thread less than there are.

    Threads that fight over a core with the painting take many times as long. What somebody has
    set, or loaded already, stays as it is.
    """
    threads = str(max((os.cpu_count() or 2) - 1, 1))
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", threads)


def _spare_collector(window: MainWindow) -> None:
    """Leaves what is loaded with the first run out of the search for garbage.

    Torch's modules are half a million objects: looking through them stops the window for 0.2 s,
    in the middle of playing.
    """
    assert window.bench is not None
    session = window.bench.session

    def heard(_: Any, state: Any) -> None:
        if state.whole is not None:
            unsubscribe()
            gc.freeze()

    unsubscribe = session.subscribe(heard)


def open_window(
    example: str | None = None,
    module: Any = None,
    input: Any = None,
    hx: Any = None,
    **choices: Any,
) -> MainWindow:
    """Opens the window and returns it; someone else runs Qt's event loop.

    Args: as of `run`.
    """
    _application()
    window = MainWindow()
    _show(window, example, module, input, hx, choices)
    return window


def _show(
    window: MainWindow,
    example: str | None,
    module: Any,
    input: Any,
    hx: Any,
    choices: dict[str, Any],
) -> None:
    def first(session: Any) -> None:
        if module is None:
            open_example(session, example or window.settings.example)
        elif choices:
            session.open_pipeline(module, input, hx=hx, **choices)
        else:
            session.open_module(module, input, hx)

    window.painted.connect(lambda: furnish(window, first))
    window.closed.connect(lambda: _windows.discard(window))
    _windows.add(window)
    window.show()


def furnish(window: MainWindow, first: Callable[[Any], None]) -> None:
    """Fills a window that has been painted, and opens what it is to show first."""
    window.show_loading()
    from rnnviz.ui.worker import ThreadRunner, load_torch_libraries

    runner = ThreadRunner(prepare=load_torch_libraries)
    from rnnviz.session.session import Session
    from rnnviz.ui.theme import Theme

    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme = Theme(app, window.settings.theme)
    aside = ThreadRunner()
    window.closed.connect(aside.close)
    session = Session(runner, aside=aside)
    window.furnish(session, runner, theme)
    first(session)


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
    from rnnviz.ui.error_dialog import ErrorReporter
    from rnnviz.ui.hooks import ErrorHooks

    hooks = ErrorHooks(settings_folder())
    hooks.install()
    reporter = ErrorReporter(window, hooks.log_path)
    hooks.raised.connect(reporter.show)
    return hooks
