"""Files come by menu and drop; what is in them is asked about; several things have a bar."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot
from torch import nn

from rnnviz.session.opened import opened
from rnnviz.session.settings import recent_files
from rnnviz.ui.array_dialog import ArrayDialog
from rnnviz.ui.dialog import Dialog
from rnnviz.ui.found_dialog import FoundDialog
from rnnviz.ui.window import MainWindow
from rnnviz.ui.workbench import Workbench
from tests.gui.conftest import PATIENCE, Opener, session_of, settle, wait_for
from tests.session.test_stacks import row

Key = Qt.Key
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def bench_of(window: MainWindow) -> Workbench:
    assert window.bench is not None
    return window.bench


def asked(qtbot: QtBot, window: MainWindow, kind: type[Dialog] = FoundDialog) -> Dialog:
    """The question about a file, as soon as it is asked."""
    files = bench_of(window).files
    qtbot.waitUntil(lambda: isinstance(files.dialog, kind), timeout=PATIENCE)
    assert files.dialog is not None
    return files.dialog


def held(path: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def test_a_file_is_dropped_and_its_hint_is_seen(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    path = tmp_path / "<b>my<b> model.pt"
    torch.save(nn.LSTM(3, 4).state_dict(), path)
    window = open_window()
    hint, data = bench_of(window).files.hint, held(path)
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier

    def enter() -> None:
        QApplication.sendEvent(window, QDragEnterEvent(QPoint(9, 9), actions, data, buttons, none))

    enter()
    assert hint.isVisible()
    assert "<b>my<b> model.pt" in hint.text
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not hint.isVisible()
    enter()
    QApplication.sendEvent(window, QDropEvent(QPointF(9, 9), actions, data, buttons, none))
    assert not hint.isVisible()
    dialog = asked(qtbot, window)
    for label in dialog.findChildren(QLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText
    dialog.reject()
    assert session_of(window).state.found is None
    assert session_of(window).state.example == "lstm"
    qtbot.waitUntil(lambda: recent_files() == (path,), timeout=PATIENCE)


def test_what_the_file_does_not_say_is_asked(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    module = nn.RNN(3, 4, 2, nonlinearity="relu")
    torch.save({"a": module.state_dict(), "junk": torch.zeros(3)}, tmp_path / "m.pt")
    window = open_window()
    bench_of(window).files.open(tmp_path / "m.pt")
    dialog = asked(qtbot, window)
    assert isinstance(dialog, FoundDialog)
    assert set(dialog.asked.answers) == {"nonlinearity", "batch_first", "dropout"}
    assert dialog.left.model.row(0)[:2] == ("junk", "(3,)")
    dialog.asked.nonlinearity.show_value("relu")
    dialog.asked.dropout.setText("2")
    qtbot.keyClick(dialog.chains, Key.Key_Return)
    assert "expected" in dialog.asked.rows["dropout"].message
    dialog.asked.dropout.setText("0.5")
    qtbot.keyClick(dialog.chains, Key.Key_Return)
    state = wait_for(qtbot, window, lambda s: s.document.spec.cell == "RNN" and not s.busy)
    assert (state.document.spec.nonlinearity, state.document.spec.dropout) == ("relu", 0.5)


def test_esc_opens_nothing(qtbot: QtBot, open_window: Opener, tmp_path: Path) -> None:
    torch.save(nn.GRU(3, 4).state_dict(), tmp_path / "m.pt")
    window = open_window()
    bench_of(window).files.open(tmp_path / "m.pt")
    dialog = asked(qtbot, window)
    qtbot.keyClick(dialog, Key.Key_Escape)
    assert bench_of(window).files.dialog is None
    assert session_of(window).state.example == "lstm"


def test_a_refused_file_is_said_in_a_line_and_what_was_open_stays(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    (tmp_path / "bad.pt").write_bytes(b"<h1>no</h1>")
    window = open_window()
    bench, before = bench_of(window), session_of(window).state
    bench.files.open(tmp_path / "bad.pt")
    wait_for(qtbot, window, lambda s: "file" in s.problems)
    assert bench.refused.isVisible()
    assert "bad.pt" in bench.refused.text.text()
    assert "\n" not in bench.refused.text.text()
    assert not bench.status.notice.text()
    assert session_of(window).state.run is before.run
    bench.refused.dismiss.click()
    qtbot.waitUntil(lambda: not bench.refused.isVisible(), timeout=PATIENCE)
    assert recent_files() == ()


def test_an_array_is_chosen_with_its_axes_and_lengths(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    x = np.random.default_rng(0).normal(size=(3, 9, 4))
    np.savez(tmp_path / "b.npz", lengths=np.array([9, 4, 2]), x=x)
    window = open_window()
    bench_of(window).files.open(tmp_path / "b.npz")
    dialog = asked(qtbot, window, ArrayDialog)
    assert isinstance(dialog, ArrayDialog)
    assert dialog.name == "x"
    qtbot.waitUntil(lambda: dialog.preview.model().rowCount() > 0, timeout=PATIENCE)
    dialog.axes.show_value("NLH")
    dialog.axes.chosen.emit("NLH")
    assert dialog.lengths.isChecked()
    shown = dialog.preview.model().index(2, 1).data()
    assert shown == f"{x[0, 2, 0]:.4g}".replace("-", "−")
    dialog.load.click()
    state = wait_for(qtbot, window, lambda s: s.document.N == 3 and not s.busy)
    assert state.document.lengths == (9, 4, 2)
    assert np.array_equal(state.document.values, x)
    settle(qtbot, window)


def test_recent_files_are_listed_and_forgotten(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    torch.save(nn.GRU(3, 4).state_dict(), tmp_path / "a&b.pt")
    window = open_window()
    files, menu = bench_of(window).files, QMenu()
    files.open(tmp_path / "a&b.pt")
    asked(qtbot, window).reject()
    qtbot.waitUntil(lambda: bool(recent_files()), timeout=PATIENCE)
    files.fill_recent(menu)
    assert [action.text() for action in menu.actions()] == ["a&&b.pt", "", "Clear"]
    assert "a&amp;b.pt" in menu.actions()[0].toolTip()
    menu.actions()[-1].trigger()
    qtbot.waitUntil(lambda: not recent_files(), timeout=PATIENCE)
    (tmp_path / "a&b.pt").unlink()
    files.fill_recent(menu)
    assert [action.text() for action in menu.actions()] == ["None yet"]
    menu.deleteLater()


def test_several_documents_are_gone_through(qtbot: QtBot, open_window: Opener) -> None:
    from rnnviz.session.examples import load_example

    several = opened("run.rnnviz", [load_example("lstm"), load_example("hello")])
    window = open_window(first=lambda session: session.open_several(several))
    bench = bench_of(window)
    assert bench.opened.isVisible()
    assert bench.opened.count.text() == "1 of 2"
    bench.opened.names.setFocus()
    qtbot.keyClick(bench.opened.names, Key.Key_Right)
    wait_for(qtbot, window, lambda s: s.document.title == several.names[1] and not s.busy)
    assert bench.opened.count.text() == "2 of 2"
    assert not bench.opened.after.isEnabled()
    bench.opened.before.click()
    wait_for(qtbot, window, lambda s: s.document.title == several.names[0] and not s.busy)


def test_stacks_in_a_row_are_shown_one_by_one(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(first=lambda session: session._open(row(), 3, None, "unrolled"))
    bench = bench_of(window)
    assert [button.text() for button in bench.stacks.buttons] == [
        "first (3 → 10)",
        "second (10 → 4)",
        "third (4 → 6)",
    ]
    assert not bench.input.whose.isVisible()
    bench.stacks.buttons[1].click()
    wait_for(qtbot, window, lambda s: s.document.stack == "second" and not s.busy)
    assert [button.isChecked() for button in bench.stacks.buttons] == [False, True, False]
    assert bench.input.whose.text() == "What first receives; second is given what first gives"
    qtbot.keyClick(bench.stacks.buttons[1], Key.Key_Right)
    wait_for(qtbot, window, lambda s: s.document.stack == "third" and not s.busy)


def test_values_are_saved_from_the_window(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window = open_window()
    bench = bench_of(window)
    for deed, name in (
        (bench.back.save_values, "h.csv"),
        (bench.back.save_weights, "w.safetensors"),
        (bench.back.save_script, "s.py"),
    ):
        deed()
        dialog = bench.back.dialog
        assert dialog is not None
        assert isinstance(dialog.findChild(QPushButton), QPushButton)
        dialog.fileSelected.emit(str(tmp_path / name))
        dialog.reject()
        qtbot.waitUntil((tmp_path / name).exists, timeout=PATIENCE)
        wait_for(qtbot, window, lambda s, name=name: name in s.notice)  # type: ignore[misc]
