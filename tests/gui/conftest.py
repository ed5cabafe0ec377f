"""The real window on a real session, and a watch over what a test leaves behind."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from rnnviz.app import furnish
from rnnviz.session import Session, State
from rnnviz.session.settings import Settings
from rnnviz.ui.window import MainWindow

Opener = Callable[..., MainWindow]
PATIENCE = 20_000  # ms; the machine may be busy with other tests


@pytest.fixture(autouse=True)
def no_leaks(qapp: QApplication) -> Iterator[None]:
    """Fails a test that leaves a window, a running timer or a thread behind."""
    widgets_before = set(map(id, QApplication.topLevelWidgets()))
    threads_before = set(threading.enumerate())
    yield
    for _ in range(3):
        qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        qapp.processEvents()
        gc.collect()
    left = [w for w in QApplication.topLevelWidgets() if id(w) not in widgets_before]
    assert not [w for w in left if w.isVisible()], f"windows left open: {left}"
    timers = [t for w in left for t in w.findChildren(QTimer) if t.isActive()]
    assert not timers, f"timers left running: {timers}"
    threads = [t for t in threading.enumerate() if t not in threads_before and t.is_alive()]
    assert not threads, f"threads left running: {threads}"
    for widget in left:
        widget.deleteLater()


@pytest.fixture
def open_window(qtbot: QtBot) -> Iterator[Opener]:
    """Opens a window on an example and waits until it is alive; closed at the end."""
    windows: list[MainWindow] = []

    def open_(
        example: str | None = "lstm",
        size: tuple[int, int] = (1280, 800),
        first: Callable[[Session], None] | None = None,
        alive: bool = True,
    ) -> MainWindow:
        window = MainWindow(Settings(theme="light"))
        windows.append(window)
        window.resize(*size)
        opened = first or (lambda session: session.open_example(example or "lstm"))
        with qtbot.waitSignal(window.painted, timeout=PATIENCE):
            window.show()
        furnish(window, opened)
        if alive:
            wait_for(qtbot, window, lambda state: state.whole is not None)
        return window

    yield open_
    for window in windows:
        window.close_unasked()
        window.deleteLater()


def wait_for(qtbot: QtBot, window: MainWindow, holds: Callable[[State], bool]) -> State:
    """Waits until the session's state has come that far."""
    session = session_of(window)
    qtbot.waitUntil(lambda: holds(session.state), timeout=PATIENCE)
    return session.state


def settle(qtbot: QtBot, window: MainWindow) -> State:
    """Waits until nothing is being computed."""
    return wait_for(qtbot, window, lambda state: not state.busy)


def session_of(window: MainWindow) -> Session:
    """The session behind a window."""
    assert window.bench is not None
    return window.bench.session


def press(qtbot: QtBot, window: MainWindow, *keys: object) -> None:
    """Presses keys on the canvas, as someone does who watches the figure."""
    assert window.bench is not None
    canvas: QWidget = window.bench.figure.canvas
    for key in keys:
        qtbot.keyClick(canvas, key)
