"""The transport: every control states an intent, and shows what the state says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QLabel, QSlider
from pytestqt.qtbot import QtBot

from rnnviz.figures.later import Later
from rnnviz.model.schedule import Progress
from rnnviz.model.spec import ModelSpec
from rnnviz.model.trace import trace
from rnnviz.session.state import Document, State
from rnnviz.ui.transport import TransportPanel, speed_text

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

LEFT, MIDDLE = Qt.MouseButton.LeftButton, 34


class FakeSession:
    """Writes down what it is asked for; its state is set by the test."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.asked: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        def intent(*arguments: Any) -> None:
            self.asked.append((name, *arguments) if arguments else name)

        return intent


def state_at(position: int, bidirectional: bool = False, **changes: Any) -> State:
    spec = ModelSpec("LSTM", 3, 4, num_layers=2, bidirectional=bidirectional)
    whole = trace(spec.build(), torch.ones(6, 1, 3))
    document = Document(spec, np.ones((1, 6, 3)), (6,))
    state = State(
        document, whole.at(position), whole, position=position, total=whole.total, sequence=0
    )
    return replace(state, **changes)


@pytest.fixture
def session() -> FakeSession:
    return FakeSession(state_at(3))


@pytest.fixture
def panel(qtbot: QtBot, session: FakeSession) -> TransportPanel:
    made = TransportPanel(session)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.resize(1600, 96)
    made.refresh(None, session.state)
    made.show()
    qtbot.waitExposed(made)
    return made


def show(panel: TransportPanel, session: FakeSession, state: State) -> None:
    old, session.state = session.state, state
    panel.refresh(old, state)


def x_of(panel: TransportPanel, t: float) -> QPoint:
    step = (panel.ruler.width() - 66 - 17) / 6
    return QPoint(round(66 + (t + 0.5) * step), MIDDLE)


def test_buttons_state_their_intents(
    qtbot: QtBot, panel: TransportPanel, session: FakeSession
) -> None:
    for button in (panel.first, panel.back, panel.play, panel.step, panel.last):
        qtbot.mouseClick(button, LEFT)
    assert session.asked == ["first", "back", "toggle_play", "step", "last"]


def test_every_control_has_a_name_and_its_shortcut(panel: TransportPanel) -> None:
    controls = [*panel.findChildren(QAbstractButton), *panel.findChildren(QSlider)]
    assert len(controls) == 11
    assert all(control.accessibleName() for control in controls)
    assert all(control.focusPolicy() & Qt.FocusPolicy.TabFocus for control in controls)
    tooltips = [control.toolTip() for control in controls if control is not panel.ruler]
    assert all("(" in tooltip for tooltip in tooltips)


def test_buttons_that_do_nothing_are_barred(panel: TransportPanel, session: FakeSession) -> None:
    show(panel, session, state_at(0))
    assert not panel.first.isEnabled()
    assert not panel.back.isEnabled()
    assert panel.step.isEnabled()
    show(panel, session, state_at(6))
    assert panel.back.isEnabled()
    assert not panel.step.isEnabled()
    assert not panel.last.isEnabled()


def test_a_button_that_is_barred_hands_the_keyboard_on(
    qtbot: QtBot, panel: TransportPanel, session: FakeSession
) -> None:
    panel.activateWindow()
    panel.step.setFocus()
    qtbot.waitUntil(panel.step.hasFocus)
    show(panel, session, state_at(6))
    assert panel.play.hasFocus()


def test_before_the_first_model_nothing_can_be_pressed(
    panel: TransportPanel, session: FakeSession
) -> None:
    show(panel, session, State(session.state.document))
    assert not panel.play.isEnabled()
    assert not panel.ruler.isEnabled()
    assert panel.ruler.scene() is None
    panel.grab()


def test_the_ruler_stays_until_another_is_there(
    panel: TransportPanel, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def later(_: object) -> None:
        raise Later(10**8, "norms")

    show(panel, session, state_at(3))
    there = panel.ruler.grab().toImage()
    with monkeypatch.context() as patched:
        patched.setattr(panel.ruler._ahead, "attempt", later)
        show(panel, session, state_at(5))
        assert panel.ruler.grab().toImage() == there
        show(panel, session, State(session.state.document))
        assert panel.ruler.grab().toImage() != there
    show(panel, session, state_at(5))
    assert panel.ruler.grab().toImage() != there


def test_play_becomes_pause(panel: TransportPanel, session: FakeSession) -> None:
    assert panel.play.toolTip() == "Play (Space)"
    show(panel, session, replace(session.state, playing=True))
    assert panel.play.accessibleName() == "Pause"


def test_the_speed_is_shown_and_set(panel: TransportPanel, session: FakeSession) -> None:
    assert panel.speed_label.text() == "1 step/s"
    show(panel, session, replace(session.state, speed=8.0))
    assert panel.speed_label.text() == "8 steps/s"
    assert session.asked == []
    panel.speed.setValue(panel.speed.value() + panel.speed.singleStep())
    assert session.asked == [("set_speed", 16)]
    panel.speed.setValue(panel.speed.maximum())
    assert session.asked[-1] == ("set_speed", 60.0)


def test_speeds_in_words() -> None:
    texts = [speed_text(speed) for speed in (0.25, 0.5, 1.0, 2.83, 60.0)]
    assert texts == ["0.25 steps/s", "0.5 steps/s", "1 step/s", "2.8 steps/s", "60 steps/s"]


@pytest.mark.parametrize(
    ("position", "bidirectional", "expected"),
    [
        (0, False, ("t = 0 of 6", "the initial state", "")),
        (3, False, ("t = 3 of 6", "both layers computed", "")),
        (8, True, ("layer 1", "forward t = 2, reverse t = 5", "step 8 of 12, layer by layer")),
    ],
)
def test_says_where_the_run_stands(
    panel: TransportPanel,
    session: FakeSession,
    position: int,
    bidirectional: bool,
    expected: tuple[str, str, str],
) -> None:
    show(panel, session, state_at(position, bidirectional))
    assert (panel.place.text(), panel.about.text(), panel.detail.text()) == expected
    assert panel.ruler.accessibleDescription() == ", ".join(filter(None, expected))


def test_dragging_the_ruler_seeks(
    qtbot: QtBot, panel: TransportPanel, session: FakeSession
) -> None:
    qtbot.mousePress(panel.ruler, LEFT, pos=x_of(panel, 4))
    qtbot.mouseMove(panel.ruler, x_of(panel, 1))
    qtbot.mouseMove(panel.ruler, QPoint(5, MIDDLE))
    qtbot.mouseRelease(panel.ruler, LEFT, pos=QPoint(5, MIDDLE))
    asked = [entry for entry in session.asked if entry != "pause"]
    assert asked == [("seek", 5), ("seek", 2), ("seek", 0)]
    assert "pause" in session.asked


def test_from_within_a_step_a_click_on_the_ruler_goes_back_to_a_whole_one(
    qtbot: QtBot, panel: TransportPanel, session: FakeSession
) -> None:
    whole = session.state.whole
    assert whole is not None
    show(panel, session, replace(state_at(3), run=whole.at(Progress(3, 1, 5))))
    qtbot.mouseClick(panel.ruler, LEFT, pos=x_of(panel, 2))
    assert ("seek", 3) in session.asked


def test_a_click_in_a_bidirectional_run_finds_the_top_layer(
    qtbot: QtBot, panel: TransportPanel, session: FakeSession
) -> None:
    show(panel, session, state_at(3, bidirectional=True))
    qtbot.mouseClick(panel.ruler, LEFT, pos=x_of(panel, 2))
    assert ("seek", 9) in session.asked


def test_the_ruler_is_a_slider_for_assistive_technology(panel: TransportPanel) -> None:
    found = QAccessible.queryAccessibleInterface(panel.ruler)
    assert found.role() == QAccessible.Role.Slider
    values = found.valueInterface()
    assert (values.currentValue(), values.minimumValue(), values.maximumValue()) == (3, 0, 6)


def test_keys_on_the_ruler(qtbot: QtBot, panel: TransportPanel, session: FakeSession) -> None:
    key = Qt.Key
    for pressed in (key.Key_Left, key.Key_Right, key.Key_Home, key.Key_End, key.Key_PageUp):
        qtbot.keyClick(panel.ruler, pressed)
    assert session.asked == ["back", "step", "first", "last", ("go", 10)]


def test_refreshing_asks_for_nothing(panel: TransportPanel, session: FakeSession) -> None:
    for position in (0, 4, 6, 2):
        show(panel, session, state_at(position))
        assert panel.ruler.value() == position
    assert session.asked == []


def test_the_ruler_is_described_anew_only_when_it_changed(
    panel: TransportPanel, session: FakeSession
) -> None:
    first = panel.ruler.scene()
    show(panel, session, replace(session.state, speed=4.0))
    assert panel.ruler.scene() is first
    show(panel, session, replace(session.state, position=2))
    assert panel.ruler.scene() is not first


def test_a_cell_is_described_under_the_pointer(panel: TransportPanel) -> None:
    from PySide6.QtCore import QPointF

    text = panel.ruler.describe(QPointF(x_of(panel, 1)))
    assert text.startswith("layer 1, t = 2: |h| = ")
    assert panel.ruler.describe(QPointF(3, 3)) == ""


@pytest.mark.parametrize("width", [1180, 1280, 1600, 1920])
def test_no_text_is_cut(panel: TransportPanel, session: FakeSession, width: int) -> None:
    panel.resize(width, 96)
    show(panel, session, state_at(8, bidirectional=True))
    for text in panel.findChildren(QLabel):
        if text.isVisible():
            assert text.fontMetrics().horizontalAdvance(text.text()) <= text.width() + 1
            assert text.geometry().bottom() <= text.parentWidget().height()
