"""A window closes at any moment, and then nothing is left of it."""

from __future__ import annotations

import gc
import weakref

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from rnnviz import app
from tests.gui.conftest import PATIENCE

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def test_it_closes_while_it_is_being_filled(qtbot: QtBot) -> None:
    window = app.open_window("lstm")
    qtbot.waitUntil(lambda: window._runner is not None, timeout=PATIENCE)
    window.close_unasked()
    assert window not in app._windows


def test_nothing_is_left_of_a_closed_window(qtbot: QtBot) -> None:
    window = app.open_window("lstm")
    qtbot.waitUntil(lambda: window.bench is not None, timeout=PATIENCE)  # noqa: F821
    session = weakref.ref(window.bench.session) if window.bench is not None else None
    window.close_unasked()
    del window
    for _ in range(4):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        qtbot.wait(1)
        gc.collect()
    assert session is not None
    assert session() is None
