"""Exporting from the window: every format, every figure, the dialog's own choices."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rnnviz.session.runner import Cancel, Cancelled
from rnnviz.ui import picture_request
from rnnviz.ui.export_dialog import ExportDialog
from rnnviz.ui.picture_request import Request
from rnnviz.ui.window import MainWindow
from tests.gui.conftest import PATIENCE, Opener, press, session_of
from tests.run_figures import RUN_FIGURES
from tests.session.conftest import HeldRunner

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def exported_from(window: MainWindow) -> ExportDialog:
    assert window.bench is not None
    dialog = window.bench.export()
    assert dialog is not None
    return dialog


def dialog_of(open_window: Opener, example: str = "lstm") -> ExportDialog:
    return exported_from(open_window(example))


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Holds the writer up after the first half of its file, until the event is set."""
    from rnnviz import writers

    go_on, write = threading.Event(), writers.write

    def slowly(scene: Any, path: Path, *, told: Any, **rest: Any) -> Path:
        def waiting(done: int, total: int) -> None:
            told(1, 2)
            go_on.wait(PATIENCE / 1000)
            told(done, total)

        return write(scene, path, told=waiting, **rest)

    monkeypatch.setattr(writers, "write", slowly)
    yield go_on
    go_on.set()


@pytest.mark.parametrize("ending", [".svg", ".png", ".pdf"])
def test_the_dialog_writes_the_picture(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, ending: str
) -> None:
    dialog = dialog_of(open_window)
    dialog.format.show_value(ending)
    dialog.dpi.show_value(72)
    path = tmp_path / f"picture{ending}"
    with qtbot.waitSignal(dialog.finished, timeout=PATIENCE):
        dialog.export_to(path)
    start = path.read_bytes()[:5]
    assert start.startswith({".svg": b"<", ".png": b"\x89PNG", ".pdf": b"%PDF"}[ending])


@pytest.mark.parametrize("figure", RUN_FIGURES)
def test_every_figure_can_be_exported(open_window: Opener, tmp_path: Path, figure: str) -> None:
    window = open_window("packed-rnn")
    session_of(window).show_figure(figure)
    dialog = exported_from(window)
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
    qtbot.waitUntil(lambda: "missing" in dialog.message.text(), timeout=PATIENCE)
    assert dialog.isVisible()
    assert dialog.export_button.isEnabled()
    dialog.close()


def test_the_preview_is_drawn_beside_the_window(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []
    described = Request.scene

    def noted(self: Request) -> Any:
        threads.append(threading.current_thread())
        return described(self)

    monkeypatch.setattr(Request, "scene", noted)
    dialog = dialog_of(open_window)
    qtbot.waitUntil(lambda: dialog.preview.sketch is not None, timeout=PATIENCE)
    first = dialog.preview.sketch
    assert first is not None
    assert not first.transparent
    assert dialog.size_label.text().endswith(" px")
    dialog.background.show_value(True)
    dialog.show_preview()
    qtbot.waitUntil(lambda: dialog.preview.sketch is not first, timeout=PATIENCE)
    assert dialog.preview.sketch is not None
    assert dialog.preview.sketch.transparent
    assert threads
    assert threading.main_thread() not in threads
    dialog.close()


def test_the_preview_follows_the_size_of_the_dialog(qtbot: QtBot, open_window: Opener) -> None:
    dialog = dialog_of(open_window)
    qtbot.waitUntil(lambda: dialog.preview.sketch is not None, timeout=PATIENCE)
    first = dialog.preview.sketch
    assert first is not None
    dialog.resize(1200, 700)
    qtbot.waitUntil(lambda: dialog.preview.sketch is not first, timeout=PATIENCE)
    assert dialog.preview.sketch is not None
    assert dialog.preview.sketch.image.width() > first.image.width()
    dialog.close()


def test_progress_is_shown_and_can_be_cancelled(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, held: threading.Event
) -> None:
    dialog = dialog_of(open_window)
    folder = tmp_path / "pictures"  # the window keeps its own files in the one above
    folder.mkdir()
    path = folder / "picture.png"
    path.write_bytes(b"old")
    dialog.export_to(path)
    assert not dialog.export_button.isEnabled()
    assert not dialog.format.isEnabled()
    qtbot.waitUntil(dialog.progress.isVisible, timeout=PATIENCE)  # short work shows nothing
    qtbot.waitUntil(lambda: dialog.progress.share.text() == "50%", timeout=PATIENCE)
    assert dialog.progress.name.text() == "writing picture.png"
    dialog.cancel_button.click()
    assert dialog.message.text() == "cancelling…"
    held.set()
    qtbot.waitUntil(lambda: dialog.message.text().startswith("cancelled"), timeout=PATIENCE)
    assert dialog.isVisible()
    assert not dialog.progress.isVisible()
    assert dialog.export_button.isEnabled()
    assert path.read_bytes() == b"old"
    assert list(folder.iterdir()) == [path]
    with qtbot.waitSignal(dialog.finished, timeout=PATIENCE):
        dialog.export_to(path)
    assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("closed", ["dialog", "window"])
def test_closing_in_the_midst_of_it_leaves_no_file(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, held: threading.Event, closed: str
) -> None:
    window = open_window()
    dialog = exported_from(window)
    folder = tmp_path / "pictures"
    folder.mkdir()
    dialog.export_to(folder / "picture.pdf")
    errand = dialog.exporting.errand
    assert errand is not None
    qtbot.waitUntil(lambda: errand.fraction is not None, timeout=PATIENCE)
    threading.Timer(0.2, held.set).start()  # closing the window waits for its threads
    (dialog if closed == "dialog" else window).close()
    if closed == "dialog":
        done: list[None] = []
        assert window.bench is not None
        window.bench._runner.submit(lambda _: None, done.append, done.append)  # type: ignore[arg-type]
        qtbot.waitUntil(lambda: bool(done), timeout=PATIENCE)
    qtbot.waitUntil(held.is_set, timeout=PATIENCE)
    assert list(folder.iterdir()) == []


def test_running_out_of_memory_is_said(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = dialog_of(open_window)
    qtbot.waitUntil(lambda: dialog.preview.sketch is not None, timeout=PATIENCE)

    def too_large(*given: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(picture_request, "scene_image", too_large)
    dialog.show_preview()
    qtbot.waitUntil(lambda: "not enough memory" in dialog.message.text(), timeout=PATIENCE)
    dialog.close()


def test_the_picture_can_be_copied(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    assert window.bench is not None
    QApplication.clipboard().clear()
    window.bench.copy_picture()
    qtbot.waitUntil(lambda: not QApplication.clipboard().image().isNull(), timeout=PATIENCE)
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


@pytest.mark.parametrize("fails", [False, True])
def test_a_preview_that_arrives_after_its_dialog_has_gone_is_dropped(
    qtbot: QtBot, open_window: Opener, fails: bool
) -> None:
    window, runner = open_window(), HeldRunner()
    dialog = ExportDialog(session_of(window), runner, window)
    dialog.show()
    qtbot.waitUntil(lambda: bool(runner.jobs), timeout=PATIENCE)
    dialog.show_preview()
    jobs = list(runner.jobs)
    sketch = jobs[-1][0](Cancel())
    dialog.close()
    dialog.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not shiboken6.isValid(dialog.preview)
    for work, done, failed in jobs:
        with pytest.raises(Cancelled):
            work(Cancel())
        if fails:
            failed(RuntimeError("a bug"))
        else:
            done(sketch)
