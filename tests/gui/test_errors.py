"""What escapes reaches one dialog and the log, from any thread, and the window goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from rnnviz.ui.error_dialog import ErrorReporter
from rnnviz.ui.hooks import ErrorHooks
from rnnviz.ui.worker import ThreadRunner
from tests.gui.conftest import Opener, press, session_of

pytestmark = [
    pytest.mark.qt_log_ignore("propagateSizeHints"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]


@pytest.fixture
def hooks(tmp_path: Path) -> Iterator[ErrorHooks]:
    """Hooks that write into the test's folder."""
    installed = ErrorHooks(tmp_path / "logs")
    installed.install()
    yield installed
    installed.remove()


def fail() -> None:
    raise RuntimeError("a bug <b>in bold</b>")


@pytest.mark.qt_no_exception_capture
def test_an_exception_in_a_slot_opens_one_dialog(
    qtbot: QtBot, open_window: Opener, hooks: ErrorHooks
) -> None:
    window = open_window()
    reporter = ErrorReporter(window, hooks.log_path)
    hooks.raised.connect(reporter.show)
    QTimer.singleShot(0, fail)
    QTimer.singleShot(0, fail)
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    dialog = reporter.dialog
    assert dialog is not None
    assert "a bug <b>in bold</b>" in dialog.details.toPlainText()
    qtbot.waitUntil(lambda: hooks.log_path.read_text("utf-8").count("RuntimeError") >= 2)
    assert reporter.dialog is dialog
    dialog.accept()
    assert reporter.dialog is None
    position = session_of(window).state.position
    press(qtbot, window, Qt.Key.Key_Right)
    assert session_of(window).state.position == position + 1


class Broken(QWidget):
    """Fails wherever Qt calls it, once for each."""

    paints = False

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self.paints:
            self.paints = False
            painter = QPainter(self)
            fail()
            painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        fail()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        watched.removeEventFilter(self)
        fail()
        return False


def _paint(widget: Broken) -> None:
    widget.update()


def _press(widget: Broken) -> None:
    left, at = Qt.MouseButton.LeftButton, QPointF(2, 2)
    pressed = QEvent.Type.MouseButtonPress
    none = Qt.KeyboardModifier.NoModifier
    QApplication.postEvent(widget, QMouseEvent(pressed, at, at, left, left, none))


def _filter(widget: Broken) -> None:
    window = widget.parentWidget()
    assert window is not None
    window.installEventFilter(widget)
    QApplication.postEvent(window, QEvent(QEvent.Type.User))


def _tick(widget: Broken) -> None:
    QTimer.singleShot(0, widget, fail)


def _work(widget: Broken) -> None:
    runner = ThreadRunner()
    widget.destroyed.connect(runner.close)

    def again(error: BaseException) -> None:
        raise error

    runner.submit(lambda _: fail(), lambda _: None, again)
    QTimer.singleShot(200, widget, runner.close)


@pytest.mark.qt_no_exception_capture
@pytest.mark.parametrize("break_it", [_paint, _press, _filter, _tick, _work])
def test_an_exception_anywhere_is_one_dialog_and_one_entry(
    qtbot: QtBot,
    open_window: Opener,
    hooks: ErrorHooks,
    break_it: Callable[[Broken], None],
) -> None:
    window = open_window()
    reporter = ErrorReporter(window, hooks.log_path)
    hooks.raised.connect(reporter.show)
    widget = Broken(window)
    widget.paints = break_it is _paint
    widget.resize(9, 9)
    widget.show()
    break_it(widget)
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    widget.hide()
    assert reporter.dialog is not None
    reporter.dialog.accept()
    qtbot.wait(250)
    assert reporter.dialog is None
    told = hooks.log_path.read_text("utf-8")
    assert told.count("RuntimeError: a bug") == 1
    assert "Qt: " not in told
    position = session_of(window).state.position
    press(qtbot, window, Qt.Key.Key_Right)
    assert session_of(window).state.position == position + 1


@pytest.mark.qt_no_exception_capture
def test_an_exception_in_a_thread_is_told_in_the_gui_thread(
    qtbot: QtBot, hooks: ErrorHooks
) -> None:
    with qtbot.waitSignal(hooks.raised) as told:
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
    assert told.args is not None
    assert "a bug" in told.args[0]


def test_hooks_are_given_back(tmp_path: Path) -> None:
    import sys

    before = sys.excepthook
    hooks = ErrorHooks(tmp_path)
    hooks.install()
    assert sys.excepthook != before
    hooks.remove()
    assert sys.excepthook is before


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    hooks = ErrorHooks(tmp_path / "file" / "logs")
    hooks.install()
    hooks.remove()
