"""Exporting from the window: every format, every figure, the dialog's own choices."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rnnviz.ui.export_dialog import ExportDialog
from tests.gui.conftest import Opener, press, session_of
from tests.run_figures import RUN_FIGURES

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def dialog_of(open_window: Opener, example: str = "lstm") -> ExportDialog:
    window = open_window(example)
    assert window.bench is not None
    dialog = window.bench.export()
    assert dialog is not None
    return dialog


@pytest.mark.parametrize("ending", [".svg", ".png", ".pdf"])
def test_the_dialog_writes_the_picture(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, ending: str
) -> None:
    dialog = dialog_of(open_window)
    dialog.format.show_value(ending)
    dialog.dpi.show_value(72)
    path = tmp_path / f"picture{ending}"
    with qtbot.waitSignal(dialog.finished, timeout=20_000):
        dialog.export_to(path)
    start = path.read_bytes()[:5]
    assert start.startswith({".svg": b"<", ".png": b"\x89PNG", ".pdf": b"%PDF"}[ending])


@pytest.mark.parametrize("figure", RUN_FIGURES)
def test_every_figure_can_be_exported(open_window: Opener, tmp_path: Path, figure: str) -> None:
    window = open_window("packed-rnn")
    session_of(window).show_figure(figure)
    assert window.bench is not None
    dialog = window.bench.export()
    assert dialog is not None
    wanted = dialog.request()
    assert wanted is not None
    text = wanted.write(tmp_path / "picture.svg").read_text(encoding="utf-8")
    assert "<text" in text
    dialog.close()


def test_another_step_can_be_chosen(qtbot: QtBot, open_window: Opener) -> None:
    dialog = dialog_of(open_window)
    dialog.step.setText("5")
    wanted = dialog.request()
    assert wanted is not None
    assert wanted.view.run.position == 5
    dialog.step.setText("99")
    dialog.request()
    assert "expected 0 to 6" in dialog.step_row.message
    dialog.close()


def test_a_path_that_cannot_be_written_is_told(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    dialog = dialog_of(open_window)
    dialog.export_to(tmp_path / "missing" / "picture.svg")
    qtbot.waitUntil(lambda: "missing" in dialog.message.text(), timeout=20_000)
    assert dialog.isVisible()
    assert dialog.export_button.isEnabled()
    dialog.close()


def test_the_picture_can_be_copied(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    assert window.bench is not None
    window.bench.copy_picture()
    image = QApplication.clipboard().image()
    assert isinstance(image, QImage)
    assert image.width() > 400
    assert image.pixelColor(1, 1).name() == "#ffffff"


def test_value_and_name_can_be_copied(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    press(qtbot, window, Qt.Key.Key_J)
    assert window.bench is not None
    window.bench.copy_value()
    name, _, value = QApplication.clipboard().text().partition(" = ")
    assert name.startswith("output[")
    assert abs(float(value)) <= 1
