"""The window as a person uses it: keys, edits, tabs, theme, the end."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from rnnviz.element import Element
from rnnviz.session.settings import load_settings
from rnnviz.ui.window import MainWindow
from rnnviz.ui.workbench import Workbench
from tests.gui.conftest import Opener, press, session_of, settle, wait_for
from tests.gui.dressing import wear

Key = Qt.Key
# The offscreen platform says this of every dialog.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def bench_of(window: MainWindow) -> Workbench:
    assert window.bench is not None
    return window.bench


def test_first_example_is_alive(open_window: Opener) -> None:
    window = open_window()
    state = session_of(window).state
    assert state.run is not None
    assert state.position > 0
    assert state.badge.status == "matches"
    assert "matches torch.nn.LSTM" in bench_of(window).status.badge.text()
    assert bench_of(window).inspector.description is not None
    assert "LSTM" in window.windowTitle()


def test_a_step_by_key_lights_exactly_one_step_more(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session = session_of(window)
    run = session.state.run
    assert run is not None
    before = run.computed(1, 0).sum()
    press(qtbot, window, Key.Key_Right)
    run = session.state.run
    assert run is not None
    assert run.computed(1, 0).sum() == before + 1
    press(qtbot, window, Key.Key_Left, Key.Key_Left)
    run = session.state.run
    assert run is not None
    assert run.computed(1, 0).sum() == before - 1


def test_keys_move_through_time(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session = session_of(window)
    press(qtbot, window, Key.Key_Home)
    assert session.state.position == 0
    press(qtbot, window, Key.Key_End)
    assert session.state.position == session.state.total
    press(qtbot, window, Key.Key_Space)
    assert session.state.playing
    press(qtbot, window, Key.Key_Space)
    assert not session.state.playing
    speed = session.state.speed
    press(qtbot, window, Key.Key_BracketRight)
    assert session.state.speed == 2 * speed


def test_the_inspector_follows_time_unless_pinned(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session = session_of(window)
    press(qtbot, window, Key.Key_Home, Key.Key_Right)
    assert session.state.selection is not None
    assert session.state.selection.t == 0
    press(qtbot, window, Key.Key_Right)
    assert session.state.selection.t == 1
    press(qtbot, window, Key.Key_P, Key.Key_Right)
    assert session.state.selection.t == 1
    press(qtbot, window, Key.Key_P)
    assert session.state.selection.t == 2


def test_an_element_of_another_sequence_stays_where_it_is(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window("gru-unsorted")
    session = session_of(window)
    session.last()
    settle(qtbot, window)
    chosen = Element("r", 0, 0, 1, 3, unit=2)
    session.select(chosen)
    assert session.state.selection == chosen
    assert session.state.sequence == 3
    session.show_sequence(1)
    assert session.state.selection is not None
    assert session.state.selection.sequence == 1


def test_back_at_the_beginning_the_inspector_is_there_too(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window("gru-unsorted")
    session = session_of(window)
    session.last()
    settle(qtbot, window)
    chosen, length = Element("n", 0, 1, 0, 0, unit=2), session.state.document.lengths[0]
    session.select(chosen)
    press(qtbot, window, Key.Key_Home)
    assert session.state.selection == chosen._replace(t=length - 1)
    press(qtbot, window, Key.Key_O, Key.Key_End, Key.Key_Home)
    assert session.state.selection == Element("h", 0, 0, 0, 0)


def test_what_is_not_computed_yet_is_no_number(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    inspector = bench_of(window).inspector
    press(qtbot, window, Key.Key_Home)
    qtbot.waitUntil(inspector.status.isVisible)  # a frame after the figure
    assert inspector.table.isHidden()
    press(qtbot, window, Key.Key_Right)
    qtbot.waitUntil(inspector.status.isHidden)
    assert not inspector.table.isHidden()


def test_the_first_choice_is_what_the_step_computed(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("packed-rnn")
    session = session_of(window)
    session.seek(1)
    settle(qtbot, window)
    assert session.state.selection is not None
    assert session.state.selection.layer == 0
    session.last()
    state = settle(qtbot, window)
    assert state.selection is not None
    assert state.selection.layer == 1
    assert bench_of(window).inspector.status.isHidden()


def test_by_operation_the_inspector_follows_what_was_computed(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window()
    session = session_of(window)
    session.select(Element("f", 0, 0, 2, 0, unit=3))
    press(qtbot, window, Qt.Key.Key_O)
    followed = []
    for _ in range(12):
        press(qtbot, window, Qt.Key.Key_Right)
        followed.append(session.state.selection)
    names = [element.tensor for element in followed if element]
    assert names[:3] == ["ih_f", "hh_f", "a_f"]
    assert names[3:] == ["i", "f", "g", "o", "f*c", "i*g", "c", "tanh_c", "h"]
    assert {element[1:6] for element in followed if element} == {(0, 0, 3, 0, 3)}
    press(qtbot, window, Qt.Key.Key_Left)
    chosen = session.state.selection
    assert chosen is not None
    assert chosen.tensor == "tanh_c"


def test_enter_opens_the_cell_and_escape_goes_back(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session = session_of(window)
    session.show_figure("weights")
    press(qtbot, window, Qt.Key.Key_Return)
    assert session.state.figure == "anatomy"
    press(qtbot, window, Qt.Key.Key_Escape)
    assert session.state.figure == "weights"


def test_layer_and_unit_keys(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session = session_of(window)
    press(qtbot, window, Key.Key_Down)
    assert session.state.selection is not None
    assert session.state.selection.layer == 0
    press(qtbot, window, Key.Key_J, Key.Key_J)
    assert session.state.selection.unit == 1
    press(qtbot, window, Key.Key_K)
    assert session.state.selection.unit == 0
    assert "output[" in bench_of(window).inspector.copy_text() or session.state.selection.layer == 0


def test_a_model_edit_is_one_edit(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    row = bench_of(window).model.rows["hidden_size"]
    row.field.setFocus()
    row.field.setText("5")
    qtbot.keyClick(row.field, Key.Key_Return)
    state = settle(qtbot, window)
    assert state.run is not None
    assert state.run.hidden_size == 5
    assert "nn.LSTM(4, 5" in bench_of(window).model.code.text


def test_a_bad_edit_keeps_the_last_model(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session = session_of(window)
    run = session.state.run
    row = bench_of(window).model.rows["proj_size"]
    for text in ("99", "x"):
        row.field.setText(text)
        qtbot.keyClick(row.field, Key.Key_Return)
        assert row.message
        assert row.field.text() == text
        assert session.state.run is run
        assert session.state.document.spec.proj_size == 0
    row.field.setText("3")
    qtbot.keyClick(row.field, Key.Key_Return)
    assert not row.message
    assert settle(qtbot, window).document.spec.proj_size == 3


def test_fields_that_do_not_apply_say_why(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    model = bench_of(window).model
    assert not model.rows["nonlinearity"].field.isEnabled()
    assert "only nn.RNN" in model.rows["nonlinearity"].field.toolTip()
    session_of(window).set_model(cell="RNN")
    settle(qtbot, window)
    assert model.rows["nonlinearity"].field.isEnabled()
    assert not model.rows["proj_size"].field.isEnabled()


def test_an_input_edit_reaches_the_run(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    table = bench_of(window).input.table
    assert table.values.setData(table.values.index(2, 1), "−0.5")
    state = settle(qtbot, window)
    assert state.document.values[0, 2, 1] == -0.5
    assert state.run is not None
    assert float(state.run.inputs(0)[2, 0, 1]) == -0.5


def test_what_is_no_number_is_told_beside_the_table(open_window: Opener) -> None:
    window = open_window()
    panel = bench_of(window).input
    assert not panel.table.values.setData(panel.table.values.index(0, 0), "abc")
    assert "abc" in panel.message.text()


def test_paste_from_a_spreadsheet(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    table = bench_of(window).input.table
    QApplication.clipboard().setText("1\t2\n3\t4\n")
    table.setCurrentIndex(table.values.index(1, 1))
    qtbot.keyClick(table, Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    state = settle(qtbot, window)
    np.testing.assert_array_equal(state.document.values[0, 1:3, 1:3], [[1, 2], [3, 4]])


def test_lengths_and_packing(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("packed-rnn")
    panel = bench_of(window).input
    session = session_of(window)
    session.show_sequence(3)
    panel.length.setText("2")
    qtbot.keyClick(panel.length, Key.Key_Return)
    session.set_enforce_sorted(False)
    state = settle(qtbot, window)
    assert state.document.lengths[3] in (1, 2)
    panel.packed.click()
    assert not settle(qtbot, window).document.packed


def test_typed_initial_states(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    initial = bench_of(window).input.initial
    session_of(window).set_initial("typed")
    settle(qtbot, window)
    assert not initial.table.isHidden()
    initial.table.values.setData(initial.table.values.index(1, 3), "0.25")
    state = settle(qtbot, window)
    assert state.document.initial.h_0 is not None
    assert state.document.initial.h_0[1, 0, 3] == 0.25


def test_every_tab_paints(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("packed-rnn")
    bench = bench_of(window)
    for number, name in enumerate(session_of(window).state.figures, start=int(Key.Key_1)):
        press(qtbot, window, Key(number))
        assert session_of(window).state.figure == name
        assert not bench.grab().isNull()
        assert not bench.figure.canvas.error
        assert bench.figure.shows_plots == (name == "trajectories")


def test_themes_change_every_pane(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    bench = bench_of(window)

    def corner() -> int:
        return bench.figure.canvas.grab().toImage().pixelColor(3, 3).lightness()

    light = corner()
    wear(qtbot, window, "dark")
    assert corner() < 60 < light
    assert session_of(window).state.theme == "dark"
    bench.topbar.theme.click()
    qtbot.waitUntil(window.updatesEnabled)
    assert corner() == light


def test_of_two_themes_chosen_at_once_the_window_wears_the_second(
    qtbot: QtBot, open_window: Opener, qapp: QApplication
) -> None:
    window = open_window()
    sheet, color = qapp.styleSheet(), window.palette().window().color()
    window.choose_theme("dark")
    assert not window.updatesEnabled()
    assert qapp.styleSheet() == sheet
    wear(qtbot, window, "light")
    assert qapp.styleSheet() == sheet
    assert window.palette().window().color() == color


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1180, 720), (1280, 800), (1920, 1080)])
def test_no_label_is_clipped(
    qtbot: QtBot, open_window: Opener, size: tuple[int, int], theme: str
) -> None:
    window = open_window(size=size)
    wear(qtbot, window, theme)  # type: ignore[arg-type]
    for label in window.findChildren(QLabel):
        if (
            label.isVisible()
            and label.wordWrap() is False
            and type(label).__name__ != "ElidedLabel"
        ):
            assert label.width() >= label.sizeHint().width() - 1, label.text()


def test_every_control_has_a_name_and_takes_the_keyboard(open_window: Opener) -> None:
    window = open_window()
    controls: list[QWidget] = [
        widget
        for kind in (QAbstractButton, QComboBox, QLineEdit, QAbstractSlider)
        for widget in window.findChildren(kind)
        if not isinstance(widget, QScrollBar)
        and widget.isVisible()
        and not widget.objectName().startswith("qt_")
    ]
    assert len(controls) > 30
    for control in controls:
        name = control.accessibleName() or getattr(control, "text", str)()
        assert name, control
        if control.isEnabled():
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, name


def test_tab_walks_through_the_nodes_and_out(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    canvas = bench_of(window).figure.canvas
    session = session_of(window)
    session.select(None)
    seen = []
    for _ in range(5):
        qtbot.keyClick(canvas, Key.Key_Tab)
        seen.append(session.state.selection)
    assert len(set(seen)) == 5


def test_a_click_selects_what_lies_there(qtbot: QtBot, open_window: Opener) -> None:
    from PySide6.QtCore import QPoint

    from rnnviz.element import Element
    from rnnviz.scene.hit import hit_rect

    window = open_window()
    canvas = bench_of(window).figure.canvas
    scene = canvas.scene()
    assert scene is not None
    box = hit_rect(scene, Element("f", 0, 0, 1, 0))
    assert box is not None
    x, y, width, height = box
    at = QPoint(round(x + width / 2 - scene.x), round(y + height / 2 - scene.y))
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    chosen = session_of(window).state.selection
    assert chosen is not None
    assert chosen.vector() == Element("f", 0, 0, 1, 0)
    assert bench_of(window).inspector.title.text() == "Forget gate"
    assert "forget gate" in canvas.describe(chosen)


def test_resize_and_close_in_mid_play(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    session = session_of(window)
    session.set_speed(60)
    session.first()
    session.play()
    for size in (QSize(1180, 720), QSize(1700, 900), QSize(1280, 800)):
        window.resize(size)
        qtbot.wait(40)
    wait_for(qtbot, window, lambda state: state.position > 0)
    session.first()
    session.play()
    window.close()
    assert not window.isVisible()


def test_close_in_mid_work(open_window: Opener) -> None:
    window = open_window(alive=False)
    session_of(window).set_model(hidden_size=256)
    window.close()


def test_layout_theme_and_example_are_remembered(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window("gru-unsorted")
    window.choose_theme("dark")
    bench_of(window).toggle_inspector()
    window.close()
    settings = load_settings()
    assert settings.theme == "dark"
    assert settings.example == "gru-unsorted"
    assert settings.layout["inspector"] is False


def test_a_broken_figure_is_a_message_not_a_crash(
    qtbot: QtBot, open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    canvas = bench_of(window).figure.canvas

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(type(canvas._figure), "content", broken)
    press(qtbot, window, Key.Key_Right)
    canvas.grab()
    assert "a bug" in canvas.error
    monkeypatch.undo()
    press(qtbot, window, Key.Key_Right)
    canvas.grab()
    assert not canvas.error


def test_shortcuts_sheet_opens_and_closes(qtbot: QtBot, open_window: Opener) -> None:
    from rnnviz.ui.shortcuts import ShortcutSheet

    window = open_window()
    press(qtbot, window, Key.Key_Question)
    sheet = window.findChild(ShortcutSheet)
    assert sheet is not None
    assert sheet.isVisible()
    qtbot.keyClick(sheet, Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(ShortcutSheet) is None)
