"""The training strip in the real window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from rnnviz.ui.training_strip import TrainingStrip
from rnnviz.ui.window import MainWindow
from tests.gui.conftest import Opener, session_of, settle, wait_for


def opened(qtbot: QtBot, open_window: Opener, task: str = "parity") -> MainWindow:
    """A window with the strip open, and a task chosen."""
    window = open_window()
    qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    if strip_of(window).isHidden():
        strip_of(window).toggle()
    session_of(window).set_task(task)
    settle(qtbot, window)
    return window


def strip_of(window: MainWindow) -> TrainingStrip:
    assert window.bench is not None
    return window.bench.training


def set_steps(strip: TrainingStrip, steps: int) -> None:
    strip.form.fields["steps"].setText(str(steps))


def test_a_training_is_started_watched_and_kept(qtbot: QtBot, open_window: Opener) -> None:
    window = opened(qtbot, open_window)
    strip, session = strip_of(window), session_of(window)
    set_steps(strip, 40)
    qtbot.keyClick(strip.form.start, Qt.Key.Key_Space)
    assert strip.form.start.text() == "Stop"
    state = wait_for(qtbot, window, lambda state: not state.learns)
    assert state.training is not None
    assert state.training.step == 40
    assert strip.progress.share == 1.0
    assert strip.snapshots.step.text() == "step 40"
    assert strip.curve.curve is not None
    assert len(strip.curve.curve.losses) == 40
    assert "loss" in strip.curve.accessibleName()
    settle(qtbot, window)
    strip.snapshots.slider.setValue(1)
    assert session.state.training.shown == 10  # type: ignore[union-attr]
    settle(qtbot, window)
    qtbot.mouseClick(strip.snapshots.keep, Qt.MouseButton.LeftButton)
    assert session.state.original_document is None
    assert not strip.snapshots.keep.isEnabled()
    settle(qtbot, window)


def test_it_is_stopped_by_the_same_button(qtbot: QtBot, open_window: Opener) -> None:
    window = opened(qtbot, open_window)
    strip = strip_of(window)
    set_steps(strip, 100_000)
    qtbot.mouseClick(strip.form.start, Qt.MouseButton.LeftButton)
    wait_for(qtbot, window, lambda state: state.training is not None and state.training.step > 5)
    assert not strip.form.fields["lr"].isEnabled()
    qtbot.mouseClick(strip.form.start, Qt.MouseButton.LeftButton)
    wait_for(qtbot, window, lambda state: not state.learns)
    assert strip.message.text().startswith("stopped at step")
    settle(qtbot, window)


def test_a_window_closes_in_the_middle_of_a_training(qtbot: QtBot, open_window: Opener) -> None:
    window = opened(qtbot, open_window)
    session_of(window).train(steps=100_000)
    wait_for(qtbot, window, lambda state: state.training is not None and state.training.step > 5)
    window.close_unasked()


def test_a_choice_that_is_none_is_told_and_marked(qtbot: QtBot, open_window: Opener) -> None:
    window = opened(qtbot, open_window)
    strip = strip_of(window)
    strip.form.fields["lr"].setText("0")
    qtbot.mouseClick(strip.form.start, Qt.MouseButton.LeftButton)
    assert strip.message.text().startswith("lr: expected a finite number above 0")
    assert strip.form.fields["lr"].property("wrong")
    assert not strip.message.isHidden()
    strip.form.fields["lr"].setText("0.01")
    strip.form.fields["clip"].setText("")
    set_steps(strip, 3)
    qtbot.mouseClick(strip.form.start, Qt.MouseButton.LeftButton)
    wait_for(qtbot, window, lambda state: state.training is not None and not state.learns)
    assert strip.message.isHidden()
    settle(qtbot, window)


def test_the_mouse_reads_the_curve_and_goes_to_a_step(qtbot: QtBot, open_window: Opener) -> None:
    window = opened(qtbot, open_window)
    strip = strip_of(window)
    session_of(window).train(steps=20, every=5)
    wait_for(qtbot, window, lambda state: not state.learns)
    settle(qtbot, window)
    middle = strip.curve.rect().center()
    qtbot.mouseMove(strip.curve, middle)
    _hover(strip.curve, QPointF(middle))
    assert strip.curve.pointed in range(9, 13)
    qtbot.mouseClick(strip.curve, Qt.MouseButton.LeftButton, pos=middle)
    assert session_of(window).state.training.shown in (5, 10)  # type: ignore[union-attr]
    settle(qtbot, window)


def test_it_folds_and_saves_its_curve(qtbot: QtBot, open_window: Opener, tmp_path: Path) -> None:
    window = opened(qtbot, open_window)
    strip = strip_of(window)
    session_of(window).train(steps=20)
    wait_for(qtbot, window, lambda state: not state.learns)
    settle(qtbot, window)
    tall = strip.height()
    strip.fold.click()
    QApplication.processEvents()
    qtbot.waitUntil(lambda: strip.height() < tall / 2)
    assert strip.summary.text().startswith("step 20 of 20, loss")
    strip.save_picture(tmp_path / "loss.png")
    qtbot.waitUntil(lambda: (tmp_path / "loss.png").exists())
    assert QImage(str(tmp_path / "loss.png")).width() > 600


def test_nothing_in_it_is_clipped_and_all_of_it_is_named(qtbot: QtBot, open_window: Opener) -> None:
    window = opened(qtbot, open_window)
    strip = strip_of(window)
    QApplication.processEvents()
    assert strip.height() <= 125
    for widget in strip.findChildren(QWidget):
        if widget.isVisible() and isinstance(widget, QPushButton | QLabel):
            assert widget.width() >= widget.minimumSizeHint().width(), widget
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            assert widget.accessibleName() or getattr(widget, "text", str)(), widget


def _hover(widget: QWidget, at: QPointF) -> None:
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove,
        at,
        widget.mapToGlobal(at),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, event)
