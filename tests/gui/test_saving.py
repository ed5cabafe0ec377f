"""Saving from the window: the mark, the questions, what is left for after a crash."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from rnnviz.files.container import read_container
from rnnviz.session import ImmediateRunner, Session
from rnnviz.session.living import enter, recovery_folder
from rnnviz.session.opened import opened
from rnnviz.session.recovery import leftovers
from rnnviz.session.saved import Restored, restored
from rnnviz.session.settings import Settings, load_settings, save_settings
from rnnviz.ui.question import Question
from rnnviz.ui.recovery_dialog import RecoveryDialog
from rnnviz.ui.saving import Saving
from rnnviz.ui.window import MainWindow
from tests.gui.conftest import PATIENCE, Opener, session_of, settle, wait_for

# The offscreen platform says this of every dialog.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def saving_of(window: MainWindow) -> Saving:
    assert window.saving is not None
    return window.saving


def edit(qtbot: QtBot, window: MainWindow, value: float = 2.0) -> None:
    session_of(window).set_weight("weight_hh_l0", 0, 0, value)
    settle(qtbot, window)


def dialog_of(qtbot: QtBot, window: MainWindow) -> QDialog:
    qtbot.waitUntil(lambda: saving_of(window).asks, timeout=PATIENCE)
    dialog = saving_of(window)._dialog
    assert dialog is not None
    return dialog


def answer(qtbot: QtBot, window: MainWindow, words: str) -> None:
    dialog = dialog_of(qtbot, window)
    assert isinstance(dialog, Question)
    qtbot.mouseClick(dialog.buttons[words], Qt.MouseButton.LeftButton)


def written(path: Path) -> Restored:
    found = restored(read_container(path))
    assert isinstance(found, Restored)
    return found


def dead(title: str, path: Path | None = None) -> None:
    """Leaves what an instance leaves that dies."""
    session = Session(ImmediateRunner())
    session.enter()
    session.open_example("lstm")
    session.set_weight("weight_hh_l0", 0, 0, 7.0)
    if path is not None:
        session.save(path)
        session.set_weight("weight_hh_l0", 0, 1, 8.0)
    session.keep_changes({}, lambda: None, pytest.fail)
    assert session._presence is not None
    session._presence._lock.release()


def test_what_is_only_looked_at_closes_unasked(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session_of(window).step()
    session_of(window).open_example("gru-unsorted")
    settle(qtbot, window)
    assert not window.isWindowModified()
    window.close()
    assert not window.isVisible()
    assert list(recovery_folder().iterdir()) == []


def test_a_change_is_marked_and_saved(qtbot: QtBot, open_window: Opener, tmp_path: Path) -> None:
    window = open_window()
    edit(qtbot, window)
    assert window.isWindowModified()
    assert "[*]" in window.windowTitle()
    window.save()  # which asks where, the first time
    dialog = dialog_of(qtbot, window)
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "mine.rnnviz"))
    dialog.reject()
    state = wait_for(qtbot, window, lambda state: state.path is not None)
    assert state.path == tmp_path / "mine.rnnviz"
    assert not window.isWindowModified()
    assert window.windowTitle().startswith("mine.rnnviz")
    edit(qtbot, window, 3.0)
    assert window.isWindowModified()
    window.save()
    wait_for(qtbot, window, lambda state: not state.unsaved)
    assert written(state.path).document.weight_edits[0].value == 3.0
    session_of(window).undo()
    assert window.isWindowModified()
    session_of(window).redo()
    assert not window.isWindowModified()


def test_closing_asks_and_cancel_stays(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    edit(qtbot, window)
    window.close()
    window.close()  # twice is asked once
    answer(qtbot, window, "Cancel")
    assert window.isVisible()
    window.close()
    answer(qtbot, window, "Don’t save")
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    assert list(recovery_folder().iterdir()) == []


def test_closing_asks_of_documents_that_are_not_on_show(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session = session_of(window)
    one = session.state.document
    session.open_several(opened("two", (one, replace(one, title="other"))))
    settle(qtbot, window)
    edit(qtbot, window)
    session.choose(1)
    settle(qtbot, window)
    assert window.isWindowModified()
    window.close()
    question = dialog_of(qtbot, window)
    assert any(one.title in label.text() for label in question.findChildren(QLabel))
    answer(qtbot, window, "Don’t save")
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)


def test_closing_waits_until_it_is_saved(qtbot: QtBot, open_window: Opener, tmp_path: Path) -> None:
    window, path = open_window(), tmp_path / "mine.rnnviz"
    session_of(window).save(path)
    wait_for(qtbot, window, lambda state: state.path == path)
    edit(qtbot, window, 5.0)
    window.close()
    answer(qtbot, window, "Save")
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    assert written(path).document.weight_edits[0].value == 5.0


def test_closing_asks_for_a_file_where_there_is_none(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window, path = open_window(), tmp_path / "mine.rnnviz"
    edit(qtbot, window, 5.0)
    window.close()
    answer(qtbot, window, "Save as…")
    qtbot.waitUntil(lambda: isinstance(saving_of(window)._dialog, QFileDialog), timeout=PATIENCE)
    dialog = dialog_of(qtbot, window)
    dialog.reject()
    assert window.isVisible()
    window.close()
    answer(qtbot, window, "Save as…")
    qtbot.waitUntil(lambda: isinstance(saving_of(window)._dialog, QFileDialog), timeout=PATIENCE)
    dialog_of(qtbot, window).fileSelected.emit(str(path))  # type: ignore[attr-defined]
    dialog_of(qtbot, window).reject()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    assert written(path).document.weight_edits[0].value == 5.0


def test_what_cannot_be_saved_keeps_the_window_and_the_old_file(
    qtbot: QtBot, open_window: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, path = open_window(), tmp_path / "mine.rnnviz"
    session_of(window).save(path)
    wait_for(qtbot, window, lambda state: state.path == path)
    before = path.read_bytes()
    edit(qtbot, window)

    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        window.close()
        answer(qtbot, window, "Save")
        qtbot.waitUntil(lambda: not saving_of(window).asks, timeout=PATIENCE)
        dialog = dialog_of(qtbot, window)
        assert isinstance(dialog, Question)
        assert "the disk is full" in dialog.words.text()
        answer(qtbot, window, "Close")
    assert window.isVisible()
    assert window.isWindowModified()
    assert path.read_bytes() == before


def test_a_file_that_has_changed_is_asked_about(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    window, path = open_window(), tmp_path / "mine.rnnviz"
    session_of(window).save(path)
    wait_for(qtbot, window, lambda state: state.path == path)
    other = Session(ImmediateRunner())
    other.enter()
    other.open_file(path)
    assert "another window" in other.state.notice
    other.set_weight("weight_hh_l0", 1, 1, 9.0)
    other.save(path)
    assert not other.state.problems
    theirs = path.read_bytes()
    edit(qtbot, window)
    window.save()
    dialog = dialog_of(qtbot, window)
    assert isinstance(dialog, Question)
    assert "Another window of rnnviz has it open" in dialog.words.text()
    answer(qtbot, window, "Cancel")
    assert path.read_bytes() == theirs
    window.save()
    answer(qtbot, window, "Overwrite")
    wait_for(qtbot, window, lambda state: not state.unsaved)
    assert path.read_bytes() != theirs
    other.leave()


def test_what_changed_is_left_and_goes_with_the_end(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    qtbot.waitUntil(lambda: session_of(window)._presence is not None, timeout=PATIENCE)
    assert window._autosaver is not None
    assert not window._autosaver.timer.isActive()
    edit(qtbot, window)
    assert window._autosaver.timer.isActive()
    assert window._autosaver.timer.interval() <= 60_000
    window._autosaver.timer.timeout.emit()
    qtbot.waitUntil(lambda: bool(list(recovery_folder().glob("*.rnnviz"))), timeout=PATIENCE)
    (left,) = recovery_folder().glob("*.rnnviz")
    assert written(left).document.weight_edits[0].value == 2.0
    assert leftovers().whole == ()  # whoever lives is not offered
    session_of(window).undo()
    qtbot.waitUntil(lambda: not list(recovery_folder().glob("*.rnnviz")), timeout=PATIENCE)
    window.close()
    assert list(recovery_folder().iterdir()) == []


def test_what_a_dead_window_left_comes_back(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    path = tmp_path / "mine.rnnviz"
    dead("one", path)
    dead("two")
    (recovery_folder() / "1-damaged.rnnviz").write_bytes(b"PK\x03\x04")
    window = open_window()
    window.offer_recovery(even_nothing=False)
    dialog = dialog_of(qtbot, window)
    assert isinstance(dialog, RecoveryDialog)
    assert [left.path for left in dialog.rows] == [None, path]
    assert dialog.rows[1].summary == "2-layer LSTM, 2 edits, 6 timesteps"
    aside = recovery_folder() / "1-damaged.rnnviz.damaged"
    assert aside.exists()
    (told,) = [label.text() for label in dialog.findChildren(QLabel) if "Damaged" in label.text()]
    assert told.startswith(f"Damaged, and set aside: {aside}: ")
    assert "1-damaged.rnnviz:" not in told
    dialog.discard.click()  # the first
    assert [left.path for left in dialog.rows] == [path]
    dialog.recover.click()
    state = wait_for(qtbot, window, lambda state: state.path == path)
    settle(qtbot, window)
    assert state.unsaved
    assert [edit.value for edit in state.document.weight_edits] == [7.0, 8.0]
    window.save()  # the file is as the dead one knew it: nothing is asked
    wait_for(qtbot, window, lambda state: not state.unsaved)
    assert len(written(path).document.weight_edits) == 2
    window.close()
    assert [left.name for left in recovery_folder().iterdir()] == ["1-damaged.rnnviz.damaged"]


def test_edited_documents_that_were_not_on_show_come_back_too(tmp_path: Path) -> None:
    dying = Session(ImmediateRunner())
    dying.enter()
    one = dying.state.document
    names = ["one", "two", "three"]
    dying.open_several(opened("several", (replace(one, title=name) for name in names)))
    for at, value in ((1, 5.0), (2, 6.0)):
        dying.choose(at)
        dying.set_weight("weight_hh_l0", 0, 0, value)
    dying.choose(0)
    dying.keep_changes({}, lambda: None, pytest.fail)
    assert dying._presence is not None
    dying._presence._lock.release()

    session = Session(ImmediateRunner())
    session.enter()
    (left,) = leftovers().whole
    assert left.summary.endswith("and 2 edited beside it")
    session.recover(left)
    assert session.state.edited_beside == ("two", "three")
    for at, value in ((1, 5.0), (2, 6.0)):
        session.choose(at)
        assert session.state.document.weight_edits[0].value == value
        assert session.state.unsaved_here
    for at, name in enumerate(names):  # what was left stays until all of it is kept elsewhere
        assert left.file.exists()
        session.choose(at)
        session.save(tmp_path / f"{name}.rnnviz")
    assert not session.state.unsaved
    assert not left.file.exists()
    assert written(tmp_path / "three.rnnviz").opened is None
    session.leave()


def test_deciding_later_loses_nothing(qtbot: QtBot, open_window: Opener) -> None:
    dead("one")
    window = open_window()
    window.offer_recovery(even_nothing=False)
    dialog = dialog_of(qtbot, window)
    assert isinstance(dialog, RecoveryDialog)
    dialog.later.click()
    assert len(leftovers().whole) == 1
    window.close()
    assert len(leftovers().whole) == 1


def test_an_example_is_opened_once_changes_are_answered_for(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window()
    edit(qtbot, window)
    session, opened = session_of(window), []
    assert window.bench is not None
    window.bench.ask_first(lambda: opened.append(session.open_example("gru-unsorted")))
    assert not opened
    answer(qtbot, window, "Don’t save")
    qtbot.waitUntil(lambda: bool(opened), timeout=PATIENCE)
    settle(qtbot, window)
    assert not session.state.unsaved


def test_the_layout_comes_back_in_a_window_of_another_size(
    qtbot: QtBot, open_window: Opener, tmp_path: Path
) -> None:
    path, large = tmp_path / "mine.rnnviz", open_window(size=(1900, 1000))
    bench = large.bench
    assert bench is not None
    bench.columns.setSizes([400, 1000, 500])
    left, _, right = bench.columns.sizes()
    bench.figure.canvas.zoom_to(1.7)
    session_of(large).show_figure("weights")
    settle(qtbot, large)
    large.save()
    dialog_of(qtbot, large).fileSelected.emit(str(path))  # type: ignore[attr-defined]
    dialog_of(qtbot, large).reject()
    wait_for(qtbot, large, lambda state: state.path == path)
    large.close()

    small = open_window("gru-unsorted", size=(1280, 800))
    session_of(small).open_file(path)
    wait_for(qtbot, small, lambda state: state.path == path and not state.busy)
    bench = small.bench
    assert bench is not None
    qtbot.waitUntil(lambda: bench.columns.sizes()[0] > 300, timeout=PATIENCE)
    narrow, figure, narrower = bench.columns.sizes()
    assert figure >= 420
    assert narrow / narrower == pytest.approx(left / right, rel=0.02)
    session_of(small).show_figure("unrolled")
    settle(qtbot, small)
    assert bench.figure.canvas.zoom == pytest.approx(1.7)
    QApplication.processEvents()


@pytest.mark.parametrize(
    "layout",
    [
        {"columns": [1e300, "a", None], "left": "ab", "inspector": 3, "looks": [1], "pane": {}},
        {"columns": [10**30, 1, 1], "left": [-5, 5], "looks": {"unrolled": {"zoom": 1e308}}},
        {"looks": {"unrolled": {"zoom": 1e300, "x": -1e8, "y": 1e8, "fit": None}}},
        {"looks": {"unrolled": {"zoom": 1.0, "x": 0, "y": 0, "fit": "else"}, "none": None}},
        {"columns": [0, 0, 0], "left": [0, 0], "pane": [0, 0]},
    ],
)
def test_a_layout_that_makes_no_sense_does_no_harm(
    qtbot: QtBot, open_window: Opener, layout: dict[str, object]
) -> None:
    window = open_window()
    assert window._layout is not None
    window._layout.take(layout)
    window.grab()
    assert window.bench is not None
    assert not window.bench.figure.canvas.error


def test_settings_of_two_windows_are_both_kept(open_window: Opener) -> None:
    save_settings(Settings(theme="light", speed=2.0))
    window = open_window()
    save_settings(Settings(theme="light", speed=8.0, layout={"theirs": 1}), Settings(theme="light"))
    window.close()
    found = load_settings()
    assert found.speed == 8.0
    assert found.layout["theirs"] == 1
    assert "geometry" in found.layout


def test_who_is_alive_is_told_from_who_is_dead() -> None:
    first, second = enter(), enter()
    assert first is not None
    assert second is not None
    path = Path("/somewhere/mine.rnnviz")
    first.show(path)
    assert second.shares(path)
    assert not first.shares(path)
    first._lock.release()
    assert not second.shares(path)
    second.leave()
