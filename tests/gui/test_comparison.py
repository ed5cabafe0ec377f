"""Editing numbers in the window: the bar that compares, undo and redo, steps by operation."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from rnnviz.model.clamps import Clamp
from rnnviz.model.schedule import Progress
from rnnviz.ui.comparison import ComparisonBar
from rnnviz.ui.plain_text import plain
from rnnviz.ui.window import MainWindow
from rnnviz.ui.workbench import Workbench
from tests.gui.conftest import Opener, press, session_of, settle, wait_for
from tests.gui.dressing import wear

# The offscreen platform says this of every dialog and menu.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "raise", "grabbing the keyboard")
Key, Left = Qt.Key, Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
FORGET = Clamp("f", 1.0, layer=0)


def bench_of(window: MainWindow) -> Workbench:
    assert window.bench is not None
    return window.bench


def bar_of(window: MainWindow) -> ComparisonBar:
    return bench_of(window).comparison


def choose(qtbot: QtBot, bar: ComparisonBar, text: str) -> None:
    found = [b for b in bar.showing.findChildren(QAbstractButton) if b.text() == text]
    qtbot.mouseClick(found[0], Left)


def action_of(window: MainWindow, start: str) -> QAction:
    edit = bench_of(window).topbar.menus.actions()[1].menu()
    assert isinstance(edit, QMenu)
    edit.aboutToShow.emit()
    return next(action for action in edit.actions() if action.text().startswith(start))


def test_the_bar_is_there_while_something_is_compared(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session, bar = session_of(window), bar_of(window)
    assert not bar.isVisible()
    session.clamp(FORGET)
    settle(qtbot, window)
    assert bar.isVisible()
    assert bar.edits.text() == "forget gate, layer 0, all t → 1"
    session.set_weight("weight_hh_l0", 3, 2, 0.5)
    state = settle(qtbot, window)
    assert bar.edits.text() == "forget gate, layer 0, all t → 1; 2 edits"
    choose(qtbot, bar, "Difference")
    assert session.state.view().run.is_difference
    choose(qtbot, bar, "Original")
    assert session.state.view().whole is state.original
    qtbot.mouseClick(bar.discard, Left)
    settle(qtbot, window)
    assert not bar.isVisible()
    assert session.state.example is None
    assert not session.state.document.clamps


def test_what_is_kept_stays_named_while_it_is_in_force(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session, bar = session_of(window), bar_of(window)
    session.clamp(FORGET)
    settle(qtbot, window)
    qtbot.mouseClick(bar.keep, Left)
    assert bar.isVisible()
    assert not bar.showing.isVisible()
    assert bar.edits.accessibleName().startswith("In force: forget gate")
    session.unclamp(FORGET)
    settle(qtbot, window)
    assert bar.showing.isVisible()


def test_each_edit_is_taken_back_from_the_list(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session, bar = session_of(window), bar_of(window)
    session.clamp(FORGET)
    session.set_weight("weight_hh_l0", 3, 2, 0.5)
    settle(qtbot, window)
    menu = bar.edits.show_menu()
    told = [action.text() for action in menu.actions()]
    assert told == ["Take back", "forget gate, layer 0, all t → 1", "weight_hh_l0[3, 2] → 0.5"]
    menu.actions()[1].trigger()
    menu.close()
    settle(qtbot, window)
    assert session.state.document.clamps == ()
    assert bar.edits.text() == "weight_hh_l0[3, 2] → 0.5"


def test_undo_by_key_button_and_menu(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session, top = session_of(window), bench_of(window).topbar
    assert not top.undo.isEnabled()
    assert top.undo.toolTip() == plain("Nothing to undo (Ctrl Z)")
    session.set_weight("weight_hh_l0", 3, 2, 0.5)
    settle(qtbot, window)
    assert top.undo.toolTip() == plain("Undo set weight_hh_l0[3, 2] to 0.5 (Ctrl Z)")
    assert action_of(window, "Undo").text() == "Undo set weight_hh_l0[3, 2] to 0.5"
    qtbot.mouseClick(top.undo, Left)
    settle(qtbot, window)
    assert not session.state.document.weight_edits
    assert not top.undo.isEnabled()
    assert action_of(window, "Redo").text() == "Redo set weight_hh_l0[3, 2] to 0.5"
    action_of(window, "Redo").trigger()
    settle(qtbot, window)
    assert session.state.document.weight_edits
    for modifiers, key, edited in ((CTRL, Key.Key_Z, False), (CTRL | SHIFT, Key.Key_Z, True)):
        qtbot.keyClick(bench_of(window).figure.canvas, key, modifiers)
        settle(qtbot, window)
        assert bool(session.state.document.weight_edits) == edited
    qtbot.keyClick(bench_of(window).figure.canvas, Key.Key_Z, CTRL)
    qtbot.keyClick(bench_of(window).figure.canvas, Key.Key_Y, CTRL)
    settle(qtbot, window)
    assert session.state.document.weight_edits


def test_a_long_name_is_shortened_in_the_menu(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session_of(window).set_model(hidden_size=5, num_layers=1, bidirectional=True, bias=False)
    settle(qtbot, window)
    text = action_of(window, "Undo").text()
    assert len(text) <= 66
    assert text.endswith("…")


def test_a_field_undoes_what_is_being_typed_and_the_window_the_rest(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window()
    session = session_of(window)
    field = bench_of(window).model.rows["hidden_size"].field
    window.activateWindow()
    field.setFocus()
    qtbot.keyClick(field, Key.Key_Up)
    settle(qtbot, window)
    assert session.state.document.spec.hidden_size == 9
    qtbot.keyClicks(field, "1")
    assert field.text() == "91"  # type: ignore[attr-defined]
    qtbot.keyClick(field, Key.Key_Z, CTRL)
    assert field.text() == "9"  # type: ignore[attr-defined]
    assert session.state.document.spec.hidden_size == 9
    qtbot.keyClick(field, Key.Key_Z, CTRL)
    settle(qtbot, window)
    assert session.state.document.spec.hidden_size == 8
    assert field.text() == "8"  # type: ignore[attr-defined]


def test_typing_into_the_tables_starts_a_comparison(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session, panel = session_of(window), bench_of(window).input
    values = panel.table.values
    values.setData(values.index(1, 2), "2.5")
    settle(qtbot, window)
    assert bar_of(window).edits.text() == "input[0, 1, 2] → 2.5"
    panel.initial.kind.chosen.emit("typed")
    states = panel.initial.table.values
    states.setData(states.index(0, 1), "-1")
    settle(qtbot, window)
    assert [change.text for change in session.changes()] == [
        "h_0[0, 0, 1] → −1",
        "input[0, 1, 2] → 2.5",
    ]
    assert session.state.undo_name == "set h_0[0, 0, 1] to −1"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1180, 720), (1280, 800), (1920, 1080)])
def test_nothing_overlaps(
    qtbot: QtBot, open_window: Opener, size: tuple[int, int], theme: str
) -> None:
    window = open_window(size=size)
    session, bar = session_of(window), bar_of(window)
    wear(qtbot, window, theme)  # type: ignore[arg-type]
    for unit in range(4):
        session.clamp(Clamp("f", 1.0, layer=1, t=3, unit=unit))
    settle(qtbot, window)
    _apart([bar.edits, bar.showing, bar.keep, bar.discard])
    bench = bench_of(window)
    _apart([bench.tabs, bar, bench.figure])
    top = bench.topbar
    _apart([top.menus, top.title, top.undo, top.redo, top.export])
    bench.columns.setSizes([600, 420, 400])  # as narrow as the figure gets
    QApplication.processEvents()
    _apart([bar.edits, bar.showing, bar.keep, bar.discard])
    assert bar.discard.geometry().right() <= bar.width()
    bar.grab()


def _apart(widgets: list[QWidget]) -> None:
    boxes = [QRect(w.mapToGlobal(QPoint(0, 0)), w.size()) for w in widgets]
    for place, box in enumerate(boxes):
        assert not any(box.intersects(other) for other in boxes[:place])
        assert box.width() > 0


def test_steps_by_operation_from_the_keyboard(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session, transport = session_of(window), bench_of(window).transport
    press(qtbot, window, Key.Key_O, Key.Key_Right, Key.Key_Right)
    run = session.state.run
    assert run is not None
    assert run.progress == Progress(3, 0, 2)
    assert transport.granularity.value == "operation"
    assert (transport.place.text(), transport.about.text()) == (
        "t = 4",
        "layer 0 · operation 2 of 12",
    )
    assert transport.speed_label.text() == "1 op/s"
    selection = session.state.selection
    assert selection is not None
    assert selection.t == 3
    press(qtbot, window, Key.Key_L, Key.Key_Right)
    assert transport.about.text() == "layer 0 computed, layer 1 next"
    press(qtbot, window, Key.Key_T, Key.Key_Left)
    assert transport.place.text() == "t = 3 of 6"


def test_the_transport_chooses_the_granularity(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session, transport = session_of(window), bench_of(window).transport
    for name, button in zip(
        ("timestep", "layer", "operation"),
        transport.granularity.findChildren(QAbstractButton),
        strict=True,
    ):
        qtbot.mouseClick(button, Left)
        assert session.state.granularity == name
        assert name in button.toolTip()
    session.first()
    assert not transport.back.isEnabled()
    session.step()
    assert session.state.position == 0
    assert transport.back.isEnabled()
    assert transport.first.isEnabled()


def test_playing_by_operation_reaches_the_end(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session = session_of(window)
    session.seek(5)
    session.set_granularity("operation")
    session.set_speed(60)
    session.play()
    state = wait_for(qtbot, window, lambda state: not state.playing)
    assert state.position == 6


def test_the_inspector_says_which_run_it_tells_of(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session, inspector = session_of(window), bench_of(window).inspector
    session.clamp(FORGET)
    settle(qtbot, window)
    where = inspector.subtitle.text()
    choose(qtbot, bar_of(window), "Difference")
    assert inspector.subtitle.text() == f"{where} · new − original"
    choose(qtbot, bar_of(window), "Original")
    assert inspector.subtitle.text() == f"{where} · original"
